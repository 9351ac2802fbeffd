//! Pins that hold together.

use proptest::prelude::*;

use super::*;
use crate::model::policy::{Action, Policy};
use crate::model::test_support::{key, name};

const NAMES: [&str; 4] = ["ci", "dev", "prod", "test"];

#[test]
fn without_a_list_it_permits_all_and_with_one_only_those() {
    let lists = [None, Some(vec![]), Some(vec![name("dev"), name("ci")])];
    let permits = |allow| Pin { allow, ..Pin::default() }.permits(&name("dev"));
    assert_eq!(lists.map(permits), [true, false, true]);
    assert!(!Pin { allow: Some(vec![name("ci")]), ..Pin::default() }.permits(&name("dev")));
}

#[test]
fn another_person_s_pin_neither_selects_nor_forbids_until_it_is_accepted() {
    let pin = Pin {
        path: "/shared/.getimg-keys.toml".into(),
        sha256: "00".to_owned(),
        foreign: true,
        profile: Some(name("dev")),
        allow: Some(vec![name("dev")]),
        ..Pin::default()
    };
    let found = [pin.clone()];
    let accepted =
        |sha256: &str| AllowedPin { path: "/shared/.getimg-keys.toml".to_owned(), sha256: sha256.to_owned() };
    for (accepted, counts) in [(vec![], false), (vec![accepted("11")], false), (vec![accepted("00")], true)] {
        let pins = compose(&found, &accepted);
        assert_eq!((pins.selecting().is_some(), pins.stranger().is_some()), (counts, !counts));
        assert_eq!(pins.refusing(&name("prod")).is_some(), counts);
    }
    let own = Pin { profile: Some(name("ci")), foreign: false, ..pin.clone() };
    let nearer = [own, pin];
    let pins = compose(&nearer, &[]);
    assert_eq!((pins.selecting().unwrap().profile.clone(), pins.stranger()), (Some(name("ci")), None));
}

#[test]
#[cfg(unix)]
fn what_is_accepted_is_one_path_and_no_other_that_looks_alike() {
    use std::os::unix::ffi::OsStringExt;
    let path = |byte| PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', b'n', byte, b'/']));
    let pin = |byte| Pin { path: path(byte), foreign: true, ..Pin::default() };
    let accepted = [AllowedPin { path: AllowedPin::written(&path(0xff)), sha256: String::new() }];
    let counts = |byte| compose(&[pin(byte)], &accepted).counting.len() == 1;
    assert_eq!([0xff, 0xfe, b'x'].map(counts), [true, false, false]);
}

#[test]
fn a_key_that_is_known_to_be_harmless_is_named_by_12_to_64_hex_digits() {
    let print = key("x").fingerprint();
    let hex = print.to_hex();
    let start = |text: &str| FingerprintStart::try_from(text.to_owned());
    for length in [12, 13, 64] {
        let fingerprint = start(&hex[..length].to_ascii_uppercase()).unwrap();
        let known = KnownLeak { fingerprint, reason: String::new() };
        assert!(known.names(&print) && !known.names(&key("y").fingerprint()), "{length}");
    }
    for bad in ["", &hex[..11], &format!("{hex}0"), &format!("{}g", &hex[..12])] {
        assert!(start(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_pin_is_accepted_in_place_of_what_was_accepted_there() {
    let mut profiles = Profiles::default();
    for (path, sha256) in [("/a", "00"), ("/b", "11"), ("/a", "22")] {
        Pin { path: path.into(), sha256: sha256.to_owned(), ..Pin::default() }.allow(&mut profiles);
    }
    let allowed: Vec<_> = profiles.allowed.iter().map(|a| (a.path.as_str(), a.sha256.as_str())).collect();
    assert_eq!(allowed, [("/b", "11"), ("/a", "22")]);
}

#[test]
fn what_pins_say_besides_is_said_by_each_that_counts() {
    let fingerprint = FingerprintStart::try_from("0".repeat(12)).unwrap();
    let leak = KnownLeak { fingerprint, reason: "a sample".to_owned() };
    let says = |path: &str, ignored: &[&str], foreign| Pin {
        path: path.into(),
        ignored: ignored.iter().map(|&word| word.to_owned()).collect(),
        known_leaks: vec![leak.clone()],
        foreign,
        ..Pin::default()
    };
    let found = [
        says("/a", &[], false),
        says("/b", &["url"], false),
        says("/c", &["x"], true),
        says("/d", &["y"], false),
    ];
    let pins = compose(&found, &[]);
    assert_eq!(
        pins.ignored().map(|(pin, words)| (&*pin.path, words)),
        Some(("/b".as_ref(), vec!["url".to_owned(), "y".to_owned()]))
    );
    assert_eq!((pins.known_leaks().len(), pins.policies().len()), (3, 3));
    assert!(compose(&found[..1], &[]).ignored().is_none());
}

fn pins() -> impl Strategy<Value = Vec<Pin>> {
    let names = || prop::sample::subsequence(&NAMES[..], 0..4);
    let pin = (prop::option::of(names()), prop::option::of(1..200_u32), any::<bool>(), any::<bool>());
    let pin = pin.prop_map(|(allow, days, blocks, foreign)| {
        let days = days.map(|days| format!("max_age_days = {days}\n")).unwrap_or_default();
        let overdue = if blocks { "block" } else { "warn" };
        Pin {
            allow: allow.map(|names| names.into_iter().map(name).collect()),
            policy: toml::from_str(&format!("{days}overdue = '{overdue}'\n")).unwrap(),
            foreign,
            ..Pin::default()
        }
    });
    prop::collection::vec(pin, 0..5)
}

proptest! {
    #[test]
    fn a_nested_pin_loosens_nothing_and_an_empty_one_changes_nothing(outer in pins(), nested in pins()) {
        let all: Vec<Pin> = nested.into_iter().chain(outer.iter().cloned()).collect();
        let empty: Vec<Pin> = std::iter::once(Pin::default()).chain(outer.iter().cloned()).collect();
        let [before, after, same] = [&outer, &all, &empty].map(|pins| compose(pins, &[]));
        for one in NAMES.map(name) {
            prop_assert!(before.refusing(&one).is_none() || after.refusing(&one).is_some());
            prop_assert_eq!(before.refusing(&one).is_some(), same.refusing(&one).is_some());
            let rules = |pins: &Pins<'_>| {
                Policy { repository: pins.policies(), ..Policy::default() }.rules(&one)
            };
            let (loose, tight) = (rules(&before), rules(&after));
            prop_assert!(tight.max_age_days <= loose.max_age_days);
            prop_assert!(loose.overdue == Action::Warn || tight.overdue == Action::Block);
            prop_assert_eq!(loose, rules(&same));
        }
    }
}
