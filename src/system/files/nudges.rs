//! The file that remembers which warnings were shown.

use std::path::Path;

use super::atomic_file::{self, Access};
use super::regular_file::{self, Trust};
use crate::error::{Error, Result};
use crate::model::Nudges;

/// The most bytes it may have.
const LARGEST: u64 = 1 << 20;

/// The record; empty if it cannot be read.
pub fn read(path: &Path) -> Nudges {
    regular_file::read(path, LARGEST, Trust::Anyones)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Writes it whole, without a lock: if two processes write at once, one record is lost and its warning is repeated.
///
/// # Errors
/// Any error of the system; the caller may ignore it.
pub fn write(path: &Path, nudges: &Nudges) -> Result<()> {
    let bytes = serde_json::to_vec(nudges).map_err(|e| Error::failure(e.to_string()))?;
    atomic_file::replace(path, &bytes, Access::Private).map_err(|e| Error::unwritable("write", path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Policy;
    use crate::model::review::review;
    use crate::model::test_support::{day, profiles};

    #[test]
    fn it_reads_what_it_wrote_and_takes_damage_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nudges.json");
        assert_eq!(read(&path), Nudges::default());
        let mut nudges = Nudges::default();
        assert!(nudges.line(&review(&profiles(&["dev"]), &Policy::default(), day(1)), day(1)).is_some());
        write(&path, &nudges).unwrap();
        assert_eq!(read(&path), nudges);
        write(&path.join("below/a/file"), &nudges).unwrap_err();
        for damage in ["", "{", "[]", "{\"dev overdue\":\"soon\"}"] {
            atomic_file::replace(&path, damage.as_bytes(), Access::Private).unwrap();
            assert_eq!(read(&path), Nudges::default(), "{damage}");
        }
    }
}
