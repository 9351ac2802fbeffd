//! Where this program's files are.

use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::hint::{quoted, suggest};
use crate::model::fingerprint::hex;
use crate::model::key_shape::path_without_keys;
use crate::system::files::resolved_path::resolved;
use crate::system::terminal::escape;
use crate::system::variables::{self, Variables};

/// The keychain service name for the default folder.
const SERVICE: &str = "getimg-keys";
/// The folder for a user without a home: below a device nothing can be read or created.
const NOWHERE: &str = "/dev/null/getimg-keys";

/// The folders of this run.
#[derive(Clone, Debug)]
pub struct Places {
    /// The folder of the user's configuration.
    pub config_directory: PathBuf,
    /// The folder of the program's own files.
    pub data_directory: PathBuf,
    /// The working directory at the start.
    pub working_directory: PathBuf,
    /// Whether there is a home; without one the folders are paths that can never exist.
    pub are_real: bool,
    user_home: Option<PathBuf>,
    /// Whether `$GETIMG_KEYS_HOME` names the folder.
    of_variable: bool,
}

/// The service name that an earlier version gave to a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierService {
    /// The name.
    pub name: String,
    /// Whether other folders had the same name.
    pub shared: bool,
}

impl Places {
    /// Finds the folders: `$GETIMG_KEYS_HOME`, else the platform's.
    ///
    /// # Errors
    /// A home that is a relative path (exit 2, or 1 for `$HOME`). A missing home is no error until it is needed.
    pub fn find(variables: &Variables) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks for it")]
        // A deleted folder has no path; whatever needs one refuses it.
        let working_directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        // Not every shell on Windows knows `~`, so full paths are shown there.
        let user_home = directories::BaseDirs::new().filter(|_| cfg!(unix));
        let user_home = user_home.map(|dirs| dirs.home_dir().to_path_buf());
        let named = variables.path(variables::HOME);
        let of_variable = named.is_some();
        let found = match named {
            Some(home) => self::of_variable(home)?,
            None => of_platform()?,
        };
        Ok(Self {
            config_directory: found.config,
            data_directory: found.data,
            working_directory,
            are_real: found.are_real,
            user_home,
            of_variable,
        })
    }

    /// The keychain's service name, and the one that an earlier version used; `None` if that is the same.
    ///
    /// Each other folder than the default has entries of its own.
    pub fn services(&self) -> (String, Option<EarlierService>) {
        if !self.are_real {
            return (SERVICE.to_owned(), None);
        }
        let service = service_of(&self.data_directory, self.user_home.as_deref());
        let earlier = if self.of_variable { hashed(&self.data_directory) } else { SERVICE.to_owned() };
        let earlier = EarlierService { name: earlier, shared: !self.of_variable };
        let differs = earlier.name != service;
        (service, differs.then_some(earlier))
    }

    /// Fails without a home.
    ///
    /// # Errors
    /// There is none (exit 1).
    pub fn must_be_real(&self) -> Result<()> {
        if self.are_real {
            return Ok(());
        }
        Err(Error::failure("this user has no home directory")
            .hint(suggest::set(variables::HOME, if cfg!(windows) { r"C:\a\folder" } else { "/a/folder" })))
    }

    /// Refuses to write into another user's home as root: the owner could not change what root creates there.
    ///
    /// # Errors
    /// The home belongs to another user (exit 1).
    #[cfg(unix)]
    pub fn must_be_ours(&self) -> Result<()> {
        let Some(home) = self.user_home.as_deref().filter(|home| self.data_directory.starts_with(home))
        else {
            return Ok(());
        };
        // A home whose metadata cannot be read cannot be written to either.
        let owner = std::fs::metadata(home).map_or(0, |found| std::os::unix::fs::MetadataExt::uid(&found));
        if owner == 0 || !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let message =
            format!("the home {} belongs to another user, and root creates nothing there", home.display());
        Err(Error::failure(message)
            .hint("sudo -H getimg-keys …  # for profiles of root's own")
            .hint(format!("sudo -u '#{owner}' getimg-keys …  # for those of the home's owner")))
    }

    /// On Windows the permissions of a home ensure that.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn must_be_ours(&self) -> Result<()> {
        Ok(())
    }

    /// The user's configuration.
    pub fn config(&self) -> PathBuf {
        self.config_directory.join("config.toml")
    }

    /// The file of the profiles.
    pub fn profiles(&self) -> PathBuf {
        self.data_directory.join("profiles.toml")
    }

    /// The lock of the profiles.
    pub fn lock(&self) -> PathBuf {
        self.data_directory.join("profiles.lock")
    }

    /// The log of changes and handed out keys.
    pub fn log(&self) -> PathBuf {
        self.data_directory.join("log.jsonl")
    }

    /// Which warnings were shown, and when.
    pub fn nudges(&self) -> PathBuf {
        self.data_directory.join("nudges.json")
    }

    /// The encrypted files.
    pub fn keys(&self) -> PathBuf {
        self.data_directory.join("keys")
    }

    /// A file in the user's home that belongs to another program; `None` without a home.
    pub fn in_home(&self, name: &str) -> Option<PathBuf> {
        self.user_home.as_deref().map(|home| home.join(name))
    }

    /// The public key of shared encrypted files that this machine accepted.
    pub fn trusted_recipient(&self) -> PathBuf {
        self.data_directory.join("keys.recipient")
    }

    /// A path in config.toml: an absolute one, or below the home as `~/…`.
    ///
    /// # Errors
    /// A relative path (exit 1), because it would mean another folder in each working directory.
    pub fn of_config(&self, setting: &str, path: &Path) -> Result<PathBuf> {
        let below = path
            .strip_prefix("~")
            .ok()
            .and_then(|rest| self.user_home.as_deref().map(|home| home.join(rest)));
        match below {
            Some(path) => Ok(path),
            None if path.is_absolute() => Ok(path.to_owned()),
            None => Err(Error::failure(format!(
                "{}: {setting} is a relative path; write a whole one, or one below ~/",
                self.shown(&self.config())
            ))
            .hint(suggest::edit(self.typed(&self.config())))),
        }
    }

    /// A path for a person: `~` for their home; terminal control characters are shown as text, and a key in it is not.
    pub fn shown(&self, path: &Path) -> String {
        let text = match self.user_home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) if rest.components().any(|c| matches!(c, Component::Normal(_))) => {
                format!("~/{}", rest.display())
            }
            _ => path.display().to_string(),
        };
        escape(&path_without_keys(&text))
    }

    /// A path as a word of a command: as [`Places::shown`], and quoted if a shell would misread it.
    pub fn typed(&self, path: &Path) -> String {
        let shown = self.shown(path);
        match shown.strip_prefix("~/") {
            Some(rest) if !path.starts_with("~") => format!("~/{}", quoted(rest)),
            _ => quoted(shown),
        }
    }
}

