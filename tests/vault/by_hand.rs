//! Entries that another program changed, and entries that are too large.

use serde_json::{Value, json};

use super::troubles::{refused, with_dev};
use crate::support::Key;
use crate::support::Team;
use crate::support::bao::ROOT;

#[test]
fn what_somebody_changed_by_hand_is_told_and_left() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team);
    let (entry, _) = team.entries().remove(0);
    let put = |path: &str, data: &Value| {
        team.bao.does("POST", path, &json!({ "data": data }));
    };
    let key = team.path("data", &format!("keys/{entry}"));
    let held = team.bao.ask("GET", &key, ROOT, None).1["data"]["data"].clone();
    for wrong in [
        json!({"key": Key::v2().0}),
        json!({"key": "no key"}),
        json!({"value": 1}),
        json!({"key": "x".repeat(2 << 20)}),
    ] {
        put(&key, &wrong);
        let output = home.run(&["env", "dev"], "");
        assert!(output.code == 6 || output.code == 7, "{output:?}");
        assert_eq!(output.stdout, "");
        assert!(
            output.stderr.contains("by hand") || output.stderr.contains("larger than"),
            "{}",
            output.stderr
        );
        let verified = home.run(&["verify", "dev", "--adopt"], "");
        assert!(verified.code == 6 || verified.code == 7, "{verified:?}");
    }
    put(&key, &held);
    assert_eq!(home.run(&["env", "dev"], "").code, 0);

    let path = team.path("data", "profiles");
    let whole = team.profiles();
    let changed = |change: fn(&mut Value)| {
        let mut profiles = whole.clone();
        change(&mut profiles);
        profiles
    };
    let table: [(Value, &str); 5] = [
        (
            changed(|profiles| profiles["schema_version"] = json!(2)),
            "were written by a newer getimg-keys (schema 2)",
        ),
        (
            changed(|profiles| profiles["profiles"][0]["pushy"] = json!(1)),
            "cannot be parsed: unknown field `pushy`",
        ),
        (changed(|profiles| profiles["profiles"] = json!("none")), "cannot be parsed"),
        (json!({}), "cannot be parsed: missing field"),
        (changed(|profiles| profiles["id"] = json!("another")), "holds other profiles"),
    ];
    for (profiles, words) in table {
        team.put_profiles(&profiles);
        refused(&home, &["env", "dev"], 7, words);
        refused(&home, &["note", "dev", "x"], 7, words);
        assert_eq!(team.profiles(), profiles, "it is left as it is");
        assert_eq!(home.run(&["list"], "").code, 0, "this machine's copy is whole");
    }
    assert_eq!(team.bao.ask("DELETE", &path, ROOT, None).0, 204);
    refused(&home, &["env", "dev"], 7, "were deleted by something else");
    assert_eq!(team.bao.ask("DELETE", &team.path("metadata", "profiles"), ROOT, None).0, 204);
    refused(&home, &["env", "dev"], 7, "is it another vault?");
    refused(&home, &["note", "dev", "x"], 7, "is it another vault?");
}

#[test]
fn more_profiles_than_an_engine_takes_strings_are_kept() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team);
    let mut profiles = team.profiles();
    let first = profiles["profiles"][0].clone();
    for number in 0..500 {
        let mut another = first.clone();
        another["name"] = json!(format!("p{number}"));
        another["key"]["fingerprint"] = json!(format!("{number:064x}"));
        profiles["profiles"].as_array_mut().unwrap().push(another);
    }
    team.put_profiles(&profiles);
    let noted = home.run(&["note", "dev", "one of many"], "");
    assert_eq!(noted.code, 0, "{}", noted.stderr);
    assert_eq!(team.profiles()["profiles"].as_array().unwrap().len(), 501);
    assert_eq!(home.run(&["env", "p7"], "").code, 3, "its key is not there");
}

#[test]
fn profiles_near_what_an_entry_takes_are_refused_before_anything_is_written() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team);
    let before = team.profiles();
    let mut profiles = before.clone();
    profiles["profiles"][0]["note"] = json!("y".repeat(950 << 10));
    team.put_profiles(&profiles);
    let output = home.run(&["note", "dev", "short"], "");
    assert_eq!(output.code, 0, "shorter is fine: {}", output.stderr);
    profiles["profiles"][0]["note"] = json!("y".repeat(990 << 10));
    team.put_profiles(&profiles);
    refused(&home, &["protect", "dev"], 7, "takes about a million in one entry; nothing was changed");
}
