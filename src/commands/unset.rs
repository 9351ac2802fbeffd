//! `unset`: what undoes `env` in this shell.

use zeroize::Zeroizing;

use super::env::{ShellText, which_shell};
use crate::error::{Error, Result};
use crate::shell::{Change, Shell, VariableName};
use crate::world::World;

/// Print shell code that undoes `env`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to write for; found out by itself otherwise
    #[arg(long)]
    shell: Option<Shell>,
}

/// Runs the command.
///
/// # Errors
/// The configuration names a variable that none can be (2).
pub fn run(args: &Args, world: &World) -> Result<ShellText> {
    text(which_shell(args.shell, world)?, world)
}

/// Shell code that unsets every variable that `env` sets.
///
/// # Errors
/// As [`run`].
pub fn text(shell: Shell, world: &World) -> Result<ShellText> {
    let names = variable_names(world)?;
    let changes: Vec<_> = names.iter().map(|name| Change::Unset { name }).collect();
    let code: Zeroizing<String> = shell
        .dialect()
        .apply(&changes)
        .map_err(|e| Error::usage(format!("{} cannot say this: {e}", shell.as_str())))?;
    Ok(ShellText::harmless(code, &names, world))
}

/// The variables that hold the key, from `[env] variables`.
///
/// # Errors
/// A name that no variable can have (2).
pub fn variable_names(world: &World) -> Result<Vec<VariableName>> {
    let config = world.config()?;
    let parse = |text: &String| {
        text.parse().map_err(|e| {
            let file = world.places.shown(&world.places.config());
            Error::failure(format!("`[env] variables` in {file}: {e}")).hint(format!("$EDITOR {file}"))
        })
    };
    config.env.variables.iter().map(parse).collect()
}
