//! What the commands at every prompt cost, in instructions, which no other load changes.
//!
//! Callgrind counts them in the program that the tests run. Its dependencies are optimised there too, so that it takes
//! two to three times as many as the release and grows with it. Building the release only for this would take longer
//! than all other tests. The figures of the release are in `docs/performance.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::instructions::{can_be_counted, counted};
use crate::support::{Behaviour, Home, Key, home::finish, skipped};

/// The recorded figures; `UPDATE=1 cargo test instructions` writes them.
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/instructions.txt");
const HEAD: &str = "# Thousands of instructions of the program that the tests run, counted by tests/instructions.rs.\n\
                    # To write it again: UPDATE=1 cargo test instructions\n";
/// A larger increase is too much. Another libc or processor makes a few percent.
const PERCENT: u64 = 10;

type Figures = BTreeMap<String, u64>;

#[test]
fn no_hot_command_takes_a_tenth_more_instructions_than_recorded() {
    if !can_be_counted("the commands that run at every prompt") {
        return;
    }
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.add("dev");
    let mut found = Figures::new();
    for arguments in ["--version", "help", "current", "list", "env --quiet"] {
        found.insert(arguments.to_owned(), thousands(&home, arguments));
    }
    fill(&home.path().join("profiles.toml"), 1000);
    found.insert("list, 1000 profiles".to_owned(), thousands(&home, "list"));
    found.extend(from_unlocked_files());

    if std::env::var_os("UPDATE").is_some() {
        return fs::write(RECORD, format!("{HEAD}{}", text(&found))).unwrap();
    }
    let recorded = parse(&fs::read_to_string(RECORD).unwrap());
    assert_eq!(grown(&recorded, &found), [""; 0], "\nis now:\n{}", text(&found));
}

#[test]
fn growth_by_more_than_a_tenth_is_found_and_less_is_not() {
    let recorded = parse("# a comment\n1000 current\n2000 env --quiet\n");
    let found = |current, env| parse(&format!("{current} current\n{env} env --quiet"));
    assert_eq!(grown(&recorded, &found(1100, 900)), [""; 0]);
    assert_eq!(
        grown(&recorded, &found(1101, 2200)),
        ["current: 1101 thousand instructions, recorded are 1000"]
    );
    assert_eq!(grown(&recorded, &parse("7 list")), ["list: 7 thousand instructions, nothing is recorded"]);
}

/// What increased too much or has no record, one sentence each.
fn grown(recorded: &Figures, found: &Figures) -> Vec<String> {
    let of_one = |(name, now): (&String, &u64)| match recorded.get(name) {
        None => Some(format!("{name}: {now} thousand instructions, nothing is recorded")),
        Some(before) if now * 100 > before * (100 + PERCENT) => {
            Some(format!("{name}: {now} thousand instructions, recorded are {before}"))
        }
        Some(_) => None,
    };
    found.iter().filter_map(of_one).collect()
}

fn parse(text: &str) -> Figures {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(n, name)| (name.to_owned(), n.parse().unwrap()))
        .collect()
}

fn text(figures: &Figures) -> String {
    figures.iter().fold(String::new(), |mut text, (name, thousands)| {
        let _ = writeln!(text, "{thousands} {name}");
        text
    })
}

fn thousands(home: &Home, arguments: &str) -> u64 {
    let arguments: Vec<_> = arguments.split(' ').collect();
    let (count, code) = counted(home, &arguments);
    assert_eq!(code, 0, "{arguments:?}");
    count / 1000
}

/// Makes so many profiles from the only one.
fn fill(file: &Path, profiles: usize) {
    let text = fs::read_to_string(file).unwrap();
    let (head, rest) = text.split_once("[[profile]]").unwrap();
    let (profile, end) = rest.split_once("[end]").unwrap();
    let one = |n: usize| format!("[[profile]]{}", profile.replacen("\"dev\"", &format!("\"dev-{n}\""), 1));
    let all: String = (0..profiles).map(one).collect();
    let head = head.replace("\"dev\"", "\"dev-0\"");
    fs::write(file, format!("{head}{all}[end]{end}")).unwrap();
}

/// `env` while the kernel's keyring has what opens the encrypted files; nothing if that is not possible.
fn from_unlocked_files() -> Option<(String, u64)> {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let passphrase = home.work().join("passphrase");
    fs::write(&passphrase, "correct horse battery\n").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let asked = |arguments: &[&str], stdin: &str| {
        finish(home.command(arguments).env("GETIMG_KEYS_PASSPHRASE_FILE", &passphrase), stdin)
    };
    let added = asked(&["add", "dev", "--no-verify", "--store", "file"], &home.key("dev").0);
    assert_eq!(added.code, 0, "{added:?}");
    let unlocked = asked(&["unlock", "--for", "10m"], "");
    if unlocked.code != 0 {
        skipped(&format!("the instructions of env from unlocked files: {}", unlocked.stderr));
        return None;
    }
    let count = thousands(&home, "env --quiet");
    home.run(&["lock"], "");
    Some(("env --quiet, unlocked files".to_owned(), count))
}
