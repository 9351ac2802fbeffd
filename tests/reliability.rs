//! What goes wrong, what happens then, and the test that proves it: `docs/reliability.md` is written from here.

mod machine;
mod secrets_and_network;
mod terminal_shell;
mod vault;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use machine::{FILES, KEYCHAIN};
use secrets_and_network::{NETWORK, SECRETS};
use terminal_shell::TERMINAL_SHELL;
use vault::VAULT;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reliability.md");
const HEAD: &str = "# What goes wrong, and what happens then\n\n\
    Each fault is made for real: a keychain that is stopped, a disk that fails, a process that is killed, a server \
    that lies.\nThe table is written by a test, which holds every name in it against the tests there are. A number \
    of tries is the one\nthat the test itself counts to; where there is none, each case is tried once in every run.\n\
    An id is the place of a fault in the catalogue that the program is held against; the test fails where one has \
    no row.\n";
/// What `tests/soak/run --write` has written.
const SOAKED: &str = include_str!("soak/found.md");
const NOT_PROVEN: &str = "\n\
    - `tests/soak/keychain`, gnome-keyring 42 on Debian 12 with two cores: 20,000 reads by one process after the other, \
    40,000 by two\n  at once, and 2,000 keys written and deleted. None failed, and the daemon was the same process at the \
    end. The one\n  case left is a client that is killed inside a call; see [the decision](decisions/secret-service.md).\n\
    - `tests/providers/run`: the main job, and each state of the keychain with its message and exit code, on \
    gnome-keyring 42,\n  KeePassXC 2.7.4 and KWallet 5.103; see [stores](stores.md#which-store).\n\
    \n## Not proven by this table\n\n\
    - J1, that every dependency is locked, and of a licence and a source that are wanted: `tests/run` asks \
    `cargo deny`\n  where it is installed, and no test of this table does.\n\
    - J2, that two builds in two folders give the same bytes: `tests/reproducible` does, and is too long for \
    `tests/run`;\n  see [releases](release.md).\n\
    - Anything on macOS and Windows: see [platforms](platforms.md).\n";

/// The places of the catalogue that a row answers.
type Ids = &'static [&'static str];
/// Those places, a fault, what happens, the tests, and how often they try where they count.
type Row = (Ids, &'static str, &'static str, &'static [&'static str], Option<usize>);

/// The catalogue of faults: its parts, and how many each has.
///
/// A secrets, B the way to the API, C its answers, D what is typed and pasted, E files, F the keychain, G the terminal,
/// H the programs that are started, I repositories and environments, J what the program is made of.
const CATALOGUE: &[(char, usize)] =
    &[('A', 11), ('B', 9), ('C', 10), ('D', 5), ('E', 14), ('F', 6), ('G', 4), ('H', 6), ('I', 4), ('J', 2)];
/// What has no row: said under "Not proven by this table".
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
    let mut names = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                names.extend(tests_in(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    names
}

fn tests_in(source: &str) -> Vec<String> {
    let after = source.split("#[test]").skip(1);
    let name = |rest: &str| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned());
    let plain = after.filter_map(name);
    let by_proptest = source.split("proptest! {").skip(1).flat_map(|part| part.split("fn ").skip(1));
    plain.chain(by_proptest.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned()))).collect()
}
