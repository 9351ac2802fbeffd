//! The path of a folder, without links, `..` and the like.

use std::path::{Component, Path, PathBuf};

/// A path without links, `..` and final slash; parts that do not exist or cannot be inspected are taken literally.
pub fn resolved(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut there = lexical(path);
    loop {
        if let Ok(found) = there.canonicalize() {
            return missing.iter().rev().fold(found, |path, name| path.join(name));
        }
        match there.file_name().map(ToOwned::to_owned) {
            Some(name) if there.pop() => missing.push(name),
            _ => return lexical(path),
        }
    }
}

/// `..` behind a link leads elsewhere than it seems: the links before each `..` are followed first.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn one_folder_spelled_in_several_ways_is_one_whether_it_is_there_or_not() {
        use std::fs;
        use std::os::unix::fs::symlink;

        use super::resolved;

        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::create_dir(root.join("real/inner")).unwrap();
        symlink(root.join("real"), root.join("link")).unwrap();
        symlink(root.join("real/inner"), root.join("deep")).unwrap();
        let table = [
            ("real", "real"),
            ("real/", "real"),
            ("real/./", "real"),
            ("real/../real", "real"),
            ("link", "real"),
            ("deep/..", "real"),
            ("link/new", "real/new"),
            ("real/new/", "real/new"),
            ("deep/../new/../new", "real/new"),
        ];
        for (spelled, wanted) in table {
            assert_eq!(resolved(&root.join(spelled)), root.join(wanted), "{spelled}");
        }
    }
}
