//! The only writer: answers go to standard output, messages to standard error.

pub mod breaches;
pub mod checks;
mod hints;
pub mod profile;
pub mod pushed;
pub mod style;
pub mod table;
pub mod untrusted;
pub mod when;

use std::io::{self, Write};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::system::Terminal;
use crate::system::terminal::{Stream, escape, escape_lines, wrapped};

pub use style::{ColorChoice, Style};

/// Version of every JSON object.
pub const SCHEMA_VERSION: u32 = 1;

/// What a command found or did.
pub trait Report {
    /// The answer for a person, without a newline at its end; empty if everything was said while the command worked.
    fn text(&self, _: &Render) -> String {
        String::new()
    }
    /// The answer for a script: the members of one object, without `schema_version`.
    fn json(&self) -> Value;
    /// The exit code for the findings.
    fn exit(&self) -> Option<Kind> {
        None
    }
    /// Text that holds a key, written unchanged and wiped; replaces the other two.
    fn secret(&self) -> Option<&Zeroizing<String>> {
        None
    }
    /// What may only be done or said after the answer is written.
    ///
    /// # Errors
    /// The errors of that.
    fn afterwards(&self, _: &Terminal) -> Result<()> {
        Ok(())
    }
}

/// The width, colours and time for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Render {
    /// Its width in columns; `None` if lines may be of any length.
    pub width: Option<usize>,
    /// Colours, or none.
    pub style: Style,
    /// The time, for ages.
    pub now: chrono::DateTime<chrono::Utc>,
}

/// The report of a change: already said to a person when it was made, an answer for a script.
pub struct Change(pub Value);

impl Report for Change {
    fn json(&self) -> Value {
        self.0.clone()
    }
}

/// A report of a few sentences.
pub struct Said {
    /// For a person.
    pub text: String,
    /// For a script.
    pub json: Value,
}

impl Report for Said {
    fn text(&self, _: &Render) -> String {
        self.text.clone()
    }

    fn json(&self) -> Value {
        self.json.clone()
    }
}

impl Render {
    /// A sentence, wrapped between words at the width; lines after the first are indented.
    pub fn prose(&self, text: &str, indent: usize) -> String {
        let Some(width) = self.width else { return text.to_owned() };
        // As if it began at the margin.
        let before = " ".repeat(indent);
        wrapped(&format!("{before}{text}"), width, indent)[indent..].to_owned()
    }

    /// The width and colours of standard output.
    pub fn of_stdout(
        colour: ColorChoice,
        variables: &crate::system::Variables,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        let width = if Stream::Out.is_terminal() { Stream::Out.columns() } else { None };
        Self { width, style: Style::choose(colour, Stream::Out.obeys_codes(variables), variables), now }
    }
}

/// Writes a report; returns the exit code of its findings.
pub fn print(report: &dyn Report, render: &Render, as_json: bool, terminal: &Terminal) -> u8 {
    terminal.clear_progress();
    let written = match (report.secret(), as_json) {
        (Some(secret), _) => write(secret),
        (None, true) => write(&format!("{}\n", report_json(report, terminal))),
        (None, false) => write_lines(&render.style.harmless(&report.text(render))),
    };
    let code = report.exit().map_or(0, Kind::code);
    match written {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => code,
        Err(e) => fail(&cannot_write(&e), as_json, terminal),
        Ok(()) => report.afterwards(terminal).map_or_else(|e| fail(&e, as_json, terminal), |()| code),
    }
}

/// Writes a part of an answer before the rest; a reader that is gone is not an error.
///
/// # Errors
/// It cannot be written, as on a full disk.
pub fn print_part(text: &str, render: &Render) -> Result<()> {
    match write_lines(&render.style.harmless(text)) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(&e)),
        _ => Ok(()),
    }
}

/// Prints an error; returns its exit code.
pub fn fail(error: &Error, as_json: bool, terminal: &Terminal) -> u8 {
    if as_json {
        terminal.write(&error_json(error).to_string());
    } else {
        let style = Style::new(terminal.coloured);
        let line = terminal.wrapped(&format!("error: {}", escape(&error.message)));
        terminal.write(&line.replacen("error:", &style.bad("error:"), 1));
        for (index, hint) in error.hints.iter().enumerate() {
            let gap = if index == 0 { "\n" } else { "" };
            let line = hints::below_an_error(hint, terminal);
            terminal.write(&format!("{gap}{}", line.replacen("hint:", &style.good("hint:"), 1)));
        }
    }
    error.code()
}

/// An error as JSON, with the code that the process ends with.
pub fn error_json(error: &Error) -> Value {
    let about = json!({
        "kind": error.kind.as_str(),
        "message": escape_lines(&error.message),
        "hints": error.hints.iter().map(|h| escape_lines(&h.to_string())).collect::<Vec<_>>(),
        "exit_code": error.code(),
    });
    json!({"schema_version": SCHEMA_VERSION, "error": about})
}

/// A report as JSON, with its notices.
pub fn report_json(report: &dyn Report, terminal: &Terminal) -> Value {
    object(report.json(), &terminal.said())
}

fn object(mut members: Value, said: &[String]) -> Value {
    if let Value::Object(map) = &mut members {
        map.insert("schema_version".to_owned(), SCHEMA_VERSION.into());
        map.insert("notices".to_owned(), said.into());
        escape_all(&mut members);
    }
    members
}

/// Text from outside may hold terminal control sequences; JSON is printed on terminals too.
fn escape_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = escape_lines(text),
        Value::Array(items) => items.iter_mut().for_each(escape_all),
        Value::Object(members) => members.values_mut().for_each(escape_all),
        _ => {}
    }
}

fn write_lines(text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { write(&format!("{text}\n")) }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn cannot_write(error: &io::Error) -> Error {
    Error::failure(format!("cannot write to standard output: {}", crate::error::in_words(error)))
}
