//! A store that refuses, and one in which another program deletes keys.

use std::cell::Cell;
use std::collections::BTreeSet;

use getimg_keys::backend::{Backend, StoreError};
use getimg_keys::model::{Profile, Profiles, StoreKind};

use super::cases::{self, Case, Keys, agree, begin_anew, held, known};
use super::in_memory::InMemory;
use super::interrupted::{Fate, Interrupted};
use super::{NOTE, Scene, is_one_of, kill_everywhere, new};

/// Every way in which a store refuses, and whether it did what was asked all the same.
fn refusals() -> Vec<(StoreError, bool)> {
    let before = [
        StoreError::Missing,
        StoreError::Ambiguous(Vec::new()),
        StoreError::Occupied(Vec::new()),
        StoreError::NotAKey,
        StoreError::Locked,
        StoreError::Denied,
        StoreError::NoBus,
        StoreError::ReadOnly,
        StoreError::Cancelled,
    ];
    let perhaps = [
        StoreError::NoAnswer(5),
        StoreError::NotKept,
        StoreError::Damaged("x".to_owned()),
        StoreError::Failed("x".to_owned()),
    ];
    let both = perhaps.into_iter().flat_map(|why| [(why.clone(), false), (why, true)]);
    before.into_iter().map(|why| (why, false)).chain(both).collect()
}

#[test]
fn whichever_call_is_refused_however_often_profiles_and_store_agree_in_the_end() {
    agree_however_often(Fate::Refused, &refusals());
}

#[test]
fn they_also_agree_where_the_profiles_can_be_saved_and_the_store_alone_refuses() {
    // What these say of an entry is believed, and would not be true of those that are there.
    let is_of_an_entry = |why: &StoreError| matches!(why, StoreError::Missing | StoreError::NotAKey);
    let refusals: Vec<_> = refusals().into_iter().filter(|(why, _)| !is_of_an_entry(why)).collect();
    agree_however_often(Fate::Closed, &refusals);
}

fn agree_however_often(fate: fn(StoreError) -> Fate, refusals: &[(StoreError, bool)]) {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    for case in cases::all() {
        let (new, calls) = new(&case, &memory);
        for (why, late) in refusals {
            for (at, again) in (0..calls.len()).flat_map(|at| [0, 1, 2, 3].map(|again| (at, again))) {
                begin_anew(&memory);
                let old = known(&memory);
                let told = format!("{}, {why:?} from {at} of {calls}, late: {late}, then {again}", case.told);
                let refused = Interrupted::new(&memory, at, fate(why.clone()), *late);
                let outcome = case.run(&refused);
                let refused = Interrupted::new(&memory, again, fate(why.clone()), *late);
                let _ = NOTE(&scene.world, &refused);
                NOTE(&scene.world, &memory).unwrap_or_else(|why| panic!("{told}: {}", why.message));
                agree(&memory, &told);
                is_one_of(&memory, &old, &new, &told);
                assert!(outcome.is_err() || known(&memory) == new, "{told}");
            }
        }
    }
}

#[test]
fn what_another_program_deletes_meanwhile_stops_no_later_change() {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    for gone in 0..6 {
        let deleted = kill_everywhere(&memory, |old, new, told| {
            let Some((slot, key)) = held(&memory).into_iter().filter(|(slot, _)| slot != "prod").nth(gone)
            else {
                return;
            };
            cases::delete(&memory, &slot);
            let told = format!("{told}, {slot} deleted");
            NOTE(&scene.world, &memory).unwrap_or_else(|why| panic!("{told}: {}", why.message));
            assert_eq!(memory.profiles().unwrap().unfinished(), None, "{told}");
            let keys = |of: &Keys| of.values().flatten().copied().collect::<BTreeSet<_>>();
            let needed = keys(old).intersection(&keys(new)).copied().collect::<BTreeSet<_>>();
            let there: BTreeSet<_> = held(&memory).into_values().collect();
            assert!(needed.iter().all(|one| *one == key || there.contains(one)), "{told}");
            let is_known = |profile: &Profile| {
                let in_use = held(&memory).get(profile.name.as_str()).copied();
                in_use.is_none_or(|key| key == profile.key.fingerprint)
            };
            assert!(memory.profiles().unwrap().all.iter().all(is_known), "{told}");
        });
        assert!(deleted > 70);
    }
}

