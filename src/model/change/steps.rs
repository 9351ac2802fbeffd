//! Every change as a list of steps: pure data, which `flows/journal.rs` runs.

use std::collections::HashMap;

use super::entry::Entry;
use super::{Change, NewProfile, Reached, Rotation};
use crate::model::{Fingerprint, Profile, ProfileName, Profiles, Role, Slot};

/// One step of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Looks whether the slot is empty, before anything is written down.
    Vacant(Slot),
    /// Writes a key that was handed over.
    Put(Slot, Fingerprint),
    /// Copies a key from the one slot to the other.
    Copy(Slot, Slot),
    /// Copies a key and deletes the original; if the original is gone, it was already moved.
    Move(Slot, Slot),
    /// Deletes a key.
    Forget(Slot),
    /// The steps after it cannot be undone, but repeated: an interrupted change goes on from here.
    Turn(Reached),
    /// Changes the profiles.
    Commit(Entry),
}

/// What is needed to complete an interrupted change.
#[derive(Clone, Debug, PartialEq)]
pub enum Rest {
    /// These slots are emptied, and it is as if it had not begun.
    Back(Vec<Slot>),
    /// These steps are left.
    On(Vec<Step>),
}

impl Change {
    /// Its steps, without those that lead to a change of the profiles that is in them already.
    ///
    /// Until the first `Turn` or `Commit` keys are put and copied only where none was, so that they can be taken back;
    /// from then on, each step can be taken again, and so can those between it and the `Turn` or `Commit` before it.
    pub fn steps(&self, profiles: &Profiles) -> Vec<Step> {
        let mut steps = self.all_steps(profiles);
        let left = steps.split_off(committed(&steps, profiles));
        steps.retain(|step| matches!(step, Step::Vacant(_)));
        steps.extend(left);
        steps
    }

    /// The remaining steps of an interrupted change.
    pub fn rest(&self, profiles: &Profiles) -> Rest {
        let mut steps = self.all_steps(profiles);
        let reached = Step::Turn(self.reached());
        let turned = steps.iter().position(|step| *step == reached).map_or(0, |turn| turn + 1);
        match committed(&steps, profiles).max(turned) {
            0 => Rest::Back(taken_back(&steps)),
            done => Rest::On(steps.split_off(done)),
        }
    }

    /// The slots that it filled beside what is in use; `None` once the profiles were changed.
    pub fn back(&self, profiles: &Profiles) -> Option<Vec<Slot>> {
        let steps = self.all_steps(profiles);
        (committed(&steps, profiles) == 0).then(|| taken_back(&steps))
    }

    /// Whether it may have put this key in the place of a profile's.
    pub fn brings(&self, profiles: &Profiles, name: &ProfileName, key: Fingerprint) -> bool {
        let there = Slot::current(name);
        let is_there = |slot: &Slot| slot.profile == there.profile && slot.role == there.role;
        self.all_steps(profiles).iter().any(|step| match step {
            Step::Put(to, put) => is_there(to) && *put == key,
            Step::Copy(from, to) => is_there(to) && from.ours.first() == Some(&key),
            _ => false,
        })
    }

    fn all_steps(&self, profiles: &Profiles) -> Vec<Step> {
        match self {
            Self::Add { name, fingerprint } => {
                let slot = Slot::current(name);
                vec![
                    Step::Vacant(slot.clone()),
                    Step::Put(slot.holding(profiles.keys_of(name)), *fingerprint),
                    Step::Commit(Entry::New(vec![*fingerprint])),
                ]
            }
            Self::Remove { name } => remove(profiles, name),
            Self::Rename { from, to } => rename(profiles, from, to),
            Self::Rotate(rotation) => rotate(profiles, rotation),
            Self::Undo(rotation) => undo(profiles, rotation),
            Self::Restore { profile, .. } => restore(profiles, profile),
            Self::RestoreNew { profiles: new } => restore_new(profiles, new),
            Self::Stage { name, keys } => {
                let put = |key: &Fingerprint| Step::Put(Slot::current(name), *key);
                keys.iter().map(put).chain([Step::Commit(Entry::New(keys.clone()))]).collect()
            }
            Self::Finish { name } => finish(profiles, name),
        }
    }
}

