//! Collects the findings of all threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::finding::Finding;
use crate::git::{Skipped, Why};
use crate::scan::State;

/// How many findings are kept: of keys that are known here, and of others.
const MOST: usize = 10_000;

/// How much room is left for findings; others do not use the room for known keys.
#[derive(Debug, Default)]
pub(super) struct Room {
    known: AtomicUsize,
    others: AtomicUsize,
}

/// Whether there was room for a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    /// No, for the first time.
    NoMore,
    No,
}

impl Room {
    /// Takes the room for one finding.
    pub(super) fn take(&self, state: State) -> Kept {
        let taken = if state == State::Unknown { &self.others } else { &self.known };
        match taken.fetch_add(1, Ordering::Relaxed).cmp(&MOST) {
            std::cmp::Ordering::Less => Kept::Yes,
            std::cmp::Ordering::Equal => Kept::NoMore,
            std::cmp::Ordering::Greater => Kept::No,
        }
    }
}

/// The message if there was no room.
pub(super) fn too_many(place: impl ToString) -> Skipped {
    let message = format!("{MOST} keys were found before it; any later ones are not listed");
    Skipped::new(place, Why::OverBudget, message)
}

/// Findings, what was read, and what was not.
#[derive(Debug, Default)]
pub(super) struct Collected {
    room: Room,
    findings: Mutex<Vec<Finding>>,
    skipped: Mutex<Vec<Skipped>>,
    pub(super) files: AtomicU64,
    pub(super) objects: AtomicU64,
    pub(super) bytes: AtomicU64,
}

impl Collected {
    /// Keeps a finding, as long as there is room.
    pub(super) fn find(&self, finding: Finding) {
        match self.room.take(finding.state) {
            Kept::Yes => locked(&self.findings).push(finding),
            Kept::NoMore => self.skip([too_many(finding.place())]),
            Kept::No => {}
        }
    }

    /// Adds what could not be read.
    pub(super) fn skip(&self, skipped: impl IntoIterator<Item = Skipped>) {
        locked(&self.skipped).extend(skipped);
    }

    /// Adds what another collector has gathered.
    pub(super) fn absorb(&self, other: Self) {
        let (findings, skipped, [files, objects, bytes]) = other.into_parts();
        locked(&self.findings).extend(findings);
        self.skip(skipped);
        self.files.fetch_add(files, Ordering::Relaxed);
        self.objects.fetch_add(objects, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a text that was read.
    pub(super) fn read(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Changes the findings made so far.
    pub(super) fn findings(&self) -> std::sync::MutexGuard<'_, Vec<Finding>> {
        locked(&self.findings)
    }

    /// Changes every text that comes from outside: the names of files, branches and tags, and what git says.
    pub(super) fn mask(&self, change: impl Fn(&str) -> String) {
        for finding in locked(&self.findings).iter_mut() {
            let shown = finding.path.as_deref().map(&change);
            finding.is_masked = shown != finding.path;
            finding.path = shown;
            finding.refs.iter_mut().for_each(|name| *name = change(name));
        }
        for part in locked(&self.skipped).iter_mut() {
            part.path = change(&part.path);
            part.message = change(&part.message);
            // A command with a part masked is no longer that command.
            part.hint = part.hint.take().filter(|hint| change(&hint.to_string()) == hint.to_string());
        }
    }

    /// Returns everything.
    pub(super) fn into_parts(self) -> (Vec<Finding>, Vec<Skipped>, [u64; 3]) {
        let counts = [self.files, self.objects, self.bytes].map(AtomicU64::into_inner);
        let inner = |e: std::sync::PoisonError<_>| e.into_inner();
        (
            self.findings.into_inner().unwrap_or_else(inner),
            self.skipped.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner),
            counts,
        )
    }
}

fn locked<T>(list: &Mutex<Vec<T>>) -> std::sync::MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
