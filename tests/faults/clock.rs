//! A clock that went backwards, is far ahead, or passes the change to summer time (`faketime`).

use crate::support::{self, Behaviour, Home, Key, home::finish};

/// Runs the program at a local time in Berlin; its output and exit code.
fn at(home: &Home, time: &str, arguments: &[&str]) -> (String, i32) {
    let mut faketime = home.program("faketime");
    faketime.args(["-f", &format!("@{time}"), env!("CARGO_BIN_EXE_getimg-keys")]).args(arguments);
    faketime.env("TZ", "Europe/Berlin").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let output = finish(&mut faketime, "");
    (output.stdout + &output.stderr, output.code)
}

/// Whether a word of it is a negative number.
fn is_negative(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || ":,[{(".contains(c));
    words
        .into_iter()
        .any(|word| word.strip_prefix('-').is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit())))
}

#[test]
fn whatever_the_clock_says_no_age_is_negative_and_nothing_fails() {
    if std::process::Command::new("faketime").arg("--version").output().is_err() {
        return support::skipped("the clock is set by faketime: apt-get install faketime");
    }
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    home.run(&["verify", "--all"], "");
    home.run(&["rotate", "dev", "--no-verify"], &home.key("ci").0);
    home.run(&["env", "dev"], "");
    let (told, code) = at(&home, "2000-01-01 00:00:00", &["doctor", "--offline"]);
    assert!(told.contains("it is behind the last change"), "{code} {told}");
    let clocks = [
        "1970-01-02 00:00:00",
        "2026-03-29 01:59:59",
        "2026-03-29 03:00:00",
        "2026-10-25 02:30:00",
        "2026-10-25 03:00:00",
        "2199-12-31 23:59:59",
    ];
    for clock in clocks {
        for command in ["list", "status", "check", "log"] {
            for arguments in [&[command][..], &[command, "--json"]] {
                let (told, code) = at(&home, clock, arguments);
                assert!(matches!(code, 0 | 6) && told.len() > 20, "{clock} {arguments:?}: {code} {told}");
                // Only the remaining time of an overdue key may be negative.
                let told = told.replace("\"rotate_in_days\":-", "");
                assert!(!is_negative(&told), "{clock} {arguments:?}: {told}");
            }
        }
    }
    let (told, code) = at(&home, "2000-01-01 00:00:00", &["log", "--since", "4294967295d"]);
    assert!(code == 0 && told.contains("in the future"), "{told}");
}
