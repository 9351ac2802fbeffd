//! The command line: global flags, the commands, one dispatch line for each.

mod agent_tools;
mod bare;
mod command;
mod exec_line;
pub mod globals;
pub mod help;
mod help_text;
mod meant;
pub mod usage;
mod words;

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Subcommand};

pub use self::command::Cli;
use self::command::Command;
use self::globals::{Globals, terminal, world};
use crate::backend::{self, Backend, StoreError, local};
use crate::commands::{
    self, add, allow, backup, check, completions, compromised, current, demo, doctor, env, exec, guard, hook,
    hook_env, import, list, log, man, mcp, note, protect, push, remove, rename, restore, rotate, scan,
    status, store, unlock, unset, r#use, verify,
};
use crate::error::Result;
use crate::flows::open_store::explain;
use crate::model::ProfileName;
use crate::output::{self, Render, Report};
use crate::system::process::Hardened;
use crate::system::process::exit_code::ExitCode;
use crate::system::{Variables, World};

const NAME: &str = crate::hint::PROGRAM;

/// Runs the command line; returns the process's exit code.
pub fn run(arguments: &[OsString], hardened: Hardened) -> ExitCode {
    let variables = Variables::of_this_process();
    if variables.is_set(completions::ASKED_BY) {
        completions::answer(arguments, Cli::command);
        return 0;
    }
    let cli = match usage::refuse_keys(arguments).and_then(|()| parse(arguments)) {
        Ok(Parsed::Run(cli)) => *cli,
        Ok(Parsed::Print(what, text)) => {
            return help_text::print(what, &text, wants_json(arguments)).into();
        }
        Ok(Parsed::Nothing) => {
            let json = wants_json(arguments);
            return bare::explain(&Globals { json, ..Globals::default() }, variables);
        }
        Err(error) => {
            let as_json = wants_json(arguments);
            let terminal = terminal(&Globals { json: as_json, ..Globals::default() }, &variables);
            return output::fail(&error, as_json, &terminal).into();
        }
    };
    run_command(cli, variables, hardened)
}

/// Runs the command of a line that was understood, and prints what it answers.
fn run_command(cli: Cli, variables: Variables, hardened: Hardened) -> ExitCode {
    let Cli { globals, command } = cli;
    let as_json = globals.json;
    let mut terminal = terminal(&globals, &variables);
    terminal.unattended = matches!(command, Command::HookEnv(_));
    terminal.interactive &= !terminal.unattended;
    let world = match world(&globals, variables, terminal) {
        Ok(world) => world,
        Err((error, terminal)) => return output::fail(&error, as_json, &terminal).into(),
    };
    let render = Render::of_stdout(globals.color, &world.variables, world.now);
    let backend = backend::open(&world);
    let global = globals.profile.as_ref();
    let surroundings = Surroundings { global, world: &world, backend: &*backend, hardened, render: &render };
    match dispatch(command, &surroundings) {
        Ok(Done::Report(report)) => output::print(report.as_ref(), &render, as_json, &world.terminal).into(),
        Ok(Done::Child(code)) => code,
        Err(error) => {
            let error = globals.store.into_iter().fold(error, |error, store| error.on_store(store.as_str()));
            output::fail(&error, as_json, &world.terminal).into()
        }
    }
}

/// Whether the answer is JSON, for a command line that is not understood or only asks for help.
fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The complete command line, for help, errors and the reference.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// The part of the command line that a run needs: the global flags and the named command.
///
/// Building every command would be half of the work of `current`. Nothing is freed here either, because that wipes it.
fn branch(arguments: &[OsString]) -> ManuallyDrop<clap::Command> {
    let commands = ManuallyDrop::new(Command::augment_subcommands(clap::Command::new(NAME)));
    match words::named(arguments, &commands) {
        Some(named) => {
            let root = clap::Command::new(NAME).disable_help_subcommand(true).subcommand_required(true);
            let root = root.args_override_self(true);
            ManuallyDrop::new(Globals::augment_args(root).subcommand(named.clone()))
        }
        None => ManuallyDrop::new(Cli::command()),
    }
}

enum Parsed {
    Run(Box<Cli>),
    /// What it is, and the text.
    Print(&'static str, String),
    Nothing,
}

enum Done {
    Report(Box<dyn Report>),
    Child(ExitCode),
}

fn parse(arguments: &[OsString]) -> Result<Parsed> {
    let mut command = branch(arguments);
    let mut matches = command.try_get_matches_from_mut(arguments);
    if matches.as_ref().is_err_and(|e| e.kind() != ErrorKind::DisplayVersion) {
        command = ManuallyDrop::new(self::command());
        matches = command.try_get_matches_from_mut(arguments);
    }
    let mut matches = match matches {
        Ok(matches) => matches,
        Err(e) if e.kind() == ErrorKind::DisplayHelp => {
            let topic = help::topic(arguments, &command);
            return help::of(&topic, self::command()).map(|text| Parsed::Print("help", text));
        }
        Err(e) if usage::is_bare(&e, arguments, &command) => return Ok(Parsed::Nothing),
        Err(e) if !e.use_stderr() => return Ok(Parsed::Print("version", e.to_string())),
        Err(e) => return Err(usage::explain(&e, arguments, &command)),
    };
    usage::one_profile(&matches, arguments)?;
    let named = usage::one_named(&matches);
    let mut cli =
        Cli::from_arg_matches_mut(&mut matches).map_err(|e| usage::explain(&e, arguments, &command))?;
    cli.globals.named = named.filter(|_| cli.command.reads_a_named_key());
    match &cli.command {
        Command::Help(topic) if topic.topic != ["exit-codes"] => {
            help::of(&topic.topic, self::command()).map(|text| Parsed::Print("help", text))
        }
        _ => Ok(Parsed::Run(Box::new(cli))),
    }
}

/// What a command runs with.
struct Surroundings<'a> {
    /// The profile of `--profile`.
    global: Option<&'a ProfileName>,
    world: &'a World,
    backend: &'a dyn Backend,
    hardened: Hardened,
    render: &'a Render,
}

