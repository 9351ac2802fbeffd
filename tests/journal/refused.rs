//! A store that refuses, and one in which another program deletes keys.

use std::collections::BTreeSet;

use getimg_keys::backend::{Backend, StoreError};
use getimg_keys::model::Profile;

use super::cases::{self, Keys, agree, begin_anew, held, known};
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
    let (scene, memory) = (Scene::new(None), InMemory::default());
    for case in cases::all() {
        let (new, calls) = new(&case, &memory);
        for (why, late) in refusals() {
            for (at, again) in (0..calls.len()).flat_map(|at| [0, 1, 2, 3].map(|again| (at, again))) {
                begin_anew(&memory);
                let old = known(&memory);
                let told = format!("{}, {why:?} from {at} of {calls}, late: {late}, then {again}", case.told);
                let refused = Interrupted::new(&memory, at, Fate::Refused(why.clone()), late);
                let outcome = case.run(&refused);
                let refused = Interrupted::new(&memory, again, Fate::Refused(why.clone()), late);
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
