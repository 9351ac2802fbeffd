//! Proves that a commit with a key would be refused: runs the hook with an index and objects of its own.

use std::path::Path;
use std::process::Command;

use super::trust::has_configured_hooks;
use super::{Holds, Hook, Manager};
use crate::error::{Error, Kind, Result};
use crate::git::path_of;
use crate::git::program::{Answer, git, run};
use crate::model::Fingerprint;
use crate::model::profiles::AllowedPin;
use crate::system::files::atomic_file::{self, Access};

/// Ends a hook after our lines.
const OURS_ALONE: &str = "GETIMG_KEYS_GUARD_PROOF";

/// The result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The made-up key was found, and the commit refused.
    Refused,
    /// It was not tried, with the reason.
    NotTried(String),
    /// It was tried and not refused, with the reason.
    Passes(String),
}

/// Runs a hook as git would before a commit that adds a made-up key.
///
/// Only our lines are run, and nothing is left behind: the index and objects are in a temporary folder. If something
/// else would run too, it must be exactly as this user's `guard install` left it: another person's repository may hold
/// anything.
///
/// # Errors
/// git is missing, or no temporary folder can be created.
pub fn prove(hook: &Hook, program: &Path, accepted: &[AllowedPin]) -> Result<Proof> {
    if hook.holds != Holds::Ours {
        return Ok(Proof::NotTried("the getimg-keys lines are not in the hook".to_owned()));
    }
    if !hook.to_be_accepted(program)?.iter().all(|file| accepted.contains(file)) {
        let why = "it was not tried, since it is not as `guard install` leaves it; getimg-keys guard install looks after it";
        return Ok(Proof::NotTried(why.to_owned()));
    }
    if has_configured_hooks(&hook.top)? {
        let why = "it was not tried: git is configured to run other commands before a commit";
        return Ok(Proof::NotTried(why.to_owned()));
    }
    let folder =
        tempfile::tempdir().map_err(|e| Error::unwritable("make a folder in", &std::env::temp_dir(), &e))?;
    if let Some(manager) = hook.manager {
        return prove_managed(hook, manager, folder.path());
    }
    let stage = Stage::new(&hook.top, folder.path())?;
    stage.put_key()?;
    let answer = stage.run_hook(hook)?;
    let found = i32::from(Kind::Leak.code());
    Ok(match answer.code {
        Some(code) if code == found => Proof::Refused,
        Some(0) => Proof::Passes("the hook lets a made-up key through".to_owned()),
        _ => Proof::Passes(format!("the hook ended before it searched: {}", first_line(&answer))),
    })
}

/// Runs a manager's hook in a repository of its own, whose list has only our lines: nothing of the team runs.
fn prove_managed(hook: &Hook, manager: Manager, folder: &Path) -> Result<Proof> {
    if hook.run.symlink_metadata().is_err() {
        return Ok(Proof::NotTried(format!("its hook is not installed yet: {}", manager.installer())));
    }
    let written = |error: std::io::Error| Error::unwritable("write in", folder, &error);
    let call = |arguments: &[&str]| {
        let mut command = git(folder, &[&["-c", "core.hooksPath=.git/hooks"], arguments].concat());
        command.env_remove("GIT_OBJECT_DIRECTORY").env_remove("GIT_ALTERNATE_OBJECT_DIRECTORIES");
        for home in ["PRE_COMMIT_HOME", "PREK_HOME"] {
            command.env(home, folder.join(".git/manager"));
        }
        run(command, b"")
    };
    call(&["init", "-q", "--template=", "."])?.good()?;
    let (name, list) = manager.alone();
    let hooks = folder.join(".git/hooks");
    atomic_file::make_folder(&hooks).map_err(written)?;
    atomic_file::copy(&hook.run, &hooks.join(hook.name)).map_err(written)?;
    atomic_file::replace(&folder.join(name), list.as_bytes(), Access::Public).map_err(written)?;
    let try_with = |text: &str| -> Result<Answer> {
        atomic_file::replace(&folder.join("made-up"), text.as_bytes(), Access::Public).map_err(written)?;
        call(&["add", "-A"])?.good()?;
        call(&["hook", "run", hook.name])
    };
    // If it refuses everything, its refusal proves nothing.
    let clean = try_with("clean\n")?;
    if clean.code != Some(0) {
        return Ok(Proof::Passes(format!(
            "{} does not run the getimg-keys lines: {}",
            manager.as_str(),
            first_line(&clean)
        )));
    }
    Ok(match try_with(&made_up_key(folder))?.code {
        Some(0) => Proof::Passes("the hook lets a made-up key through".to_owned()),
        _ => Proof::Refused,
    })
}

fn first_line(answer: &Answer) -> String {
    let out = String::from_utf8_lossy(&answer.out).into_owned();
    let mut said = answer.complaint.lines().chain(out.lines());
    said.find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
}

/// A made-up key that differs each time, like the name of a temporary folder.
fn made_up_key(folder: &Path) -> String {
    let made_up = Fingerprint::of(folder.as_os_str().as_encoded_bytes()).to_hex();
    ["GETIMG_API_KEY=", "sk_", made_up.get(..40).unwrap_or(&made_up), "\n"].concat()
}

/// A work tree with its own index and folder of objects.
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

    /// Stages a key.
    fn put_key(&self) -> Result<()> {
        let key = made_up_key(self.folder);
        let id = run(self.git(&["hash-object", "-w", "--stdin"]), key.as_bytes())?.good()?;
        let entry = format!("100644,{},getimg-keys-guard-proof", String::from_utf8_lossy(&id).trim());
        // Otherwise this would run a repository's post-index-change hook.
        let no_hooks = ["-c", "core.hooksPath=/dev/null"];
        let arguments = [&no_hooks[..], &["update-index", "--add", "--cacheinfo", &entry]].concat();
        run(self.git(&arguments), b"")?.good().map(drop)
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
