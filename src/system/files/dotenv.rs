//! A dotenv file: its assignments, with their lines.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::dotenv_text::{utf16, with_one_line_end};
use super::regular_file;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The most bytes a dotenv file may have.
const LARGEST: u64 = 1024 * 1024;

/// A variable that a dotenv file assigns.
#[derive(Debug)]
pub struct Assignment {
    /// Its name.
    pub variable: String,
    /// Its lines, counted from 0.
    pub lines: Range<usize>,
    /// Its value.
    pub value: Value,
}

/// A variable's value.
pub enum Value {
    /// A text, without its quotes.
    Text(Zeroizing<String>),
    /// A reference to another variable: it contains a `$`, which no key does.
    Reference,
    /// The line is not an assignment: quotes or spaces are out of place.
    Unreadable,
    /// It is inside quotes that begin in this line, counted from 0.
    Within(usize),
}

/// Reads a dotenv file.
///
/// # Errors
/// It does not exist, is not a file, is larger than 1 MiB or not UTF-8 (exit 2); it cannot be read (exit 1).
pub fn read(path: &Path) -> Result<Zeroizing<String>> {
    let name = path.display();
    let found = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    if found.is_dir() {
        return Err(Error::usage(format!("{name} is a folder; import reads one file"))
            .hint(Hint::run("import").path(&path.join(".env"))));
    }
    if !found.is_file() {
        return Err(Error::usage(format!("{name} is not a regular file; import reads no other"))
            .hint(Hint::run("add dev --stdin").note("for one key on standard input")));
    }
    let mut bytes =
        Zeroizing::new(Vec::with_capacity(usize::try_from(LARGEST.min(found.len())).unwrap_or(0) + 1));
    let file = regular_file::open(path).map_err(|e| unreadable(path, &e))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| unreadable(path, &e))?;
    if bytes.len() as u64 > LARGEST {
        return Err(
            Error::usage(format!("{name} is larger than 1 MiB; that is not a dotenv file")).hint(another())
        );
    }
    let text = match utf16(&bytes) {
        Some(text) => text.ok_or_else(|| {
            Error::usage(format!("{name} is cut short: it is not complete UTF-16")).hint(another())
        })?,
        None => Zeroizing::new(std::str::from_utf8(&bytes).map(str::to_owned).map_err(|e| {
            Error::usage(format!("{name} is not text: byte {} is not valid UTF-8", e.valid_up_to() + 1))
                .hint(another())
        })?),
    };
    // Otherwise no name would be found in it, and nothing would be reported.
    if text.contains('\0') {
        let what = format!("{name} holds zeros: it is UTF-16 without a byte order mark, UTF-32, or no text");
        return Err(Error::usage(what).hint(another()));
    }
    Ok(text)
}

/// The lines, counted from 1, that contain a wanted name but no assignment that could be read.
pub fn unread_lines(text: &str, has_name: impl Fn(&str) -> bool) -> Vec<usize> {
    let text = with_one_line_end(text);
    let named = text.lines().enumerate().filter(|(_, line)| !is_idle(line) && has_name(line));
    named.map(|(at, _)| at + 1).collect()
}

/// The lines, counted from 1, that contain a wanted name and assign to nothing that is a variable's name, as an item of a
/// list does. One that refers to a variable has no key.
pub fn odd_lines(text: &str, has_name: impl Fn(&str) -> bool) -> Vec<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let odd = assignments(text, |name| name.is_empty() || !name.chars().all(is_part));
    let text = with_one_line_end(text);
    let lines: Vec<&str> = text.lines().collect();
    let line = |at: &usize| lines.get(*at).is_some_and(|line| !line.contains('$') && has_name(line));
    odd.iter().map(|odd| odd.lines.start).filter(line).map(|at| at + 1).collect()
}

/// The assignments to the wanted variables, in their order.
///
/// Also finds what a parser would skip: a wanted variable in a line that is not an assignment, or inside
/// another one's quotes.
pub fn assignments(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Assignment> {
    let text = with_one_line_end(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let given = Rc::new(Cell::new(0));
    let mut parser = dotenvy::from_read_iter(LineByLine::new(&text, given.clone()));
    let mut found = Vec::new();
    loop {
        let skipped = lines[given.get()..].iter().take_while(|line| is_idle(line)).count();
        let begin = given.get() + skipped;
        let Some(parsed) = parser.next() else { break };
        let span = begin..given.get().max(begin);
        let (name, value) = match parsed {
            Ok((name, value)) => (name, Some(Zeroizing::new(value))),
            Err(_) => {
                let line = lines.get(begin).copied().unwrap_or_default();
                (name_in(line).unwrap_or_default().to_owned(), value_in(line))
            }
        };
        let is_broken = value.is_none();
        if wanted(&name) {
            let value = match value {
                _ if refers(&lines[span.clone()]) => Value::Reference,
                Some(text) => Value::Text(text),
                None => Value::Unreadable,
            };
            let lines = if is_broken { begin..begin + 1 } else { span.clone() };
            found.push(Assignment { variable: name, lines, value });
        }
        for line in span.clone().skip(1) {
            let name = name_in(lines[line]).filter(|name| wanted(name));
            // A quote that is never closed must not hide another line.
            let own = value_in(lines[line]).filter(|_| is_broken);
            found.extend(name.map(|name| Assignment {
                variable: name.to_owned(),
                lines: line..line + 1,
                value: own.map_or(Value::Within(begin), Value::Text),
            }));
        }
    }
    found
}

/// Whether a line is empty or a comment.
fn is_idle(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The name that a line seems to assign to.
fn name_in(line: &str) -> Option<&str> {
    let (name, _) = halves(line)?;
    Some(name)
}

/// The parts before and after the `=` of a shell, of cmd's `set` and PowerShell's `$env:`, or the `:` of YAML.
fn halves(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let words = ["export ", "set ", "SET ", "Set ", "setx ", "$env:", "$Env:", "$ENV:"];
    let line = words.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line).trim_start();
    let at = line.find(['=', ':'])?;
    let (name, value) = line.split_at(at);
    Some((name.trim().trim_matches(['"', '\'']), value[1..].trim()))
}

/// The value in a line that no dotenv library reads, if it is one word, quoted or not.
fn value_in(line: &str) -> Option<Zeroizing<String>> {
    let (_, value) = halves(line)?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_end_matches([',', ';']);
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    let is_word =
        !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '$'));
    is_word.then(|| Zeroizing::new(value.to_owned()))
}

