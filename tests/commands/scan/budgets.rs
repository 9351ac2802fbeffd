//! Input that expands to much more than its size: it is read completely and in limited memory.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};
use crate::support::skipped;

#[test]
fn a_small_pack_that_unfolds_to_a_gigabyte_is_read_in_little_memory() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !(has("prlimit") && has("python3")) {
        return skipped("a pack that unfolds to a gigabyte: there is no prlimit or no python3 here");
    }
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/scan/comb.py");
    let made = Command::new("python3").arg(script).arg(place.home.join("pack")).arg(key("dev")).status();
    assert!(made.unwrap().success());
    let pack = std::fs::File::open(place.home.join("pack")).unwrap();
    assert!(pack.metadata().unwrap().len() < 20_000);
    let mut index = Command::new("git");
    index.args(["index-pack", "--stdin"]).current_dir(&place.repo.0).stdin(pack).stdout(Stdio::null());
    assert!(index.status().unwrap().success());

    // All bases at once would need 480 MiB.
    let mut call = Command::new("prlimit");
    call.args(["--as=300000000", env!("CARGO_BIN_EXE_getimg-keys"), "scan", "--history", "--json"]);
    let ran = call.current_dir(&place.repo.0).env("GETIMG_KEYS_HOME", &place.home).output().unwrap();
    let answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((ran.status.code(), &answer["skipped"]), (Some(8), &json!([])));
    assert_eq!(findings(&answer, &["state"]), json!([["current"]]));
}

#[test]
fn a_text_that_would_take_too_long_is_named() {
    let place = Place::new();
    place.repo.write("flood", format!("{}\n", "sk_a1/".repeat(170)).repeat(900));
    let (code, answer) = place.json(&["scan"]);
    assert_eq!((code, &answer["skipped"][0]["why"]), (Some(5), &json!("over-budget")), "{answer}");
    assert_eq!(answer["skipped"].as_array().unwrap().len(), 1);
}
