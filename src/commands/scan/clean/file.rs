//! Reads one file, redacts it and replaces it.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::super::outcome::Left;
use crate::scan::{Hit, Matcher, same_length};
use crate::system::files::atomic_file;
use crate::system::files::regular_file::{self, Trust};
use crate::system::process::open_files;

/// The most bytes of a file: it is held in memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The first bytes of databases: SQLite's, its write-ahead log in either byte order, its journal.
const DATABASES: [&[u8]; 4] = [
    b"SQLite format 3\0",
    &[0x37, 0x7f, 0x06, 0x82],
    &[0x37, 0x7f, 0x06, 0x83],
    &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7],
];

/// A file's new content, and the file that it was made from.
pub(super) struct Redacted {
    content: Zeroizing<Vec<u8>>,
    before: Metadata,
}

/// Reads a file that may be changed and redacts its keys, except those that stay.
///
/// # Errors
/// Why the file has to be left.
pub(super) fn redacted(
    path: &Path,
    matcher: &Matcher,
    stays: &mut dyn FnMut(&Hit) -> bool,
) -> Result<Redacted, Left> {
    let refused = |error: io::Error| Left::Refused(error.to_string());
    let before = fs::symlink_metadata(path).map_err(refused)?;
    may_be_replaced(&before)?;
    let text = Zeroizing::new(regular_file::read(path, LARGEST, Trust::Anyones).map_err(refused)?);
    if !is_same(&before, path).map_err(refused)? {
        return Err(Left::Changed);
    }
    if DATABASES.iter().any(|start| text.starts_with(start)) {
        return Err(Left::Database);
    }
    let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| text.starts_with(mark));
    if !is_utf16 && memchr::memchr(0, &text).is_some() {
        return Err(Left::Binary);
    }
    unused(path)?;
    let content = same_length(matcher, &text, stays).map_err(Left::Obstinate)?;
    Ok(Redacted { content, before })
}

impl Redacted {
    /// Replaces the file by the new content, if it was not changed since it was read and no program has it open.
    pub(super) fn write(&self, path: &Path) -> Result<(), Left> {
        let mut left = None;
        let still = std::cell::RefCell::new(&mut left);
        let is_still = || {
            let why = match is_same(&self.before, path) {
                Ok(true) => unused(path).err(),
                Ok(false) => Some(Left::Changed),
                Err(error) => return Err(error),
            };
            let Some(why) = why else { return Ok(()) };
            **still.borrow_mut() = Some(why);
            Err(io::Error::other("it may not be replaced now"))
        };
        let written = atomic_file::rewrite(path, &self.content, &is_still);
        written.map_err(|error| left.unwrap_or_else(|| Left::Refused(error.to_string())))
    }
}

fn may_be_replaced(found: &Metadata) -> Result<(), Left> {
    if found.file_type().is_symlink() {
        return Err(Left::Link);
    }
    if found.len() > LARGEST {
        return Err(Left::TooLarge);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(Left::OthersFile);
        }
        if found.nlink() > 1 {
            return Err(Left::SeveralNames);
        }
    }
    Ok(())
}

fn is_same(before: &Metadata, path: &Path) -> io::Result<bool> {
    let now = fs::symlink_metadata(path)?;
    let is_same = now.is_file() && now.len() == before.len() && now.modified()? == before.modified()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Ok(is_same && (now.dev(), now.ino()) == (before.dev(), before.ino()))
    }
    #[cfg(not(unix))]
    Ok(is_same)
}

fn unused(path: &Path) -> Result<(), Left> {
    match open_files::is_open(path) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Left::InUse),
        Err(error) => Err(Left::UseUnknown(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fingerprint;
    use crate::scan::KeyIndex;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test writes the file")]
    fn what_was_changed_since_it_was_read_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let text = format!("GETIMG_API_KEY=sk_{}\n", &Fingerprint::of(b"a").to_hex()[..40]);
        fs::write(&path, &text).unwrap();
        let matcher = Matcher::new(KeyIndex::default());
        let Ok(first) = redacted(&path, &matcher, &mut |_| false) else { panic!("it was left") };
        fs::write(&path, format!("{text}more\n")).unwrap();
        assert_eq!(first.write(&path), Err(Left::Changed));
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}more\n"));
        let Ok(second) = redacted(&path, &matcher, &mut |_| false) else { panic!("it was left") };
        assert_eq!(second.write(&path), Ok(()));
        let wanted = format!("GETIMG_API_KEY=sk_{}\nmore\n", "*".repeat(40));
        assert_eq!(fs::read_to_string(&path).unwrap(), wanted);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
