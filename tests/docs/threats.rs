//! Every test that the threat model names exists.

use std::collections::BTreeSet;

use super::{read, root};
use crate::architecture::source::rust;

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let known = Known::of(&["tests", "src"]);
    assert_eq!(missing("`a_test_that_nobody_wrote`, `no::such_file`, `x/y.rs`", &known).len(), 3);
    assert_eq!(missing("`env`, `$PATH`, `attacks::doors`, `exec --mask`", &known), [""; 0]);

    let model = read(&root().join("docs/threat-model.md"));
    assert_eq!(missing(&model, &known), [""; 0]);
    assert!(model.matches("_").count() > 100, "it names tests at all");
}

/// Every function, and every module by its path.
struct Known {
    functions: BTreeSet<String>,
    modules: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Known {
    fn of(folders: &[&str]) -> Self {
        let mut known = Self { functions: BTreeSet::new(), modules: BTreeSet::new(), files: BTreeSet::new() };
        for file in folders.iter().flat_map(|folder| rust(folder)) {
            let (_, below) = file.path.split_once('/').unwrap_or_default();
            known.modules.insert(below.trim_end_matches(".rs").replace('/', "::"));
            known.files.insert(below.to_owned());
            let functions = file.text.lines().filter_map(|line| line.trim_start().strip_prefix("fn "));
            let names = functions.filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned());
            known.functions.extend(names);
        }
        known
    }

    fn has(&self, name: &str) -> bool {
        if let Some(file) = name.strip_suffix(".rs") {
            let file = file.trim_start_matches("tests/").trim_start_matches("src/");
            return self.files.contains(&format!("{file}.rs"));
        }
        let (module, last) = name.rsplit_once("::").unwrap_or(("", name));
        // A module of tests within a file, or a folder of tests, has no file of the same name.
        let is_module = |path: &str| {
            self.modules.iter().any(|known| known == path || known.starts_with(&format!("{path}::")))
        };
        is_module(name) || (module.is_empty() || is_module(module)) && self.functions.contains(last)
    }
}

/// The tests, modules and files in backticks that do not exist.
fn missing(text: &str, known: &Known) -> Vec<String> {
    let named = text.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| {
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:/.".contains(c))
            && (name.contains("::") || name.ends_with(".rs") || name.matches('_').count() > 2)
    };
    named.filter(is_name).filter(|name| !known.has(name)).map(str::to_owned).collect()
}
