//! Which files name each other in a circle.
//!
//! An arrow leads from a file to each file of which it names a module or an item. A name that is only re-exported (`pub
//! use`) leads to where it is defined. A file below a module may name that module: both are one thing in several files.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{File, rust};

type Path = Vec<String>;

/// The files, by the path of their module.
struct Tree {
    files: BTreeMap<Path, String>,
    /// The names that each module has for other paths.
    named: BTreeMap<Path, BTreeMap<String, Path>>,
}

type Arrows = BTreeMap<Path, BTreeSet<Path>>;

/// The shortest circle of each file that is in one: its files in the order in which they name each other.
fn among(files: &[File]) -> BTreeSet<Vec<String>> {
    let (tree, arrows) = drawn(files);
    arrows.keys().filter_map(|from| circle(from, &arrows)).map(|found| tree.shown(found)).collect()
}

/// The commands that name another command. What two share belongs in `flows`.
fn between_commands(files: &[File]) -> Vec<String> {
    let command = |path: &Path| (path.first()? == "commands").then(|| path.get(1).cloned())?;
    let (_, arrows) = drawn(files);
    let each = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let between = each.filter_map(|(from, to)| Some((from.join("/"), command(from)?, command(to)?)));
    between
        .filter(|(_, one, other)| one != other)
        .map(|(file, _, other)| format!("{file} → {other}"))
        .collect()
}

/// The files, and which one names which.
fn drawn(files: &[File]) -> (Tree, Arrows) {
    let codes: Vec<_> =
        files.iter().map(|file| (file, file.shipped())).filter(|(_, c)| !c.is_empty()).collect();
    let mut tree = Tree { files: BTreeMap::new(), named: BTreeMap::new() };
    for (file, _) in &codes {
        tree.files.insert(module(&file.path), file.path.clone());
    }
    for (file, code) in &codes {
        let own = module(&file.path);
        let used = code.match_indices("use ").flat_map(|(at, word)| expanded(&code[at + word.len()..]));
        let named = used.filter_map(|(path, name)| Some((name, tree.absolute(&own, &path)?))).collect();
        tree.named.insert(own, named);
    }
    let mut arrows = Arrows::new();
    for (file, code) in &codes {
        let own = module(&file.path);
        let used = roots(code).flat_map(expanded).filter_map(|(path, _)| tree.absolute(&own, &path));
        let to = used.filter_map(|path| tree.module_of(&path, 0)).filter(|to| !own.starts_with(to)).collect();
        arrows.insert(own, to);
    }
    (tree, arrows)
}

fn module(path: &str) -> Path {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inner.split('/').filter(|part| !["lib", "main"].contains(part)).map(str::to_owned).collect()
}

