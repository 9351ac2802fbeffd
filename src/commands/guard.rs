//! `guard`: a pre-commit hook that looks for keys in what is staged.

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::git::Repository;
use crate::git::hooks::{Holds, Hook};
use crate::output::Said;
use crate::system::World;

/// Let every commit here be searched for keys first
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum Action {
    /// Write a pre-commit hook; one that is there runs after it
    Install,
    /// Take the hook away; one that was there before is put back
    Uninstall,
    /// Say whether the hook is in place
    Status,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, or the hook cannot be written (1).
pub fn run(args: &Args, world: &World) -> Result<Said> {
    let folder = &world.places.working_directory;
    let repository = Repository::around(folder)?.ok_or_else(|| {
        Error::failure(format!("{} is in no git repository", folder.display())).hint("git init")
    })?;
    let hook = Hook::of(&repository)?;
    let changed = match args.action {
        Action::Install => hook.install()?,
        Action::Uninstall => hook.uninstall()?,
        Action::Status => false,
    };
    let now = Hook::of(&repository)?;
    let text = match args.action {
        Action::Status => standing(&now, world),
        Action::Install => installed(&now, changed, world),
        Action::Uninstall if changed => format!("removed {}", world.places.shown(&now.path)),
        Action::Uninstall => "there is no hook of getimg-keys here; nothing was changed".to_owned(),
    };
    let json = as_json(&now, changed);
    if matches!(args.action, Action::Status) {
        return Ok(Said { text, json });
    }
    world.terminal.say(&text);
    Ok(Said { text: String::new(), json })
}

fn installed(hook: &Hook, changed: bool, world: &World) -> String {
    let path = world.places.shown(&hook.path);
    let mut text = if changed { format!("wrote {path}") } else { format!("{path} is in place already") };
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

fn standing(hook: &Hook, world: &World) -> String {
    let path = world.places.shown(&hook.path);
    match hook.holds {
        Holds::Ours => installed(hook, false, world),
        Holds::OursOutdated => format!("{path} is of another version; getimg-keys guard install renews it"),
        Holds::Another => format!("{path} is another hook; getimg-keys guard install runs before it"),
        Holds::Nothing => "no pre-commit hook; getimg-keys guard install writes one".to_owned(),
    }
}

fn as_json(hook: &Hook, changed: bool) -> Value {
    let installed = matches!(hook.holds, Holds::Ours | Holds::OursOutdated);
    json!({
        "path": hook.path,
        "installed": installed,
        "current": hook.holds == Holds::Ours,
        "chained": hook.chained,
        "shared": hook.shared,
        "changed": changed,
    })
}
