//! Settings of the user or of a pin that cannot be read: a command that needs them changes nothing before it says so.

use std::fs;

use crate::support::{Home, Key};

const CHANGES: [&[&str]; 12] = [
    &["add", "new", "--no-verify"],
    &["rotate", "dev", "--no-verify"],
    &["compromised", "dev"],
    &["note", "dev", "some words"],
    &["protect", "dev"],
    &["unprotect", "prod"],
    &["rename", "dev", "stage"],
    &["remove", "dev"],
    &["remove", "prod", "--yes"],
    &["use", "prod", "--yes"],
    &["use", "dev", "--here"],
    &["import", ".env", "--no-verify", "--yes"],
];

fn nothing_is_changed_below(home: &Home, wrong: &str) {
    let new = Key::v2();
    fs::write(home.work().join(".env"), format!("GETIMG_API_KEY_OTHER={}\n", Key::v2().0)).unwrap();
    let before = (home.profiles_file(), fs::read(home.path().join("log.jsonl")).unwrap());
    for change in CHANGES {
        let output = home.run(change, &new.0);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{change:?}: {}", output.stderr);
        assert!(
            output.stderr.contains(wrong) && output.stderr.contains("hint: $EDITOR "),
            "{}",
            output.stderr
        );
        assert_eq!(output.stderr.lines().count(), 3, "{change:?}: {}", output.stderr);
        let now = (home.profiles_file(), fs::read(home.path().join("log.jsonl")).unwrap());
        assert!(now == before, "{change:?}: {}", output.stderr);
    }
    assert_eq!(home.session.lookup(&home.service(), "new"), "");
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn an_unknown_key_in_the_configuration_is_said_before_anything_is_changed() {
    let home = Home::with_dev_and_prod();
    fs::write(home.path().join("config.toml"), "[policy]\nmax_age = 3\n").unwrap();
    nothing_is_changed_below(&home, "line 2: unknown key `max_age`; did you mean `max_age_days`?");
}

#[test]
fn a_malformed_pin_is_said_before_anything_is_changed() {
    let home = Home::with_dev_and_prod();
    fs::write(home.work().join(".getimg-keys.toml"), "profile = 3\n").unwrap();
    nothing_is_changed_below(&home, ".getimg-keys.toml, line 1: ");
}

#[test]
fn a_key_that_stands_where_a_name_is_expected_is_not_repeated() {
    let home = Home::with_dev_and_prod();
    let (current, legacy) = (Key::v2(), Key::v1());
    for key in [&current.0, legacy.0.strip_prefix("key-").unwrap()] {
        for text in
            [format!("{key} = 1"), format!("[{key}]\n"), format!("[api]\n{key} = 1"), format!("{key}\n")]
        {
            for file in [home.path().join("config.toml"), home.work().join(".getimg-keys.toml")] {
                fs::write(&file, &text).unwrap();
                for command in ["check", "status", "list", "doctor", "allow", "store status"] {
                    for json in [&["--json"][..], &[]] {
                        let output = home.run(&[&command.split(' ').collect::<Vec<_>>(), json].concat(), "");
                        let said = output.stdout + &output.stderr;
                        assert!(!said.contains(&key[8..20]), "{command} with {text:?}: {said}");
                    }
                }
                fs::remove_file(&file).unwrap();
            }
        }
    }
}
