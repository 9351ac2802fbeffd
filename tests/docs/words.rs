//! The words of docs/glossary.md: no message, help or document has one that is not used.

use super::{between, read, root};
use crate::architecture::source::tracked;

/// The phrases in the table of words that are not used, each with what is said instead.
fn retired(glossary: &str) -> Vec<(&str, &str)> {
    let table = between(glossary, "| not this | but this |\n|---|---|\n", "\n\n");
    let rows = table.lines().filter_map(|row| row.trim_matches('|').split_once('|'));
    let phrases = |(not, but): (_, _)| {
        str::split(not, '`').skip(1).step_by(2).map(move |phrase| (phrase, str::trim(but)))
    };
    rows.flat_map(phrases).collect()
}

/// The words that a text still uses, each with its line.
fn used(retired: &[(&str, &str)], path: &str, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let found = |(at, line): (usize, &str)| {
        let (phrase, instead) = retired.iter().find(|(phrase, _)| line.contains(phrase))?;
        Some(format!("{path}:{}: {phrase} → {instead}", at + 1))
    };
    text.lines().enumerate().filter_map(found).collect()
}

#[test]
fn no_retired_word_stands_in_the_program_or_in_a_document() {
    let two = "| not this | but this |\n|---|---|\n| `a b`, `c` d (e) | f |\n| g | h |\n\n";
    assert_eq!(retired(two), [("a b", "f"), ("c", "f")]);
    assert_eq!(used(&[("took off", "removed")], "x", "ok\nIt took off a sign"), ["x:2: took off → removed"]);

    let glossary = read(&root().join("docs/glossary.md")) + "\n";
    let retired = retired(&glossary);
    assert!(retired.len() > 15, "{retired:?}");
    let is_spoken = |path: &str| path.starts_with("src/") || path.ends_with(".md");
    // The glossary names these words, and the changelog is about the past.
    let is_apart = |path: &str| path == "docs/glossary.md" || path == "CHANGELOG.md";
    let files = tracked().into_iter().filter(|file| is_spoken(&file.path) && !is_apart(&file.path));
    let found: Vec<_> = files.flat_map(|file| used(&retired, &file.path, &file.text)).collect();
    assert_eq!(found, [""; 0]);
}
