//! `add NAME`: a new profile with a key of its own.

use chrono::{DateTime, TimeDelta, Utc};

use super::Changed;
use crate::backend::Backend;
use crate::error::Result;
use crate::flows::choose_store::for_new_key;
use crate::flows::new_key::{self, Source};
use crate::flows::{add_profile, admit, audit, first_key};
use crate::hint::Hint;
use crate::model::{ApiKey, Probe, Profile, ProfileName, date, profile};
use crate::shell::VariableName;
use crate::system::World;

/// Add a profile and store its key
///
/// Prompts for the key without showing it, or reads one line of standard input where there is no terminal.
/// The API is asked whether the key is valid before it is stored. A key that another profile has, or that was
/// replaced or compromised, is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  getimg-keys add dev
  wl-paste | getimg-keys add prod --note "billing service"
  getimg-keys add ci --from-env CI_KEY --issued 2026-01-31"#)]
pub struct Args {
    /// The name of the new profile: dev, prod, ci-eu
    pub name: ProfileName,
    /// Read the key from standard input; typed at a terminal, it is not shown
    #[arg(long, id = "stdin", conflicts_with = "from_env")]
    _stdin: bool,
    /// Read the key from an environment variable
    #[arg(long, value_name = "VAR")]
    from_env: Option<VariableName>,
    /// Store the key without asking the API
    #[arg(long)]
    no_verify: bool,
    /// A note, shown by `list`
    #[arg(long, value_name = "TEXT", value_parser = profile::note)]
    note: Option<String>,
    /// Ask before the profile becomes the active one, is pushed or removed, or its rotation is finished
    #[arg(long, conflicts_with = "no_protected")]
    protected: bool,
    /// Do not protect the profile, not even if it is called prod
    #[arg(long)]
    no_protected: bool,
    /// When the key was created: 2026-01-31, or RFC 3339
    #[arg(long, value_name = "DATE", value_parser = date::date)]
    issued: Option<DateTime<Utc>>,
}

/// Runs the command.
///
/// # Errors
/// The name is taken or the key is malformed (2), the key is known (6) or rejected (4), the store fails (7, 1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let profiles = backend.profiles_now()?;
    add_profile::refuse_taken(&profiles, &args.name)?;
    // An unreadable file is reported before a key is asked for, not after the key is stored.
    world.policy()?;
    let place = for_new_key(world, backend, &profiles, &args.command())?;
    if args.from_env.is_none() {
        first_key::offer(world, &profiles, &args.name);
    }
    let key = new_key::read(world, args.source(), &args.name, "add")
        .map_err(|error| first_key::or_here_already(world, &profiles, &args.name, error))?;
    if let Some(word) = admit::added_key(&profiles, key.fingerprint())? {
        world.terminal.say(&word);
    }
    let probe = if args.no_verify { None } else { Some(new_key::probe(world, &key)?) };
    if let Some(probe) = &probe {
        new_key::judge(world, &args.name, probe)?;
    }
    if args.issued.is_some_and(|issued| issued > world.now + TimeDelta::days(1)) {
        world.terminal.say("warning: --issued is a day to come: until then the key counts as 0 days old");
    }
    let profile = args.profile(&key, probe.as_ref(), world.now);
    let profiles = add_profile::store(world, backend, &place, profile, &key)?;
    audit::change(world, "add", &args.name, key.fingerprint());
    let text = add_profile::said(&profiles, &args.name, probe.as_ref());
    let report = Changed::new(world, &profiles, &args.name, true, &text)?;
    if !args.protected
        && let Some(protected) = add_profile::protected_by_name(&profiles, &args.name)
    {
        world.terminal.say(&protected);
    }
    if let Some(next) = add_profile::next_step(&profiles, &args.name) {
        world.terminal.say(&next);
    }
    Ok(report)
}

impl Args {
    /// The same command line, as far as it says where the key comes from.
    fn command(&self) -> Hint {
        match &self.from_env {
            Some(variable) => Hint::run("add").arg(&self.name).flag("--from-env").arg(variable),
            None => Hint::run("add").arg(&self.name),
        }
    }

    fn source(&self) -> Source<'_> {
        match &self.from_env {
            Some(variable) => Source::Variable(variable.as_str()),
            None => Source::Stdin,
        }
    }

    fn profile(&self, key: &ApiKey, probe: Option<&Probe>, now: DateTime<Utc>) -> Profile {
        let mut profile = add_profile::profile(&self.name, key, probe, now);
        profile.key.issued_at = self.issued;
        profile.protected = (profile.protected || self.protected) && !self.no_protected;
        profile.note = self.note.clone().filter(|n| !n.is_empty());
        profile
    }
}
