//! `unset`: what undoes `env` in this shell.

use crate::error::Result;
use crate::flows::shell_text::{ShellText, unsetting, which_shell};
use crate::shell::Shell;
use crate::system::World;

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
    unsetting(which_shell(args.shell, world)?, world)
}