#[test]
fn what_another_program_writes_over_a_key_on_its_way_stops_no_later_change() {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    let spoilt = Cell::new(0);
    kill_everywhere(&memory, |_, _, told| {
        let Some(slot) = held(&memory).into_keys().find(|slot| slot.ends_with("~next")) else { return };
        memory.spoil(&slot);
        spoilt.set(spoilt.get() + 1);
        if let Err(why) = NOTE(&scene.world, &memory) {
            // That copy was the last one.
            assert!(told.starts_with("undo") && why.message.contains(&slot), "{told}: {}", why.message);
            memory.delete(&slot);
            NOTE(&scene.world, &memory).unwrap_or_else(|why| panic!("{told}: {}", why.message));
        }
        assert_eq!(memory.profiles().unwrap().unfinished(), None, "{told}, {slot}");
    });
    assert!(spoilt.get() > 10, "{}", spoilt.get());
}

/// What the profiles have after a first change, which the store refused from one call on, and how many keys are in it.
fn first_refused(case: &Case, why: StoreError, at: usize, late: bool) -> (Profiles, usize) {
    let memory = InMemory::default();
    let closed = Interrupted::new(&memory, at, Fate::Closed(why), late);
    assert!(case.run(&closed).is_err(), "{}, from {at}", case.told);
    (memory.profiles().unwrap(), held(&memory).len())
}

#[test]
fn a_first_key_that_is_refused_ties_the_profiles_to_no_store() {
    let add = cases::all().remove(0);
    for (why, late) in refusals() {
        let (profiles, _) = first_refused(&add, why.clone(), 1, late);
        assert_eq!(profiles, Profiles::default(), "{why:?}, late: {late}");
    }
}

#[test]
fn of_the_first_keys_of_a_backup_those_that_were_put_are_remembered_until_they_are_taken_back() {
    let restore = cases::all().pop().unwrap();
    let (profiles, left) = first_refused(&restore, StoreError::Locked, 3, false);
    assert_eq!((profiles.store, left), (Some(StoreKind::Keychain), 2));
    assert_eq!(profiles.unfinished(), Some(&restore.change));
}

#[test]
fn a_change_whose_first_key_is_refused_leaves_no_trace() {
    let memory = InMemory::default();
    for case in cases::all() {
        begin_anew(&memory);
        let (profiles, keys) = (memory.profiles().unwrap(), held(&memory));
        let closed = Interrupted::new(&memory, 1, Fate::Closed(StoreError::Denied), false);
        assert!(case.run(&closed).is_err(), "{}", case.told);
        assert_eq!((memory.profiles().unwrap(), held(&memory)), (profiles, keys), "{}", case.told);
    }
}

#[test]
fn a_change_whose_first_key_may_have_been_written_stays_open() {
    let memory = InMemory::default();
    // One of them begins with an empty slot, which is as it was however that ends.
    for case in cases::all().iter().filter(|case| case.told != "restore, of the key before") {
        begin_anew(&memory);
        let closed = Interrupted::new(&memory, 1, Fate::Closed(StoreError::NoAnswer(5)), false);
        assert!(case.run(&closed).is_err(), "{}", case.told);
        assert!(memory.profiles().unwrap().unfinished().is_some(), "{}", case.told);
    }
}

#[test]
fn what_was_put_beside_the_keys_in_use_is_taken_back_at_once() {
    let memory = InMemory::default();
    let several = ["rename, of two keys", "rotate", "restore new"];
    let beside = |case: &&Case| {
        several.contains(&case.told) || ["add", "rename", "undo", "restore"].contains(&case.told)
    };
    for case in cases::all().iter().filter(beside) {
        for (at, why, late) in [(1, StoreError::NoAnswer(5), true), (2, StoreError::Locked, false)] {
            if at == 2 && !several.contains(&case.told) {
                continue;
            }
            begin_anew(&memory);
            let before = (memory.profiles().unwrap(), held(&memory));
            let once = Interrupted::new(&memory, at, Fate::Once(why), late);
            assert!(case.run(&once).is_err(), "{}", case.told);
            assert_eq!((memory.profiles().unwrap(), held(&memory)), before, "{}, at {at}", case.told);
        }
    }
}

#[test]
fn a_refused_copy_names_the_entry_that_is_in_the_way_or_else_the_one_that_was_to_be_copied() {
    let memory = InMemory::default();
    let rename = cases::all().into_iter().find(|case| case.told == "rename").unwrap();
    for (why, named) in [(StoreError::Occupied(Vec::new()), "laptop"), (StoreError::Denied, "dev")] {
        begin_anew(&memory);
        let refused =
            rename.run(&Interrupted::new(&memory, 1, Fate::Closed(why.clone()), false)).unwrap_err();
        assert!(refused.message.contains(&format!("`{named}`")), "{why:?}: {}", refused.message);
    }
}
