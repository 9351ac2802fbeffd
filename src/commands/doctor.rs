//! `doctor`: checks everything on this machine, and prints a fix for each problem.

mod files;
mod outside;
mod stores;

use crate::backend::Backend;
use crate::error::Result;
use crate::output::checks::Findings;
use crate::system::World;

/// Diagnose the store, files, clock, network and hooks
///
/// Prints a fix for each problem. Prints no key, changes nothing, and always exits.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys doctor
  getimg-keys doctor --offline --json")]
pub struct Args {
    /// Do not contact the API
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
///
/// # Errors
/// None of its own: what is broken is a finding.
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Findings> {
    let mut checks = files::checks(world, backend);
    checks.extend(stores::checks(world, backend));
    checks.extend(outside::checks(world, backend, args.offline));
    Ok(Findings(checks))
}
