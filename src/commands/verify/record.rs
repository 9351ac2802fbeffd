//! What is recorded of a verdict, and what becomes of a key that something else put in a profile's place.

use super::Checked;
use crate::backend::Backend;
use crate::error::{Kind, Result};
use crate::flows::{admit, record, settle};
use crate::model::verification::VerdictName;
use crate::model::{Fingerprint, KeyRecord, ProfileName, Profiles, retired};
use crate::system::World;

/// What becomes of a key in the store that is not the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// It is known from elsewhere: another profile's, or given up; never taken over.
    Known(ProfileName),
    /// The API does not accept it, or could not be asked.
    NotAccepted,
    /// Nobody said that it may be taken over.
    NotAgreed,
    /// It becomes the profile's key.
    Adopted,
}

impl Changed {
    /// What it makes of the exit code.
    pub(super) fn kind(&self) -> Option<Kind> {
        (*self != Self::Adopted).then_some(Kind::Policy)
    }
}

/// Decides about each key that is not the recorded one, asking where somebody can answer; says what was decided.
///
/// # Errors
/// A no at the question, or Ctrl-C (9).
pub(super) fn judge_changed(
    world: &World,
    book: &Profiles,
    results: &mut [Checked],
    adopt: bool,
) -> Result<()> {
    for result in results {
        let Ok(key) = &result.key else { continue };
        let recorded = book.get(&result.name).map(|profile| profile.key.fingerprint);
        if recorded.is_none_or(|recorded| recorded == key.fingerprint) || is_arriving(book, key.fingerprint) {
            continue;
        }
        let changed = judge(world, book, result, key, adopt)?;
        say(world, &result.name, key, &changed);
        result.changed = Some(changed);
    }
    Ok(())
}

/// A change that was cut short put it there; what settles that records it.
fn is_arriving(book: &Profiles, key: Fingerprint) -> bool {
    book.unfinished.as_ref().is_some_and(|change| change.brings(key))
}

fn judge(world: &World, book: &Profiles, result: &Checked, key: &KeyRecord, adopt: bool) -> Result<Changed> {
    if let (Err(_), Some(known)) = (admit::new_key(book, key.fingerprint), book.known(&key.fingerprint)) {
        return Ok(Changed::Known(known.profile_name().clone()));
    }
    if result.probe.verdict.name() != VerdictName::Valid {
        return Ok(Changed::NotAccepted);
    }
    let name = &result.name;
    let what =
        format!("the store holds another key for `{name}` ({}), and the API accepts it", key.in_words());
    let answer = if book.get(name).is_some_and(|profile| profile.protected) {
        world.terminal.confirm(name.as_str(), &what, &format!("getimg-keys verify {name} --adopt"))
    } else if adopt {
        Ok(())
    } else if !world.terminal.interactive {
        // `--yes` answers a question, and none can be asked here.
        return Ok(Changed::NotAgreed);
    } else {
        world.terminal.agree(&format!("{what}. Take it over?"), "--adopt")
    };
    match answer {
        Ok(()) => Ok(Changed::Adopted),
        Err(no) if world.terminal.interactive => Err(no),
        Err(_) => Ok(Changed::NotAgreed),
    }
}

fn say(world: &World, name: &ProfileName, key: &KeyRecord, changed: &Changed) {
    let what = match changed {
        Changed::Known(whose) => format!("which is known as a key of `{whose}`; it is never taken over"),
        Changed::NotAccepted => "which the API did not accept; it is not taken over".to_owned(),
        Changed::NotAgreed => "which is not taken over unless you say so".to_owned(),
        Changed::Adopted => "which works and is taken over".to_owned(),
    };
    let key = key.in_words();
    world
        .terminal
        .say(&format!("the store holds another key for `{name}` than the recorded one: {key}, {what}"));
    if *changed == Changed::NotAgreed {
        world.terminal.say(&format!("  getimg-keys verify {name} --adopt"));
    }
}

/// Records every outcome under the lock; the profiles as they then are.
///
/// Where they cannot be written the verdicts stand all the same, and are said not to be recorded.
pub(super) fn write_down(
    world: &World,
    backend: &dyn Backend,
    book: Profiles,
    results: &[Checked],
) -> Profiles {
    if !backend.capabilities().remembers {
        return book;
    }
    match written(world, backend, results) {
        Ok(book) => book,
        Err(error) => {
            world.terminal.complain(&format!("warning: the verdict is not recorded: {}", error.message));
            book
        }
    }
}

fn written(world: &World, backend: &dyn Backend, results: &[Checked]) -> Result<Profiles> {
    let mut edit = settle::edit(world, backend)?;
    for result in results {
        let Ok(key) = &result.key else { continue };
        if result.changed == Some(Changed::Adopted) {
            adopt(world, &mut edit.book, &result.name, key);
        }
    }
    for result in results {
        let asked = |fingerprint| result.key.as_ref().map_or(true, |key| key.fingerprint == fingerprint);
        let profile = edit.book.get_mut(&result.name).filter(|p| asked(p.key.fingerprint));
        let Some(profile) = profile else { continue };
        profile.key.last_attempt = Some(result.probe.attempt(world.now));
        if let Some(verification) = result.probe.verification(world.now) {
            profile.key.verification = Some(verification);
        }
    }
    edit.save()?;
    for result in results {
        if let Ok(key) = &result.key {
            record::change(world, "verify", &result.name, key.fingerprint);
        }
    }
    Ok(edit.book.clone())
}

/// Another run may have recorded the key meanwhile, or given it up: then it stays as that run left it.
fn adopt(world: &World, book: &mut Profiles, name: &ProfileName, key: &KeyRecord) {
    if admit::new_key(book, key.fingerprint).is_err() {
        return;
    }
    let Some(profile) = book.get_mut(name) else { return };
    let old = std::mem::replace(&mut profile.key, key.clone());
    profile.rotated_at = Some(world.now);
    book.retired.retain(|gone| gone.fingerprint != key.fingerprint);
    book.retire(old.retire(name, retired::Reason::Removed, world.now));
}
