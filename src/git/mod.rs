//! git: its tree, its index, its history, and what it ignores.
//!
//! The only place that knows git. Small questions are put to the `git` program; the objects of a history are
//! read from their packs. Nothing here knows what a key is: bytes go to whoever asked for them.

mod delta;
pub mod dotenv_files;
pub mod history;
pub mod hooks;
pub mod ignored;
pub mod index;
mod loose;
mod object_folders;
pub mod origin;
mod pack;
mod program;
pub mod repository;
mod rule_files;
mod threads;
pub mod tree;
mod walk;

pub use gix_hash::ObjectId;

pub use origin::Origin;
pub use repository::Repository;
pub use walk::{Object, ObjectKind};

/// A part that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file, or the object's id.
    pub path: String,
    /// The reason in words.
    pub why: String,
}

impl Skipped {
    fn new(path: impl ToString, why: impl Into<String>) -> Self {
        Self { path: path.to_string(), why: why.into() }
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