/// Whether the value in these lines refers to another variable.
fn refers(lines: &[&str]) -> bool {
    let value = lines.first().and_then(|line| line.split_once('=')).map_or("", |(_, value)| value);
    value.split(" #").next().is_some_and(|value| value.contains('$'))
}

/// A text of which each read returns at most one line, to know how far a buffered reader has got.
struct LineByLine<'a> {
    rest: &'a str,
    line: &'a [u8],
    given: Rc<Cell<usize>>,
    ends: bool,
}

impl<'a> LineByLine<'a> {
    fn new(text: &'a str, given: Rc<Cell<usize>>) -> Self {
        Self { rest: text, line: b"", given, ends: text.is_empty() || text.ends_with('\n') }
    }
}

impl Read for LineByLine<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() {
            let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            let (line, rest) = self.rest.split_at(end);
            (self.line, self.rest) = (line.as_bytes(), rest);
            if !line.is_empty() {
                self.given.set(self.given.get() + 1);
            } else if !std::mem::replace(&mut self.ends, true) {
                // The parser needs a line ending after the last line.
                self.line = b"\n";
            }
        }
        let count = self.line.len().min(into.len());
        into[..count].copy_from_slice(&self.line[..count]);
        self.line = &self.line[count..];
        Ok(count)
    }
}

fn another() -> Hint {
    Hint::run("import FILE").note("the dotenv file that holds the keys")
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Error::usage(format!("there is no file {name}")).hint(another()),
        _ => Error::unreadable("read", path, error),
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => f.write_str("[redacted]"),
            Self::Reference => f.write_str("Reference"),
            Self::Unreadable => f.write_str("Unreadable"),
            Self::Within(line) => write!(f, "Within({line})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let shown = |a: Assignment| {
            let value = match a.value {
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            };
            format!("{} {:?} {value}", a.variable, a.lines)
        };
        assignments(text, |name| name.starts_with('K')).into_iter().map(shown).collect()
    }

    #[test]
    fn each_way_to_write_an_assignment_is_understood_in_its_lines() {
        let table: [(&str, &[&str]); 13] = [
            ("", &[]),
            ("K=a", &["K 0..1 a"]),
            ("K=a ", &["K 0..1 a"]),
            ("\u{feff}K=a\r\nX=1\r\nK2=b\r\n", &["K 0..1 a", "K2 2..3 b"]),
            ("# c\n\nexport K = 'a' # K=b\n", &["K 2..3 a"]),
            ("X=\"1\n2\n\"\nK=\"a\nb\"\nK2=c", &["K 3..5 a\nb", "K2 5..6 c"]),
            ("K=\n#\nK2=''", &["K 0..1 ", "K2 2..3 "]),
            ("K=$X\nK2=\"${X}\"\nK3=a # $X", &["K 0..1 Reference", "K2 1..2 Reference", "K3 2..3 a"]),
            ("K=a b\nK2=c", &["K 0..1 Unreadable", "K2 1..2 c"]),
            ("X=it's\nK=a\nY=that's\nK2=b", &["K 1..2 Within(0)", "K2 3..4 b"]),
            ("X='\nK=a\n\nK2=b", &["K 1..2 a", "K2 3..4 b"]),
            ("K: a\nset K2=b\r\n$env:K3 = \"c\"", &["K 0..1 a", "K2 1..2 b", "K3 2..3 c"]),
            ("\n\n#K=a\n", &[]),
        ];
        for (text, wanted) in table {
            assert_eq!(found(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn no_text_upsets_it_and_no_two_assignments_share_a_line() {
        proptest::proptest!(|(text in "([K=\"'\\\\ $#\n\r\u{feff}a]|export ){0,40}")| {
            let lines = with_one_line_end(&text).split_inclusive('\n').count();
            let mut end = 0;
            for assignment in assignments(&text, |name| name.starts_with('K')) {
                let inside = matches!(assignment.value, Value::Within(_));
                proptest::prop_assert!(assignment.lines.start >= end || inside, "{assignment:?}");
                proptest::prop_assert!(!assignment.lines.is_empty() && assignment.lines.end <= lines);
                end = assignment.lines.end;
            }
        });
    }
}
