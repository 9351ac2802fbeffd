//! `completions SHELL`: code for the shell's start-up file, and the candidates that it asks for.

mod nushell;
mod powershell;

use std::ffi::OsString;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, CompleteEnv, Elvish, Fish, Shells, Zsh};
use serde_json::json;

use super::NAMES_PROFILES;
use crate::backend;
use crate::backend::local::encrypted_files;
use crate::error::{Error, Result};
use crate::model::Profile;
use crate::output::profile::{rotation, verified};
use crate::output::{Said, Style};
use crate::push;
use crate::shell::Shell;
use crate::system::{Places, Terminal, Variables, World};
use nushell::Nushell;
use powershell::Inert;

/// The shell's script sets it to the shell's name when it asks for candidates.
pub const ASKED_BY: &str = "GETIMG_KEYS_COMPLETE";

const NAME: &str = "getimg-keys";
const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Nushell, &Inert, &Zsh]);
/// The end of bash's function: bash puts candidates, file names too, into the command line unquoted, so that
/// code in them would run.
const QUOTED_IN_BASH: &str = r#"
    local at word
    for at in "${!COMPREPLY[@]}"; do
        printf -v word %q "${COMPREPLY[at]}"
        COMPREPLY[at]=$word
    done
}
"#;
/// The last line of the code for zsh, which needs `compinit`, and what waits for `compinit` if it has not run yet.
const ONCE_COMPINIT_RAN: (&str, &str) = (
    "\ncompdef _clap_dynamic_completer_getimg_keys getimg-keys",
    r#"
__getimg_keys_completes() {
    emulate -L zsh
    typeset -ga precmd_functions
    precmd_functions=(${precmd_functions:#__getimg_keys_completes})
    if (( $+functions[compdef] )); then
        compdef _clap_dynamic_completer_getimg_keys getimg-keys
    else
        precmd_functions+=(__getimg_keys_completes)
    fi
}
__getimg_keys_completes"#,
);

/// Print shell completions for commands, flags and profiles
///
/// Profile names are completed with their state; no keychain is opened for that.
#[derive(Debug, clap::Args)]
#[command(after_help = r"Examples:
  source <(getimg-keys completions bash)         # in ~/.bashrc
  source <(getimg-keys completions zsh)          # in ~/.zshrc
  getimg-keys completions fish | source          # in ~/.config/fish/config.fish")]
pub struct Args {
    /// bash, zsh, fish, powershell, nushell or elvish
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

/// A shell's script, filled in.
fn filled(script: &str, variable: &str, name: &str, completer: &str) -> String {
    script.replace("NAME", name).replace("VAR", variable).replace("COMPLETER", completer)
}

/// Runs the command.
///
/// # Errors
/// The shell has no completion (2).
pub fn run(args: &Args) -> Result<Said> {
    let shell = args.shell.as_str();
    let completer = SHELLS.completer(shell).ok_or_else(|| {
        let known = SHELLS.names().collect::<Vec<_>>().join(", ");
        Error::usage(format!("there are no completions for {shell}")).hint(format!("one of {known}"))
    })?;
    let mut text = Vec::new();
    completer
        .write_registration(ASKED_BY, NAME, NAME, NAME, &mut text)
        .map_err(|e| Error::failure(format!("the completions cannot be written: {e}")))?;
    let text = String::from_utf8_lossy(&text).trim_end().to_owned();
    let text = match args.shell {
        Shell::Bash => text.replacen("\n}\n", QUOTED_IN_BASH, 1),
        Shell::Zsh => text.replace(ONCE_COMPINIT_RAN.0, ONCE_COMPINIT_RAN.1),
        _ => text,
    };
    Ok(Said { json: json!({ "shell": shell, "text": text }), text })
}

/// Answers a shell's script that asks for candidates; after an error there are none.
///
/// If a word names a command, the others are only known by name: building their arguments is most of the work.
pub fn answer(arguments: &[OsString], command: fn() -> Command) {
    let here = std::path::Path::new(".");
    let with_names = || {
        let mut all = command();
        let shown = all.get_subcommands().filter(|sub| !sub.is_hide_set());
        let mut topics: Vec<String> = shown.map(|sub| sub.get_name().to_owned()).collect();
        topics.push("exit-codes".to_owned());
        if all.get_subcommands().any(|one| is_named(one, arguments)) {
            let others = |one: Command| if is_named(&one, arguments) { one } else { one.defer(|one| one) };
            all = all.mut_subcommands(others);
        }
        all.build();
        decorated(all, arguments, &topics)
    };
    let environment = CompleteEnv::with_factory(with_names).var(ASKED_BY).bin(NAME).shells(SHELLS);
    // Nothing is printed in the middle of a line that a person types.
    let _ = environment.try_complete(arguments, Some(here));
}

/// Whether a word names the command; it may also be the value of a flag, or the name of a profile.
fn is_named(command: &Command, words: &[OsString]) -> bool {
    let mut names = command.get_all_aliases().chain([command.get_name()]);
    names.any(|name| words.iter().any(|word| word == name))
}

/// A command and the subcommands that are named, with candidates for their arguments.
fn decorated(command: Command, words: &[OsString], topics: &[String]) -> Command {
    let name = command.get_name().to_owned();
    command.mut_args(|argument| with_candidates(&name, argument, topics)).mut_subcommands(|sub| {
        match (sub.is_hide_set(), is_named(&sub, words)) {
            // A hidden command would be proposed if no other begins with the same letters: it gets a name that nobody
            // types.
            (true, _) => sub.name("\u{0}"),
            (false, true) => decorated(sub, words, topics),
            (false, false) => sub,
        }
    })
}

fn with_candidates(command: &str, argument: Arg, topics: &[String]) -> Arg {
    let words: Vec<String> = match (command, argument.get_id().as_str()) {
        ("help", "topic") => topics.to_vec(),
        ("migrate", "to") => ["keychain", "file", "vault"].map(str::to_owned).into(),
        ("join", "store") => ["vault", "file"].map(str::to_owned).into(),
        ("remove", "who") => return argument.add(ArgValueCandidates::new(recipients)),
        ("push", "to") => return argument.add(ArgValueCandidates::new(|| targets(true))),
        ("forget", "targets") => return argument.add(ArgValueCandidates::new(|| targets(false))),
        ("completions" | "hook", "shell") => SHELLS.names().map(str::to_owned).collect(),
        ("add", "name") => return argument,
        (_, id) if id == "profile" || NAMES_PROFILES.contains(&id) => {
            return with_profiles(command, argument);
        }
        _ => return argument,
    };
    let candidates = move || words.iter().map(CompletionCandidate::new).collect();
    argument.add(ArgValueCandidates::new(candidates))
}

fn with_profiles(command: &str, argument: Arg) -> Arg {
    let or_the_one_before = command == "use" && argument.get_id() == "name";
    argument.add(ArgValueCandidates::new(move || {
        let before = CompletionCandidate::new("-").help(Some("the profile before".into()));
        profiles().into_iter().chain(or_the_one_before.then_some(before)).collect()
    }))
}

/// The targets that keys were pushed to; if all are wanted, also those of the configuration and how any other begins.
/// Empty if something cannot be read, like the others.
fn targets(all: bool) -> Vec<CompletionCandidate> {
    let read = || {
        let world = world()?;
        let own: Vec<String> = world.config()?.push.targets.keys().cloned().collect();
        let profiles = backend::open(&world).profiles()?;
        let known = profiles.all.iter().flat_map(|profile| &profile.pushed).map(|place| place.target.clone());
        let kinds = push::SCHEMES.iter().map(|kind| format!("{}:", kind.scheme));
        let more = own.into_iter().chain(kinds).filter(|_| all);
        Ok::<_, Error>(known.chain(more).collect::<std::collections::BTreeSet<_>>())
    };
    read().unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
}

/// The recipients that can be removed, from the list in clear text.
fn recipients() -> Vec<CompletionCandidate> {
    let read = || {
        let world = world().ok()?;
        let listed = encrypted_files(&world).ok()?.listed().ok()??;
        Some(listed.all().iter().map(|member| CompletionCandidate::new(member.to_string())).collect())
    };
    read().unwrap_or_default()
}

fn world() -> Result<World> {
    let variables = Variables::of_this_process();
    let places = Places::find(&variables)?;
    Ok(World::new(variables, places, Terminal::default(), None))
}

/// Every profile with its state; empty if the profiles cannot be read.
fn profiles() -> Vec<CompletionCandidate> {
    let read = || {
        let world = world()?;
        let (profiles, policy, plain) =
            (backend::open(&world).profiles()?, world.policy()?, Style::new(false));
        let candidate = |profile: &Profile| {
            let (verified, due) =
                (verified(profile, &policy, plain, world.now), rotation(profile, &policy, plain, world.now));
            let guarded = if profile.protected { "; protected" } else { "" };
            let state = format!("{verified}; rotate: {due}{guarded}");
            CompletionCandidate::new(profile.name.as_str()).help(Some(state.into()))
        };
        Ok::<_, Error>(profiles.all.iter().map(candidate).collect())
    };
    read().unwrap_or_default()
}
