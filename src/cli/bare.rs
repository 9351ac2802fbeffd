//! The output without a command: what to do next here.

use super::globals::{Globals, terminal, world};
use crate::backend;
use crate::error::Error;
use crate::flows::first_key;
use crate::hint::Hint;
use crate::output;
use crate::system::process::exit_code::ExitCode;
use crate::system::{Variables, World};

/// Prints it; returns the exit code.
pub(super) fn explain(globals: &Globals, variables: Variables) -> ExitCode {
    let terminal = terminal(globals, &variables);
    match world(globals, variables, terminal) {
        Err((error, terminal)) => output::fail(&error, globals.json, &terminal),
        Ok(world) => {
            let error = next_steps(&world).into_iter().fold(Error::usage("no command given"), Error::hint);
            output::fail(&error, globals.json, &world.terminal)
        }
    }
    .into()
}

/// Suggests the first key if there are no profiles; if they cannot be read, `status` says so.
fn next_steps(world: &World) -> Vec<Hint> {
    let is_first = backend::open(world).profiles().is_ok_and(|profiles| profiles.all.is_empty());
    let mut steps = if is_first { first_key::commands(world, "dev") } else { Vec::new() };
    if let Some(add) = steps.pop() {
        steps.push(add.note("keep a first key"));
    }
    steps.extend([Hint::run("status").note("see what is used here"), Hint::run("--help")]);
    steps
}
