//! The result of a push, as far as it can be known.

use chrono::{DateTime, Utc};

use crate::error::{Error, Kind, Result};
use crate::hint::Hint;
use crate::model::ProfileName;
use crate::model::pushed::How;
use crate::output::untrusted;
use crate::push::{Listed, Platform};
use crate::system::process::fed_program::Ended;

/// A push that is running.
pub(super) struct Tried<'a> {
    pub(super) target: &'a str,
    pub(super) profile: &'a ProfileName,
    pub(super) platform: &'a dyn Platform,
}

/// Checks a push by the platform's list. If its clock is behind ours, a time later than the one listed before counts.
///
/// # Errors
/// The name is not in the list (1); it has an earlier time, or the list cannot be understood (5).
pub(super) fn settled(
    tried: &Tried<'_>,
    before: Option<Listed>,
    after: Listed,
    now: DateTime<Utc>,
) -> Result<How> {
    let program = tried.platform.program();
    match (before, after) {
        (_, Listed::Named) => Ok(How::Unconfirmed),
        (_, Listed::At(time)) if time >= now => Ok(How::Listed),
        (Some(Listed::At(earlier)), Listed::At(time)) if time > earlier => Ok(How::Listed),
        (Some(Listed::Absent), Listed::At(_)) => Ok(How::Listed),
        (_, Listed::Absent) => {
            Err(tried
                .not_proven(Kind::Failure, &format!("`{program}` reports success, but does not list it")))
        }
        (_, Listed::At(time)) => Err(tried.not_proven(
            Kind::Unchecked,
            &format!("`{program}` reports success, but lists it as changed before this push, at {time}"),
        )),
        (_, Listed::Unreadable) => {
            Err(tried.not_proven(Kind::Unchecked, &format!("the list of `{program}` cannot be understood")))
        }
    }
}

impl Tried<'_> {
    /// The program ended with an error, or did not read what it was given.
    pub(super) fn refused(&self, ended: &Ended) -> Error {
        let words = match ended.is_success() {
            true => format!("`{}` did not read it", self.platform.program()),
            false => self.ending(ended),
        };
        self.not_pushed(Kind::Failure, &words)
    }

    /// The program is not there, or did not come to its end.
    pub(super) fn not_run(&self, why: Error) -> Error {
        let error = self.not_pushed(why.kind, &why.message);
        Error { hints: why.hints.into_iter().chain(error.hints.into_iter().skip(1)).collect(), ..error }
    }

    /// The key cannot be read back.
    pub(super) fn not_readable(&self, ended: &Ended) -> Error {
        self.not_proven(Kind::Unchecked, &format!("it cannot be read back; {}", self.ending(ended)))
    }

    /// The list cannot be had.
    pub(super) fn not_listed(&self, ended: &Ended) -> Error {
        self.not_proven(Kind::Unchecked, &format!("what is there cannot be listed; {}", self.ending(ended)))
    }

    /// Something else was read back.
    pub(super) fn differs(&self, is_key: bool) -> Error {
        let what = if is_key { "another key" } else { "something that is not a key" };
        let program = self.platform.program();
        self.not_proven(Kind::Failure, &format!("`{program}` reports success, but returns {what}"))
    }

    fn ending(&self, ended: &Ended) -> String {
        let program = self.platform.program();
        let how = match ended.code {
            Some(0) => "said more than can be read".to_owned(),
            Some(code) => format!("ended with code {code}"),
            None => "was ended by a signal".to_owned(),
        };
        let said = untrusted::shown(&ended.said);
        if said.is_empty() { format!("`{program}` {how}") } else { format!("`{program}` {how}: {said}") }
    }

    fn not_pushed(&self, kind: Kind, why: &str) -> Error {
        self.error(kind, format!("the key of `{}` was not pushed to {}: {why}", self.profile, self.target))
    }

    fn not_proven(&self, kind: Kind, why: &str) -> Error {
        self.error(kind, format!("the key of `{}` is not confirmed at {}: {why}", self.profile, self.target))
    }

    fn error(&self, kind: Kind, message: String) -> Error {
        let push = Hint::run("push").arg(self.profile).flag("--to").arg(self.target);
        let ask = self.platform.help().ask;
        let ask = ask.unwrap_or_else(|| push.clone().flag("--dry-run").note("shows what is run"));
        Error::new(kind, message).hint(ask).hint(push.note("again"))
    }
}
