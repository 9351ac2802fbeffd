use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::*;
use crate::backend::local::profiles_file;
use crate::flows::failing_store::Failing;
use crate::flows::recover;
use crate::model::test_support::{day, key, name};
use crate::model::{KeyRecord, PreviousKey, Profiles};
use crate::system::Places;
use crate::system::variables::{HOME, Variables};

/// A profile `dev` of these keys, by their names; the second one is the previous key.
fn profile(keys: &[&str]) -> Profile {
    let record = |text: &&str| KeyRecord::of(&key(text), day(1));
    let previous = keys.get(1).map(|text| PreviousKey { since: day(1), key: record(text) });
    Profile {
        name: name("dev"),
        protected: false,
        note: None,
        added_at: day(1),
        rotated_at: None,
        key: record(&keys[0]),
        previous,
        pushed: Vec::new(),
    }
}

struct Scene {
    _home: tempfile::TempDir,
    places: Places,
    store: Failing,
}

impl Scene {
    fn new(here: &[&str], failure: (StoreError, bool)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let places = Places::find(&Variables::from_iter([(HOME, home.path().to_str().unwrap())])).unwrap();
        let (mut edit, _) = profiles_file::edit(&places).unwrap();
        if !here.is_empty() {
            edit.profiles.insert(profile(here));
        }
        edit.commit().unwrap();
        let slots = ["dev", "dev~previous"].into_iter().zip(here);
        let keys = slots.map(|(slot, text)| (slot.to_owned(), key(text).expose().to_owned())).collect();
        let store = Failing { keys: RefCell::new(keys), calls_left: Cell::new(usize::MAX), failure };
        Self { _home: home, places, store }
    }

    fn restore(&self, keys: &[&str], calls: usize) -> Result<()> {
        self.store.calls_left.set(calls);
        let (current, previous) = (key(keys[0]), keys.get(1).map(|text| key(text)));
        let profile = profile(keys);
        let returning = Returning { profile: &profile, key: &current, previous: previous.as_ref() };
        run(&mut profiles_file::edit(&self.places).unwrap().0, &self.store, &returning, day(2))
    }

    fn settle(&self, calls: usize) -> Result<Profiles> {
        self.store.calls_left.set(calls);
        let (mut edit, _) = profiles_file::edit(&self.places).unwrap();
        if let Some(unfinished) = edit.profiles.unfinished.clone() {
            recover::recover(&mut edit, &self.store, &unfinished, day(2))?;
            edit.profiles.unfinished = None;
            edit.save()?;
        }
        Ok(edit.profiles.clone())
    }

    /// The keys that the store holds, by slot.
    fn held(&self) -> HashMap<String, String> {
        self.store.keys.borrow().clone()
    }
}

/// What the store has to hold for a profile of these keys.
fn wanted(keys: &[&str]) -> HashMap<String, String> {
    let slots = ["dev", "dev~previous"].into_iter().zip(keys);
    slots.map(|(slot, text)| (slot.to_owned(), key(text).expose().to_owned())).collect()
}

#[test]
fn whichever_call_fails_however_often_a_restore_leaves_a_book_that_the_store_agrees_with() {
    let before: [&[&str]; 4] = [&[], &["old"], &["old", "older"], &["new", "old"]];
    let backups: [&[&str]; 2] = [&["back"], &["back", "backer"]];
    let failures = [(StoreError::Locked, false), (StoreError::NotKept, true)];
    for (here, backup) in before.into_iter().flat_map(|here| backups.map(|backup| (here, backup))) {
        for (calls, again) in (0..8).flat_map(|calls| [0, 2].map(|again| (calls, again))) {
            for failure in failures.clone() {
                let told = format!("{backup:?} over {here:?}, {failure:?} after {calls} calls, then {again}");
                let scene = Scene::new(here, failure);
                let outcome = scene.restore(backup, calls);
                let _ = scene.settle(again);
                let profiles = scene.settle(usize::MAX).unwrap();
                let candidates: [&[&str]; 5] = [&[], here, &here[..here.len().min(1)], backup, &backup[..1]];
                let is_it = |keys: &&&[&str]| {
                    let dev = profiles.get(&name("dev"));
                    let known = dev
                        .map(|dev| (dev.key.fingerprint, dev.previous.as_ref().map(|p| p.key.fingerprint)));
                    let meant = keys.first().map(|_| profile(keys));
                    known == meant.map(|dev| (dev.key.fingerprint, dev.previous.map(|p| p.key.fingerprint)))
                };
                let found = candidates.iter().find(is_it).unwrap_or_else(|| panic!("{told}: {profiles:?}"));
                assert_eq!(scene.held(), wanted(found), "{told}");
                assert!(outcome.is_err() || *found == backup, "{told}");
                scene.restore(backup, usize::MAX).unwrap();
                assert_eq!(scene.held(), wanted(backup), "{told}, and once more");
            }
        }
    }
}

#[test]
fn new_profiles_come_back_together_or_not_at_all() {
    for (calls, again) in (0..=6).flat_map(|calls| [0, 1, 9].map(|again| (calls, again))) {
        for failure in [(StoreError::Locked, false), (StoreError::NotKept, true)] {
            let scene = Scene::new(&[], failure);
            let keys = ["a", "b", "c", "d"].map(key);
            let named = |at: usize| {
                let (name, texts) = (["ci", "dev"][at], [["a", "b"], ["c", "d"]][at]);
                Profile { name: name.parse().unwrap(), ..profile(&texts) }
            };
            let profiles = [named(0), named(1)];
            let restore = |calls: usize| {
                scene.store.calls_left.set(calls);
                let new = profiles.iter().zip(keys.chunks(2));
                let new =
                    new.map(|(profile, keys)| Returning { profile, key: &keys[0], previous: Some(&keys[1]) });
                let new: Vec<_> = new.collect();
                run_new(&mut profiles_file::edit(&scene.places).unwrap().0, &scene.store, &new)
            };
            let told = format!("{calls} calls, then {again}");
            assert_eq!(restore(calls).is_ok(), calls >= 4, "{told}");
            let _ = scene.settle(again);
            let profiles = scene.settle(usize::MAX).unwrap();
            let came = if calls >= 4 { (2, 4) } else { (0, 0) };
            assert_eq!((profiles.all.len(), scene.held().len()), came, "{told}");
            if calls < 4 {
                restore(usize::MAX).unwrap();
                assert_eq!(scene.held().len(), 4, "{told}, and once more");
            }
        }
    }
}
