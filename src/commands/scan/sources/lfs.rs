//! The objects that git-lfs pointers stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Texts;
use crate::error::in_words;
use crate::git::{Repository, Skipped, lfs, shown};
use crate::scan::Hit;
use crate::system::files::regular_file;

/// The repositories of the folders that contained a pointer, or why git does not tell.
#[derive(Default)]
pub(super) struct LfsObjects {
    repositories: Mutex<BTreeMap<PathBuf, Result<Option<Repository>, Skipped>>>,
}

impl LfsObjects {
    /// Scans the object that a file points to; a file that is not a pointer points to nothing.
    pub(super) fn of_file(&self, texts: &Texts<'_>, path: &Path, text: &[u8], found: &mut dyn FnMut(Hit)) {
        let (Some(id), Some(folder)) = (lfs::pointer(text), path.parent()) else { return };
        let mut known = self.repositories.lock().unwrap_or_else(PoisonError::into_inner);
        let of_folder = known.entry(folder.to_path_buf());
        let around = || Repository::around(folder).map_err(|error| Skipped::told(path, &error));
        let repository = of_folder.or_insert_with(around).clone();
        drop(known);
        match repository {
            Ok(Some(repository)) => object(texts, &repository, path, &id, found),
            Ok(None) => {}
            Err(part) => texts.into.skip([Skipped { path: shown(path), ..part }]),
        }
    }
}

/// Scans the object that a pointer in a repository stands for, if the text is one.
pub(super) fn of_blob(
    texts: &Texts<'_>,
    repository: &Repository,
    path: &dyn Fn() -> PathBuf,
    text: &[u8],
    found: &mut dyn FnMut(Hit),
) {
    if let Some(id) = lfs::pointer(text) {
        object(texts, repository, &path(), &id, found);
    }
}

fn object(texts: &Texts<'_>, repository: &Repository, path: &Path, id: &str, found: &mut dyn FnMut(Hit)) {
    let file = match lfs::held(repository, &shown(path), id) {
        Ok(file) => file,
        Err(part) => return texts.into.skip([part]),
    };
    // Only how much room is made; what cannot be read is told below.
    let size = file.metadata().map_or(0, |about| about.len());
    let content = regular_file::open(&file);
    if let Err(error) = content.and_then(|mut content| texts.read(path, size, &mut content, found)) {
        let message =
            format!("the object of git-lfs that it stands for cannot be read: {}", in_words(&error));
        texts.into.skip([Skipped { message, ..Skipped::of(path, &error) }]);
    }
}
