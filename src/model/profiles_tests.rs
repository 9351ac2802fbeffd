//! What becomes of the book, step by step.

use super::*;
use crate::model::PreviousKey;
use crate::model::retired::Reason;
use crate::model::test_support::{book, day, key, name, profile};

/// The names in order, then the active one and the one before.
fn selected(book: &Profiles) -> (Vec<&str>, Option<&str>, Option<&str>) {
    let names = book.profiles.iter().map(|p| p.name.as_str()).collect();
    (names, book.active.as_ref().map(ProfileName::as_str), book.previous.as_ref().map(ProfileName::as_str))
}

/// A profile whose rotation is open.
fn in_rotation(text: &str, previous: &str) -> Profile {
    let previous = PreviousKey { since: day(1), key: KeyRecord::of(&key(previous), day(0)) };
    Profile { previous: Some(previous), ..profile(text) }
}

/// Every key that was given up, by the profile and the reason.
fn retired(book: &Profiles) -> Vec<(String, Reason, Fingerprint)> {
    book.retired.iter().map(|r| (r.profile.to_string(), r.reason, r.fingerprint)).collect()
}

#[test]
fn profiles_stand_by_name_and_the_first_unprotected_one_becomes_active() {
    assert_eq!(selected(&book(&["prod"])), (vec!["prod"], None, None));
    assert_eq!(
        selected(&book(&["prod", "dev", "ci", "x"])),
        (vec!["ci", "dev", "prod", "x"], Some("dev"), None)
    );
}

#[test]
fn what_is_activated_remembers_the_one_before_it() {
    let mut book = book(&["ci", "dev"]);
    book.activate(&name("ci"));
    assert_eq!(selected(&book), (vec!["ci", "dev"], Some("ci"), None));
    book.activate(&name("dev"));
    book.activate(&name("dev"));
    assert_eq!(selected(&book), (vec!["ci", "dev"], Some("dev"), Some("ci")));
}

#[test]
fn what_is_removed_leaves_its_keys_to_the_retired_and_is_no_longer_selected() {
    let mut book = book(&["ci", "dev"]);
    book.insert(in_rotation("eu", "old"));
    book.activate(&name("dev"));
    assert_eq!(book.remove(&name("prod"), day(2)), None);
    assert_eq!(book.remove(&name("eu"), day(2)), Some(in_rotation("eu", "old")));
    let gone = vec![
        ("eu".to_owned(), Reason::Removed, key("old").fingerprint()),
        ("eu".to_owned(), Reason::Removed, key("eu").fingerprint()),
    ];
    assert_eq!(retired(&book), gone);
    assert_eq!(selected(&book), (vec!["ci", "dev"], Some("dev"), Some("ci")));
    book.remove(&name("ci"), day(2));
    assert_eq!(selected(&book), (vec!["dev"], Some("dev"), None));
    book.remove(&name("dev"), day(2));
    assert_eq!(selected(&book), (vec![], None, None));
}

#[test]
fn what_is_renamed_moves_to_its_place_and_stays_selected() {
    let mut book = book(&["b", "d", "f"]);
    book.activate(&name("d"));
    book.rename(&name("d"), &name("e"));
    assert_eq!(selected(&book), (vec!["b", "e", "f"], Some("e"), Some("b")));
    book.rename(&name("b"), &name("x"));
    assert_eq!(selected(&book), (vec!["e", "f", "x"], Some("e"), Some("x")));
    book.rename(&name("x"), &name("a"));
    assert_eq!(selected(&book), (vec!["a", "e", "f"], Some("e"), Some("a")));
    let before = book.clone();
    book.rename(&name("none"), &name("z"));
    assert_eq!(book, before);
    assert_eq!(book.profiles[1].key.fingerprint, key("d").fingerprint());
}

#[test]
fn a_key_is_retired_once_with_the_last_reason() {
    let mut book = book(&["dev", "ci"]);
    let [dev, ci] = ["dev", "ci"].map(|n| book.get(&name(n)).unwrap().clone());
    let given_up = |profile: &Profile, reason| profile.key.retire(&profile.name, reason, day(3));
    book.retire(given_up(&dev, Reason::Removed));
    book.retire(given_up(&ci, Reason::Removed));
    book.retire(given_up(&dev, Reason::Rotated));
    let expected = [(&ci, Reason::Removed), (&dev, Reason::Rotated)];
    assert_eq!(retired(&book), expected.map(|(p, why)| (p.name.to_string(), why, p.key.fingerprint)));
}

