use super::*;
use crate::model::PreviousKey;
use crate::model::test_support::{day, key, name, name as name_of, profile, profiles};
use crate::model::verification::{Conclusive, Funds, Probe, Verdict};
use crate::model::{SharedCopy, Untold};

fn shared(names: &[&str]) -> SharedProfiles {
    SharedProfiles::new("one".to_owned()).with(&profiles(names))
}

fn changed(profiles: &SharedProfiles, name: &str, change: impl Fn(&mut Profile)) -> SharedProfiles {
    let mut profiles = profiles.clone();
    profiles.all.iter_mut().filter(|profile| profile.name.as_str() == name).for_each(change);
    profiles
}

fn noted(profiles: &SharedProfiles, name: &str, note: &str) -> SharedProfiles {
    changed(profiles, name, |profile| profile.note = Some(note.to_owned()))
}

fn verified(profiles: &SharedProfiles, name: &str, on: i64) -> SharedProfiles {
    let probe = Probe {
        verdict: Verdict::Valid(Funds::NotOffered),
        http_status: Some(200),
        code: None,
        latency_ms: None,
        host: "api.example".to_owned(),
        message: None,
    };
    changed(profiles, name, |profile| {
        profile.key.verification = probe.verification(day(on));
        profile.key.last_attempt = Some(probe.attempt(day(on)));
    })
}

#[test]
fn changes_of_two_profiles_are_both_made() {
    let before = shared(&["dev", "prod"]);
    let (mine, theirs) = (noted(&before, "dev", "mine"), noted(&before, "prod", "theirs"));
    let merged = before.merge(&mine, &theirs).unwrap();
    assert_eq!(merged, noted(&mine, "prod", "theirs"));
    assert_eq!(before.merge(&theirs, &mine).unwrap(), merged);
}

#[test]
fn two_changes_of_one_profile_clash_and_name_it() {
    let before = shared(&["dev"]);
    let (mine, theirs) = (noted(&before, "dev", "mine"), noted(&before, "dev", "theirs"));
    assert_eq!(before.merge(&mine, &theirs), Err(Clash::Profile(name("dev"))));
    assert_eq!(before.merge(&mine, &shared(&[])), Err(Clash::Profile(name("dev"))));
    assert_eq!(before.merge(&shared(&[]), &theirs), Err(Clash::Profile(name("dev"))));
    assert_eq!(before.merge(&mine, &mine), Ok(mine));
}

#[test]
fn a_verdict_is_never_worth_a_clash_and_the_newer_one_stays() {
    let before = shared(&["dev"]);
    let (older, newer) = (verified(&before, "dev", 1), verified(&before, "dev", 2));
    assert_eq!(before.merge(&older, &newer), Ok(newer.clone()));
    assert_eq!(before.merge(&newer, &older), Ok(newer.clone()));
    let noted_and_verified = noted(&newer, "dev", "mine");
    assert_eq!(before.merge(&noted(&before, "dev", "mine"), &newer), Ok(noted_and_verified));
    let rotated = changed(&before, "dev", |profile| profile.key = KeyRecord::of(&key("new"), day(3)));
    assert_eq!(before.merge(&newer, &rotated), Ok(rotated), "a verdict on the key before is dropped");
    assert_eq!(newer.all[0].key.verification.as_ref().unwrap().verdict, Conclusive::Valid);
}

#[test]
fn a_key_that_one_side_declares_compromised_is_so_whatever_the_other_did() {
    let before = shared(&["dev"]);
    let declared = changed(&before, "dev", |profile| profile.key.compromised_at = Some(day(2)));
    let merged = before.merge(&declared, &noted(&before, "dev", "theirs")).unwrap();
    assert_eq!(merged.all[0].key.compromised_at, Some(day(2)));
    assert_eq!(merged.all[0].note.as_deref(), Some("theirs"));
    let verified_later = before.merge(&verified(&before, "dev", 3), &declared).unwrap();
    assert_eq!(verified_later.all[0].key.compromised_at, Some(day(2)));
    let rotated = changed(&before, "dev", |profile| {
        let old = std::mem::replace(&mut profile.key, KeyRecord::of(&key("new"), day(3)));
        profile.previous = Some(PreviousKey { since: day(3), key: old });
    });
    for merged in [before.merge(&declared, &rotated), before.merge(&rotated, &declared)] {
        let dev = &merged.unwrap().all[0];
        assert_eq!(dev.key.compromised_at, None);
        assert_eq!(dev.previous.as_ref().unwrap().key.compromised_at, Some(day(2)));
    }
    let replaced = changed(&before, "dev", |profile| profile.key = KeyRecord::of(&key("new"), day(3)));
    assert_eq!(before.merge(&declared, &replaced), Err(Clash::Profile(name("dev"))));
}

