//! Warnings about a key: on a terminal, once in twelve hours.

use std::fs;

use crate::faults::prompt::at_a_terminal;
use crate::support::Home;

fn lines(seen: &str) -> Vec<&str> {
    seen.lines().filter(|line| line.starts_with("warning")).collect()
}

#[test]
fn a_breach_is_said_once_and_again_when_the_clock_went_backwards_or_nothing_can_be_remembered() {
    let home = Home::with_dev_and_prod();
    let exec = |name| at_a_terminal(&home, "", &["exec", name, "--", "true"]);
    let dev = "warning: the key of `dev` was never verified: getimg-keys verify dev";
    assert_eq!(lines(&exec("dev")), [dev]);
    assert_eq!(lines(&exec("dev")), [""; 0]);
    let prod = "warning: the key of `prod` was never verified: getimg-keys verify prod";
    assert_eq!(lines(&exec("prod")), [prod]);

    let file = home.path().join("nudges.json");
    fs::write(&file, r#"{"dev unverified":"2999-01-01T00:00:00Z"}"#).unwrap();
    assert_eq!(lines(&exec("dev")), [dev]);
    assert_eq!(lines(&exec("dev")), [""; 0]);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    for _ in 0..2 {
        let seen = exec("dev");
        assert_eq!(lines(&seen), [dev]);
        assert!(seen.contains("-- ended by exit 0"), "{seen}");
    }
}

#[test]
fn without_a_terminal_or_with_quiet_or_json_nothing_is_said_nor_remembered() {
    let home = Home::with_dev_and_prod();
    assert_eq!(home.run(&["exec", "dev", "--", "true"], "").stderr, "");
    let quiet = at_a_terminal(&home, "", &["exec", "dev", "-q", "--", "true"]);
    assert_eq!(lines(&quiet), [""; 0]);
    assert!(!home.path().join("nudges.json").exists());
    assert_eq!(lines(&at_a_terminal(&home, "", &["exec", "dev", "--", "true"])).len(), 1);
    assert!(home.run(&["status"], "").stdout.contains("was never verified"));
}
