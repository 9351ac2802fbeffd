//! Every dependency is explained: in `Cargo.toml` by a sentence above it, in the document by a row of its table.

use toml::{Table, Value};

use super::{between, read, root};

#[test]
fn every_dependency_has_its_line_in_the_document_and_no_line_is_left_over() {
    let made_up = "[dependencies]\nb = '1'\n[target.'cfg(unix)'.dependencies]\na = { version = '1' }\nb = '1'\n\
                   [dev-dependencies]\nc = '1'\n";
    assert_eq!(shipped(made_up), ["a", "b"]);
    assert_eq!(listed("| crate | for |\n|---|---|\n| `a` | x |\n\n| `b` | y |"), ["a"]);

    let document = read(&root().join("docs/dependencies.md"));
    assert_eq!(listed(&document), shipped(&read(&root().join("Cargo.toml"))));
}

#[test]
fn every_dependency_has_a_sentence_above_it() {
    let made_up = "[dependencies]\n# What it is for.\na = '1'\nb = '1'\n\n[profile.dev]\nc = 1\n";
    assert_eq!(unexplained(made_up), ["b = '1'"]);
    assert_eq!(unexplained(&read(&root().join("Cargo.toml"))), [""; 0]);
}

/// The crates of a manifest that are in the program on any platform, sorted.
fn shipped(manifest: &str) -> Vec<String> {
    let manifest: Table = manifest.parse().unwrap_or_else(|e| panic!("Cargo.toml: {e}"));
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let parts = targets.filter_map(Value::as_table).chain([&manifest]).filter_map(|t| t.get("dependencies"));
    let mut names: Vec<_> =
        parts.filter_map(Value::as_table).flat_map(Table::keys).map(|name| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The crates in the document's table, in its order.
fn listed(document: &str) -> Vec<String> {
    let table =
        document.split("| crate |").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| between(row, "`", "`").to_owned()).collect()
}

/// The dependencies of a manifest without a comment in the line before.
fn unexplained(manifest: &str) -> Vec<&str> {
    let lines: Vec<&str> = manifest.lines().collect();
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') && !line.starts_with('#') && !lines[at - 1].starts_with('#') {
            found.push(*line);
        }
    }
    found
}
