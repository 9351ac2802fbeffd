//! What goes wrong, what happens then, and the test that proves it. `docs/reliability.md` is written from this.

mod machine;
mod secrets_and_network;
mod terminal_shell;
mod vault;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use machine::{FILES, KEYCHAIN};
use secrets_and_network::{NETWORK, SECRETS};
use terminal_shell::TERMINAL_SHELL;
use vault::VAULT;

use crate::architecture::source::rust;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reliability.md");
const HEAD: &str = "# What goes wrong, and what happens then\n\n\
    Each fault is made for real: a keychain is stopped, a disk fails, a process is killed, a server lies. A test writes\n\
    these tables, and checks that every test they name exists. `tries` is the number that the test itself counts; where\n\
    it is empty, each case is tried once per run. The ids are those of the catalogue in `tests/reliability.rs`; the test\n\
    fails if one of them has no row.\n";
/// What `tests/soak/run --write` has written.
const SOAKED: &str = include_str!("soak/found.md");
const NOT_PROVEN: &str = "\n\
    - `tests/soak/keychain`, with gnome-keyring 42 on Debian 12 and two cores: one process after the other read 20,000\n  \
    times, two at once read 40,000 times, and 2,000 keys were written and deleted. No call failed, and the daemon was\n  \
    the same process at the end. One case is left: a client that is killed during a call; see\n  \
    [the decision](decisions/secret-service.md).\n\
    - `tests/providers/run`: the main job, and each state of the keychain with its message and exit code, with\n  \
    gnome-keyring 42, KeePassXC 2.7.4 and KWallet 5.103; see [stores](stores.md#which-store).\n\
    \n## Not proven by this table\n\n\
    - J1, that every dependency is locked and has an allowed licence and source: no test of this table checks it.\n  \
    `tests/run` asks `cargo deny`, where that is installed.\n\
    - J2, that two builds in two folders have the same bytes: `tests/reproducible` checks it, and takes too long for\n  \
    `tests/run`; see [releases](release.md).\n\
    - Anything on macOS and Windows: see [platforms](platforms.md).\n";

/// The faults of the catalogue that a row answers.
type Ids = &'static [&'static str];
/// Those faults, what goes wrong, what happens, the tests, and how many tries they count, if they do.
type Row = (Ids, &'static str, &'static str, &'static [&'static str], Option<usize>);

/// The catalogue of faults: its parts, and how many faults each has.
///
/// A secrets, B the way to the API, C its answers, D what is typed and pasted, E files, F the keychain, G the terminal,
/// H the programs that are started, I repositories and environments, J dependencies and builds.
const CATALOGUE: &[(char, usize)] =
    &[('A', 11), ('B', 9), ('C', 10), ('D', 5), ('E', 14), ('F', 6), ('G', 4), ('H', 6), ('I', 4), ('J', 2)];
/// The faults without a row; the document lists them under "Not proven by this table".
const OPEN: &[&str] = &["J1", "J2"];

/// The table, part by part.
const PARTS: &[(&str, &[Row])] = &[
    ("Secrets", SECRETS),
    ("The network", NETWORK),
    ("Files", FILES),
    ("The keychain", KEYCHAIN),
    ("A shared vault", VAULT),
    ("The terminal and the shell", TERMINAL_SHELL),
];

#[test]
fn every_fault_has_a_test_that_is_there_and_the_document_says_so() {
    let tests = tests_that_are_there();
    let named = PARTS.iter().flat_map(|(_, rows)| rows.iter()).flat_map(|(_, _, _, tests, _)| tests.iter());
    let missing: Vec<_> = named.filter(|name| !tests.contains(**name)).collect();
    assert_eq!(missing, [&""; 0]);
    let answered = PARTS.iter().flat_map(|(_, rows)| rows.iter()).flat_map(|(ids, ..)| ids.iter().copied());
    let answered: BTreeSet<_> = answered.map(str::to_owned).collect();
    let catalogue =
        CATALOGUE.iter().flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n}")));
    let catalogue: BTreeSet<_> = catalogue.filter(|id| !OPEN.contains(&id.as_str())).collect();
    assert_eq!(answered, catalogue);

    let text = document();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(DOCUMENT, &text).unwrap();
    }
    assert!(fs::read_to_string(DOCUMENT).unwrap_or_default() == text, "UPDATE=1 cargo test reliability");
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    for (title, rows) in PARTS {
        let _ = write!(
            text,
            "\n## {title}\n\n| id | fault | what happens | proven by | tries |\n|---|---|---|---|---|\n"
        );
        for (ids, fault, answer, tests, tries) in *rows {
            let tests: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
            let tries = tries.map_or_else(String::new, |tries| tries.to_string());
            let _ =
                writeln!(text, "| {} | {fault} | {answer} | {} | {tries} |", ids.join(" "), tests.join(", "));
        }
    }
    text + "\n## Tried apart from the tests\n\nFor long, by `tests/soak/run`:\n\n" + SOAKED + NOT_PROVEN
}

/// The names of all functions that are tests.
fn tests_that_are_there() -> BTreeSet<String> {
    let files = ["tests", "src"].into_iter().flat_map(rust);
    files.flat_map(|file| tests_in(&file.text)).collect()
}

fn tests_in(source: &str) -> Vec<String> {
    let after = source.split("#[test]").skip(1);
    let name = |rest: &str| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned());
    let plain = after.filter_map(name);
    let by_proptest = source.split("proptest! {").skip(1).flat_map(|part| part.split("fn ").skip(1));
    plain.chain(by_proptest.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned()))).collect()
}
