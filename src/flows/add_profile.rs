//! A new profile with a key: made, stored, entered in the profiles.

use chrono::{DateTime, Utc};

use super::admit;
use super::choose_store::{NewKeyStore, for_new_key};
use super::open_store::explain;
use super::recover;
use crate::backend::{Backend, Slot, Store};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{ApiKey, Change, KeyRecord, Probe, Profile, ProfileName, Profiles};
use crate::system::World;

/// A profile as it begins: protected if its name says so, with what the API said of its key.
pub fn profile(name: &ProfileName, key: &ApiKey, probe: Option<&Probe>, now: DateTime<Utc>) -> Profile {
    let record = KeyRecord {
        verification: probe.and_then(|p| p.verification(now)),
        last_attempt: probe.map(|p| p.attempt(now)),
        ..KeyRecord::of(key, now)
    };
    Profile {
        name: name.clone(),
        protected: name.is_protected_by_default(),
        note: None,
        added_at: now,
        rotated_at: None,
        key: record,
        previous: None,
        pushed: Vec::new(),
    }
}

/// Refuses the name of a profile that is there.
///
/// # Errors
/// Such a name (exit 2).
pub fn refuse_taken(profiles: &Profiles, name: &ProfileName) -> Result<()> {
    match profiles.get(name) {
        None => Ok(()),
        Some(_) => Err(Error::usage(format!("there is a profile `{name}` already"))
            .hint(Hint::run("rotate").arg(name).note("to replace its key"))),
    }
}

/// What to do next where a profile was added and none is active: a protected one is not made active by itself.
pub fn next_step(profiles: &Profiles, name: &ProfileName) -> Option<String> {
    let is_protected = profiles.get(name).is_some_and(|profile| profile.protected);
    (profiles.active.is_none() && is_protected).then(|| {
        let next = Hint::run("use").arg(name);
        format!("`{name}` is protected, so no profile is active yet; next: {next}")
    })
}

/// Stores the key and enters the profile, each step written down before the next; the profiles as it then is.
///
/// The store has read the key back and compared it when this returns.
///
/// # Errors
/// The name was taken (2) or the key became known (6) meanwhile; the store or the disk fails (7, 1).
pub fn store(
    world: &World,
    backend: &dyn Backend,
    place: &NewKeyStore,
    profile: Profile,
    key: &ApiKey,
) -> Result<Profiles> {
    let name = profile.name.clone();
    let mut edit = recover::edit(world, backend)?;
    refuse_taken(&edit.profiles, &name)?;
    admit::new_key(&edit.profiles, key.fingerprint())?;
    let store = match edit.profiles.store {
        Some(chosen) if chosen != place.kind() => {
            for_new_key(world, backend, &edit.profiles, &Hint::run("add").arg(&name))?.open(world)?
        }
        _ => place.open(world)?,
    };
    store.must_be_empty(&Slot::current(&name)).map_err(|e| explain(&e, store.kind(), Some(&name)))?;
    edit.profiles.store = Some(store.kind());
    edit.profiles.unfinished = Some(Change::Add { name: name.clone(), fingerprint: key.fingerprint() });
    edit.save()?;
    let slot = Slot::current(&name).holding(edit.profiles.keys_of(&name));
    if let Err(refused) = store.put(&slot, key) {
        let gone = take_back(store.as_ref(), &name, key).is_ok() || !refused.may_have_written();
        // What may be there and cannot be taken back now stays in the journal, but for the first key: another store may
        // be chosen yet.
        let first = edit.profiles.all.is_empty();
        if gone || first {
            edit.profiles.unfinished = None;
        }
        if first {
            edit.profiles.store = None;
        }
        edit.save()?;
        return Err(explain(&refused, store.kind(), Some(&name)));
    }
    edit.profiles.unfinished = None;
    edit.profiles.retired.retain(|r| r.fingerprint != profile.key.fingerprint);
    edit.profiles.insert(profile);
    if let Err(unwritten) = edit.save() {
        // The new profiles may be in its place all the same, if only its folder could not be synced.
        if !backend.profiles().is_ok_and(|profiles| profiles.get(&name).is_some()) {
            let _ = take_back(store.as_ref(), &name, key);
        }
        return Err(unwritten);
    }
    Ok(edit.profiles.clone())
}

fn take_back(store: &dyn Store, name: &ProfileName, key: &ApiKey) -> Result<()> {
    store
        .forget(&Slot::current(name).holding([key.fingerprint()]))
        .map_err(|e| explain(&e, store.kind(), Some(name)))
}
