//! The log: a line of JSON for every change and every key handed out.

use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::atomic_file::{self, Access};
use super::ownership;
use super::regular_file::{self, Trust};
use crate::error::{Error, Result};
use crate::model::key_shape::path_without_keys;
use crate::model::{Fingerprint, ProfileName};

/// Above this size the older half is dropped.
const LARGEST: u64 = 1024 * 1024;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// The command's name.
    pub event: String,
    /// The profile.
    pub profile: ProfileName,
    /// The key, by the first 12 hex digits of its fingerprint.
    pub fingerprint: String,
    /// The working directory.
    pub directory: String,
    /// The program that got the key, its name only.
    pub program: Option<String>,
    /// The coding agent that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// How many requests a relay forwarded to the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// How many requests a relay refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
    /// How much the balance fell while a relay with a limit ran, a decimal number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<String>,
    /// The method of one request to a relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Its path, without the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The HTTP status of its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// The target that the key was pushed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

impl Event {
    /// An event that happens now.
    pub fn new(
        world: &crate::system::World,
        event: &str,
        profile: &ProfileName,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            at: world.now,
            event: event.to_owned(),
            profile: profile.clone(),
            fingerprint: fingerprint.to_string(),
            directory: path_without_keys(&world.places.working_directory.display().to_string()),
            program: None,
            agent: world.agent().map(|agent| agent.name),
            requests: None,
            refused: None,
            spent: None,
            method: None,
            path: None,
            status: None,
            milliseconds: None,
            target: None,
        }
    }

    /// The same event with its program.
    #[must_use]
    pub fn of_program(mut self, program: &str) -> Self {
        self.program = Some(program.to_owned());
        self
    }
}

/// Adds a line; the log never stops a command, so the caller may ignore the error.
///
/// # Errors
/// Any error of the system.
pub fn append(path: &Path, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    let mut file = match regular_file::open_to_write(path, true) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            path.parent().map(ownership::folder).transpose().map_err(io::Error::other)?;
            regular_file::open_to_write(path, true)?
        }
        other => other?,
    };
    file.write_all(&line)?;
    // Another process has the lock and is halving the log.
    if file.metadata()?.len() <= LARGEST || file.try_lock().is_err() {
        return Ok(());
    }
    // Windows cannot replace an open file; a line that another process adds at this moment may be lost there.
    #[cfg(windows)]
    drop(file);
    halve(path)
}

/// Every line that can be parsed, oldest first, and the number of other lines; empty if there is no log.
///
/// # Errors
/// The log exists and cannot be read.
pub fn read(path: &Path) -> Result<(Vec<Event>, usize)> {
    let text = match regular_file::read(path, 2 * LARGEST, Trust::Anyones) {
        // The path for a user without a home is below a device.
        Err(e) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&e.kind()) => Vec::new(),
        read => read.map_err(|e| Error::unreadable("read", path, &e))?,
    };
    // A line that a killed run cut short, or that a newer version wrote, must not hide others.
    let lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let (understood, not): (Vec<_>, Vec<_>) =
        lines.map(serde_json::from_slice).partition(std::result::Result::is_ok);
    Ok((understood.into_iter().flatten().collect(), not.len()))
}

fn halve(path: &Path) -> io::Result<()> {
    let text = regular_file::read(path, 2 * LARGEST, Trust::Anyones)?;
    let middle = text.len() / 2;
    let cut = text[middle..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| middle + n + 1);
    atomic_file::replace(path, &text[cut..], Access::Private)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the tests write the files")]

    use std::fs;

    use super::*;
    use crate::model::test_support::{day, key, name};

    fn event(number: i64) -> Event {
        Event {
            at: day(number),
            event: "env".into(),
            profile: name("dev"),
            fingerprint: key("x").fingerprint().to_string(),
            directory: "/x".repeat(5000),
            program: None,
            agent: None,
            requests: None,
            refused: None,
            spent: None,
            method: None,
            path: None,
            status: None,
            milliseconds: None,
            target: None,
        }
    }

    #[test]
    fn it_reads_what_it_appends_and_skips_what_it_cannot_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/log.jsonl");
        append(&path, &event(1)).unwrap();
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{half\n").unwrap();
        append(&path, &event(2)).unwrap();
        assert_eq!(read(&path).unwrap(), (vec![event(1), event(2)], 1));
    }

    #[test]
    fn it_keeps_the_newer_half_when_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        for number in 0..120 {
            append(&path, &event(number)).unwrap();
        }
        let (kept, _) = read(&path).unwrap();
        assert!(fs::metadata(&path).unwrap().len() <= LARGEST);
        assert_eq!(kept.last(), Some(&event(119)));
        assert!(kept.len() > 40 && kept.len() < 120, "{}", kept.len());
    }
}
