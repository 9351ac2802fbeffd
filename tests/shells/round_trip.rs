//! Every value passes through every shell unchanged.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use getimg_keys::shell::{Change, Shell, VariableName};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use super::{OTHERS, POSIX, RealShell, present};

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=";

/// Values, each for a variable of its own.
struct Values(Vec<(VariableName, String)>);

impl Values {
    fn of(values: impl IntoIterator<Item = String>) -> Self {
        let named = values.into_iter().enumerate();
        Self(named.map(|(n, value)| (format!("V{n}").parse().unwrap(), value)).collect())
    }

    fn changes(&self) -> Vec<Change<'_>> {
        self.0.iter().map(|(name, value)| Change::Set { name, value }).collect()
    }

    /// Those that a shell can represent.
    fn carried_by(self, shell: Shell) -> Self {
        let carried =
            |name: &VariableName, value: &str| shell.dialect().apply(&[Change::Set { name, value }]);
        Self(self.0.into_iter().filter(|(name, value)| carried(name, value).is_ok()).collect())
    }

    /// The first value that was changed.
    fn mangled(&self, seen: &BTreeMap<String, String>) -> Option<String> {
        self.0.iter().find_map(|(name, value)| {
            let seen = seen.get(name.as_str());
            (seen != Some(value)).then(|| format!("{value:?} came back as {seen:?}"))
        })
    }
}

/// The environment of a program that a shell starts after it evaluated a text by that line.
fn environment(real: &RealShell, folder: &Path, text: &str, line: &str) -> BTreeMap<String, String> {
    fs::write(folder.join("changes"), text).unwrap();
    // PowerShell requires this ending.
    let script = folder.join("script.ps1");
    fs::write(&script, format!("{line}\nenv -0\n")).unwrap();
    let output = real.command().arg(&script).current_dir(folder).env("BEFORE", "set").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{} {line}", real.program);
    let variables = String::from_utf8(output.stdout).unwrap();
    let pairs = variables.split('\0').filter_map(|variable| variable.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A folder in which every value, as a word of the text, is also the name of a file.
fn hostile_folder(values: &Values) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let names = ["*", "?", "[a]", "export", ";", "-n", "~", "~root", "=ls", "V0=", "V0=\\~;", "V0=~;"];
    let words = values.0.iter().map(|(name, value)| format!("{name}={value};"));
    for word in names.into_iter().map(str::to_owned).chain(words).filter(|word| !word.contains('/')) {
        fs::write(folder.path().join(word), "").unwrap();
    }
    folder
}

/// Panics unless each of these keys passes through an unquoted `eval` unchanged.
fn survive_unquoted(real: &RealShell, keys: Values) -> Result<(), TestCaseError> {
    let folder = hostile_folder(&keys);
    let text = real.shell.dialect().apply(&keys.changes()).unwrap();
    assert_eq!(text.lines().count(), 1);
    let line = real.shell.how_to_load("cat changes");
    let seen = environment(real, folder.path(), &text, &line);
    prop_assert_eq!(keys.mangled(&seen), None, "{} {:?}", real.program, real.arguments);
    Ok(())
}

fn survive(real: &RealShell, values: Values, line: &str) -> Result<(), TestCaseError> {
    let (offered, values) = (values.0.len(), values.carried_by(real.shell));
    prop_assert!(values.0.len() == offered || real.shell == Shell::Tcsh);
    let folder = tempfile::tempdir().unwrap();
    let text = real.shell.dialect().apply(&values.changes()).unwrap();
    let seen = environment(real, folder.path(), &text, line);
    prop_assert_eq!(values.mangled(&seen), None, "{} {:?}", real.program, real.arguments);
    Ok(())
}

fn check<T: std::fmt::Debug>(
    values: impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let config = Config { cases: 12, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config).run(&values, test).unwrap();
}

fn keys() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[A-Za-z0-9._~+/=-]{1,40}", 1..60)
}

/// Printable characters of all kinds, more of those that mean something to shells, and newlines.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let character = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => prop::sample::select("\n'\"\\`$!~=%^&|<>(){}[]*?#;:, ’‘‚‛“”„".chars().collect::<Vec<_>>()),
        1 => prop::sample::select(vec!['\u{f600}', '\u{f6ff}', '\u{fdd0}', '\u{feff}', '\u{1f511}']),
        1 => any::<char>().prop_filter("printable", |c| !c.is_control()),
    ];
    prop::collection::vec(prop::collection::vec(character, 0..30).prop_map(String::from_iter), 1..60)
}

#[test]
fn every_character_of_a_key_survives_an_eval_without_quotes_at_every_place() {
    let ends =
        ALPHABET.chars().flat_map(|c| [format!("{c}"), format!("{c}a"), format!("a{c}"), format!("a{c}b")]);
    let words = ["~root", "~/x", "~+", "~-", "a=~root", "=ls", "==", "=~", "a/~/b", "../..", "x~=", "+~/a=="];
    let all: Vec<String> = ends.chain(words.map(str::to_owned)).collect();
    for real in present(POSIX) {
        survive_unquoted(real, Values::of(all.iter().cloned())).unwrap();
    }
}

#[test]
fn every_key_survives_an_eval_without_quotes_beside_files_of_its_name() {
    for real in present(POSIX) {
        check(keys(), |keys| survive_unquoted(real, Values::of(keys)));
    }
}

#[test]
fn every_text_survives_a_quoted_eval() {
    for real in present(POSIX) {
        check(texts(), |texts| survive(real, Values::of(texts), "eval \"$(cat changes)\""));
    }
}

#[test]
fn every_key_and_text_survives_the_other_shells() {
    for real in present(OTHERS) {
        let line = real.shell.how_to_load("cat changes");
        check((keys(), texts()), |(keys, texts)| {
            survive(real, Values::of(keys.into_iter().chain(texts)), &line)
        });
    }
}

#[test]
fn what_is_unset_is_gone_and_what_is_empty_is_there() {
    let names = ["EMPTY", "BEFORE", "NEVER"].map(|name| name.parse::<VariableName>().unwrap());
    let [empty, before, never] = &names;
    let changes = [
        Change::Set { name: empty, value: "" },
        Change::Unset { name: before },
        Change::Unset { name: never },
    ];
    for real in present(POSIX).chain(present(OTHERS)) {
        let folder = tempfile::tempdir().unwrap();
        let text = real.shell.dialect().apply(&changes).unwrap();
        let line = real.shell.how_to_load("cat changes");
        let seen = environment(real, folder.path(), &text, &line);
        let seen = ["EMPTY", "BEFORE", "NEVER"].map(|name| seen.get(name).map(String::as_str));
        assert_eq!(seen, [Some(""), None, None], "{} {:?}", real.program, real.arguments);
    }
}
