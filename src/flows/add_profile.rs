//! Adds a profile with its key.

use chrono::{DateTime, Utc};

use super::admit;
use super::choose_store::{NewKeyStore, for_new_key};
use super::journal::{self, Given};
use super::recover;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{ApiKey, Change, KeyRecord, Probe, Profile, ProfileName, Profiles, StoreKind, Verdict};
use crate::system::World;

/// A new profile: protected if its name says so, with the API's verdict on its key.
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

/// Refuses the name of an existing profile.
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

/// Says of a new profile that its name alone protects it, and how to take that back.
pub fn protected_by_name(profiles: &Profiles, name: &ProfileName) -> Option<String> {
    let is_protected = profiles.get(name).is_some_and(|profile| profile.protected);
    (is_protected && name.is_protected_by_default()).then(|| {
        let back = Hint::run("unprotect").arg(name);
        format!("`{name}` is protected by its name; to take that back: {back}")
    })
}

/// The next step if no profile is active after adding one: a protected profile is not made active by itself.
pub fn next_step(profiles: &Profiles, name: &ProfileName) -> Option<String> {
    let is_protected = profiles.get(name).is_some_and(|profile| profile.protected);
    (profiles.active.is_none() && is_protected).then(|| {
        let next = Hint::run("use").arg(name);
        format!("`{name}` is protected, so no profile is active yet; next: {next}")
    })
}

/// Stores the key and adds the profile; returns the changed profiles.
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
            for_new_key(world, backend, &edit.profiles, &Hint::run("add").arg(&name))?.open(world, backend)?
        }
        _ => place.open(world, backend)?,
    };
    let change = Change::Add { name, fingerprint: key.fingerprint() };
    let given = Given { profiles: vec![profile], ..Given::keys([key]) };
    journal::run(&mut edit, &*store, change, given, world.now)?;
    Ok(edit.profiles.clone())
}

/// The message after a profile was added.
pub fn said(profiles: &Profiles, name: &ProfileName, probe: Option<&Probe>) -> String {
    let verified = match probe.map(|p| &p.verdict) {
        Some(Verdict::Valid(funds)) => format!(", verified{}", funds.in_words()),
        Some(_) => ", not verified yet".to_owned(),
        None => ", not verified".to_owned(),
    };
    let place = profiles.store.map_or("the store", StoreKind::in_words);
    let active = if profiles.active.as_ref() == Some(name) { "; it is the active profile" } else { "" };
    format!("added {name} to {place}{verified}{active}")
}
