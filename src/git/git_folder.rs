//! Whether a folder is a repository, without asking git.

use std::path::{Path, PathBuf};

/// Whether a folder is a repository's own: it contains objects and refs, and no work tree.
pub fn is_git_folder(folder: &Path) -> bool {
    folder.join("objects").is_dir()
        && folder.join("refs").is_dir()
        && folder.join("HEAD").symlink_metadata().is_ok()
}

/// The top of the work tree that a file lies in: the nearest folder above it with a `.git`.
pub fn top_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_path_buf)
}
