//! Which folder a file belongs to, and which folders and parts of the outside it names.

use std::collections::BTreeSet;

/// Each folder with those it may use; any other is forbidden.
pub(crate) const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli", "system"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "api", "backend", "commands", "demo", "error", "flows", "git", "hint", "model", "output", "scan",
            "shell", "system",
        ],
    ),
    (
        "commands",
        &[
            "api", "backend", "broker", "demo", "error", "flows", "git", "hint", "model", "output", "push",
            "scan", "shell", "system",
        ],
    ),
    ("demo", &["broker", "error", "hint", "model", "system"]),
    (
        "flows",
        &[
            "api", "backend", "broker", "error", "git", "hint", "model", "output", "push", "scan", "shell",
            "system",
        ],
    ),
    ("output", &["error", "hint", "model", "system"]),
    ("broker", &["api", "model"]),
    ("api", &["error", "hint", "model", "system"]),
    ("backend", &["error", "hint", "model", "system"]),
    ("git", &["error", "hint", "model", "system"]),
    ("push", &["error", "hint", "model", "system"]),
    ("system", &["error", "hint", "model"]),
    ("scan", &["model"]),
    ("shell", &["model"]),
    ("error", &["hint"]),
    ("model", &["hint"]),
    ("hint", &[]),
];

/// Folders and files that know nothing of the outside.
pub(crate) const INDOORS: &[&str] = &[
    "src/hint",
    "src/model/",
    "src/scan/",
    "src/push/",
    "src/shell/",
    "src/api/answer.rs",
    "src/broker/chunks.rs",
    "src/broker/head.rs",
    "src/broker/limits.rs",
    "src/broker/model_of.rs",
    "src/broker/refusal.rs",
    "src/broker/scrub.rs",
    "src/broker/target.rs",
    "src/broker/token.rs",
];

/// The outside, as Rust spells it.
const OUTSIDE: &[&str] = &["std::fs", "std::env", "std::process", "std::net", "std::os", "std::thread"];
const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now", "Utc::now", "Local::now", "std::time::Instant"];

/// The folder of a file below `src`, or the file itself.
pub(crate) fn room(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split(['/', '.']).next().unwrap_or(inner)
}

/// The folders that a file names and may not.
pub(crate) fn forbidden(path: &str, code: &str) -> Vec<String> {
    let own = room(path);
    let Some((_, allowed)) = MAY_USE.iter().find(|(room, _)| *room == own) else {
        return vec![format!("{path}: `{own}` is no room of tests/architecture/arrows.rs")];
    };
    let used = used(path, code).into_iter().filter(|room| room != own && !allowed.contains(&room.as_str()));
    used.map(|room| format!("{path}: {own} → {room}")).collect()
}

fn used(path: &str, code: &str) -> BTreeSet<String> {
    let up = "super::".repeat(depth(path));
    let roots = ["crate::", "getimg_keys::", up.as_str()];
    roots
        .iter()
        .flat_map(|root| after(code, root))
        .map(|name| room(&name).to_owned())
        .filter(|name| MAY_USE.iter().any(|(room, _)| room == name))
        .collect()
}

/// How many `super` lead from a file to the root of the crate.
fn depth(path: &str) -> usize {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').count()
}

/// The names right after a prefix: one, or each of a group.
fn after(code: &str, prefix: &str) -> Vec<String> {
    code.match_indices(prefix)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
        .flat_map(|(at, _)| names(&code[at + prefix.len()..]))
        .collect()
}

fn names(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut depth = 1;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        parts.last_mut().into_iter().for_each(|part| part.push(c));
    }
    parts.iter().map(|part| name(part.trim_start_matches([',', ' ', '\n']))).collect()
}

fn name(text: &str) -> String {
    text.trim_start_matches("r#").chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What a file names of the outside although it should not know it.
pub(crate) fn outdoors(path: &str, code: &str) -> Vec<String> {
    if !INDOORS.iter().any(|indoors| path.starts_with(indoors)) {
        return Vec::new();
    }
    let modules = after(code, "std::").into_iter().map(|name| format!("std::{name}"));
    let modules = modules.filter(|module| OUTSIDE.contains(&module.as_str()));
    let clocks = CLOCKS.iter().filter(|clock| code.contains(**clock)).map(ToString::to_string);
    modules.chain(clocks).map(|found| format!("{path}: {found}")).collect()
}
