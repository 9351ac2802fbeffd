//! What no file may contain: keys, hosts of registries, paths of one machine; and how long files and functions may be.

/// The most lines that a Rust file may have.
pub(crate) const LINES: usize = 300;

/// The most lines that a function may have, from the one with its name to its last brace.
const FUNCTION: usize = 50;

/// Names that do not say what a file contains.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "types", "misc"];

/// Hosts that a build or a test reaches only if the machine's own configuration says so; in pieces, so that this file
/// does not name them.
const REGISTRIES: &[[&str; 2]] = &[
    ["index.crates", ".io"],
    ["static.crates", ".io"],
    ["pypi", ".org"],
    ["pythonhosted", ".org"],
    ["registry.npmjs", ".org"],
    ["deb.debian", ".org"],
    ["proxy.golang", ".org"],
];

/// Beginnings of absolute paths that exist on one machine only, in pieces for the same reason.
const MACHINE_PATHS: &[[&str; 2]] =
    &[["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["/wo", "rk/"], [r"C:\Us", r"ers\"]];

/// A file with too many lines, or with a name that does not say what it contains.
pub(crate) fn shape(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let empty = path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part))
        .find(|stem| EMPTY_NAMES.contains(stem));
    match empty {
        Some(name) => Some(format!("{path}: `{name}` does not say what it holds")),
        None if lines > LINES => Some(format!("{path}: {lines} lines")),
        None => None,
    }
}

/// The functions with too many lines. rustfmt puts a function's last brace below the first character of its head.
pub(crate) fn long_functions(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let long = |(at, line): (usize, &&str)| {
        let head = line.trim_start();
        let (_, name) = head.split_once("fn ").filter(|(before, _)| before.split(' ').all(is_modifier))?;
        // One without a body, or with a body on the same line.
        if line.ends_with([';', '}']) {
            return None;
        }
        let margin = &line[..line.len() - head.len()];
        let is_last = |line: &&str| {
            let rest = line.strip_prefix(margin).unwrap_or_default();
            rest == "}" || rest.starts_with(')') && rest.ends_with(';')
        };
        let length = lines[at + 1..].iter().position(is_last)? + 2;
        let name = name.split(['(', '<']).next()?;
        (length > FUNCTION).then(|| format!("{path}: {name} has {length} lines"))
    };
    lines.iter().enumerate().filter_map(long).collect()
}

/// Whether a word may stand before `fn`.
fn is_modifier(word: &str) -> bool {
    word.is_empty()
        || word.starts_with("pub")
        || word.ends_with(')')
        || ["const", "async", "unsafe", "extern"].contains(&word)
}

/// Code that panics instead of returning an error.
pub(crate) fn gives_up(path: &str, code: &str) -> Vec<String> {
    let found = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("].into_iter();
    found.filter(|what| code.contains(what)).map(|what| format!("{path}: {what}")).collect()
}

/// Where a text has the shape of a key: `sk_` and 24 letters or digits, `key-` and 60.
pub(crate) fn keys(path: &str, text: &str) -> Vec<String> {
    let long_enough =
        |rest: &str, least| rest.chars().take_while(char::is_ascii_alphanumeric).count() >= least;
    [("sk_", 24), ("key-", 60)]
        .into_iter()
        .flat_map(|(prefix, least)| text.match_indices(prefix).map(move |(at, _)| (at, prefix, least)))
        .filter(|(at, prefix, least)| long_enough(&text[at + prefix.len()..], *least))
        .map(|(at, prefix, _)| format!("{path}:{}: {prefix}…", line(text, at)))
        .collect()
}

/// Where a text names a registry's host or a path of one machine.
pub(crate) fn places(path: &str, text: &str) -> Vec<String> {
    let starts = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || "~.)}$>-_".contains(c));
    let registries = REGISTRIES.iter().map(|pieces| (pieces.concat(), true));
    let machine = MACHINE_PATHS.iter().map(|pieces| (pieces.concat(), false));
    registries
        .chain(machine)
        .flat_map(|(what, anywhere)| {
            let found = text.match_indices(&what).map(|(at, _)| at).filter(|at| anywhere || starts(*at));
            found.map(|at| format!("{path}:{}: {what}", line(text, at))).collect::<Vec<_>>()
        })
        .collect()
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}
