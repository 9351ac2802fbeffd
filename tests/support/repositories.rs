//! Real repositories, and keys made at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use getimg_keys::git::Repository;
use getimg_keys::model::{ApiKey, Fingerprint};
use getimg_keys::scan::{KeyIndex, KnownKey, Matcher, State};
use zeroize::Zeroizing;

/// A repository without a user's git settings.
pub(crate) struct Repo(pub(crate) PathBuf);

impl Repo {
    /// An empty repository at a path.
    pub(crate) fn new(path: &Path) -> Self {
        fs::create_dir_all(path).unwrap();
        let repo = Self(path.to_path_buf());
        repo.git("init -q -b main");
        repo
    }

    /// Runs git with arguments that have no blanks.
    pub(crate) fn git(&self, arguments: &str) -> String {
        self.git_with(&arguments.split(' ').collect::<Vec<_>>(), b"")
    }

    /// Runs git; returns its output.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut call = Command::new("git");
        call.current_dir(&self.0).args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"]);
        call.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            call.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.com");
            call.env(format!("GIT_{who}_DATE"), "2024-05-06T07:08:09+02:00");
        }
        call.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = call.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes a file below the top.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes, adds and commits a file; returns the commit's id.
    pub(crate) fn commit(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        self.write(path, content);
        self.git_with(&["add", "-f", path], b"");
        self.git_with(&["commit", "-q", "-m", &format!("change {path}")], b"");
        self.git("rev-parse HEAD")
    }

    /// What the library finds here.
    pub(crate) fn repository(&self) -> Repository {
        Repository::around(&self.0).unwrap().unwrap()
    }
}

/// The keys of a test. Each is known as the current key of a profile, which has the name of the key's place.
#[derive(Default)]
pub(crate) struct Keys(pub(crate) BTreeMap<String, String>);

impl Keys {
    /// The key for a place.
    pub(crate) fn of(&mut self, place: &str) -> String {
        let key = format!("sk_{}", &Fingerprint::of(place.as_bytes()).to_hex()[..40]);
        self.0.insert(place.to_owned(), key.clone());
        key
    }

    /// A matcher that knows all of them.
    pub(crate) fn matcher(&self) -> Matcher {
        let mut known = KeyIndex::default();
        for (place, key) in &self.0 {
            let key = ApiKey::parse(Zeroizing::new(key.clone())).unwrap();
            let profile = place.parse().unwrap();
            let (length, hint) = (key.expose().len(), key.hint());
            known.insert(key.fingerprint(), KnownKey { profile, state: State::Current, length, hint });
        }
        Matcher::new(known)
    }

    /// Some of the places; all of them must have been used.
    pub(crate) fn places(&self, wanted: &[&str]) -> BTreeSet<String> {
        assert!(wanted.iter().all(|place| self.0.contains_key(*place)));
        wanted.iter().map(|place| (*place).to_owned()).collect()
    }
}
