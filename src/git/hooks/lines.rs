//! Our lines in a hook, between two marks by which they are found again.

use std::path::Path;

const TEMPLATE: &str = include_str!("../pre-commit.sh");
const BEGIN: &[u8] = b" >>> getimg-keys guard";
const END: &[u8] = b" <<< getimg-keys guard";
/// The start of a comment, in shells and in the languages of hooks.
const COMMENTS: [&[u8]; 2] = [b"#", b"//"];
/// The text that identifies a hook of an earlier version: all of it was ours.
const EARLIER: &str = "# Written by `getimg-keys guard install`";
const SHEBANG: &[u8] = b"#!/bin/sh\n";
/// The shells that understand our lines.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// Our lines for a hook, which find the program on the PATH, or else at its present path.
pub(super) fn of(program: &Path, name: &str, chain: bool) -> Vec<u8> {
    let quoted = program.as_os_str().as_encoded_bytes().split(|b| *b == b'\'');
    let quoted = quoted.collect::<Vec<_>>().join(&br"'\''"[..]);
    let (before, after) = TEMPLATE.split_once("PROGRAM").unwrap_or((TEMPLATE, ""));
    let (after, chained) = after.split_once("# CHAIN\n").unwrap_or((after, ""));
    let end = [COMMENTS[0], END, b"\n"].concat();
    let chained = if chain { chained.replace("HOOK", name) } else { String::new() };
    [before.as_bytes(), b"'", &quoted, b"'", after.as_bytes(), chained.as_bytes(), &end].concat()
}

/// A hook with only our lines.
pub(super) fn script(lines: &[u8]) -> Vec<u8> {
    [SHEBANG, lines].concat()
}

/// Whether a hook contains them.
pub(super) fn are_in(text: &[u8]) -> bool {
    without(text).is_some()
}

/// Whether a hook is a script for a shell that understands them.
pub(super) fn can_be_in(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let Some(shebang) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else {
        return !text.contains('\0');
    };
    let mut words = shebang.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    match words.next() {
        Some("env") => words.find(|word| !word.starts_with('-')).is_some_and(|word| SHELLS.contains(&word)),
        Some(shell) => SHELLS.contains(&shell) && !text.contains("\r\n"),
        None => false,
    }
}

/// Whether a hook begins with these lines, after at most the line that names its shell.
pub(super) fn begin_it(text: &[u8], lines: &[u8]) -> bool {
    let first = match text.starts_with(b"#!") {
        true => text.iter().position(|b| *b == b'\n').map_or(text.len(), |end| end + 1),
        false => 0,
    };
    names_a_shell(&text[..first]) && text[first..].starts_with(lines)
}

/// Whether the line names a shell by its system path: a program in the repository could do anything.
fn names_a_shell(shebang: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(shebang) else { return false };
    let words: Vec<_> = line.trim_end().strip_prefix("#!").unwrap_or_default().split_whitespace().collect();
    let of_the_system = |word: &str| {
        ["/bin/", "/usr/bin/", "/usr/local/bin/"]
            .iter()
            .any(|folder| word.strip_prefix(folder).is_some_and(|shell| SHELLS.contains(&shell)))
    };
    match words.as_slice() {
        [] => true,
        ["/usr/bin/env", shell] => SHELLS.contains(shell),
        [shell] => of_the_system(shell),
        _ => false,
    }
}

/// A hook with our lines, where they already are or else before everything that it does.
pub(super) fn within(text: &[u8], lines: &[u8]) -> Vec<u8> {
    if let Some((before, after)) = around(text) {
        return [before, lines, after].concat();
    }
    if is_earlier(text) {
        return script(lines);
    }
    let first = match text.starts_with(b"#!") {
        true => text.iter().position(|b| *b == b'\n').map_or(text.len(), |end| end + 1),
        false => 0,
    };
    let gap: &[u8] = if first > 0 && text[first - 1] != b'\n' { b"\n" } else { b"" };
    [&text[..first], gap, lines, &text[first..]].concat()
}

/// A hook without our lines; `None` if it has none.
pub(super) fn without(text: &[u8]) -> Option<Vec<u8>> {
    if let Some((before, after)) = around(text) {
        return Some([before, after].concat());
    }
    is_earlier(text).then(Vec::new)
}

/// Whether a hook without them does nothing.
pub(super) fn is_empty(rest: &[u8]) -> bool {
    rest.is_empty() || rest == SHEBANG
}

fn is_earlier(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains(EARLIER)
}

fn around(text: &[u8]) -> Option<(&[u8], &[u8])> {
    COMMENTS.iter().find_map(|comment| between(text, &[comment, BEGIN].concat(), &[comment, END].concat()))
}

fn between<'a>(text: &'a [u8], begin: &[u8], end: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let line = |mark: &[u8], from: usize| {
        let rest = text.get(from..)?;
        let found = rest.windows(mark.len()).position(|window| window == mark)? + from;
        (found == 0 || text[found - 1] == b'\n').then_some(found)
    };
    let begin = line(begin, 0)?;
    let end = line(end, begin)?;
    let end = text[end..].iter().position(|b| *b == b'\n').map_or(text.len(), |length| end + length + 1);
    Some((&text[..begin], &text[end..]))
}