/// How many steps lead to what is in the profiles already.
fn committed(steps: &[Step], profiles: &Profiles) -> usize {
    let missing = |step: &Step| matches!(step, Step::Commit(entry) if !entry.is_in(profiles));
    let before = &steps[..steps.iter().position(missing).unwrap_or(steps.len())];
    before.iter().rposition(|step| matches!(step, Step::Commit(_))).map_or(0, |commit| commit + 1)
}

/// The slots that these steps filled, the last one first.
pub fn taken_back(steps: &[Step]) -> Vec<Slot> {
    let beside = steps.iter().take_while(|step| !matches!(step, Step::Turn(_) | Step::Commit(_)));
    let filled = beside.filter_map(|step| match step {
        Step::Put(to, key) => Some((to, *key)),
        Step::Copy(from, to) => Some((to, *from.ours.first()?)),
        _ => None,
    });
    let mut slots: Vec<Slot> = Vec::new();
    for (slot, key) in filled {
        match slots.last_mut() {
            Some(last) if last.profile == slot.profile && last.role == slot.role => last.ours.push(key),
            _ => slots.push(Slot { ours: vec![key], ..slot.clone() }),
        }
    }
    slots.reverse();
    slots
}

fn remove(profiles: &Profiles, name: &ProfileName) -> Vec<Step> {
    let ours = |slot: Slot| Step::Forget(slot.holding(profiles.keys_of(name)));
    let previous = profiles.get(name).is_some_and(|profile| profile.previous.is_some());
    let mut steps = vec![Step::Turn(Reached::Switch), ours(Slot::current(name))];
    steps.extend(previous.then(|| ours(Slot::previous(name))));
    steps.push(Step::Commit(Entry::Gone(name.clone())));
    steps
}

fn rename(profiles: &Profiles, from: &ProfileName, to: &ProfileName) -> Vec<Step> {
    let Some(profile) = profiles.get(to).or_else(|| profiles.get(from)) else { return Vec::new() };
    let old = Profile { name: from.clone(), ..profile.clone() };
    let keys = [profiles.keys_of(from), profiles.keys_of(to)].concat();
    let roles = || [Role::Current, Role::Previous].into_iter().take(profile.keys().count());
    let named = |name: &ProfileName, role| Slot { role, ..Slot::current(name) };
    let mut steps: Vec<_> = roles().map(|role| Step::Vacant(named(to, role))).collect();
    steps.extend(roles().map(|role| Step::Copy(Slot::of(&old, role), named(to, role))));
    steps.push(Step::Commit(Entry::Renamed(from.clone(), to.clone())));
    steps.extend(roles().map(|role| Step::Forget(named(from, role).holding(keys.clone()))));
    steps
}

/// The new key is put beside the one in use, which is copied aside; then it takes its place. Both work: at every instant
/// the slot in use holds one of them.
fn rotate(profiles: &Profiles, rotation: &Rotation) -> Vec<Step> {
    let Rotation { name, new, .. } = rotation;
    let Some(profile) = profiles.get(name) else { return Vec::new() };
    let ours = profiles.keys_of(name);
    let key = new.fingerprint;
    let next = Slot::next(name).holding([key]).holding(ours.clone());
    let put = Step::Put(Slot::next(name).holding(ours.clone()), key);
    let keep = Step::Copy(Slot::of(profile, Role::Current), Slot::previous(name).holding(ours.clone()));
    let switch = Step::Copy(next.clone(), Slot::current(name).holding(ours).holding([key]));
    let end = [
        Step::Turn(Reached::Switch),
        switch,
        Step::Commit(Entry::Rotated(rotation.clone())),
        Step::Forget(next),
    ];
    // Written by versions in which `--undo` was such a rotation: the previous key may not be deleted.
    let begin = if profile.previous.is_some() {
        vec![put, Step::Turn(Reached::Keep), keep]
    } else {
        vec![Step::Vacant(Slot::next(name)), Step::Vacant(Slot::previous(name)), put, keep]
    };
    begin.into_iter().chain(end).collect()
}

