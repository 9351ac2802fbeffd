//! The words of docs/glossary.md: what it retires stands in no message, help or document.

use std::fs;

use super::{documents, read, root};

/// The dialect of before, in lower case, with what is said instead.
const RETIRED: &[(&str, &str)] = &[
    ("is another one", "wrong passphrase"),
    ("ask no longer", "never prompt"),
    ("ask nothing", "never prompt"),
    ("took off", "removed"),
    ("fault of its own", "internal error, please report it"),
    ("is not expected here", "unknown option"),
    ("which command?", "no command given"),
    ("welcome back", "adding it again"),
    ("ends whatever is broken", "always exits"),
    ("old one is dead", "the old key was revoked"),
    ("old key is dead", "the old key was revoked"),
    ("is out of reach", "cannot be read"),
    ("it was taken back", "it was rolled back"),
    ("outranks it", "takes precedence"),
    ("answer to the same name", "have the same name"),
    ("asks for more work", "work factor"),
    ("can be no profile's name", "is not a valid profile name"),
    ("can be no variable", "is not a variable name"),
    ("there no more", "no longer exists"),
    ("taken all the same", "used anyway"),
];

/// The words that a text still uses, each with its line.
fn used(path: &str, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let lines = text.lines().enumerate();
    let found = |line: &str| RETIRED.iter().find(|(word, _)| line.contains(word)).copied();
    lines
        .filter_map(|(at, line)| {
            found(line).map(|(word, instead)| format!("{path}:{}: {word} → {instead}", at + 1))
        })
        .collect()
}

#[test]
fn no_retired_word_stands_in_the_program_or_in_a_document() {
    assert_eq!(used("x", "ok\nIt took off a sign"), ["x:2: took off → removed"]);
    let mut files: Vec<_> = documents();
    let sources = std::process::Command::new("git").args(["ls-files", "src"]).current_dir(root()).output();
    let sources = String::from_utf8(sources.unwrap().stdout).unwrap();
    files.extend(sources.lines().map(|path| root().join(path)).filter(|path| path.is_file()));
    // The glossary names them, the changelog tells of the past.
    files.retain(|path| !path.ends_with("glossary.md") && !path.ends_with("CHANGELOG.md"));
    assert!(files.len() > 100, "{}", files.len());
    let found: Vec<_> =
        files.iter().flat_map(|path| used(&path.display().to_string(), &read(path))).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_glossary_has_every_word_that_is_held() {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    for word in ["is another one", "took off", "welcome back", "has a fault of its own"] {
        assert!(glossary.contains(word), "{word}");
    }
}
