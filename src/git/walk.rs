//! A walk through a repository's objects: what each is, how far it is, and what it learns on the way.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gix_hash::ObjectId;

use super::Skipped;

/// The most bytes an object may have to be read.
pub(super) const LARGEST: usize = 512 * 1024 * 1024;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit with its message.
    Commit,
    /// A file's content.
    Blob,
    /// An annotated tag with its message.
    Tag,
}

/// One object, inflated.
pub struct Object<'a> {
    /// Its name.
    pub id: ObjectId,
    /// What it is.
    pub kind: ObjectKind,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// How far a walk is; shared with whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects passed, folders among them.
    pub objects: AtomicU64,
    /// Bytes handed on.
    pub bytes: AtomicU64,
}

/// What a walk learns besides the objects.
#[derive(Debug, Default)]
pub struct Walked {
    /// Every commit, reachable or not.
    pub commits: Vec<ObjectId>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
}

/// What the readers of packs and of loose objects share.
pub(super) struct Walk<'a> {
    pub(super) visit: &'a (dyn Fn(Object<'_>) + Sync),
    pub(super) progress: &'a Progress,
    pub(super) walked: Mutex<Walked>,
}

impl Walk<'_> {
    /// Hands one object on.
    pub(super) fn visit(&self, id: ObjectId, kind: ObjectKind, bytes: &[u8]) {
        self.progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if kind == ObjectKind::Commit
            && let Ok(mut walked) = self.walked.lock()
        {
            walked.commits.push(id);
        }
        (self.visit)(Object { id, kind, bytes });
    }

    /// Notes what could not be read.
    pub(super) fn skip(&self, what: impl ToString, why: &str) {
        if let Ok(mut walked) = self.walked.lock() {
            walked.skipped.push(Skipped::new(what, why));
        }
    }

    /// Counts objects that were passed.
    pub(super) fn passed(&self, objects: usize) {
        self.progress.objects.fetch_add(objects as u64, Ordering::Relaxed);
    }
}
