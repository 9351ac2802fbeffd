//! The temporary home, and programs that run in it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::key::{NAMES, made_up};
use super::stand_in::StandIn;
use crate::error::{Error, Result};
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::regular_file;
use crate::system::process::other_programs;
use crate::system::variables;

/// The environment that a program needs to draw on a terminal and to start at all; nothing else is passed on.
const HANDED_ON: [&str; 8] =
    ["TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "SystemRoot", "SystemDrive", "PATHEXT"];
/// Turns git's prompts off, and makes a shell show where it is.
const GITCONFIG: &str = "[user]\n\tname = demo\n\temail = demo@localhost\n[init]\n\tdefaultBranch = main\n";
const PROMPT: &str = "(getimg-keys demo) $ ";

/// A folder that is removed when this is dropped, with made-up keys, and a passphrase for encrypted files.
#[derive(Debug)]
pub struct Home {
    root: PathBuf,
    bin: PathBuf,
    api: String,
    coloured: bool,
    handed_on: Vec<(&'static str, PathBuf)>,
    _folder: TempDir,
}

impl Home {
    /// Makes one in the folder for temporary files, for this program and the API's address.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn make(
        program: &Path,
        api: &StandIn,
        coloured: bool,
        variables: &variables::Variables,
    ) -> Result<Self> {
        let temporary = std::env::temp_dir();
        let cannot = |e| Error::unwritable("make a folder in", &temporary, &e);
        let folder = tempfile::Builder::new().prefix("getimg-keys-demo-").tempdir().map_err(cannot)?;
        let root = folder.path().canonicalize().map_err(cannot)?;
        let handed_on = HANDED_ON.iter().filter_map(|name| Some((*name, variables.path(name)?))).collect();
        let bin = root.join("bin");
        let mut home = Self { bin, api: api.url(), coloured, handed_on, root, _folder: folder };
        home.furnish(program)?;
        NAMES.iter().for_each(|name| api.knows(&home.key(name)));
        Ok(home)
    }

    fn furnish(&mut self, program: &Path) -> Result<()> {
        for folder in ["bin", "tmp", "home/keys", "home/site"] {
            let folder = self.root.join(folder);
            atomic_file::make_folder(&folder)
                .map_err(|e| Error::unwritable("make the folder", &folder, &e))?;
        }
        for name in NAMES {
            self.write(&format!("home/keys/{name}"), &format!("{}\n", *self.key(name)))?;
        }
        self.write("nothing", "")?;
        self.write("home/.passphrase", "nothing worth keeping\n")?;
        self.write("home/.gitconfig", GITCONFIG)?;
        self.write("home/.zshrc", &format!("PS1='{PROMPT}'\n"))?;
        self.put_on_path(program)
    }

    /// Makes the program callable by its name, whatever the file is called.
    #[cfg(unix)]
    fn put_on_path(&mut self, program: &Path) -> Result<()> {
        let link = self.bin.join("getimg-keys");
        std::os::unix::fs::symlink(program, &link).map_err(|e| Error::unwritable("make the link", &link, &e))
    }

    #[cfg(not(unix))]
    fn put_on_path(&mut self, program: &Path) -> Result<()> {
        self.bin = program.parent().unwrap_or(Path::new(".")).to_path_buf();
        Ok(())
    }

    /// Writes a file that only its owner can read.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.root.join(name);
        atomic_file::replace(&path, text.as_bytes(), Access::Private)
            .map_err(|e| Error::unwritable("write", &path, &e))
    }

    /// A made-up key by its name.
    pub(super) fn key(&self, name: &str) -> Zeroizing<String> {
        made_up(&self.root, name)
    }

    /// A made-up key as standard input, or an empty input; a chroot may have no `/dev/null`.
    pub(super) fn input(&self, key: Option<&str>) -> io::Result<Stdio> {
        let path = key.map_or_else(|| self.root.join("nothing"), |key| self.root.join("home/keys").join(key));
        regular_file::open(&path).map(Stdio::from)
    }

    /// The folder that all of it is in.
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// A program in this home, with its working directory there; it gets only the search path and the
    /// terminal's type from the environment. No D-Bus address leads out of it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = other_programs::in_bare_environment(program, &self.bin);
        let home = self.root.join("home");
        let no_bus = format!("unix:path={}", self.root.join("no-bus").display());
        command.current_dir(home.join("site"));
        command.envs(self.handed_on.iter().map(|(name, value)| (name, value)));
        for (name, value) in [
            ("HOME", home.as_os_str()),
            ("USERPROFILE", home.as_os_str()),
            ("TMPDIR", self.root.join("tmp").as_os_str()),
            ("TEMP", self.root.join("tmp").as_os_str()),
            (variables::HOME, home.join(".getimg-keys").as_os_str()),
            (variables::PASSPHRASE_FILE, home.join(".passphrase").as_os_str()),
            (variables::STORE, OsStr::new("file")),
            (variables::API_URL, OsStr::new(&self.api)),
            ("DBUS_SESSION_BUS_ADDRESS", OsStr::new(&no_bus)),
            ("GIT_CONFIG_NOSYSTEM", OsStr::new("1")),
            (if self.coloured { "FORCE_COLOR" } else { "NO_COLOR" }, OsStr::new("1")),
            ("PS1", OsStr::new(PROMPT)),
        ] {
            command.env(name, value);
        }
        command
    }
}

/// Whether a program does not exist; folders of the search path that may not be searched are skipped, as in shells.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
}
