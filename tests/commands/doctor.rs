//! `doctor` on a machine where everything works, and on one where nothing does.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::bare_home::{Home, Ran, have_keychain, in_session};

fn outcomes(home: &Home) -> (i32, Vec<(String, String)>) {
    let Ran(code, out, _) = home.run(&["doctor", "--offline", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let word = |check: &serde_json::Value, member: &str| check[member].as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap();
    (code, checks.iter().map(|check| (word(check, "id"), word(check, "outcome"))).collect())
}

fn of(home: &Home, ids: &[&str]) -> Vec<String> {
    let (_, all) = outcomes(home);
    let find =
        |id: &&str| all.iter().find(|(found, _)| found == *id).map_or("none".to_owned(), |(_, o)| o.clone());
    ids.iter().map(find).collect()
}

#[test]
fn a_sound_home_passes() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    let (code, all) = outcomes(&home);
    assert_eq!(code, 0);
    let expected = [
        ("profiles", "pass"),
        ("configuration", "pass"),
        ("pin", "skip"),
        ("modes", "pass"),
        ("unfinished", "pass"),
        ("clock", "pass"),
        ("store", "pass"),
        ("keychain", "skip"),
        ("encrypted-files", "pass"),
        ("environment", "skip"),
        ("unlocked", "skip"),
        ("api", "skip"),
        ("certificates", "pass"),
        ("git-hook", "skip"),
        ("shell-hook", "skip"),
    ];
    let all: Vec<_> = all.iter().map(|(id, outcome)| (id.as_str(), outcome.as_str())).collect();
    assert_eq!(all, expected);
}

#[test]
fn a_lost_identity_is_found() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::remove_file(home.home().join("keys/identity")).unwrap();
    assert_eq!(outcomes(&home).0, 7);
    assert_eq!(of(&home, &["encrypted-files"]), ["fail"]);
}

#[test]
fn whatever_is_in_the_place_of_a_key_and_is_none_is_found_without_the_passphrase() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    assert_eq!(outcomes(&home).0, 0);
    let key = home.home().join("keys/dev.age");
    fs::remove_file(&key).unwrap();
    assert_eq!(
        (outcomes(&home).0, of(&home, &["encrypted-files", "entry"])),
        (3, vec!["pass".into(), "fail".into()])
    );
    mknodat(CWD, &key, FileType::Fifo, Mode::RWXU, 0).unwrap();
    assert_eq!((outcomes(&home).0, of(&home, &["encrypted-files"])), (7, vec!["fail".to_owned()]));
    let Ran(_, out, _) = home.run(&["doctor", "--offline"]);
    assert!(out.contains("dev.age: it is a named pipe"), "{out}");
    fs::remove_file(&key).unwrap();
    std::os::unix::fs::symlink("nowhere", &key).unwrap();
    assert_eq!((outcomes(&home).0, of(&home, &["encrypted-files"])), (7, vec!["fail".to_owned()]));
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    assert_eq!((outcomes(&home).0, of(&home, &["encrypted-files"])), (7, vec!["fail".to_owned()]));
}

#[test]
fn modes_that_let_others_in_are_found() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::set_permissions(home.home(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(of(&home, &["modes"]), ["warn"]);
}

#[test]
fn it_ends_with_everything_broken_at_once() {
    let home =
        Home::new().set("GETIMG_KEYS_PASSPHRASE_FILE", "/nowhere/at/all").set("SSL_CERT_FILE", "/nowhere");
    fs::create_dir(home.home()).unwrap();
    fs::write(home.home().join("profiles.toml"), "not a profiles file").unwrap();
    fs::write(home.home().join("config.toml"), "[polcy]\n").unwrap();
    fs::write(home.home().join("keys"), "not a folder").unwrap();
    fs::write(home.path(".getimg-keys.toml"), "profile = 3\n").unwrap();
    assert_eq!(outcomes(&home).0, 1);
    let ids = ["profiles", "configuration", "pin", "modes", "certificates"];
    assert_eq!(of(&home, &ids), ["fail", "fail", "fail", "warn", "warn"]);
    let Ran(_, out, err) = home.run(&["doctor", "--offline"]);
    assert!(out.contains("✗ configuration") && err.is_empty(), "{out}{err}");
    assert_eq!(fs::read_to_string(home.home().join("profiles.toml")).unwrap(), "not a profiles file");
}

#[test]
fn a_keychain_that_lost_a_key_or_is_locked_is_found() {
    if !have_keychain() {
        return;
    }
    let home = Home::new();
    let find = "python3 -c 'import json,sys; print([(c[\"id\"], c[\"outcome\"]) for c in json.load(sys.stdin)[\"checks\"]
        if c[\"id\"] in (\"store\", \"keychain\", \"entry\")])'";
    let out = in_session(
        &home,
        &format!(
            "echo $KEY_A | \"$K\" add dev --no-verify >/dev/null
             doctor() {{ \"$K\" doctor --offline --json > report || echo exit $?; {find} < report; }}
             doctor
             secret-tool clear username dev
             doctor
             gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets \\
                 --method org.freedesktop.Secret.Service.Lock \"['/org/freedesktop/secrets/collection/login']\" >/dev/null
             doctor"
        ),
    );
    let expected = "[('store', 'pass'), ('keychain', 'pass'), ('entry', 'pass')]\n\
                    exit 3\n[('store', 'pass'), ('keychain', 'pass'), ('entry', 'fail')]\n\
                    exit 7\n[('store', 'pass'), ('keychain', 'fail')]\n";
    assert_eq!(out, expected);
}

#[test]
fn what_is_damaged_is_found_without_opening_it() {
    for (file, id) in [("identity", "encrypted-files"), ("dev.age", "entry")] {
        let home = Home::new().with_passphrase();
        home.add("dev", 'a');
        assert_eq!(of(&home, &["encrypted-files", "entry"]), ["pass", "none"]);
        fs::write(home.home().join("keys").join(file), "age-encryption.org/v1\n-> X25").unwrap();
        assert_eq!(outcomes(&home).0, 7, "{file}");
        assert_eq!(of(&home, &[id]), ["fail"], "{file}");
    }
}
