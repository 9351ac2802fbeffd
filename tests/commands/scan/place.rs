//! A home with every kind of key, and a repository to search.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use getimg_keys::backend::local::profiles_file;
use getimg_keys::model::{
    ApiKey, Fingerprint, KeyRecord, PreviousKey, Profile, Profiles, StoreKind, retired,
};
use getimg_keys::system::{Places, Variables};
use serde_json::Value;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::support::repositories::Repo;

/// Variables that would lead outside the home.
const UNSET: &[&str] = &[
    "GETIMG_KEYS_PROFILE",
    "GETIMG_KEYS_STORE",
    "HISTFILE",
    "ZDOTDIR",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "APPDATA",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "CODEX_SQLITE_HOME",
    "COPILOT_HOME",
    "CONTINUE_GLOBAL_DIR",
];

/// A home with profiles, and a repository to search.
pub(crate) struct Place {
    _folder: TempDir,
    pub(crate) home: PathBuf,
    pub(crate) repo: Repo,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The key with a name; each name has one of its own.
pub(crate) fn key(name: &str) -> String {
    format!("sk_{}", &Fingerprint::of(name.as_bytes()).to_hex()[..40])
}

/// A key's fingerprint, as reports show it.
pub(crate) fn print(name: &str) -> String {
    Fingerprint::of(key(name).as_bytes()).to_string()
}

fn record(name: &str, now: DateTime<Utc>) -> KeyRecord {
    KeyRecord::of(&ApiKey::parse(Zeroizing::new(key(name))).unwrap(), now)
}

fn profiles() -> Profiles {
    let now = "2024-01-02T03:04:05Z".parse().unwrap();
    let mut profiles = Profiles::default();
    profiles.store = Some(StoreKind::Keychain);
    let profile = |name: &str| Profile {
        name: name.parse().unwrap(),
        protected: false,
        note: None,
        added_at: now,
        rotated_at: None,
        key: record(name, now),
        previous: None,
        pushed: Vec::new(),
    };
    let mut rotating = profile("rotating");
    rotating.previous = Some(PreviousKey { since: now, key: record("previous", now) });
    let mut leaked = profile("leaked");
    leaked.key.compromised_at = Some(now);
    [profile("dev"), rotating, leaked].into_iter().for_each(|profile| profiles.insert(profile));
    let dev = "dev".parse().unwrap();
    profiles.retire(record("retired", now).retire(&dev, retired::Reason::Rotated, now));
    profiles.retire(record("removed", now).retire(&dev, retired::Reason::Removed, now));
    profiles
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap().join("home");
        fs::create_dir_all(&home).unwrap();
        private(&home, 0o700);
        let variables = Variables::from_iter([("GETIMG_KEYS_HOME", home.to_str().unwrap())]);
        let (mut edit, _) = profiles_file::edit(&Places::find(&variables).unwrap()).unwrap();
        edit.profiles = profiles();
        edit.save().unwrap();
        drop(edit);
        let repo = Repo::new(&folder.path().canonicalize().unwrap().join("work"));
        Self { _folder: folder, home, repo }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(&self.repo.0, arguments, b"")
    }

    pub(crate) fn run_in(&self, folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
        self.run_with(Command::new(env!("CARGO_BIN_EXE_getimg-keys")), folder, arguments, input)
    }

    /// Runs as a user whom file modes stop; root gives up the rights to ignore them.
    pub(crate) fn run_kept_out(&self, folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
        let program = env!("CARGO_BIN_EXE_getimg-keys");
        let mut call = Command::new(if rustix::process::geteuid().is_root() { "setpriv" } else { program });
        if rustix::process::geteuid().is_root() {
            call.args(["--bounding-set=-dac_override,-dac_read_search", program]);
        }
        self.run_with(call, folder, arguments, input)
    }

    pub(crate) fn run_with(&self, mut call: Command, folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
        let named: Vec<_> = call.get_envs().map(|(name, _)| name.to_owned()).collect();
        for name in UNSET.iter().filter(|name| !named.iter().any(|set| set == *name)) {
            call.env_remove(name);
        }
        call.current_dir(folder).args(arguments).env("HOME", &self.home);
        call.env("GETIMG_KEYS_HOME", &self.home).env("COLUMNS", crate::support::ONE_LINE);
        let mut child =
            call.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.err, "", "{}", ran.out);
        (ran.code, serde_json::from_str(&ran.out).unwrap())
    }
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) {}
