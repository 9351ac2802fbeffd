//! `store adopt`: makes profiles of entries in the store that have none.

use serde_json::{Value, json};

use crate::backend::{Backend, Edit, Slot, Store, StoreError};
use crate::commands::as_json;
use crate::error::{Error, Kind, Result};
use crate::flows::open_store::explain;
use crate::flows::{add_profile, admit, audit, recover};
use crate::hint::Hint;
use crate::model::profile::PreviousKey;
use crate::model::{Fingerprint, KeyRecord, ProfileName};
use crate::output::Report;
use crate::system::World;
use crate::system::terminal::escape;

#[derive(Debug, clap::Args)]
pub(super) struct Adopt {
    /// The entries, by profile name [default: all without a profile]
    names: Vec<ProfileName>,
}

/// The result for each entry.
pub(super) struct Adopted {
    profiles: Vec<Value>,
    refused: Vec<(ProfileName, Error)>,
}

impl Adopt {
    /// Records what may be recorded; asks nothing and changes no entry.
    ///
    /// # Errors
    /// A profile of that name exists (2); nothing to adopt (3); the store cannot be read or list its entries (7, 2).
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Adopted> {
        let store = backend.keys()?;
        self.run_in(world, backend, store)
    }

    /// Records every entry of a store that has no profile.
    ///
    /// # Errors
    /// As [`Adopt::run`].
    pub(super) fn all(world: &World, backend: &dyn Backend, store: &dyn Store) -> Result<Adopted> {
        Self { names: Vec::new() }.run_in(world, backend, store)
    }

    fn run_in(self, world: &World, backend: &dyn Backend, store: &dyn Store) -> Result<Adopted> {
        let policy = world.policy()?;
        let mut edit = recover::edit(world, backend)?;
        for name in &self.names {
            if edit.profiles.get(name).is_some() {
                return Err(Error::usage(format!("`{name}` is a profile already")).hint(
                    Hint::run("verify").arg(name).note("if something else put another key in its place"),
                ));
            }
        }
        let names = if self.names.is_empty() { unknown(world, &edit, store)? } else { self.names };
        let mut adopted = Adopted { profiles: Vec::new(), refused: Vec::new() };
        for name in names {
            match adopt(world, &mut edit, store, &name) {
                Ok(()) => {
                    let profile = edit.profiles.get(&name);
                    adopted.profiles.extend(profile.map(|p| as_json(p, &edit.profiles, &policy, world)));
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

/// The entries for whose name there is no profile.
fn unknown(world: &World, edit: &Edit<'_>, store: &dyn Store) -> Result<Vec<ProfileName>> {
    let accounts = store.accounts().map_err(|why| explain(&why, store.kind(), None))?;
    let accounts = accounts.ok_or_else(|| {
        Error::usage(format!(
            "{} cannot list its entries here; name the ones to adopt",
            store.kind().in_words()
        ))
        .hint(Hint::run("store adopt dev"))
    })?;
    let mut names = Vec::new();
    for account in &accounts {
        match account.parse::<ProfileName>() {
            Ok(name) if edit.profiles.get(&name).is_none() => names.push(name),
            Ok(_) => {}
            Err(_) => match beside(edit, account) {
                Some(Beside::Known) => {}
                // Adopted together with its profile.
                Some(Beside::Adopted) => {}
                Some(Beside::Unknown(name)) => world.terminal.say(&format!(
                    "left alone: `{account}` is beside `{name}`, which knows of no such key; delete it in the password manager"
                )),
                None => world
                    .terminal
                    .say(&format!("left alone: `{}` is not a valid profile name", escape(account))),
            },
        }
    }
    if names.is_empty() {
        return Err(Error::not_found(format!(
            "there is no entry without a profile in {}",
            store.kind().in_words()
        ))
        .hint(Hint::run("list")));
    }
    Ok(names)
}

/// An entry that is not a profile's current key, but its previous or its next one.
enum Beside {
    /// The profile lists it.
    Known,
    /// The profile will be adopted, and with it this entry as its previous key.
    Adopted,
    /// The profile does not list it.
    Unknown(ProfileName),
}

fn beside(edit: &Edit<'_>, account: &str) -> Option<Beside> {
    let (name, role) = account.split_once('~')?;
    let name: ProfileName = name.parse().ok()?;
    if !["previous", "next"].contains(&role) {
        return None;
    }
    Some(match edit.profiles.get(&name) {
        Some(profile) if role == "previous" && profile.previous.is_some() => Beside::Known,
        None if role == "previous" => Beside::Adopted,
        _ => Beside::Unknown(name),
    })
}

fn adopt(world: &World, edit: &mut Edit<'_>, store: &dyn Store, name: &ProfileName) -> Result<()> {
    let key = store.get(&Slot::current(name)).map_err(|why| match why {
        StoreError::Missing => {
            Error::not_found(format!("there is no entry `{name}` in {}", store.kind().in_words()))
        }
        other => explain(&other, store.kind(), Some(name)),
    })?;
    if let Some(word) = admit::new_key(&edit.profiles, key.fingerprint())? {
        world.terminal.say(&word);
    }
    let mut profile = add_profile::profile(name, &key, None, world.now);
    profile.previous = previous(world, edit, store, name, key.fingerprint())?;
    edit.profiles.retired.retain(|gone| gone.fingerprint != profile.key.fingerprint);
    edit.profiles.store = Some(store.kind());
    edit.profiles.insert(profile);
    edit.save()?;
    audit::change(world, "adopt", name, key.fingerprint());
    world.terminal.say(&format!("adopted {name} ({}), not verified", key.fingerprint()));
    if edit.profiles.get(name).is_some_and(|profile| profile.previous.is_some()) {
        world.terminal.say(&format!(
            "its previous key is there too; once that is revoked: {}",
            Hint::run("rotate").arg(name).flag("--finish")
        ));
    }
    Ok(())
}

/// The old key of an open rotation, which is stored beside the current one; left alone if the key is known elsewhere.
fn previous(
    world: &World,
    edit: &Edit<'_>,
    store: &dyn Store,
    name: &ProfileName,
    current: Fingerprint,
) -> Result<Option<PreviousKey>> {
    let slot = Slot::previous(name);
    let refused = match store.get(&slot) {
        Err(StoreError::Missing) => return Ok(None),
        Err(StoreError::NotAKey) => "it holds no key".to_owned(),
        Err(why) => return Err(explain(&why, store.kind(), Some(name))),
        Ok(key) if key.fingerprint() == current => "it holds the same key".to_owned(),
        Ok(key) => match admit::new_key(&edit.profiles, key.fingerprint()) {
            Ok(_) => return Ok(Some(PreviousKey { since: world.now, key: KeyRecord::of(&key, world.now) })),
            Err(why) => why.message,
        },
    };
    world.terminal.complain(&format!("left alone: `{slot}`: {refused}; delete it in the password manager"));
    Ok(None)
}

impl Report for Adopted {
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
