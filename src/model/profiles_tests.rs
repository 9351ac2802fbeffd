//! What becomes of the profiles, step by step.

use super::*;
use crate::model::PreviousKey;
use crate::model::pushed::How;
use crate::model::retired::Reason;
use crate::model::test_support::{day, key, name, profile, profiles};

/// The names in order, then the active one and the one before.
fn selected(profiles: &Profiles) -> (Vec<&str>, Option<&str>, Option<&str>) {
    let names = profiles.all.iter().map(|p| p.name.as_str()).collect();
    (
        names,
        profiles.active.as_ref().map(ProfileName::as_str),
        profiles.previous.as_ref().map(ProfileName::as_str),
    )
}

/// A profile whose rotation is open.
fn in_rotation(text: &str, previous: &str) -> Profile {
    let previous = PreviousKey { since: day(1), key: KeyRecord::of(&key(previous), day(0)) };
    Profile { previous: Some(previous), ..profile(text) }
}

/// Every key that was given up, by the profile and the reason.
fn retired(profiles: &Profiles) -> Vec<(String, Reason, Fingerprint)> {
    profiles.retired.iter().map(|r| (r.profile.to_string(), r.reason, r.fingerprint)).collect()
}

#[test]
fn profiles_stand_by_name_and_the_first_unprotected_one_becomes_active() {
    assert_eq!(selected(&profiles(&["prod"])), (vec!["prod"], None, None));
    assert_eq!(
        selected(&profiles(&["prod", "dev", "ci", "x"])),
        (vec!["ci", "dev", "prod", "x"], Some("dev"), None)
    );
}

#[test]
fn what_is_activated_remembers_the_one_before_it() {
    let mut profiles = profiles(&["ci", "dev"]);
    profiles.activate(&name("ci"));
    assert_eq!(selected(&profiles), (vec!["ci", "dev"], Some("ci"), None));
    profiles.activate(&name("dev"));
    profiles.activate(&name("dev"));
    assert_eq!(selected(&profiles), (vec!["ci", "dev"], Some("dev"), Some("ci")));
}

#[test]
fn what_is_removed_leaves_its_keys_to_the_retired_and_is_no_longer_selected() {
    let mut profiles = profiles(&["ci", "dev"]);
    profiles.insert(in_rotation("eu", "old"));
    profiles.activate(&name("dev"));
    assert_eq!(profiles.remove(&name("prod"), day(2)), None);
    assert_eq!(profiles.remove(&name("eu"), day(2)), Some(in_rotation("eu", "old")));
    let gone = vec![
        ("eu".to_owned(), Reason::Removed, key("old").fingerprint()),
        ("eu".to_owned(), Reason::Removed, key("eu").fingerprint()),
    ];
    assert_eq!(retired(&profiles), gone);
    assert_eq!(selected(&profiles), (vec!["ci", "dev"], Some("dev"), Some("ci")));
    profiles.remove(&name("ci"), day(2));
    assert_eq!(selected(&profiles), (vec!["dev"], Some("dev"), None));
    profiles.remove(&name("dev"), day(2));
    assert_eq!(selected(&profiles), (vec![], None, None));
}

#[test]
fn what_is_renamed_moves_to_its_place_and_stays_selected() {
    let mut profiles = profiles(&["b", "d", "f"]);
    profiles.activate(&name("d"));
    profiles.rename(&name("d"), &name("e"));
    assert_eq!(selected(&profiles), (vec!["b", "e", "f"], Some("e"), Some("b")));
    profiles.rename(&name("b"), &name("x"));
    assert_eq!(selected(&profiles), (vec!["e", "f", "x"], Some("e"), Some("x")));
    profiles.rename(&name("x"), &name("a"));
    assert_eq!(selected(&profiles), (vec!["a", "e", "f"], Some("e"), Some("a")));
    let before = profiles.clone();
    profiles.rename(&name("none"), &name("z"));
    assert_eq!(profiles, before);
    assert_eq!(profiles.all[1].key.fingerprint, key("d").fingerprint());
}

