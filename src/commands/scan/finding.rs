//! A finding and its place.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::outcome::Outcome;
use crate::git::{Pushed, shown};
use crate::model::{Fingerprint, ProfileName};
use crate::scan::{Hit, RuleId, State};

/// Where a text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
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

/// Which part of a place holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// The content of a file or a message.
    Content,
    /// The name of a file or folder.
    FileName,
    /// The name of a branch or tag.
    RefName,
}

/// A key at a place.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) kind: Source,
    pub(super) part: Part,
    /// The path as it is shown.
    pub(super) path: Option<String>,
    /// The file itself, if it is one.
    pub(super) file: Option<PathBuf>,
    /// The folder whose list of known leaks counts, and to which paths for other programs are relative.
    pub(super) base: Option<PathBuf>,
    /// Whether a key in its path was masked.
    pub(super) is_masked: bool,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) object: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) author_date: Option<String>,
    pub(super) refs: Vec<String>,
    pub(super) pushed: Pushed,
    pub(super) reflog: bool,
    /// Whether its commit has no parent.
    pub(super) is_first: bool,
    /// How many commits are before it.
    pub(super) depth: u32,
    pub(super) ignored: bool,
    /// The coding agent that keeps the file.
    pub(super) agent: Option<&'static str>,
    /// What `--clean` did.
    pub(super) outcome: Option<Outcome>,
    pub(super) profile: Option<ProfileName>,
    pub(super) state: State,
    pub(super) rule: RuleId,
    pub(super) fingerprint: Fingerprint,
    pub(super) redacted: String,
}

impl Source {
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

impl Part {
    /// The name used in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::FileName => "file_name",
            Self::RefName => "ref_name",
        }
    }
}

impl Finding {
    /// A finding from a hit in a text.
    pub(super) fn new(kind: Source, path: Option<String>, hit: Hit) -> Self {
        Self {
            kind,
            part: Part::Content,
            path,
            file: None,
            base: None,
            is_masked: false,
            line: hit.line,
            column: hit.column,
            object: None,
            commit: None,
            author_date: None,
            refs: Vec::new(),
            pushed: Pushed::No,
            reflog: false,
            is_first: false,
            depth: 0,
            ignored: false,
            agent: None,
            outcome: None,
            profile: hit.profile,
            state: hit.state,
            rule: hit.rule,
            fingerprint: hit.fingerprint,
            redacted: hit.redacted,
        }
    }

    /// Whether `--clean` removed it from its file.
    pub(super) fn is_cleaned(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Cleaned))
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

    /// `path:line:column`, or another place.
    pub(super) fn place(&self) -> String {
        match (self.part, &self.path) {
            (Part::FileName, Some(path)) => return format!("the name {path}"),
            (Part::RefName, Some(name)) => return format!("the ref {name}"),
            _ => {}
        }
        let path = match (&self.path, self.kind) {
            (Some(path), _) => path.clone(),
            (None, Source::Stdin) => "<stdin>".to_owned(),
            (None, _) if self.commit.is_some() => "<message>".to_owned(),
            (None, _) => format!("<object {}>", self.object.as_deref().map_or("", |id| short(id))),
        };
        let commit = self.commit.as_deref().map(|id| format!("{}:", short(id))).unwrap_or_default();
        format!("{commit}{path}:{}:{}", self.line, self.column)
    }

    /// The path from the top of the scanned repository, for programs that start there; with a key in it masked, as shown.
    pub(super) fn path_in_repository(&self) -> Option<String> {
        let below = self.file.as_ref().zip(self.base.as_ref());
        let below = below.and_then(|(file, base)| file.strip_prefix(base).ok());
        match below {
            Some(below) if !below.as_os_str().is_empty() && !self.is_masked => Some(shown(below)),
            _ => self.path.clone(),
        }
    }

    /// Whether a remote has it, as JSON tells it: only of what is in a history that can be known.
    pub(super) fn pushed(&self) -> Option<bool> {
        if self.kind == Source::History { self.pushed.known() } else { None }
    }

    /// The members of its JSON object.
    pub(super) fn json(&self) -> Value {
        json!({
            "kind": self.kind.as_str(),
            "part": self.part.as_str(),
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "object": self.object,
            "commit": self.commit,
            "author_date": self.author_date,
            "refs": self.refs,
            "pushed": self.pushed(),
            "reflog": self.reflog,
            "ignored": self.ignored,
            "agent": self.agent,
            "cleaned": self.is_cleaned(),
            "profile": self.profile,
            "state": self.state.as_str(),
            "rule": self.rule.as_str(),
            "fingerprint": self.fingerprint.to_string(),
            "redacted": self.redacted,
        })
    }
}

/// The first characters of an object's id.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
