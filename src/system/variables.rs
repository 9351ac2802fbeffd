//! The environment variables that this program uses, read once at the start.

#![expect(clippy::disallowed_methods, reason = "this file is where the environment is read")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hint::suggest;

/// Selects a profile.
pub const PROFILE: &str = "GETIMG_KEYS_PROFILE";
/// Selects a store, as `--store` does.
pub const STORE: &str = "GETIMG_KEYS_STORE";
/// One folder for every file.
pub const HOME: &str = "GETIMG_KEYS_HOME";
/// Another base URL of the API, on this machine.
pub const API_URL: &str = "GETIMG_KEYS_API_URL";
/// A file that holds the passphrase of the encrypted files.
pub const PASSPHRASE_FILE: &str = "GETIMG_KEYS_PASSPHRASE_FILE";
/// The shell, as its hook exports it.
pub const SHELL: &str = "GETIMG_KEYS_SHELL";
/// The variable in which the SDKs look for the key.
pub const API_KEY: &str = "GETIMG_API_KEY";
/// The SDKs' base URL: it can send a key elsewhere.
pub const SDK_BASE_URL: &str = "GETIMG_AI_BASE_URL";
/// The SDKs' extra headers: an `Authorization` line there replaces the key silently.
pub const SDK_HEADERS: &str = "GETIMG_AI_CUSTOM_HEADERS";

const SESSION_BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// The environment at the start of the run.
pub struct Variables(BTreeMap<OsString, OsString>);

/// `$PATH`, for starting programs.
pub fn search_path() -> Option<std::ffi::OsString> {
    std::env::var_os("PATH")
}

/// The extensions that a program's name may lack on Windows.
#[cfg(windows)]
pub fn program_endings() -> Option<String> {
    std::env::var("PATHEXT").ok().filter(|endings| !endings.is_empty())
}

/// What every program needs: on Windows, the folder of the system.
pub fn of_the_system() -> impl Iterator<Item = (&'static str, OsString)> {
    let names: &[&str] = if cfg!(windows) { &["SystemRoot", "ComSpec", "PATHEXT"] } else { &[] };
    names.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}

/// The addresses of the D-Bus session, as every program of the session reads them; empty if there are none.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn session_bus() -> String {
    std::env::var(SESSION_BUS).unwrap_or_default()
}

/// The socket of the desktop's D-Bus session, if there is one that the session's variable does not name already.
pub fn other_session_bus() -> Option<String> {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).or_else(run_folder)?;
    let socket = folder.join("bus").into_os_string().into_string().ok()?;
    let named = std::env::var(SESSION_BUS).is_ok_and(|listed| listed.contains(&socket));
    let is_there = std::fs::symlink_metadata(&socket).is_ok();
    (is_there && !named).then_some(socket)
}

/// Where systemd keeps it for a logged-in user; cron and the like do not get the variable.
fn run_folder() -> Option<PathBuf> {
    #[cfg(unix)]
    return Some(format!("/run/user/{}", rustix::process::geteuid().as_raw()).into());
    #[cfg(not(unix))]
    return None;
}

impl Variables {
    /// The process's own environment.
    pub fn of_this_process() -> Self {
        Self(std::env::vars_os().map(|(name, value)| (one_case(name), value)).collect())
    }

    /// A variable's value; an empty one counts as not set.
    ///
    /// # Errors
    /// A value that is not UTF-8; it is not repeated.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(&one_case(name.into())) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some("") => Ok(None),
                Some(text) => Ok(Some(text)),
                None => Err(Error::usage(format!("${name} is not valid UTF-8")).hint(suggest::unset(name))),
            },
        }
    }

    /// A variable's value as a path; an empty one counts as not set.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(&one_case(name.into())).filter(|v| !v.is_empty()).map(PathBuf::from)
    }

    /// A variable's value, in a buffer that is wiped; bytes that are not UTF-8 are replaced.
    pub fn secret(&self, name: &str) -> Option<Zeroizing<String>> {
        self.0.get(&one_case(name.into())).map(|value| Zeroizing::new(value.to_string_lossy().into_owned()))
    }

    /// Whether a variable is set, even if it is empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(&one_case(name.into()))
    }

    /// The names of all variables whose value contains a text.
    pub fn holding(&self, text: &str) -> Vec<OsString> {
        let finder = memchr::memmem::Finder::new(text);
        let holds = |value: &OsString| finder.find(value.as_encoded_bytes()).is_some();
        self.0.iter().filter(|(_, value)| holds(value)).map(|(name, _)| name.clone()).collect()
    }

    /// The names of all variables with a prefix, with the rest of each name.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.keys().filter_map(move |name| {
            let name = name.to_str()?;
            Some((name, name.strip_prefix(prefix)?))
        })
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Variables {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (one_case(name.into()), value.into())).collect())
    }
}

/// On Windows variable names ignore case, and the search path is called `Path`.
fn one_case(name: OsString) -> OsString {
    if cfg!(windows) { name.to_ascii_uppercase() } else { name }
}