#[test]
fn a_key_is_retired_once_with_the_last_reason() {
    let mut profiles = profiles(&["dev", "ci"]);
    let [dev, ci] = ["dev", "ci"].map(|n| profiles.get(&name(n)).unwrap().clone());
    let given_up = |profile: &Profile, reason| profile.key.retire(&profile.name, reason, day(3));
    profiles.retire(given_up(&dev, Reason::Removed));
    profiles.retire(given_up(&ci, Reason::Removed));
    profiles.retire(given_up(&dev, Reason::Rotated));
    let expected = [(&ci, Reason::Removed), (&dev, Reason::Rotated)];
    assert_eq!(retired(&profiles), expected.map(|(p, why)| (p.name.to_string(), why, p.key.fingerprint)));
}

#[test]
fn a_key_is_known_from_the_profile_that_holds_it_then_from_those_that_held_it() {
    let mut profiles = profiles(&["dev"]);
    profiles.insert(in_rotation("eu", "old"));
    profiles.retire(KeyRecord::of(&key("gone"), day(0)).retire(&name("ci"), Reason::Removed, day(1)));
    let known = |seed| {
        profiles.known(&key(seed).fingerprint()).map(|k| (k.profile_name().to_string(), k.record().is_some()))
    };
    let [held, not_held] = [true, false].map(|held| move |name: &str| Some((name.to_owned(), held)));
    assert_eq!(["dev", "eu", "old"].map(known), [held("dev"), held("eu"), held("eu")]);
    assert_eq!(["gone", "never"].map(known), [not_held("ci"), None]);
    let previous = profiles.known(&key("old").fingerprint()).unwrap();
    assert_eq!(previous.record().unwrap().fingerprint, key("old").fingerprint());
}

#[test]
fn a_profiles_file_that_contradicts_itself_is_reported() {
    let whole = profiles(&["dev", "ci"]);
    assert_eq!(whole.check(), Ok(()));
    let twice = Profiles { all: vec![profile("dev"), profile("dev")], ..whole.clone() };
    assert_eq!(twice.check(), Err(Inconsistent::TwiceNamed(name("dev"))));
    let astray = Profiles { active: Some(name("eu")), ..whole };
    assert_eq!(astray.check(), Err(Inconsistent::ActiveMissing(name("eu"))));
}

#[test]
fn a_mistyped_name_is_answered_by_the_nearest() {
    let profiles = profiles(&["dev", "prod"]);
    assert_eq!(
        ["prdo", "devv", "zebra"].map(|typed| profiles.nearest(typed).map(ProfileName::as_str)),
        [Some("prod"), Some("dev"), None]
    );
}

#[test]
fn what_is_brought_back_takes_its_place_its_selection_and_its_key_from_the_retired() {
    let mut profiles = profiles(&["ci", "dev"]);
    profiles.activate(&name("ci"));
    let back = Profile { key: KeyRecord::of(&key("back"), day(0)), ..profile("ci") };
    profiles.retire(back.key.retire(&name("ci"), Reason::Rotated, day(1)));
    profiles.retire(KeyRecord::of(&key("other"), day(0)).retire(&name("eu"), Reason::Removed, day(1)));
    profiles.bring_back(back.clone(), day(2));
    assert_eq!(selected(&profiles), (vec!["ci", "dev"], Some("ci"), None));
    assert_eq!(profiles.get(&name("ci")), Some(&back));
    let left = [("eu", key("other")), ("ci", key("ci"))];
    assert_eq!(retired(&profiles), left.map(|(n, key)| (n.to_owned(), Reason::Removed, key.fingerprint())));

    profiles.activate(&name("dev"));
    profiles.bring_back(back, day(3));
    assert_eq!(selected(&profiles), (vec!["ci", "dev"], Some("dev"), Some("ci")));
    profiles.bring_back(profile("eu"), day(3));
    assert_eq!(selected(&profiles), (vec!["ci", "dev", "eu"], Some("dev"), Some("ci")));
}

