//! `store adopt`: entries of the store that the profiles do not know are recorded as profiles.

use serde_json::{Value, json};

use crate::backend::{Backend, Edit, Slot, Store, StoreError};
use crate::commands::as_json;
use crate::error::{Error, Kind, Result};
use crate::flows::open_store::explain;
use crate::flows::{add_profile, admit, record, settle};
use crate::model::ProfileName;
use crate::output::{Page, Report};
use crate::system::World;
use crate::system::terminal::escape;

#[derive(Debug, clap::Args)]
pub(super) struct Adopt {
    /// The entries, by the profile's name; every one that no profile knows otherwise
    names: Vec<ProfileName>,
}

/// What became of each entry.
pub(super) struct Adopted {
    profiles: Vec<Value>,
    refused: Vec<(ProfileName, Error)>,
}

impl Adopt {
    /// Records what may be recorded; asks nothing and changes no entry.
    ///
    /// # Errors
    /// A name that a profile has (2); nothing to adopt (3); the store cannot be read, or cannot list its entries (7, 2).
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Adopted> {
        let policy = world.policy()?;
        let mut edit = settle::edit(world, backend)?;
        let store = backend.keys()?;
        for name in &self.names {
            if edit.book.get(name).is_some() {
                return Err(Error::usage(format!("`{name}` is a profile already")).hint(format!(
                    "getimg-keys verify {name} --adopt  # if something else put another key in its place"
                )));
            }
        }
        let names = if self.names.is_empty() { unknown(world, &edit, store)? } else { self.names };
        let mut adopted = Adopted { profiles: Vec::new(), refused: Vec::new() };
        for name in names {
            match adopt(world, &mut edit, store, &name) {
                Ok(()) => {
                    let profile = edit.book.get(&name);
                    adopted.profiles.extend(profile.map(|p| as_json(p, &edit.book, &policy, world)));
                }
                Err(error) => adopted.refused.push((name, error)),
            }
        }
        for (name, error) in &adopted.refused {
            world.terminal.complain(&format!("not adopted: {name}: {}", error.message));
        }
        Ok(adopted)
    }
}

/// The entries that no profile has the name of.
fn unknown(world: &World, edit: &Edit<'_>, store: &dyn Store) -> Result<Vec<ProfileName>> {
    let accounts = store.accounts().map_err(|why| explain(&why, store.kind(), None))?;
    let accounts = accounts.ok_or_else(|| {
        Error::usage(format!(
            "{} cannot list its entries here; name the ones to adopt",
            store.kind().in_words()
        ))
        .hint("getimg-keys store adopt dev")
    })?;
    let mut names = Vec::new();
    for account in &accounts {
        match account.parse::<ProfileName>() {
            Ok(name) if edit.book.get(&name).is_none() => names.push(name),
            Ok(_) => {}
            Err(_) if is_slot_of_a_profile(edit, account) => {}
            Err(_) => {
                world.terminal.say(&format!("left alone: `{}` can be no profile's name", escape(account)))
            }
        }
    }
    if names.is_empty() {
        return Err(Error::not_found(format!(
            "{} has no entry that these profiles do not know",
            store.kind().in_words()
        ))
        .hint("getimg-keys list"));
    }
    Ok(names)
}

fn is_slot_of_a_profile(edit: &Edit<'_>, account: &str) -> bool {
    account
        .split_once('~')
        .and_then(|(name, _)| name.parse().ok())
        .is_some_and(|name: ProfileName| edit.book.get(&name).is_some())
}

fn adopt(world: &World, edit: &mut Edit<'_>, store: &dyn Store, name: &ProfileName) -> Result<()> {
    let key = store.get(&Slot::current(name)).map_err(|why| match why {
        StoreError::Missing => Error::not_found(format!("{} has no entry `{name}`", store.kind().in_words())),
        other => explain(&other, store.kind(), Some(name)),
    })?;
    if let Some(word) = admit::new_key(&edit.book, key.fingerprint())? {
        world.terminal.say(&word);
    }
    let profile = add_profile::profile(name, &key, None, world.now);
    edit.book.retired.retain(|gone| gone.fingerprint != profile.key.fingerprint);
    edit.book.store = Some(store.kind());
    edit.book.insert(profile);
    edit.save()?;
    record::change(world, "adopt", name, key.fingerprint());
    world.terminal.say(&format!("adopted {name} ({}), not verified", key.fingerprint()));
    Ok(())
}

impl Report for Adopted {
    fn text(&self, _: &Page) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        let refused = self.refused.iter().map(|(name, error)| {
            json!({"name": name, "kind": error.kind.as_str(), "message": error.message, "hints": error.hints})
        });
        json!({
            "profiles": self.profiles,
            "refused": refused.collect::<Value>(),
            "changed": !self.profiles.is_empty(),
        })
    }

    fn exit(&self) -> Option<Kind> {
        Kind::decisive(self.refused.iter().map(|(_, error)| error.kind))
    }
}
