//! The store `env`: keys in environment variables, read only.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::backend::{Health, Role, Slot, Store, StoreError, StoreKind};
use crate::model::{ApiKey, ProfileName};

/// The variable of the selected profile; with `_` and a name, that of the named profile.
const VARIABLE: &str = "GETIMG_API_KEY";

/// Keys from environment variables.
///
/// The profile `dev` is `GETIMG_API_KEY_DEV`, and `ci-eu` is `GETIMG_API_KEY_CI_EU`. For the selected
/// profile, a plain `GETIMG_API_KEY` is used if its own variable is not set. There is no previous and
/// no next key, and nothing can be written.
pub struct EnvironmentKeys {
    values: BTreeMap<String, Zeroizing<String>>,
    selected: Option<ProfileName>,
}

impl EnvironmentKeys {
    /// Takes what is needed from the process' variables; empty ones count as not set.
    pub fn new(
        variables: impl IntoIterator<Item = (String, Zeroizing<String>)>,
        selected: Option<ProfileName>,
    ) -> Self {
        let ours =
            |(name, value): &(String, Zeroizing<String>)| name.starts_with(VARIABLE) && !value.is_empty();
        Self { values: variables.into_iter().filter(ours).collect(), selected }
    }

    /// The variable that holds a profile's key.
    pub fn variable(profile: &ProfileName) -> String {
        format!("{VARIABLE}_{}", profile.as_str().to_ascii_uppercase().replace('-', "_"))
    }

    fn value(&self, profile: &ProfileName) -> Option<&Zeroizing<String>> {
        let plain = || self.values.get(VARIABLE).filter(|_| self.selected.as_ref() == Some(profile));
        self.values.get(&Self::variable(profile)).or_else(plain)
    }
}

fn none() -> StoreError {
    StoreError::Failed(format!("no ${VARIABLE} or ${VARIABLE}_… is set"))
}

impl Store for EnvironmentKeys {
    fn kind(&self) -> StoreKind {
        StoreKind::Env
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        let value = match slot.role {
            Role::Current => self.value(&slot.profile).ok_or(StoreError::Missing)?,
            Role::Previous | Role::Next => return Err(StoreError::Missing),
        };
        ApiKey::parse(value.clone()).map_err(|_| StoreError::NotAKey)
    }

    fn put(&self, _: &Slot, _: &ApiKey) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn forget(&self, _: &Slot) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn health(&self) -> Health {
        if self.values.is_empty() { Health::Unwell(none()) } else { Health::Ready }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ProfileName {
        text.parse().unwrap()
    }

    fn key(letter: char) -> String {
        format!("sk_{}", letter.to_string().repeat(40))
    }

    fn environment(variables: &[(&str, String)], selected: Option<&str>) -> EnvironmentKeys {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), Zeroizing::new(value.clone())));
        EnvironmentKeys::new(pairs, selected.map(name))
    }

    fn read(store: &EnvironmentKeys, profile: &str) -> Result<String, StoreError> {
        store.get(&Slot::current(&name(profile))).map(|key| key.expose().to_owned())
    }

    #[test]
    fn a_profiles_variable_is_its_name_in_capitals() {
        let store = environment(&[("GETIMG_API_KEY_CI_EU", key('a')), ("PATH", key('b'))], None);
        assert_eq!(read(&store, "ci-eu"), Ok(key('a')));
        assert_eq!(read(&store, "dev"), Err(StoreError::Missing));
    }

    #[test]
    fn the_plain_variable_serves_the_selected_profile_alone() {
        let store = environment(&[("GETIMG_API_KEY", key('a'))], Some("dev"));
        assert_eq!(read(&store, "dev"), Ok(key('a')));
        assert_eq!(read(&store, "prod"), Err(StoreError::Missing));
    }

    #[test]
    fn the_profiles_own_variable_comes_before_the_plain_one() {
        let both = [("GETIMG_API_KEY", key('a')), ("GETIMG_API_KEY_DEV", key('b'))];
        assert_eq!(read(&environment(&both, Some("dev")), "dev"), Ok(key('b')));
        let empty = [("GETIMG_API_KEY", key('a')), ("GETIMG_API_KEY_DEV", String::new())];
        assert_eq!(read(&environment(&empty, Some("dev")), "dev"), Ok(key('a')));
    }

    #[test]
    fn what_is_no_key_is_not_handed_out() {
        let store = environment(&[("GETIMG_API_KEY_DEV", "a key, surely".to_owned())], None);
        assert_eq!(read(&store, "dev"), Err(StoreError::NotAKey));
    }

    #[test]
    fn nothing_can_be_written_and_there_is_no_rotation() {
        let store = environment(&[("GETIMG_API_KEY_DEV", key('a'))], None);
        let dev = name("dev");
        let other = ApiKey::parse(Zeroizing::new(key('b'))).unwrap();
        assert_eq!(store.put(&Slot::current(&dev), &other), Err(StoreError::ReadOnly));
        assert_eq!(store.forget(&Slot::current(&dev)), Err(StoreError::ReadOnly));
        assert_eq!(store.get(&Slot::previous(&dev)).unwrap_err(), StoreError::Missing);
        assert_eq!(store.get(&Slot::next(&dev)).unwrap_err(), StoreError::Missing);
        assert_eq!(store.copy(&Slot::current(&dev), &Slot::previous(&dev)), Err(StoreError::ReadOnly));
        assert_eq!(store.health(), Health::Ready);
    }

    #[test]
    fn without_any_variable_it_says_so() {
        assert_eq!(environment(&[], None).health(), Health::Unwell(none()));
    }
}
