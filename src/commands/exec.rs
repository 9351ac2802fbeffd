//! `exec [NAME] -- CMD…`: runs a program with the key in its environment, and nothing else changed.

use std::ffi::OsString;
use std::path::Path;

use crate::backend::Backend;
use crate::broker::Limits;
use crate::error::{Error, Result};
use crate::flows::agents::{self, Handover};
use crate::flows::relay::{self, Wish};
use crate::flows::shell_text::variable_names;
use crate::flows::{audit, hand_out, passphrase, select_profile};
use crate::hint::{Hint, quoted, suggest};
use crate::model::ProfileName;
use crate::model::amount::{Amount, MalformedAmount};
use crate::model::key_shape::holds_key;
use crate::shell::VariableName;
use crate::system::World;
use crate::system::process::child::{self, Child, Ended};
use crate::system::process::exit_code::{self, ExitCode};
use crate::system::process::{Hardened, Masking};

/// Run a program with the key in its environment
///
/// The program gets GETIMG_API_KEY, and GETIMG_KEYS_PROFILE with the profile's name; nothing else changes. On Unix
/// it replaces this process.
/// Exits with the program's own code; 126 if it cannot be run, 127 if it is not found. With --json an error of
/// this command is JSON. Inside a coding agent the key is masked in whatever does not go to a terminal.
///
/// With --broker the program never has the key. GETIMG_API_KEY then holds a token for this run, and GETIMG_AI_BASE_URL a
/// relay on this machine that adds the key and forwards the requests. The official SDKs work with it unchanged.
#[derive(Debug, clap::Args)]
#[command(override_usage = "getimg-keys exec [OPTIONS] [NAME] -- CMD…")]
#[command(after_help = r#"Examples:
  getimg-keys exec prod -- python3 generate.py
  getimg-keys exec --mask -- sh -c "env | sort"
  getimg-keys exec dev --broker --read-only -- python3 list_models.py"#)]
pub struct Args {
    /// The profile [default: the selected one]
    name: Option<ProfileName>,
    /// Use the key even if it is rejected, overdue or redirected; never a compromised one
    #[arg(long)]
    force: bool,
    /// Mask the key in the program's output, also encoded or reversed; it still sees a terminal
    #[arg(long)]
    mask: bool,
    /// Give the program a relay on this machine instead of the key
    #[arg(long)]
    broker: bool,
    /// With --broker: allow only GET requests
    #[arg(long)]
    read_only: bool,
    /// With --broker: forward at most N requests
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// With --broker: refuse requests that may cost once the balance has fallen by AMOUNT
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_spend: Option<Amount>,
    /// With --broker: allow only requests for this model; may be repeated
    #[arg(long, value_name = "ID")]
    allow_model: Vec<String>,
    /// With --broker: log the method, path, status and time of each request
    #[arg(long)]
    log_requests: bool,
    /// The program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Args {
    /// The flags that need a relay, as they were given.
    fn about_relay(&self) -> Vec<String> {
        let mut flags = Vec::new();
        flags.extend(self.read_only.then(|| "--read-only".to_owned()));
        flags.extend(self.max_requests.map(|most| format!("--max-requests {most}")));
        flags.extend(self.max_spend.map(|most| format!("--max-spend {most}")));
        flags.extend(self.allow_model.iter().map(|model| format!("--allow-model {}", quoted(model))));
        flags.extend(self.log_requests.then(|| "--log-requests".to_owned()));
        flags
    }

    fn limits(&self) -> Limits {
        Limits {
            read_only: self.read_only,
            max_requests: self.max_requests,
            max_spend: self.max_spend,
            models: self.allow_model.clone(),
        }
    }
}

fn amount(text: &str) -> Result<Amount, String> {
    let amount: Amount = text.parse().map_err(|e: MalformedAmount| e.to_string())?;
    if amount.is_negative() {
        Err("an amount that may be spent is not below 0".to_owned())
    } else {
        Ok(amount)
    }
}

