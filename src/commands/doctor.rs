//! `doctor`: what works here, what does not, and what to do about it.

mod files;
mod outside;
mod stores;

use crate::backend::Backend;
use crate::error::Result;
use crate::output::checks::Findings;
use crate::system::World;

/// Check the store, the files, the clock, the network, the hooks of git and the shell, each with its fix
///
/// Hands out no key and changes nothing. Ends whatever is broken.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask the API anything
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