#[test]
fn a_key_is_known_from_the_profile_that_holds_it_then_from_those_that_held_it() {
    let mut book = book(&["dev"]);
    book.insert(in_rotation("eu", "old"));
    book.retire(KeyRecord::of(&key("gone"), day(0)).retire(&name("ci"), Reason::Removed, day(1)));
    let known = |seed| {
        book.known(&key(seed).fingerprint()).map(|k| (k.profile_name().to_string(), k.record().is_some()))
    };
    let [held, not_held] = [true, false].map(|held| move |name: &str| Some((name.to_owned(), held)));
    assert_eq!(["dev", "eu", "old"].map(known), [held("dev"), held("eu"), held("eu")]);
    assert_eq!(["gone", "never"].map(known), [not_held("ci"), None]);
    let previous = book.known(&key("old").fingerprint()).unwrap();
    assert_eq!(previous.record().unwrap().fingerprint, key("old").fingerprint());
}

#[test]
fn a_book_that_contradicts_itself_is_told() {
    let whole = book(&["dev", "ci"]);
    assert_eq!(whole.check(), Ok(()));
    let twice = Profiles { profiles: vec![profile("dev"), profile("dev")], ..whole.clone() };
    assert_eq!(twice.check(), Err(Inconsistent::TwiceNamed(name("dev"))));
    let astray = Profiles { active: Some(name("eu")), ..whole };
    assert_eq!(astray.check(), Err(Inconsistent::ActiveMissing(name("eu"))));
}

#[test]
fn a_mistyped_name_is_answered_by_the_nearest() {
    let book = book(&["dev", "prod"]);
    assert_eq!(
        ["prdo", "devv", "zebra"].map(|typed| book.nearest(typed).map(ProfileName::as_str)),
        [Some("prod"), Some("dev"), None]
    );
}

#[test]
fn what_is_brought_back_takes_its_place_its_selection_and_its_key_from_the_retired() {
    let mut book = book(&["ci", "dev"]);
    book.activate(&name("ci"));
    let back = Profile { key: KeyRecord::of(&key("back"), day(0)), ..profile("ci") };
    book.retire(back.key.retire(&name("ci"), Reason::Rotated, day(1)));
    book.retire(KeyRecord::of(&key("other"), day(0)).retire(&name("eu"), Reason::Removed, day(1)));
    book.bring_back(back.clone(), day(2));
    assert_eq!(selected(&book), (vec!["ci", "dev"], Some("ci"), None));
    assert_eq!(book.get(&name("ci")), Some(&back));
    let left = [("eu", key("other")), ("ci", key("ci"))];
    assert_eq!(retired(&book), left.map(|(n, key)| (n.to_owned(), Reason::Removed, key.fingerprint())));

    book.activate(&name("dev"));
    book.bring_back(back, day(3));
    assert_eq!(selected(&book), (vec!["ci", "dev"], Some("dev"), Some("ci")));
    book.bring_back(profile("eu"), day(3));
    assert_eq!(selected(&book), (vec!["ci", "dev", "eu"], Some("dev"), Some("ci")));
}

#[test]
fn what_is_brought_back_has_the_places_that_are_known_here_and_no_others() {
    let mut book = book(&["ci", "dev"]);
    let pushed = |target: &str, key: &str| crate::model::Pushed {
        target: target.to_owned(),
        fingerprint: crate::model::test_support::key(key).fingerprint(),
        at: day(1),
        how: crate::model::pushed::How::Listed,
    };
    book.enter_pushed(&name("ci"), pushed("a", "ci"));
    book.enter_pushed(&name("dev"), pushed("b", "dev"));
    let elsewhere = ["a", "b", "c"].map(|target| pushed(target, "back")).to_vec();
    let back = Profile { key: KeyRecord::of(&key("back"), day(0)), pushed: elsewhere, ..profile("ci") };
    book.bring_back(back, day(2));
    let left = |of: &str| book.get(&name(of)).unwrap().pushed.clone();
    assert_eq!(left("ci"), [pushed("a", "ci")]);
    assert_eq!(left("dev"), [pushed("b", "dev")]);
}