#[test]
fn one_key_never_comes_to_two_profiles() {
    let before = shared(&[]);
    let (mine, theirs) = (shared(&["dev"]), {
        let mut theirs = shared(&["dev"]);
        theirs.all[0].name = name("prod");
        theirs
    });
    assert!(matches!(before.merge(&mine, &theirs), Err(Clash::Key(_))));
}

#[test]
fn a_key_that_was_given_up_or_is_being_deleted_meanwhile_does_not_come_in() {
    let (before, mine) = (shared(&[]), shared(&["dev"]));
    let record = &mine.all[0].key;
    let mut theirs = before.clone();
    theirs.retired.push(record.retire(&name("old"), retired::Reason::Rotated, day(1)));
    assert_eq!(before.merge(&mine, &theirs), Err(Clash::Key(name("dev"))));
    theirs.retired[0].reason = retired::Reason::Removed;
    assert_eq!(before.merge(&mine, &theirs).unwrap(), mine, "one that was merely removed may come back");
    theirs.retired.clear();
    theirs.deleting.push(Deleting { fingerprint: record.fingerprint, up_to: 1 });
    assert_eq!(before.merge(&mine, &theirs), Err(Clash::Key(name("dev"))));
}

#[test]
fn a_key_comes_in_whatever_became_of_others_meanwhile_and_of_itself_before() {
    let (before, mine) = (shared(&["prod"]), shared(&["dev", "prod"]));
    let gone =
        |seed: &str| KeyRecord::of(&key(seed), day(0)).retire(&name("old"), retired::Reason::Rotated, day(1));
    let theirs = SharedProfiles { retired: vec![gone("other")], ..before.clone() };
    assert!(before.merge(&mine, &theirs).is_ok());
    let theirs = SharedProfiles { retired: vec![gone("dev")], ..before.clone() };
    assert_eq!(before.merge(&mine, &theirs), Err(Clash::Key(name("dev"))));
    let [before, mine] = [before, mine].map(|one| SharedProfiles { retired: vec![gone("dev")], ..one });
    assert_eq!(before.merge(&mine, &before).unwrap().retired, []);

    let deleting = vec![Deleting { fingerprint: key("dev").fingerprint(), up_to: 1 }];
    let theirs = SharedProfiles { deleting, ..shared(&["dev"]) };
    assert_eq!(shared(&[]).merge(&shared(&[]), &theirs), Ok(theirs), "an older version of its entry goes");
}

#[test]
fn what_either_gave_up_is_remembered_and_what_either_took_back_is_not() {
    let gone =
        |seed: &str| KeyRecord::of(&key(seed), day(0)).retire(&name("old"), retired::Reason::Rotated, day(1));
    let with = |retired: Vec<Retired>| SharedProfiles { retired, ..shared(&["dev"]) };
    let [a, b, c, d] = ["a", "b", "c", "d"].map(gone);
    let before = with(vec![a.clone(), b.clone()]);
    let merged = |mine: &[&Retired], theirs: &[&Retired]| {
        let [mine, theirs] = [mine, theirs].map(|all| with(all.iter().copied().cloned().collect()));
        before.merge(&mine, &theirs).unwrap().retired
    };
    assert_eq!(merged(&[&a, &b, &c], &[&a, &b, &d]), [a.clone(), b.clone(), d.clone(), c]);
    assert_eq!(merged(&[&a], &[&a, &b, &d]), [a.clone(), d.clone()]);
    assert_eq!(merged(&[&a, &b], &[&b, &d]), [b.clone(), d.clone()]);
    let refused = Retired { refused_at: Some(day(2)), ..a.clone() };
    assert_eq!(merged(&[&refused, &b], &[&a, &b]), [b, refused]);
}

#[test]
fn an_entry_is_no_longer_being_deleted_once_either_has_done_it() {
    let of = |seed: &str| Deleting { fingerprint: key(seed).fingerprint(), up_to: 1 };
    let with = |deleting: &[Deleting]| SharedProfiles { deleting: deleting.into(), ..shared(&["dev"]) };
    let before = with(&[of("a"), of("b")]);
    let merged = before.merge(&with(&[of("a")]), &with(&[of("a"), of("b"), of("c")])).unwrap();
    assert_eq!(merged.deleting, [of("a"), of("c")]);
}

