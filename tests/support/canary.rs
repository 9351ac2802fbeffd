//! Keys made at run time, each of them new, and the search for them where they must not be.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::path::Path;

use getimg_keys::model::Fingerprint;

/// A key that nobody has.
#[derive(Clone)]
pub struct Key(pub String);

impl Key {
    /// One in the current API's form.
    pub fn v2() -> Self {
        Self(format!("sk_{}", random(45)))
    }

    /// One in the legacy API's form.
    pub fn v1() -> Self {
        Self(format!("key-{}", random(96)))
    }

    /// Its mask: the prefix and the last four characters.
    pub fn hint(&self) -> String {
        let prefix = if self.0.starts_with("sk_") { "sk_" } else { "key-" };
        format!("{prefix}…{}", &self.0[self.0.len() - 4..])
    }

    /// What the program records of it.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_bytes())
    }

    /// Whether a text has it, or 16 characters of its middle.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let middle = self.0.len() / 2;
        let part = &self.0.as_bytes()[middle - 8..middle + 8];
        contains(bytes, part)
    }

    /// Every file below a folder that has it, in its content or name.
    pub fn found_below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                found.extend(self.found_below(&path));
            } else if self.is_in(path.as_os_str().as_encoded_bytes())
                || fs::read(&path).is_ok_and(|bytes| self.is_in(&bytes))
            {
                found.push(path.display().to_string());
            }
        }
        found
    }
}

/// A key that repeats one letter, unlike any other text.
pub fn text(letter: char) -> String {
    format!("sk_{}", format!("{letter}7Qx").repeat(12))
}

/// Whether bytes hold others.
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn random(length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let letter = |number: usize| {
        let hash = RandomState::new().hash_one((number, std::process::id()));
        char::from(LETTERS[usize::try_from(hash % LETTERS.len() as u64).unwrap()])
    };
    (0..length).map(letter).collect()
}

#[test]
fn a_key_that_is_written_down_is_found() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::v2());
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::write(folder.path().join("deep/file"), format!("before {} after", key.0)).unwrap();
    assert_eq!(key.found_below(folder.path()).len(), 1);
    assert!(Key::v2().found_below(folder.path()).is_empty());
}
