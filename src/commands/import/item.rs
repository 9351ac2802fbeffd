//! One variable of the file, and its result.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use crate::error::{Error, Kind};
use crate::model::{ApiKey, ProfileName};
use crate::system::World;

/// One variable of the file.
pub(super) struct Item {
    pub(super) variable: String,
    /// Its lines, counted from 0.
    pub(super) lines: Range<usize>,
    pub(super) name: ProfileName,
    pub(super) key: Option<ApiKey>,
    /// Its key hint, if it is long enough for one.
    pub(super) hint: Option<String>,
    pub(super) outcome: Outcome,
}

/// The state of a variable.
pub(super) enum Outcome {
    /// It can be added.
    Proposed,
    /// It was added, and the store has read it back; with the notes about that.
    Added(String),
    /// The proposed profile already has this key.
    AlreadyThere,
    /// It was not added, and why.
    Refused(Error),
    /// It holds no key, or was not tried.
    Skipped(Skip),
}

/// Why a variable was skipped.
#[derive(Debug)]
pub(super) enum Skip {
    /// These lines set it again, and the last one counts.
    SetAgain(String),
    /// It refers to another variable.
    Reference,
    /// It has no value.
    Empty,
    /// Its value is a placeholder.
    Placeholder,
    /// An error before it ended the run.
    NotTried,
}

impl Skip {
    /// The name used in JSON.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::SetAgain(_) => "set_again",
            Self::Reference => "reference",
            Self::Empty => "empty",
            Self::Placeholder => "placeholder",
            Self::NotTried => "not_tried",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetAgain(line) => write!(f, "line {line} sets it again, and the last one counts"),
            Self::Reference => f.write_str("it refers to another variable"),
            Self::Empty => f.write_str("it is empty"),
            Self::Placeholder => f.write_str("it is a placeholder"),
            Self::NotTried => f.write_str("not tried after the error before it"),
        }
    }
}

impl Item {
    /// Its lines as a person counts them: `3`, or `3-5`.
    pub(super) fn place(&self) -> String {
        match (self.lines.start + 1, self.lines.end) {
            (first, last) if last > first => format!("{first}-{last}"),
            (first, _) => first.to_string(),
        }
    }

    /// Whether it can be added, as far as is known.
    pub(super) fn is_proposed(&self) -> bool {
        matches!(self.outcome, Outcome::Proposed)
    }

    /// Whether a profile of its name has its key.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.outcome, Outcome::Added(_) | Outcome::AlreadyThere)
    }

    /// Its exit code.
    pub(super) fn kind(&self) -> Option<Kind> {
        match &self.outcome {
            Outcome::Refused(error) => Some(error.kind),
            _ => None,
        }
    }

    /// Says its result.
    pub(super) fn say(&self, world: &World, file: &Path) {
        let begin = format!("{}:{} {}", file.display(), self.place(), self.variable);
        match &self.outcome {
            Outcome::Refused(error) => complain(world, &format!("{begin}: not added:"), error),
            other => world.terminal.say(&format!("{begin}: {}", other.in_words(&self.name))),
        }
    }
}

impl Outcome {
    /// The name used in JSON.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Added(_) => "added",
            Self::AlreadyThere => "already_there",
            Self::Refused(_) => "refused",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The same in words.
    pub(super) fn in_words(&self, name: &ProfileName) -> String {
        match self {
            Self::Proposed => format!("would be added as {name}"),
            Self::Added(said) => said.clone(),
            Self::AlreadyThere => format!("{name} already has this key"),
            Self::Refused(error) => format!("refused: {}", error.message),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

/// Prints an error about one line of the file, with its hints.
pub(super) fn complain(world: &World, begin: &str, error: &Error) {
    world.terminal.complain(&format!("{begin} {}", error.message));
    error.hints.iter().for_each(|hint| world.terminal.complain(&format!("hint: {hint}")));
}
