//! git: its tree, its index, its history, and what it ignores.
//!
//! The only module that knows git. Small questions are answered by the `git` program; the objects of a history are
//! read from their packs. Nothing here knows what a key is: the bytes go to the caller.

mod bases;
mod commit;
mod complete;
mod delta;
pub mod dotenv_files;
pub mod every_object;
mod family;
pub mod git_folder;
pub mod history;
mod holders;
pub mod hooks;
mod ids;
pub mod ignored;
pub mod index;
pub mod lfs;
mod loose;
mod object_folders;
mod objects;
pub mod origin;
pub mod own_files;
mod pack;
mod patience;
mod program;
mod pushed;
mod reflogs;
mod refs;
mod remotes;
pub mod repository;
mod rule_files;
pub mod seen;
mod skipped;
pub mod submodules;
pub mod threads;
pub mod tree;
pub mod unread;
mod waiting;
mod walk;

pub use gix_hash::ObjectId;

pub use history::History;
pub use origin::{Origin, Origins};
pub use pushed::Pushed;
pub use repository::Repository;
pub use skipped::{Skipped, Why};
pub use walk::{Blank, Object, ObjectKind, Progress, Visit};

/// A path for a message: bytes that are not UTF-8 become `\xff`, so that different paths stay different.
pub fn shown(path: &std::path::Path) -> String {
    shown_bytes(path.as_os_str().as_encoded_bytes())
}

/// The same for a path or a ref as git prints it.
pub fn shown_bytes(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        text
    })
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
