//! Records a verdict, and handles a key that something else replaced in the store.

use super::Checked;
use crate::backend::{Backend, Slot, Store};
use crate::error::{Kind, Result};
use crate::flows::{admit, audit, recover};
use crate::hint::Hint;
use crate::model::verification::VerdictName;
use crate::model::{KeyRecord, ProfileName, Profiles, retired};
use crate::system::World;

/// What happens to a key in the store that is not the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// It is known: another profile has it, or it was given up; it is never adopted.
    Known(ProfileName),
    /// The API does not accept it, or could not be asked.
    NotAccepted,
    /// Nobody confirmed that it may be adopted.
    NotAgreed,
    /// It becomes the profile's key.
    Adopted,
}

impl Changed {
    /// The exit code for it.
    pub(super) fn kind(&self) -> Option<Kind> {
        (*self != Self::Adopted).then_some(Kind::Policy)
    }
}

/// Decides about each key that is not the recorded one, asks where somebody can answer, and says the decision.
///
/// # Errors
/// Ctrl-C at the question (9).
pub(super) fn judge_changed(
    world: &World,
    profiles: &Profiles,
    store: &dyn Store,
    results: &mut [Checked],
    adopt: bool,
) -> Result<()> {
    for result in results {
        // Why a key was not read is told beside its verdict.
        let Ok(key) = &result.key else { continue };
        let recorded = profiles.get(&result.name).map(|profile| profile.key.fingerprint);
        if recorded.is_none_or(|recorded| recorded == key.fingerprint)
            || profiles.is_arriving(&result.name, key.fingerprint)
        {
            continue;
        }
        let held = held(store, &result.name, key);
        let changed = judge(world, profiles, result, key, &held, adopt)?;
        say(world, &result.name, &held, &changed);
        result.changed = Some(changed);
    }
    Ok(())
}

fn judge(
    world: &World,
    profiles: &Profiles,
    result: &Checked,
    key: &KeyRecord,
    held: &str,
    adopt: bool,
) -> Result<Changed> {
    if let (Err(_), Some(known)) =
        (admit::new_key(profiles, key.fingerprint), profiles.known(&key.fingerprint))
    {
        return Ok(Changed::Known(known.profile_name().clone()));
    }
    if result.probe.verdict.name() != VerdictName::Valid {
        return Ok(Changed::NotAccepted);
    }
    let name = &result.name;
    let what = format!("the store holds another key for `{name}` ({held}), and the API accepts it");
    let command = Hint::run("verify").arg(name).flag("--adopt");
    let agreed = if profiles.get(name).is_some_and(|profile| profile.protected) {
        if !world.terminal.interactive && !world.terminal.yes {
            return Ok(Changed::NotAgreed);
        }
        world.terminal.types(name.as_str(), &what, command)?
    } else if adopt {
        true
    } else {
        // `--yes` only answers a question that can be asked.
        world.terminal.interactive && world.terminal.says_yes(&format!("{what}. Adopt it?"), "--adopt")?
    };
    Ok(if agreed { Changed::Adopted } else { Changed::NotAgreed })
}

/// How a person recognizes a key: by the key itself, and by what the store shows about its entry.
fn held(store: &dyn Store, name: &ProfileName, key: &KeyRecord) -> String {
    let told = match &key.hint {
        Some(hint) => format!("{hint}, fingerprint {}", key.fingerprint),
        None => format!("fingerprint {}", key.fingerprint),
    };
    // What the store does not return is left out; the key is described all the same.
    let entries = store.entries(&Slot::current(name)).unwrap_or_default();
    let entry = entries.into_iter().find(|entry| entry.fingerprint == Some(key.fingerprint));
    match entry.filter(|entry| entry.label.is_some()) {
        Some(entry) => format!("{told}, in the entry {entry}"),
        None => told,
    }
}

fn say(world: &World, name: &ProfileName, held: &str, changed: &Changed) {
    let what = match changed {
        Changed::Known(whose) => format!("which is known as a key of `{whose}`; it is never accepted"),
        Changed::NotAccepted => "which the API did not accept; it was not recorded".to_owned(),
        Changed::NotAgreed => "which is not recorded unless you say so".to_owned(),
        Changed::Adopted => "which is valid and was recorded".to_owned(),
    };
    world
        .terminal
        .say(&format!("the store holds another key for `{name}` than the recorded one: {held}, {what}"));
    if *changed == Changed::NotAgreed {
        world.terminal.say(&format!("  {}", Hint::run("verify").arg(name).flag("--adopt")));
    }
}

/// Records every outcome under the lock; returns the profiles after that.
///
/// If they cannot be written, the verdicts still count, and a notice says that they were not recorded.
pub(super) fn write_down(
    world: &World,
    backend: &dyn Backend,
    profiles: Profiles,
    results: &[Checked],
) -> Profiles {
    if !backend.capabilities().remembers {
        return profiles;
    }
    match written(world, backend, results) {
        Ok(profiles) => profiles,
        Err(error) => {
            world.terminal.complain(&format!("warning: the verdict is not recorded: {}", error.message));
            profiles
        }
    }
}

fn written(world: &World, backend: &dyn Backend, results: &[Checked]) -> Result<Profiles> {
    let mut edit = recover::edit(world, backend)?;
    for result in results {
        let Ok(key) = &result.key else { continue };
        if result.changed == Some(Changed::Adopted) {
            adopt(world, &mut edit.profiles, &result.name, key);
        }
    }
    for result in results {
        let asked = |fingerprint| result.key.as_ref().map_or(true, |key| key.fingerprint == fingerprint);
        let profile = edit.profiles.get_mut(&result.name).filter(|p| asked(p.key.fingerprint));
        let Some(profile) = profile else { continue };
        profile.key.last_attempt = Some(result.probe.attempt(world.now));
        if let Some(verification) = result.probe.verification(world.now) {
            profile.key.verification = Some(verification);
        }
    }
    edit.save()?;
    for result in results {
        if let Ok(key) = &result.key {
            audit::change(world, "verify", &result.name, key.fingerprint);
        }
    }
    Ok(edit.profiles.clone())
}

/// Another process may have recorded the key meanwhile, or given it up: then nothing is changed.
fn adopt(world: &World, profiles: &mut Profiles, name: &ProfileName, key: &KeyRecord) {
    if admit::new_key(profiles, key.fingerprint).is_err() {
        return;
    }
    let Some(profile) = profiles.get_mut(name) else { return };
    let old = std::mem::replace(&mut profile.key, key.clone());
    profile.rotated_at = Some(world.now);
    profiles.retired.retain(|gone| gone.fingerprint != key.fingerprint);
    profiles.retire(old.retire(name, retired::Reason::Removed, world.now));
}
