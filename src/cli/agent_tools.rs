//! Runs the commands of `mcp`: each in a world of its own, with only the profiles that an agent may see.

use std::ffi::OsString;

use super::globals::{self, Globals};
use super::help_text::plain;
use super::{Command, Done, NAME, Parsed, Surroundings, dispatch, parse, usage};
use crate::backend;
use crate::commands::mcp::{Call, Called, Shown};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::StoreKind;
use crate::output;
use crate::system::process::Hardened;
use crate::system::{Variables, World};

/// Runs one command, which asks nothing and prints only its answer.
pub(super) fn run(call: Call, store: Option<StoreKind>, hardened: Hardened) -> Called {
    let globals = Globals { json: true, quiet: true, no_input: true, store, ..Globals::default() };
    let variables = Variables::of_this_process();
    let terminal = globals::terminal(&globals, &variables);
    let called = globals::world(&globals, variables, terminal).map_err(|(error, _)| error);
    match called.and_then(|world| answer(call, &world, hardened)) {
        Ok(json) => Called { json, failed: false },
        Err(error) => Called { json: output::error_json(&error), failed: true },
    }
}

fn answer(call: Call, world: &World, hardened: Hardened) -> Result<serde_json::Value> {
    let names = &world.config()?.agents.profiles;
    if names.is_empty() {
        let config = world.places.shown(&world.places.config());
        world.terminal.say(&format!("no profile is shown: `[agents] profiles` in {config} names none"));
    }
    let mut words: Vec<OsString> =
        [NAME.into()].into_iter().chain(call.words.into_iter().map(Into::into)).collect();
    if let Some(path) = call.path {
        refuse_outside(&path, world)?;
        words.extend(["--".into(), path.into()]);
    }
    usage::refuse_keys(&words)?;
    let whole = backend::open(world);
    let shown = Shown::of(whole.as_ref(), names);
    match parse(&words)? {
        Parsed::Run(cli) if reads(&cli.command) => {
            let with = Surroundings { global: None, world, backend: &shown, hardened, render: &plain() };
            match dispatch(cli.command, &with)? {
                Done::Report(report) => Ok(output::report_json(report.as_ref(), &world.terminal)),
                Done::Child(_) => Err(no_tool()),
            }
        }
        _ => Err(no_tool()),
    }
}

/// Whether a command only reads; the tools consist of no others, and this check ensures it.
fn reads(command: &Command) -> bool {
    use Command::{Check, List, Scan, Status, Verify};
    match command {
        Scan(args) => !args.changes_files(),
        _ => matches!(command, Check(_) | List(_) | Status(_) | Verify(_)),
    }
}

fn no_tool() -> Error {
    Error::usage("an agent cannot run this command").hint(Hint::run("help mcp"))
}

/// An agent scans its working directory, and no other part of the disk.
fn refuse_outside(path: &str, world: &World) -> Result<()> {
    let here = world.places.working_directory.canonicalize();
    let there = world.places.working_directory.join(path).canonicalize();
    match (here, there) {
        (Ok(here), Ok(there)) if there.starts_with(&here) => Ok(()),
        _ => Err(Error::usage("`path` is not a file or folder below the working directory")),
    }
}