/// The key in use is copied aside; the previous one takes its place, and it the previous one's.
fn undo(profiles: &Profiles, rotation: &Rotation) -> Vec<Step> {
    let Rotation { name, new, .. } = rotation;
    let Some(profile) = profiles.get(name) else { return Vec::new() };
    let Some(in_use) = profile.keys().find(|key| *key != new.fingerprint) else { return Vec::new() };
    let ours = |slot: fn(&ProfileName) -> Slot| slot(name).holding(profiles.keys_of(name));
    let spare = Slot::next(name).holding([in_use]);
    vec![
        Step::Vacant(Slot::next(name)),
        Step::Copy(Slot::current(name).holding([in_use]), ours(Slot::next)),
        Step::Turn(Reached::Switch),
        Step::Copy(Slot::previous(name).holding([new.fingerprint]), ours(Slot::current)),
        Step::Commit(Entry::Rotated(rotation.clone())),
        Step::Move(spare, ours(Slot::previous)),
    ]
}

/// A backup's key takes the place of a profile's, by way of `NAME~next`; then its previous key comes back.
fn restore(profiles: &Profiles, profile: &Profile) -> Vec<Step> {
    let (name, key) = (&profile.name, profile.key.fingerprint);
    let keys: Vec<_> = profile.keys().chain(profiles.keys_of(name)).collect();
    let held = |slot: fn(&ProfileName) -> Slot| slot(name).holding(keys.iter().copied());
    let there = |slot: fn(&ProfileName) -> Slot| slot(name).holding(profiles.keys_of(name));
    let here = profiles.get(name);
    let has_previous = here.is_some_and(|here| here.previous.is_some());
    let mut steps = vec![Step::Vacant(Slot::next(name))];
    steps.extend((!has_previous).then(|| Step::Vacant(Slot::previous(name))));
    steps.extend(match here {
        Some(_) => vec![
            Step::Put(there(Slot::next), key),
            Step::Turn(Reached::Switch),
            Step::Copy(held(Slot::next), held(Slot::current)),
        ],
        // Written by versions in which a new profile came back so.
        None => vec![Step::Put(there(Slot::current), key), Step::Turn(Reached::Switch)],
    });
    let without = Profile { previous: None, ..profile.clone() };
    steps.push(Step::Commit(Entry::Replaced(Box::new(without))));
    steps.push(Step::Forget(held(Slot::next)));
    if !(has_previous && here.is_some_and(|here| here.key.fingerprint == key)) {
        steps.push(Step::Forget(held(Slot::previous)));
    }
    if let Some(previous) = &profile.previous {
        steps.push(Step::Put(there(Slot::previous), previous.key.fingerprint));
        steps.push(Step::Commit(Entry::Previous(name.clone(), previous.clone())));
    }
    steps
}

/// All of them at once.
fn restore_new(profiles: &Profiles, new: &[NewProfile]) -> Vec<Step> {
    let mut removed: HashMap<_, Vec<_>> = HashMap::new();
    for retired in &profiles.retired {
        removed.entry(&retired.profile).or_default().push(retired.fingerprint);
    }
    let slots = |new: &NewProfile| [Slot::current(&new.name), Slot::previous(&new.name)];
    let vacant = new.iter().flat_map(slots).map(Step::Vacant);
    let put = new.iter().flat_map(|one| {
        let there = removed.get(&one.name).cloned().unwrap_or_default();
        let ours = move |(slot, key): (Slot, &Fingerprint)| Step::Put(slot.holding(there.clone()), *key);
        slots(one).into_iter().zip(&one.keys).map(ours)
    });
    let keys = new.iter().flat_map(|one| one.keys.clone()).collect();
    vacant.chain(put).chain([Step::Commit(Entry::New(keys))]).collect()
}

fn finish(profiles: &Profiles, name: &ProfileName) -> Vec<Step> {
    let previous = profiles.get(name).filter(|profile| profile.previous.is_some());
    let slot = match previous {
        Some(profile) => Slot::of(profile, Role::Previous),
        None => Slot::previous(name).holding(profiles.keys_of(name)),
    };
    vec![Step::Commit(Entry::Finished(name.clone())), Step::Forget(slot)]
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
