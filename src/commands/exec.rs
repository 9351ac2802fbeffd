//! `exec [NAME] -- CMD…`: a program with the key in its environment, and nothing else changed.

use std::ffi::OsString;
use std::path::Path;

use crate::backend::Backend;
use crate::error::{Error, Result, typed};
use crate::flows::shell_text::variable_names;
use crate::flows::{agents, hand_out, record, which};
use crate::model::ProfileName;
use crate::model::api_key::holds_key;
use crate::shell::VariableName;
use crate::system::World;
use crate::system::process::child::{self, Child};
use crate::system::process::exit_code::{self, ExitCode};
use crate::system::process::{Hardened, Masking};

/// Run a program with the key in its environment
///
/// The program gets GETIMG_API_KEY, and GETIMG_KEYS_PROFILE with the profile's name; nothing else changes. On Unix
/// it replaces this process.
/// Exits with the program's own code; 126 if it cannot be run, 127 if it is not found. With --json an error of
/// this command is JSON. Inside a coding agent the key is masked in whatever does not go to a terminal.
#[derive(Debug, clap::Args)]
#[command(override_usage = "getimg-keys exec [OPTIONS] [NAME] -- CMD…")]
#[command(after_help = r#"Examples:
  getimg-keys exec -- npm start
  getimg-keys exec prod -- python3 generate.py
  getimg-keys exec --mask -- sh -c "env | sort""#)]
pub struct Args {
    /// The profile [default: the selected one]
    name: Option<ProfileName>,
    /// Use the key even if it is rejected, overdue or redirected; never a compromised one
    #[arg(long)]
    force: bool,
    /// Mask the key in the program's output, also encoded or reversed; it still sees a terminal
    #[arg(long)]
    mask: bool,
    /// The program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs the command; returns only where the program did not take this process's place.
///
/// # Errors
/// No profile (3), the hand-out is refused (6, 4), the store fails (7, 3, 6).
pub fn run(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
    hardened: Hardened,
) -> Result<ExitCode> {
    let book = backend.profiles()?;
    let profile = which::selected(world, &book, args.name.as_ref().or(global))?.profile;
    hand_out::refuse(world, profile, args.force)?;
    let masking = if args.mask { Some(Masking::Everything) } else { agents::masking(world, &profile.name)? };
    let variables: Vec<String> = variable_names(world)?.iter().map(VariableName::to_string).collect();
    let (program, arguments) =
        args.command.split_first().map_or((Path::new(""), &[][..]), |(p, a)| (Path::new(p), a));
    let found = match child::find(program, &world.variables) {
        Ok(found) => found,
        Err(e) => return Ok(not_started(&e, program, world)),
    };
    let key = hand_out::read(backend, &book, profile)?;
    let name = program.file_name().map(|n| n.to_string_lossy().into_owned());
    record::hand_out(world, "exec", &profile.name, profile.key.fingerprint, name.as_deref());
    let child =
        Child { program: &found, arguments, variables: &variables, key: &key, profile: &profile.name };
    let ended = match masking {
        Some(masking) => child.run_masked(masking, hardened),
        None => child.replace_this_process(hardened),
    };
    ended.or_else(|e| Ok(not_started(&e, program, world)))
}

fn not_started(error: &std::io::Error, program: &Path, world: &World) -> ExitCode {
    let code = exit_code::of_failure(error);
    let what = if code == 127 { "not found" } else { "cannot be run" };
    let reason = crate::error::in_words(error);
    let program = program.to_string_lossy();
    if holds_key(&program) {
        let error =
            Error::failure("a key is no program; it is now in the shell's history, and is not repeated here")
                .hint("getimg-keys exec NAME -- CMD…  # the key comes by itself, in $GETIMG_API_KEY");
        return crate::output::fail_as(&error, code, world.terminal.collects, &world.terminal).into();
    }
    let error = Error::failure(format!("{program}: {what} ({reason})")).hint(typed::locate(&program));
    crate::output::fail_as(&error, code, world.terminal.collects, &world.terminal).into()
}
