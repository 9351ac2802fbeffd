//! A walk through a repository's objects: its progress, and what it finds.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use gix_hash::ObjectId;

use super::{Skipped, Why};

/// The most bytes of an object that is read.
pub(super) const LARGEST: usize = 512 * 1024 * 1024;

/// The kind of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A commit with its message.
    Commit,
    /// A file's content.
    Blob,
    /// An annotated tag with its message.
    Tag,
    /// A folder: names, and the ids of their objects.
    Tree,
}

/// One object, inflated.
pub struct Object<'a> {
    /// How its id is found: a search of the index, and few objects need it.
    pub(super) named: &'a dyn Fn() -> ObjectId,
    /// Its kind.
    pub kind: ObjectKind,
    /// Its content.
    pub bytes: &'a [u8],
    /// The parts in which it differs from an object that was called [`Blank`], if it is stored as a change of one; in
    /// order, and an empty part where something is gone.
    pub changed: Option<&'a [Range<usize>]>,
}

impl Object<'_> {
    /// Its id.
    pub fn id(&self) -> ObjectId {
        (self.named)()
    }
}

/// Whether there is nothing in an object that a visitor looks for: of an object that is stored as a change of this one
/// it then needs to see only what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blank(pub bool);

/// What is called with each object.
pub type Visit<'a> = &'a (dyn Fn(Object<'_>) -> Blank + Sync);

/// Which objects are wanted: most objects are folders, which are rarely needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Commits, tags and files.
    Content,
    /// Folders.
    Trees,
}

impl Wanted {
    pub(super) fn has(self, kind: ObjectKind) -> bool {
        (kind == ObjectKind::Tree) == (self == Self::Trees)
    }
}

/// The progress of a walk; shared with whatever displays it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects passed, folders among them.
    pub objects: AtomicU64,
    /// Bytes passed on.
    pub bytes: AtomicU64,
}

impl Progress {
    /// Nothing was passed yet.
    pub(super) fn begin_again(&self) {
        self.objects.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
    }
}

/// What the readers of packs and of loose objects share.
pub(super) struct Walk<'a> {
    pub(super) wanted: Wanted,
    visit: Visit<'a>,
    pub(super) progress: &'a Progress,
    pub(super) skipped: Mutex<Vec<Skipped>>,
}

/// Why an object could not be read, as a code and in words.
pub(super) type Fault = (Why, &'static str);

/// An object beyond [`LARGEST`].
pub(super) const TOO_LARGE: Fault = (Why::TooLarge, "it is larger than 512 MiB");
/// The system has no memory for an object.
pub(super) const NO_MEMORY: Fault = (Why::OverBudget, "there is not enough memory for it");

impl<'a> Walk<'a> {
    pub(super) fn new(wanted: Wanted, progress: &'a Progress, visit: Visit<'a>) -> Self {
        Self { wanted, visit, progress, skipped: Mutex::default() }
    }

    /// Passes one object on.
    pub(super) fn visit(&self, object: Object<'_>) -> Blank {
        (self.visit)(object)
    }

    /// Records what could not be read.
    pub(super) fn skip(&self, what: impl ToString, (why, message): Fault) {
        let mut skipped = self.skipped.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        skipped.push(Skipped::new(what, why, message));
    }

    /// Counts objects that were passed, and the bytes that were passed on.
    pub(super) fn passed(&self, objects: usize, bytes: u64) {
        self.progress.objects.fetch_add(objects as u64, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A buffer of zeros; `None` if the system has no memory for it.
pub(super) fn zeros(length: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    resize(&mut bytes, length)?;
    Ok(bytes)
}

/// Sets the length of a buffer, with any content.
///
/// # Errors
/// The system has no memory for it.
pub(super) fn resize(buffer: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
    // `Vec::resize` writes one byte after the other in a program that is compiled for size.
    static ZEROS: [u8; 4096] = [0; 4096];
    buffer.try_reserve_exact(length.saturating_sub(buffer.len())).map_err(|_| NO_MEMORY)?;
    buffer.truncate(length);
    while buffer.len() < length {
        buffer.extend_from_slice(&ZEROS[..ZEROS.len().min(length - buffer.len())]);
    }
    Ok(())
}