#[test]
fn what_is_brought_back_has_the_places_that_are_known_here_and_no_others() {
    let mut profiles = profiles(&["ci", "dev"]);
    let pushed = |target: &str, key: &str| crate::model::Pushed {
        target: target.to_owned(),
        fingerprint: crate::model::test_support::key(key).fingerprint(),
        at: day(1),
        how: crate::model::pushed::How::Listed,
    };
    profiles.enter_pushed(&name("ci"), pushed("a", "ci"));
    profiles.enter_pushed(&name("dev"), pushed("b", "dev"));
    let elsewhere = ["a", "b", "c"].map(|target| pushed(target, "back")).to_vec();
    let back = Profile { key: KeyRecord::of(&key("back"), day(0)), pushed: elsewhere, ..profile("ci") };
    profiles.bring_back(back, day(2));
    let left = |of: &str| profiles.get(&name(of)).unwrap().pushed.clone();
    assert_eq!(left("ci"), [pushed("a", "ci")]);
    assert_eq!(left("dev"), [pushed("b", "dev")]);
}

fn pushed(target: &str, fingerprint: Fingerprint) -> Pushed {
    Pushed { target: target.to_owned(), fingerprint, at: day(1), how: How::Confirmed }
}

#[test]
fn a_place_holds_the_key_in_use_the_one_before_or_one_that_is_gone() {
    let mut profiles = profiles(&["dev"]);
    let old = KeyRecord::of(&key("old"), day(0));
    let current = profiles.all[0].key.fingerprint;
    profiles.all[0].previous = Some(PreviousKey { since: day(1), key: old.clone() });
    for (target, print) in [("c", key("gone").fingerprint()), ("a", current), ("b", old.fingerprint)] {
        profiles.enter_pushed(&name("dev"), pushed(target, print));
    }
    let dev = &profiles.all[0];
    let states: Vec<_> = dev.pushed.iter().map(|p| (p.target.as_str(), dev.held_by(p).as_str())).collect();
    assert_eq!(states, [("a", "current"), ("b", "previous"), ("c", "retired")]);
    assert_eq!(dev.behind().map(|p| p.target.as_str()).collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn a_place_holds_one_key_whose_ever_it_was() {
    let mut profiles = profiles(&["ci", "dev"]);
    let prints: Vec<_> = profiles.all.iter().map(|p| p.key.fingerprint).collect();
    profiles.enter_pushed(&name("ci"), pushed("x", prints[0]));
    profiles.enter_pushed(&name("dev"), pushed("x", prints[1]));
    profiles.enter_pushed(&name("dev"), pushed("x", prints[1]));
    assert!(profiles.all[0].pushed.is_empty());
    assert_eq!(profiles.all[1].pushed.len(), 1);
    assert_eq!(profiles.pushed_to("x").map(|p| &p.name), Some(&name("dev")));
    assert!(profiles.pushed_to("y").is_none());
}

#[test]
fn profiles_that_come_together_stand_by_name_and_their_keys_are_given_up_no_more() {
    let mut all = profiles(&["m"]);
    all.active = None;
    for seed in ["a", "other"] {
        all.retire(profile(seed).key.retire(&name(seed), Reason::Removed, day(1)));
    }
    assert_eq!(all.keys_of(&name("a")), [key("a").fingerprint()]);
    all.insert_all(["prod", "z", "a"].map(profile).into());
    assert_eq!(selected(&all), (vec!["a", "m", "prod", "z"], Some("z"), None));
    assert_eq!(retired(&all), [("other".to_owned(), Reason::Removed, key("other").fingerprint())]);
    all.insert_all(vec![profile("b")]);
    assert_eq!(all.active, Some(name("z")));
    assert_eq!(all.keys_of(&name("a")), [key("a").fingerprint()]);
}

#[test]
fn a_profile_that_comes_back_is_the_active_one_where_none_is() {
    let mut all = Profiles::default();
    all.bring_back(profile("dev"), day(1));
    assert_eq!(all.active, Some(name("dev")));
}
