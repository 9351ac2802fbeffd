//! Runs the steps of a change: the one place that writes keys and records how far a change has come.
//!
//! Before each step of the store, whatever the next run has to know of it is on the disk. Refused before its first `Turn` or
//! `Commit`, a change is taken back; from then on it is left for the next run, which goes on with it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::open_store::explain_slot;
use crate::backend::{Edit, Slot, Store, StoreError};
use crate::error::{Error, Result};
use crate::model::change::Reached;
use crate::model::change::steps::{Rest, Step, taken_back};
use crate::model::{ApiKey, Change, Fingerprint, Profile};

/// What a change needs besides its record: keys and new profiles are never recorded with it.
#[derive(Debug, Default)]
pub struct Given<'a> {
    /// The keys that it puts into the store.
    pub keys: HashMap<Fingerprint, &'a ApiKey>,
    /// The profiles that are new.
    pub profiles: Vec<Profile>,
}

impl<'a> Given<'a> {
    /// Some keys.
    pub fn keys(keys: impl IntoIterator<Item = &'a ApiKey>) -> Self {
        let keys = keys.into_iter().map(|key| (key.fingerprint(), key)).collect();
        Self { keys, profiles: Vec::new() }
    }
}

/// Why a run ended before its last step.
enum Stopped {
    /// The store refused the step at this place, for this slot.
    Refused(usize, Slot, StoreError),
    /// The profiles could not be saved; what is on the disk says how it goes on.
    Unsaved(Error),
}

/// A run of the steps of a change.
struct Walk<'w, 'e> {
    edit: &'w mut Edit<'e>,
    store: &'w dyn Store,
    given: Given<'w>,
    now: DateTime<Utc>,
    /// Whether the profiles in memory are not saved yet.
    unsaved: bool,
    /// How many slots were written.
    written: usize,
}

/// Makes a change, from its first step to its last.
///
/// # Errors
/// The store's errors, and an entry that is in the way (6). The change is then undone, or the next run goes on.
pub fn run(
    edit: &mut Edit<'_>,
    store: &dyn Store,
    change: Change,
    given: Given<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let steps = change.steps(&edit.profiles);
    for slot in steps.iter().filter_map(|step| if let Step::Vacant(slot) = step { Some(slot) } else { None })
    {
        store.must_be_empty(slot).map_err(|why| explain_slot(&why, store.kind(), slot))?;
    }
    let before = edit.profiles.clone();
    edit.profiles.store = Some(store.kind());
    edit.profiles.begin(change);
    let mut walk = Walk { edit, store, given, now, unsaved: true, written: 0 };
    let (at, slot, refused) = match walk.take(&steps) {
        Ok(()) => return walk.end(),
        Err(Stopped::Unsaved(error)) => return Err(error),
        Err(Stopped::Refused(at, slot, why)) => (at, slot, why),
    };
    // Of the very first key nothing is known here yet, and another store may be chosen for it.
    let untouched = walk.written == 0 && (before.all.is_empty() || !refused.may_have_written());
    if walk.take_back(&steps[..=at], &refused) || untouched {
        walk.edit.profiles.store = before.store;
        // What was changed in them because of a step that was not taken; otherwise they may have others' changes by now.
        if steps[..at].iter().any(|step| matches!(step, Step::Commit(_))) {
            walk.edit.profiles = before;
        }
        walk.end()?;
    }
    Err(explain_slot(&refused, store.kind(), &slot))
}

/// Completes an interrupted change, or rolls it back; returns what was interrupted, and what became of it.
///
/// # Errors
/// The store's errors; the change is then as far as it came.
pub fn settle(edit: &mut Edit<'_>, store: &dyn Store, now: DateTime<Utc>) -> Result<Option<String>> {
    let Some(change) = edit.profiles.unfinished().cloned() else { return Ok(None) };
    let rest = change.rest(&edit.profiles);
    let mut walk = Walk { edit, store, given: Given::default(), now, unsaved: false, written: 0 };
    let done = match &rest {
        Rest::Back(slots) => walk.empty(slots),
        Rest::On(steps) => walk.take(steps),
    };
    let rest = match done {
        Ok(()) => rest,
        Err(Stopped::Unsaved(error)) => return Err(error),
        Err(Stopped::Refused(_, slot, why)) => match given_up(&change, &walk, &why) {
            Some(back) => back,
            None => return Err(explain_slot(&why, store.kind(), &slot)),
        },
    };
    walk.end()?;
    Ok(Some(format!("an earlier {}; {}", change.interrupted(), change.settled(&rest))))
}

