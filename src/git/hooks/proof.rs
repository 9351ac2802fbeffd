//! Whether a commit with a key would be refused: the hook is run, on an index and objects of its own.

use std::path::Path;
use std::process::Command;

use super::{Holds, Hook};
use crate::error::{Error, Kind, Result};
use crate::git::path_of;
use crate::git::program::{Answer, git, run};
use crate::model::Fingerprint;

/// Lets a hook end after our lines.
const OURS_ALONE: &str = "GETIMG_KEYS_GUARD_PROOF";

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The made-up key was found, and the commit refused.
    Refused,
    /// It was not, and why.
    Passes(String),
}

/// Runs a hook as git would before a commit that brings a key that nobody has.
///
/// Only our lines are run, and nothing is left behind: index and objects are in a temporary folder.
///
/// # Errors
/// git is not there, or no temporary folder can be made.
pub fn prove(hook: &Hook) -> Result<Proof> {
    if hook.holds != Holds::Ours {
        return Ok(Proof::Passes("our lines are not in the hook".to_owned()));
    }
    let folder =
        tempfile::tempdir().map_err(|e| Error::unwritable("make a folder in", &std::env::temp_dir(), &e))?;
    let stage = Stage::new(&hook.top, folder.path())?;
    stage.put_key()?;
    let answer = stage.run_hook(hook)?;
    let found = i32::from(Kind::Leak.code());
    let said =
        answer.complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned();
    Ok(match answer.code {
        Some(code) if code == found => Proof::Refused,
        Some(0) => Proof::Passes("the hook lets a made-up key through".to_owned()),
        _ => Proof::Passes(format!("the hook did not come to search: {said}")),
    })
}

/// A work tree with an index and a folder of objects of its own.
struct Stage<'a> {
    top: &'a Path,
    folder: &'a Path,
    objects: std::path::PathBuf,
}

impl<'a> Stage<'a> {
    fn new(top: &'a Path, folder: &'a Path) -> Result<Self> {
        let answer = run(git(top, &["rev-parse", "--git-path", "objects"]), b"")?.good()?;
        let objects = top.join(path_of(answer.strip_suffix(b"\n").unwrap_or(&answer)));
        Ok(Self { top, folder, objects })
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = git(self.top, arguments);
        command.env("GIT_INDEX_FILE", self.folder.join("index"));
        command.env("GIT_OBJECT_DIRECTORY", self.folder);
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &self.objects);
        command.env(OURS_ALONE, "1");
        command
    }

    /// Stages a key that nobody has: the folder's name is another each time.
    fn put_key(&self) -> Result<()> {
        let made_up = Fingerprint::of(self.folder.as_os_str().as_encoded_bytes()).to_hex();
        let key = ["GETIMG_API_KEY=", "sk_", made_up.get(..40).unwrap_or(&made_up), "\n"].concat();
        let id = run(self.git(&["hash-object", "-w", "--stdin"]), key.as_bytes())?.good()?;
        let entry = format!("100644,{},getimg-keys-guard-proof", String::from_utf8_lossy(&id).trim());
        run(self.git(&["update-index", "--add", "--cacheinfo", &entry]), b"")?.good().map(drop)
    }

    fn run_hook(&self, hook: &Hook) -> Result<Answer> {
        let answer = run(self.git(&["hook", "run", hook.name]), b"")?;
        if !answer.complaint.contains("is not a git command") {
            return Ok(answer);
        }
        // git before 2.36 runs a program from the top only as an alias.
        let alias = "alias.getimg-keys-hook=!\"$GETIMG_KEYS_GUARD_HOOK\"";
        let mut call = self.git(&["-c", alias, "getimg-keys-hook"]);
        call.env("GETIMG_KEYS_GUARD_HOOK", &hook.run);
        run(call, b"")
    }
}
