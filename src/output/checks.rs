//! A list of checks, each with its outcome and fix.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Render, Report};
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::system::terminal::escape;

/// A message stands beside the name of its check if it has so many columns there, else below it.
const LEAST_BESIDE: usize = 30;

/// All checks.
pub struct Findings(pub Vec<Check>);

/// One check.
pub struct Check {
    /// Its name, for scripts.
    pub id: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// The outcome in a sentence.
    pub message: String,
    /// The exact command that fixes it.
    pub hint: Option<Hint>,
    /// The exit code for a failure.
    pub kind: Kind,
    /// Where it is, for an annotation.
    pub place: Option<Location>,
}

/// A file, and the line in it if that is known.
pub struct Location {
    /// The file, as the report names it.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: Option<usize>,
}

/// The outcome of a check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Passed.
    Pass,
    /// A warning.
    Warn,
    /// Failed.
    Fail,
    /// Nothing to check.
    Skip,
}

impl Check {
    fn new(id: &'static str, outcome: Outcome, message: impl Into<String>) -> Self {
        Self { id, outcome, message: message.into(), hint: None, kind: Kind::Failure, place: None }
    }

    /// A check that passed.
    pub fn pass(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Pass, message)
    }

    /// A warning.
    pub fn warn(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Warn, message)
    }

    /// A check that failed.
    pub fn fail(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Fail, message)
    }

    /// A check with nothing to check.
    pub fn skip(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Skip, message)
    }

    /// A check that failed with an error.
    pub fn of_error(id: &'static str, error: Error) -> Self {
        let hint = error.hints.into_iter().find(|hint| !hint.runs("doctor"));
        Self { kind: error.kind, hint, ..Self::fail(id, error.message) }
    }

    /// Adds the command that fixes it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds its place.
    #[must_use]
    pub fn at(mut self, path: &Path, line: Option<usize>) -> Self {
        self.place = Some(Location { path: path.to_path_buf(), line });
        self
    }

    /// Sets the exit code for a failure.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }
}

impl Outcome {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

impl Report for Findings {
    fn text(&self, render: &Render) -> String {
        let mut lines = Vec::new();
        let width = self.0.iter().map(|check| check.id.len()).max().unwrap_or(0);
        let beside = render.width.is_none_or(|columns| columns >= width + 4 + LEAST_BESIDE);
        let indent = if beside { width + 4 } else { 2 };
        for check in &self.0 {
            let mark = match check.outcome {
                Outcome::Pass => render.style.good("✓"),
                Outcome::Warn => render.style.warn("!"),
                Outcome::Fail => render.style.bad("✗"),
                Outcome::Skip => render.style.faint("-"),
            };
            let message = render.prose(&escape(&check.message), indent);
            lines.push(if beside {
                format!("{mark} {:<width$}  {message}", check.id)
            } else {
                format!("{mark} {}\n  {message}", check.id)
            });
            lines.extend(check.hint.as_ref().map(|hint| render.follow_up(hint, indent)));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let one = |check: &Check| json!({"id": check.id, "outcome": check.outcome.as_str(), "message": check.message, "hint": check.hint});
        json!({"checks": self.0.iter().map(one).collect::<Value>()})
    }

    fn exit(&self) -> Option<Kind> {
        Kind::decisive(self.0.iter().filter(|check| check.outcome == Outcome::Fail).map(|check| check.kind))
    }
}