/// What it takes to give a change up that cannot go on, since another program deleted the key that was to be copied: the
/// copy was not made, so what is in use is as it was. Without this nothing could ever be changed again.
fn given_up(change: &Change, walk: &Walk<'_, '_>, refused: &StoreError) -> Option<Rest> {
    if !matches!(refused, StoreError::Missing | StoreError::NotAKey) {
        return None;
    }
    let back = change.back(&walk.edit.profiles)?;
    // Otherwise it stays interrupted, and the refusal is reported.
    walk.empty(&back).is_ok().then_some(Rest::Back(back))
}

impl<'w> Walk<'w, '_> {
    fn take(&mut self, steps: &[Step]) -> Result<(), Stopped> {
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            match step {
                Step::Vacant(_) => {}
                Step::Turn(reached) => self.reach(*reached),
                Step::Commit(entry) => {
                    let new = std::mem::take(&mut self.given.profiles);
                    entry.make(&mut self.edit.profiles, new, self.now);
                    self.reach(Reached::Sweep);
                }
                Step::Put(..) => {
                    let puts: Vec<_> = steps[at..].iter().map_while(put).collect();
                    let keys: Option<Vec<_>> =
                        puts.iter().map(|(slot, key)| self.given(slot, **key)).collect();
                    // Of a run that was killed: its keys are gone with it, and their slots are empty.
                    let Some(keys) = keys else { return Ok(()) };
                    self.save()?;
                    let done = self.store.put_all(&keys);
                    let written = done.as_ref().map_or_else(|(written, _)| *written, |()| keys.len());
                    self.written += written;
                    done.map_err(|(n, why)| Stopped::Refused(at + n, puts[n].0.clone(), why))?;
                    at += keys.len() - 1;
                }
                Step::Copy(from, to) => self.ask(at, (from, to), |store| copied(store, from, to))?,
                Step::Move(from, to) => self.ask(at, (from, to), |store| moved(store, from, to))?,
                Step::Forget(slot) => self.ask(at, (slot, slot), |store| store.forget(slot))?,
            }
            at += 1;
        }
        Ok(())
    }

    /// Runs one step of the store, after saving the profiles.
    fn ask(
        &mut self,
        at: usize,
        (from, to): (&Slot, &Slot),
        step: impl FnOnce(&dyn Store) -> Result<(), StoreError>,
    ) -> Result<(), Stopped> {
        self.save()?;
        step(self.store).map_err(|why| {
            let slot = if matches!(why, StoreError::Occupied(_)) { to } else { from };
            Stopped::Refused(at, slot.clone(), why)
        })?;
        self.written += 1;
        Ok(())
    }

    /// Rolls back what was put and copied before a refused step, if possible; returns whether it was. Else the change stays
    /// interrupted and says so.
    fn take_back(&mut self, steps: &[Step], refused: &StoreError) -> bool {
        let is_beside = !steps.iter().any(|step| matches!(step, Step::Turn(_) | Step::Commit(_)));
        let is_written = self.written > 0 || refused.may_have_written();
        is_beside && is_written && self.empty(&taken_back(steps)).is_ok()
    }

    fn empty(&self, slots: &[Slot]) -> Result<(), Stopped> {
        slots.iter().enumerate().try_for_each(|(n, slot)| {
            self.store.forget(slot).map_err(|why| Stopped::Refused(n, slot.clone(), why))
        })
    }

    fn given(&self, slot: &Slot, key: Fingerprint) -> Option<(Slot, &'w ApiKey)> {
        Some((slot.clone(), self.given.keys.get(&key)?))
    }

    fn reach(&mut self, reached: Reached) {
        self.edit.profiles.reach(reached);
        self.unsaved = true;
    }

    fn save(&mut self) -> Result<(), Stopped> {
        if self.unsaved {
            self.edit.save().map_err(Stopped::Unsaved)?;
            self.unsaved = false;
        }
        Ok(())
    }

    fn end(self) -> Result<()> {
        self.edit.profiles.end();
        self.edit.save()
    }
}

fn put(step: &Step) -> Option<(&Slot, &Fingerprint)> {
    if let Step::Put(slot, key) = step { Some((slot, key)) } else { None }
}

/// A copy that was made stays one, should another program have deleted what it was made of.
fn copied(store: &dyn Store, from: &Slot, to: &Slot) -> Result<(), StoreError> {
    let refused = match store.copy(from, to) {
        Err(why @ (StoreError::Missing | StoreError::NotAKey)) => why,
        done => return done,
    };
    match store.get(to) {
        Ok(key) if from.ours.first() == Some(&key.fingerprint()) => Ok(()),
        Ok(_) | Err(StoreError::Missing | StoreError::NotAKey) => Err(refused),
        Err(why) => Err(why),
    }
}

fn moved(store: &dyn Store, from: &Slot, to: &Slot) -> Result<(), StoreError> {
    match store.copy(from, to) {
        Ok(()) => store.forget(from),
        Err(StoreError::Missing) => Ok(()),
        refused => refused,
    }
}
