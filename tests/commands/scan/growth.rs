//! Twice as much input needs at most twice the work, counted in instructions, which no other load changes; memory is
//! limited.

use std::process::Command;

use serde_json::{Value, json};

use super::place::{Place, key};
use crate::support::instructions::{can_be_counted, counted_by};
use crate::support::skipped;

/// What is repeated, with a name.
fn pieces() -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let shaped = format!("getimg {}\n", key("unknown"));
    [
        ("beginnings of a key in base64", b"c2tf".to_vec()),
        ("lines of them", b"c2tf\n".to_vec()),
        ("beginnings with escapes of a URL", b"%73%6b%5f".to_vec()),
        ("escapes of escapes", b"%2573".to_vec()),
        ("escapes of JSON", b"\\u0073\\u006b\\u005f".to_vec()),
        ("plain beginnings", b"sk_".to_vec()),
        ("beginnings of the older shape", b"key-".to_vec()),
        ("one long word", b"sk_aB3".to_vec()),
        ("the vendor's name", b"getimg ".to_vec()),
        ("names of variables", b"GETIMG_API_KEY=\"".to_vec()),
        ("deep JSON", b"{\"getimg\":[".to_vec()),
        ("text in UTF-16", utf16("getimg sk_ key=\n")),
        ("keys of somebody's", shaped.clone().into_bytes()),
        ("keys of somebody's in one line", shaped.replace('\n', " ").into_bytes()),
        ("a known key", key("dev").into_bytes()),
        ("a known key, word by word", format!("{} ", key("dev")).into_bytes()),
    ]
    .into()
}

#[test]
fn scanning_twice_as_much_takes_no_more_than_twice_the_work() {
    if !can_be_counted("a scan that grows") {
        return;
    }
    let place = Place::new();
    let of = |text: &[u8]| {
        std::fs::write(place.home().join("text"), text).unwrap();
        let mut call = Command::new("valgrind");
        call.current_dir(place.home()).env("GETIMG_KEYS_HOME", place.home());
        counted_by(&mut call, &["scan", "text", "--json"]).0
    };
    let nothing = of(b"");
    for (what, piece) in pieces() {
        // Above the sizes at which a buffer grows.
        let text = |size: usize| piece.repeat(size / piece.len());
        // What threads do beside the work depends on the load of the machine.
        let mut tries =
            std::iter::repeat_with(|| [6_000, 12_000].map(|size| of(&text(size)) - nothing)).take(3);
        let grows_with_it = tries.any(|[once, twice]| {
            println!("{what}: {once}, then {twice}");
            twice * 10 <= once * 22
        });
        assert!(grows_with_it, "{what}");
    }
}

#[test]
fn a_file_larger_than_the_memory_is_read_to_its_end() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return skipped("a large file in little memory: there is no prlimit here");
    }
    let place = Place::new();
    let ran = |text: &[u8]| {
        place.repo.write("large", text);
        let mut call = Command::new("prlimit");
        call.args(["--as=250000000", env!("CARGO_BIN_EXE_getimg-keys")]);
        place.run_with(call, &place.repo.0, &["scan", "large", "--json"], b"")
    };
    // One line of zeros, with the key at its end.
    for filling in [b'x', 0] {
        let mut text = vec![filling; 256 << 20];
        text.extend(format!(" {}\n", key("dev")).into_bytes());
        let ran = ran(&text);
        let answer: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
        assert_eq!((ran.code, &answer["skipped"]), (Some(8), &json!([])), "{filling}");
        assert_eq!(answer["findings"][0]["state"], "current");
    }
}

#[test]
fn what_holds_more_keys_than_anybody_reads_is_named_and_hides_no_key_of_yours() {
    let place = Place::new();
    let flood = format!("getimg {}\n", key("unknown")).repeat(12_000);
    place.repo.write("flood", format!("{flood}{}\n", key("dev")));
    place.repo.git("add flood");
    for how in [&["scan"][..], &["scan", "--staged"]] {
        let ran = place.run(&[how, &["--json"]].concat());
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, answer["findings"].as_array().unwrap().len()), (Some(8), 10_001));
        assert_eq!(answer["findings"][0]["state"], "current", "{how:?}");
        assert_eq!(answer["skipped"].as_array().unwrap().len(), 1, "{how:?}: {}", answer["skipped"]);
        assert_eq!(answer["skipped"][0]["why"], "over-budget", "{how:?}");
    }
    place.repo.git("commit -qm flood");
    let (code, answer) = place.json(&["scan", "--history"]);
    assert_eq!((code, answer["findings"].as_array().unwrap().len()), (Some(8), 2), "one for each key");
}