/// Runs the command; returns only if the program did not replace this process.
///
/// # Errors
/// A limit without --broker (2), no profile (3), handing out is refused (6, 4), the store fails (7, 3, 6).
pub fn run(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
    hardened: Hardened,
) -> Result<ExitCode> {
    let handover = handover(args, world)?;
    let profiles = backend.profiles_now()?;
    let profile = select_profile::selected(world, &profiles, args.name.as_ref().or(global))?.profile;
    match handover {
        Handover::Relay => hand_out::refuse_to_relay(world, profile, args.force)?,
        _ => hand_out::refuse(world, profile, args.force)?,
    }
    let variables: Vec<String> = variable_names(world)?.iter().map(VariableName::to_string).collect();
    let (program, arguments) =
        args.command.split_first().map_or((Path::new(""), &[][..]), |(p, a)| (Path::new(p), a));
    let found = match child::find(program, &world.variables) {
        Ok(found) => found,
        Err(e) => return Err(not_started(&e, program)),
    };
    let key = hand_out::read(backend, &profiles, profile)?;
    passphrase::offer_unlock(world);
    let name = program.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.as_deref();
    let child = Child {
        program: &found,
        arguments,
        variables: &variables,
        profile: &profile.name,
        changes: Vec::new(),
    };
    if handover == Handover::Relay {
        let masking = args.mask.then_some(Masking::Everything);
        let wish = Wish { limits: args.limits(), log_requests: args.log_requests, masking, program: name };
        let ended = relay::run(world, profile, key, wish, child, hardened)?;
        return code_of(ended.map_err(|e| not_started(&e, program))?);
    }
    audit::hand_out(world, "exec", &profile.name, profile.key.fingerprint, name);
    let ended = match handover {
        Handover::Masked(masking) => child.run_beside(&key, Some((&child::mask_of(&key), masking)), hardened),
        _ => child.replace_this_process(&key, hardened),
    };
    code_of(ended.map_err(|e| not_started(&e, program))?)
}

/// The program's own code, unless its output could not be written completely: that is a failure.
fn code_of(ended: Ended) -> Result<ExitCode> {
    let Some(why) = ended.lost else { return Ok(ended.code) };
    let why = crate::error::in_words(&why);
    let code = u8::try_from(ended.code).unwrap_or(1).max(1);
    Err(Error::failure(format!("not all that the program printed could be written: {why}")).ends_with(code))
}

/// How the program gets the key: as the flags say, else as the user's configuration says for agents.
fn handover(args: &Args, world: &World) -> Result<Handover> {
    if args.broker {
        return Ok(Handover::Relay);
    }
    let flags = args.about_relay();
    match agents::handover(world)? {
        Handover::Relay => {
            let config = world.places.shown(&world.places.config());
            world.terminal.say(&format!(
                "the program gets a relay instead of the key (`[agents] exec = \"broker\"` in {config})"
            ));
            Ok(Handover::Relay)
        }
        _ if !flags.is_empty() => {
            let name = args.name.as_ref().map_or("NAME", ProfileName::as_str);
            let flags = flags.join(" ");
            Err(Error::usage(format!("{flags} needs --broker"))
                .hint(Hint::run("exec").arg(name).flag("--broker").flag(flags).flag("-- CMD…")))
        }
        _ if args.mask => Ok(Handover::Masked(Masking::Everything)),
        handover => Ok(handover),
    }
}

fn not_started(error: &std::io::Error, program: &Path) -> Error {
    let code = exit_code::of_failure(error);
    let what = if code == 127 { "not found" } else { "cannot be run" };
    let reason = crate::error::in_words(error);
    let program = program.to_string_lossy();
    if holds_key(&program) {
        return Error::failure("a key cannot be run as a program; it is now in the shell's history")
            .hint(Hint::run("exec NAME -- CMD…").note("the program finds the key in $GETIMG_API_KEY"))
            .ends_with(code);
    }
    Error::failure(format!("{program}: {what} ({reason})")).hint(suggest::locate(&program)).ends_with(code)
}
