//! `unset`: removes what `env` set in this shell.

use crate::error::Result;
use crate::flows::shell_text::{ShellText, unsetting, which_shell};
use crate::shell::Shell;
use crate::system::World;

/// Print shell code that unsets GETIMG_API_KEY
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  eval $(getimg-keys unset)
  getimg-keys unset --shell fish | source")]
pub struct Args {
    /// The shell to write for [default: the one that reads it]
    #[arg(long)]
    shell: Option<Shell>,
}

/// Runs the command.
///
/// # Errors
/// The configuration names an invalid variable (2).
pub fn run(args: &Args, world: &World) -> Result<ShellText> {
    unsetting(which_shell(args.shell, world)?, world)
}