#[test]
fn a_profile_holds_its_key_and_the_one_before_and_none_that_was_given_up() {
    let mut own = profiles(&["dev", "old"]);
    own.remove(&name("old"), day(1));
    let before = PreviousKey { since: day(1), key: KeyRecord::of(&key("before"), day(0)) };
    own.get_mut(&name("dev")).unwrap().previous = Some(before);
    let holds = ["dev", "before", "old", "other"].map(|seed| own.holds(key(seed).fingerprint()));
    assert_eq!(holds, [true, true, false, false]);
}

#[test]
fn what_is_the_persons_own_stays_while_it_can() {
    let mut own = profiles(&["dev", "test"]);
    own.activate(&name("dev"));
    own.share(&shared(&["dev", "stage"]));
    assert_eq!((own.active.clone(), own.all.len()), (Some(name("dev")), 2));
    own.share(&shared(&["stage"]));
    assert_eq!(own.active, None);
}

#[test]
fn a_key_that_was_declared_compromised_here_stays_so_until_the_others_know() {
    let theirs = shared(&["dev"]);
    let untold = vec![Untold { fingerprint: theirs.all[0].key.fingerprint, at: day(4) }];
    let copy = SharedCopy { of: "one".to_owned(), version: 1, at: day(3), untold };
    let mut own = Profiles { copy: Some(copy), ..Profiles::default() };
    own.share(&theirs);
    assert_eq!(own.all[0].key.compromised_at, Some(day(4)));
}

/// A change by number: a note, a new profile, a removed one, a rotation, a verdict, a new name.
fn some_change(profiles: &SharedProfiles, which: u8, of: usize, seed: &str) -> SharedProfiles {
    let mut own = Profiles::default();
    own.share(profiles);
    let names: Vec<_> = own.all.iter().map(|profile| profile.name.clone()).collect();
    let Some(name) = names.get(of % names.len().max(1)).cloned() else { return profiles.clone() };
    match which % 6 {
        0 => own.get_mut(&name).unwrap().note = Some(seed.to_owned()),
        1 if own.get(&name_of(seed)).is_none() && !own.holds(key(seed).fingerprint()) => {
            let new = profile(seed);
            own.retired.retain(|gone| gone.fingerprint != new.key.fingerprint);
            own.insert(new);
        }
        2 => drop(own.remove(&name, day(5))),
        3 if own.get(&name).is_some_and(|profile| profile.previous.is_none()) => {
            let new = KeyRecord::of(&key(&format!("{seed}{name}")), day(6));
            let profile = own.get_mut(&name).unwrap();
            let old = std::mem::replace(&mut profile.key, new);
            profile.previous = Some(PreviousKey { since: day(6), key: old });
        }
        4 => return verified(profiles, name.as_str(), i64::from(which)),
        1 | 3 => {}
        _ => {
            let new = name_of(&format!("{seed}-{of}"));
            if own.get(&new).is_none() {
                own.rename(&name, &new);
            }
        }
    }
    profiles.with(&own)
}

proptest::proptest! {
    /// Whatever two people do at once, the outcome is a whole set of profiles that lost neither's change.
    #[test]
    fn two_changes_at_once_give_what_both_made_or_a_clash(
        mine in proptest::collection::vec((0_u8..6, 0_usize..4), 0..4),
        theirs in proptest::collection::vec((0_u8..6, 0_usize..4), 0..4),
    ) {
        let before = shared(&["a", "b", "c"]);
        let change = |steps: &[(u8, usize)], seed: &str| {
            steps.iter().fold(before.clone(), |profiles, (which, of)| some_change(&profiles, *which, *of, seed))
        };
        let (mine, theirs) = (change(&mine, "mine"), change(&theirs, "theirs"));
        let (one, other) = (before.merge(&mine, &theirs), before.merge(&theirs, &mine));
        proptest::prop_assert_eq!(one.is_ok(), other.is_ok());
        if let Ok(merged) = one {
            let mut whole = Profiles::default();
            whole.share(&merged);
            proptest::prop_assert!(whole.check().is_ok());
            let mut held: Vec<_> = merged.held().collect();
            held.sort();
            held.dedup();
            proptest::prop_assert_eq!(held.len(), merged.held().count(), "no key is two profiles'");
            for key in mine.held().chain(theirs.held()) {
                proptest::prop_assert!(whole.known(&key).is_some(), "a key that was there is known");
            }
            proptest::prop_assert_eq!(&merged.all, &other.unwrap().all);
        }
        proptest::prop_assert_eq!(before.merge(&mine, &before), Ok(mine));
    }
}