fn report<R: Report + 'static>(report: R) -> Done {
    Done::Report(Box::new(report))
}

fn dispatch(command: Command, with: &Surroundings<'_>) -> Result<Done> {
    let Surroundings { global, world, backend, hardened, render } = *with;
    accept_pins(world);
    refuse_where_it_cannot_run(&command, world, backend)?;
    Ok(match command {
        Command::Add(args) => report(add::run(args, world, backend)?),
        Command::Import(args) => report(import::run(&args, world, backend)?),
        Command::List(args) => report(list::run(args, world, backend)?),
        Command::Use(args) => report(r#use::run(args, world, backend, global)?),
        Command::Current(args) => report(current::run(args, world, backend, global)?),
        Command::Status(args) => report(status::run(args, world, backend, global)?),
        Command::Env(args) => report(env::run(&args, world, backend, global)?),
        Command::Exec(args) => Done::Child(exec::run(&args, world, backend, global, hardened)?),
        Command::Unset(args) => report(unset::run(&args, world)?),
        Command::Verify(args) => report(verify::run(args, world, backend, global)?),
        Command::Remove(args) => report(remove::run(args, world, backend)?),
        Command::Rotate(args) => report(rotate::run(args, world, backend)?),
        Command::Compromised(args) => report(compromised::run(args, world, backend)?),
        Command::Log(args) => report(log::run(&args, world, backend, global)?),
        Command::Rename(args) => report(rename::run(args, world, backend)?),
        Command::Note(args) => report(note::run(args, world, backend)?),
        Command::Protect(args) => report(protect::run_protect(&args, world, backend)?),
        Command::Unprotect(args) => report(protect::run_unprotect(&args, world, backend)?),
        Command::Push(args) => Done::Report(push::run(&args, world, backend, global)?),
        Command::Store(args) => Done::Report(store::run(args, world, backend)?),
        Command::Unlock(args) => report(unlock::run(args, world, backend)?),
        Command::Lock(args) => report(unlock::run_lock(args, world, backend)?),
        Command::Backup(args) => report(backup::run(args, world, backend)?),
        Command::Restore(args) => report(restore::run(args, world, backend)?),
        Command::Check(args) => report(check::run(&args, world, backend)?),
        Command::Doctor(args) => report(doctor::run(args, world, backend)?),
        Command::Demo(args) => report(demo::run(&args, world, render)?),
        Command::Scan(args) => report(scan::run(&args, world, backend)?),
        Command::Guard(args) => report(guard::run(&args, world, backend)?),
        Command::Hook(args) => report(hook::run(&args, world)?),
        Command::Completions(args) => report(completions::run(&args)?),
        Command::Man(args) => report(man::run(&args, self::command())?),
        Command::Mcp(args) => {
            mcp::run(&args, &|call| agent_tools::run(call, world.wanted_store, hardened))?;
            Done::Child(0)
        }
        Command::HookEnv(args) => report(hook_env::run(&args, world, backend)?),
        Command::Allow(args) => report(allow::run_allow(args, world, backend)?),
        Command::Deny(args) => report(allow::run_deny(args, world, backend)?),
        Command::Help(_) => report(commands::help::ExitCodes),
    })
}

/// A command that acts on keys wants the store that has them; one that changes a profile wants profiles that can change.
fn refuse_where_it_cannot_run(command: &Command, world: &World, backend: &dyn Backend) -> Result<()> {
    if command.acts_on_keys() {
        local::refuse_another_store(world)?;
    }
    if command.changes_a_profile() && !backend.capabilities().writable {
        return Err(explain(&StoreError::ReadOnly, backend.keys()?.kind(), None));
    }
    Ok(())
}

/// Another user's pin counts only if it was allowed; the record of that is only read if there is such a pin.
///
/// An error here is reported by whatever needs the record, and allows nothing.
fn accept_pins(world: &World) {
    let is_foreign = world.found_pins().is_ok_and(|pins| pins.iter().any(|pin| pin.foreign));
    if is_foreign
        && world.places.are_real
        && let Ok(profiles) = local::profiles_file::read(&world.places.profiles())
    {
        world.accept_pins(profiles.allowed);
    }
}
