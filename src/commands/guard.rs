//! `guard`: git hooks that scan what is staged for keys, before a commit and before a merge commit.

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::commit_guard::{self, Weakness};
use crate::git::hooks::{Holds, Hook, NAMES};
use crate::git::{Repository, shown, unread};
use crate::hint::Hint;
use crate::output::{Render, Report};
use crate::system::World;

/// Scan every commit of this repository for keys
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys guard install
  getimg-keys guard status")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum Action {
    /// Install a pre-commit and a pre-merge-commit hook; existing hooks still run
    #[command(after_help = "Examples:\n  getimg-keys guard install")]
    Install,
    /// Remove the hooks; those that were there before are put back
    #[command(after_help = "Examples:\n  getimg-keys guard uninstall")]
    Uninstall,
    /// Test the hook: whether a commit with a made-up key is refused
    #[command(after_help = "Examples:\n  getimg-keys guard status\n  getimg-keys guard status --json")]
    Status,
}

/// The result: where the hook is, and whether it refuses a key.
pub struct Guarded {
    text: String,
    hook: Hook,
    changed: bool,
    /// Why a commit with a key would not be refused.
    why: Option<Weakness>,
    is_asked: bool,
}

impl Report for Guarded {
    fn text(&self, _: &Render) -> String {
        if self.is_asked { self.text.clone() } else { String::new() }
    }

    fn json(&self) -> Value {
        let installed = self.hook.holds == Holds::Ours;
        json!({
            "path": shown(&self.hook.path),
            "installed": installed,
            "current": installed,
            "chained": self.hook.chained,
            "shared": self.hook.shared,
            "changed": self.changed,
            "active": self.why.is_none(),
            "why": self.why.as_ref().map(|why| why.code),
            "message": self.why.as_ref().map(|why| why.message.as_str()),
        })
    }

    fn exit(&self) -> Option<Kind> {
        (self.is_asked && self.why.is_some()).then_some(Kind::Failure)
    }
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, its hooks belong to somebody else, or cannot be written (1).
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<Guarded> {
    let repository = repository(world)?;
    let changed = match args.action {
        Action::Install => install(&repository, world, backend)?,
        Action::Uninstall => each(&repository, |hook| hook.uninstall())?,
        Action::Status => false,
    };
    let hook = Hook::of(&repository, NAMES[0])?;
    let why = match args.action {
        // It was tried already.
        Action::Install => None,
        _ => commit_guard::weakness(&repository, world, backend)?,
    };
    let path = world.places.shown(&hook.path);
    let text = match (args.action, &why) {
        (Action::Status, Some(why)) => why.message.clone(),
        (Action::Status, None) => format!("{path} is installed{}: a made-up key was refused", besides(&hook)),
        (Action::Install, _) if changed => format!("wrote {path}{}", besides(&hook)),
        (Action::Install, _) => format!("{path} is already installed{}", besides(&hook)),
        (Action::Uninstall, _) if changed => format!("removed {path}"),
        (Action::Uninstall, _) => "no getimg-keys hook is installed here; nothing was changed".to_owned(),
    };
    let is_asked = matches!(args.action, Action::Status);
    if !is_asked {
        world.terminal.say(&text);
    }
    Ok(Guarded { text, hook, changed, why, is_asked })
}

/// The hook only stays if it refuses a key: another one would let every commit through, or none.
fn install(repository: &Repository, world: &World, backend: &dyn Backend) -> Result<bool> {
    let program = commit_guard::this_program(world)?;
    each(repository, |hook| hook.refuse_managed().map(|()| false))?;
    let changed = each(repository, |hook| hook.install(&program))?;
    commit_guard::accept(repository, world, backend)?;
    match commit_guard::weakness(repository, world, backend)? {
        Some(why) => {
            let done = if changed { "was written" } else { "is installed" };
            Err(Error::failure(format!("the hook {done}, but it does not work: {}", why.message))
                .hint(Hint::run("guard uninstall")))
        }
        None => Ok(changed),
    }
}

fn repository(world: &World) -> Result<Repository> {
    let folder = &world.places.working_directory;
    let none = || {
        let none = Error::failure(format!("{} is in no git repository", folder.display()));
        match world.variables.is_set("GIT_DIR") {
            true => none.hint("unset GIT_DIR  # a hook is found from its work tree alone; then cd into one"),
            false => none.hint("git init"),
        }
    };
    // If git cannot read a setting, it may treat it as absent.
    unread::refuse(folder)?;
    Repository::around(folder)?.ok_or_else(none)
}

/// Changes every hook after all could be read; returns whether any was changed.
fn each(repository: &Repository, act: impl Fn(&Hook) -> Result<bool>) -> Result<bool> {
    let hooks = Hook::all(repository)?;
    hooks.iter().try_fold(false, |changed, hook| Ok(act(hook)? || changed))
}

fn besides(hook: &Hook) -> String {
    let mut text = String::new();
    if hook.chained {
        text.push_str("; the hook that was there runs after it");
    }
    if hook.shared {
        text.push_str(
            "; core.hooksPath names a folder outside this repository: the hook serves all that use it",
        );
    }
    text
}