/// The shortest way from a file back to it.
fn circle(from: &Path, arrows: &Arrows) -> Option<Vec<Path>> {
    let mut ways = vec![vec![from.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for to in arrows.get(way.last()?).into_iter().flatten() {
                if to == from {
                    return Some(way);
                }
                if seen.insert(to.clone()) {
                    longer.push([&way[..], std::slice::from_ref(to)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

impl Tree {
    /// A circle that begins with its first file, so that each is reported once.
    fn shown(&self, mut circle: Vec<Path>) -> Vec<String> {
        let first = circle.iter().enumerate().min_by_key(|(_, module)| *module).map_or(0, |(at, _)| at);
        circle.rotate_left(first);
        circle.iter().filter_map(|module| self.files.get(module).cloned()).collect()
    }

    /// A path from the root of the crate; `None` if it is not in this crate.
    fn absolute(&self, own: &Path, path: &Path) -> Option<Path> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let (first, rest) = (path.first()?, path.get(1..)?);
        let below = [&own[..], std::slice::from_ref(first)].concat();
        let named = self.named.get(own).and_then(|named| named.get(first));
        match first.as_str() {
            "crate" | "getimg_keys" => Some(rest.to_vec()),
            "self" => Some([own, rest].concat()),
            "super" => Some([&own[..own.len().checked_sub(ups)?], &path[ups..]].concat()),
            _ if self.files.contains_key(&below) => Some([&below, rest].concat()),
            _ => named.map(|named| [&named[..], rest].concat()),
        }
    }

    /// The module that defines what a path names, however often it is re-exported.
    fn module_of(&self, path: &Path, depth: usize) -> Option<Path> {
        let length = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let module = path[..length].to_vec();
        let handed_on = path.get(length).and_then(|name| self.named.get(&module)?.get(name));
        match handed_on.filter(|_| depth < 8) {
            Some(real) => self.module_of(&[&real[..], &path[length + 1..]].concat(), depth + 1),
            None => Some(module),
        }
    }
}

/// Where a path begins (`a::…`), if it is not part of another path.
fn roots(code: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "_:#".contains(c);
    code.match_indices("::").filter_map(move |(at, _)| {
        let start = code[..at].rfind(|c| !is_part(c)).map_or(0, |before| before + 1);
        let first = &code[start..at];
        (!first.is_empty() && !first.contains(':')).then(|| &code[start..])
    })
}

/// The paths at the beginning of a text, each with the name that it gets: one, or each of a group.
fn expanded(text: &str) -> Vec<(Path, String)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_:#".contains(c))).unwrap_or(text.len());
    let mut path: Path =
        text[..end].split("::").map(|part| part.trim_start_matches("r#").to_owned()).collect();
    let rest = &text[end..];
    if path.last().is_some_and(String::is_empty) && rest.starts_with('{') {
        path.pop();
        return group(rest)
            .iter()
            .flat_map(|part| expanded(part))
            .map(|(below, name)| {
                let below = if below == ["self"] { Vec::new() } else { below };
                let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
                ([&path[..], &below].concat(), name)
            })
            .collect();
    }
    let name = rest.strip_prefix(" as ").and_then(|rest| rest.split([',', ';', '}']).next());
    let name = name.map(|name| name.trim().to_owned()).or_else(|| path.last().cloned());
    vec![(path, name.unwrap_or_default())]
}

/// The parts of a group in braces.
fn group(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            (_, 0) => break,
            ('{', 1) => {}
            (',', 1) => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let found = |files: &[(&str, &str)]| {
        let file =
            |(path, text): &(&str, &str)| File { path: format!("src/{path}"), text: (*text).to_owned() };
        among(&files.iter().map(file).collect::<Vec<_>>())
            .into_iter()
            .map(|circle| circle.join(" "))
            .collect::<Vec<_>>()
    };
    let three = [
        ("x/a.rs", "use super::b::B;"),
        ("x/b.rs", "use crate::{api::Api, x::{y, c::{self, C as D}}};"),
        ("x/c.rs", "use super::super::x; fn f() { x::a::g() }"),
    ];
    assert_eq!(found(&three), ["src/x/a.rs src/x/b.rs src/x/c.rs"]);
    let handed_on =
        [("x.rs", "mod a; mod b; pub use a::A;"), ("x/a.rs", "super::b::f()"), ("x/b.rs", "use super::A;")];
    assert_eq!(found(&handed_on), ["src/x/a.rs src/x/b.rs"]);
    let below = [
        ("x/mod.rs", "mod a; a::f(); trait T {}"),
        ("x/a.rs", "use super::T; use crate::y::Y;"),
        ("y.rs", ""),
    ];
    assert_eq!(found(&below), [""; 0]);

    assert_eq!(among(&rust("src")), BTreeSet::new());
}

#[test]
fn no_command_names_another() {
    let files = [
        ("commands/mod.rs", "pub mod add; pub mod log; pub struct Changed;"),
        ("commands/add.rs", "mod parts; use super::Changed; pub fn date() {}"),
        ("commands/add/parts.rs", "use super::date;"),
        ("commands/log.rs", "use super::{Changed, add}; fn f() { add::date() }"),
    ];
    let file = |(path, text): (&str, &str)| File { path: format!("src/{path}"), text: text.to_owned() };
    assert_eq!(between_commands(&files.map(file)), ["commands/log → add"]);

    assert_eq!(between_commands(&rust("src")), [""; 0]);
}