/// What depends on who named the folders: the user, or the platform.
struct Found {
    config: PathBuf,
    data: PathBuf,
    are_real: bool,
}

fn of_variable(home: PathBuf) -> Result<Found> {
    if !home.is_absolute() {
        // Its value is not repeated: it might be a key.
        return Err(Error::usage("$GETIMG_KEYS_HOME is relative; it must be an absolute path")
            .hint(suggest::set(variables::HOME, if cfg!(windows) { r"C:\a\folder" } else { "\"$PWD/…\"" })));
    }
    Ok(Found { config: home.clone(), data: home, are_real: true })
}

fn of_platform() -> Result<Found> {
    let Some(directories) = directories::ProjectDirs::from("", "", SERVICE) else {
        let nowhere = PathBuf::from(NOWHERE);
        return Ok(Found { config: nowhere.clone(), data: nowhere, are_real: false });
    };
    if !directories.data_dir().is_absolute() {
        return Err(Error::failure("$HOME is relative").hint(suggest::unset("HOME")));
    }
    Ok(Found {
        config: directories.config_dir().to_path_buf(),
        data: directories.data_dir().to_path_buf(),
        are_real: true,
    })
}

/// The name by which a folder's entries are found in the keychain, however its path is spelled.
fn service_of(data_directory: &Path, user_home: Option<&Path>) -> String {
    let folder = resolved(data_directory);
    if default_folder(user_home).is_some_and(|default| resolved(&default) == folder) {
        return SERVICE.to_owned();
    }
    hashed(&folder)
}

/// The data folder if no variable sets it.
#[cfg(all(unix, not(target_os = "macos")))]
fn default_folder(user_home: Option<&Path>) -> Option<PathBuf> {
    user_home.map(|home| home.join(".local/share/getimg-keys"))
}

/// No variable moves it on this system.
#[cfg(any(windows, target_os = "macos"))]
fn default_folder(_: Option<&Path>) -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", SERVICE).map(|found| found.data_dir().to_path_buf())
}

fn hashed(folder: &Path) -> String {
    let hash = hex(&Sha256::digest(folder.as_os_str().as_encoded_bytes()));
    format!("{SERVICE}:{}", &hash[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_of_ones_own_has_a_service_of_its_own() {
        let places = |home| Places::find(&Variables::from_iter([(variables::HOME, home)])).unwrap();
        let root = if cfg!(windows) { "C:/" } else { "/" };
        let (one, two) = (places(&format!("{root}one")), places(&format!("{root}two")));
        assert_ne!(one.services(), two.services());
        assert_eq!(one.services().0.len(), "getimg-keys:".len() + 12);
        assert_eq!(one.profiles(), Path::new(root).join("one/profiles.toml"));
    }

    #[test]
    fn a_relative_home_is_refused() {
        let refused = Places::find(&Variables::from_iter([(variables::HOME, "here")])).unwrap_err();
        assert_eq!(
            (refused.kind.code(), refused.message.as_str()),
            (2, "$GETIMG_KEYS_HOME is relative; it must be an absolute path")
        );
    }
}
