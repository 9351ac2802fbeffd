//! One finding, with the place it was made at.

use serde_json::{Value, json};

use crate::model::{Fingerprint, ProfileName};
use crate::scan::{Hit, RuleId, State};

/// Where a text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A file of the tree.
    File,
    /// A staged file.
    Index,
    /// An object of a repository's history.
    History,
    /// Standard input.
    Stdin,
    /// A shell's history file.
    ShellHistory,
}

/// A key at a place.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) path: Option<String>,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) object: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) author_date: Option<String>,
    pub(super) refs: Vec<String>,
    pub(super) pushed: bool,
    pub(super) ignored: bool,
    pub(super) profile: Option<ProfileName>,
    pub(super) state: State,
    pub(super) rule: RuleId,
    pub(super) fingerprint: Fingerprint,
    pub(super) redacted: String,
}

impl Kind {
    /// The name used in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Index => "index",
            Self::History => "history",
            Self::Stdin => "stdin",
            Self::ShellHistory => "shell_history",
        }
    }
}

impl Finding {
    /// What a hit in a text comes to.
    pub(super) fn new(kind: Kind, path: Option<String>, hit: Hit) -> Self {
        Self {
            kind,
            path,
            line: hit.line,
            column: hit.column,
            object: None,
            commit: None,
            author_date: None,
            refs: Vec::new(),
            pushed: false,
            ignored: false,
            profile: hit.profile,
            state: hit.state,
            rule: hit.rule,
            fingerprint: hit.fingerprint,
            redacted: hit.redacted,
        }
    }

    /// Whose key it is, in a few words.
    pub(super) fn whose(&self) -> String {
        let name = self.profile.as_ref().map_or("?", ProfileName::as_str);
        match self.state {
            State::Current => format!("the key in use of {name}"),
            State::Compromised => format!("a compromised key of {name}"),
            State::Previous => format!("the previous key of {name}"),
            State::Unknown => "a key that is not known here".to_owned(),
            State::Removed => format!("a key of {name} that was removed"),
            State::Retired => format!("a key of {name} that was rotated out"),
        }
    }

    /// `path:line:column`, or where else it is.
    pub(super) fn place(&self) -> String {
        let path = match (&self.path, self.kind) {
            (Some(path), _) => path.clone(),
            (None, Kind::Stdin) => "<stdin>".to_owned(),
            (None, _) if self.commit.is_some() => "<message>".to_owned(),
            (None, _) => format!("<object {}>", self.object.as_deref().map_or("", |id| short(id))),
        };
        let commit = self.commit.as_deref().map(|id| format!("{}:", short(id))).unwrap_or_default();
        format!("{commit}{path}:{}:{}", self.line, self.column)
    }

    /// The members of its JSON object.
    pub(super) fn json(&self) -> Value {
        json!({
            "kind": self.kind.as_str(),
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "object": self.object,
            "commit": self.commit,
            "author_date": self.author_date,
            "refs": self.refs,
            "pushed": self.pushed,
            "ignored": self.ignored,
            "profile": self.profile,
            "state": self.state.as_str(),
            "rule": self.rule.as_str(),
            "fingerprint": self.fingerprint.to_string(),
            "redacted": self.redacted,
        })
    }
}

/// The start of an object's id.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
