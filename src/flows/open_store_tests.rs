//! What is told of a key that the keychain does not find.

use super::*;
use crate::backend::Health;
use crate::model::ApiKey;
use crate::model::test_support::name;

/// A keychain without a key, and what it says of its entries.
struct Empty(Result<Option<Vec<String>>, StoreError>);

impl Store for Empty {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn accounts(&self) -> Result<Option<Vec<String>>, StoreError> {
        self.0.clone()
    }

    fn get(&self, _: &Slot) -> Result<ApiKey, StoreError> {
        Err(StoreError::Missing)
    }

    fn put(&self, _: &Slot, _: &ApiKey) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn forget(&self, _: &Slot) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}

#[test]
fn that_a_key_was_deleted_is_said_only_of_a_keychain_that_lists_others() {
    let table = [
        (Ok(Some(vec!["ci".to_owned()])), "another program deleted it", true),
        (Ok(Some(Vec::new())), "it was deleted, or this is another keychain", false),
        (Ok(None), "it is not known whether it was deleted", true),
        (Err(StoreError::Denied), "it is not known whether it was deleted", true),
    ];
    for (accounts, why, removes) in table {
        let told = explain_unread(&StoreError::Missing, &Empty(accounts), &name("dev"));
        assert!(told.kind == Kind::NotFound && told.message.contains(why), "{told:?}");
        assert_eq!(told.hints.iter().any(|hint| hint.runs("remove")), removes, "{told:?}");
    }
}

#[test]
fn of_what_is_no_key_the_entry_is_named_that_it_is_in() {
    let dev = name("dev");
    for (slot, entry) in [(Slot::current(&dev), "dev"), (Slot::next(&dev), "dev~next")] {
        let told = explain_slot(&StoreError::NotAKey, StoreKind::Keychain, &slot);
        assert!(told.message.contains(&format!("`{entry}`")), "{told:?}");
        let advised: Vec<_> = told.hints.iter().map(ToString::to_string).collect();
        assert!(advised[0].starts_with(&format!("delete the entry `{entry}` there by hand")), "{advised:?}");
    }
}
