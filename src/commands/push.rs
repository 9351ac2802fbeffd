//! `push [NAME] --to TARGET…`: pushes the key to other places, by the platform's own program.

mod again;
mod report;

use clap::Subcommand;

use self::report::{Brought, Dry, Places};
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::push::{self, Ready};
use crate::flows::{hand_out, passphrase, select_profile};
use crate::hint::Hint;
use crate::model::{ApiKey, Profile, ProfileName, Profiles, Pushed};
use crate::output::Report;
use crate::push::Platform;
use crate::system::World;

/// Push a key to CI, clusters and servers, and remember where it is
///
/// Uses the platform's own program (gh, kubectl, wrangler, doppler, systemd-creds, podman, or one named in config.toml),
/// which reads the key from its standard input. Where the platform allows it, the key is read back and compared.
/// `rotate` lists the targets, and `push --again` updates them.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    override_usage = USAGE,
    after_help = "Examples:
  getimg-keys push prod --to github:acme/site kubernetes:apps/getimg
  getimg-keys push prod --to podman:getimg --dry-run
  getimg-keys push prod --again"
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The profile [default: the selected one]
    name: Option<ProfileName>,
    /// github:[OWNER/REPO][@ENVIRONMENT], kubernetes:[CONTEXT/]NAMESPACE/SECRET[#FIELD], cloudflare:WORKER,
    /// doppler:PROJECT/CONFIG, systemd:FILE, podman:SECRET, or the NAME of a [push.targets.NAME] in config.toml
    #[arg(long, value_name = "TARGET", num_args = 1.., required_unless_present = "again")]
    to: Vec<String>,
    /// Update every target that has an older key
    #[arg(long, conflicts_with = "to")]
    again: bool,
    /// Show which programs would run, without running them
    #[arg(long)]
    dry_run: bool,
}

const USAGE: &str = "getimg-keys push [OPTIONS] [NAME] --to <TARGET>...
       getimg-keys push [OPTIONS] [NAME] --again
       getimg-keys push list
       getimg-keys push forget <TARGET>...";

#[derive(Debug, Subcommand)]
enum What {
    /// List the targets, and whether each has the current key
    #[command(after_help = "Examples:\n  getimg-keys push list\n  getimg-keys push list --json")]
    List,
    /// Stop tracking a target, without deleting the key there
    #[command(after_help = "Examples:\n  getimg-keys push forget github:acme/site")]
    Forget {
        /// The target, as shown by `push list`
        #[arg(required = true)]
        targets: Vec<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// No such profile (3) or target (2); the key may not be pushed (6, 4); the store fails (7, 3, 6); a program is
/// missing, refuses or cannot prove the push (1, 5).
pub fn run(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
) -> Result<Box<dyn Report>> {
    let profiles = backend.profiles_now()?;
    match &args.what {
        Some(What::List) => return Ok(Box::new(Places::of(&profiles, global))),
        Some(What::Forget { targets }) => return again::forget(targets, world, backend),
        None => {}
    }
    let profile = select_profile::selected(world, &profiles, args.name.as_ref().or(global))?.profile;
    let (platforms, mut failures) = match args.again {
        true => again::behind(world, profile),
        false => (push::parsed(world, &args.to)?, Vec::new()),
    };
    let ready = ready(world, platforms, &mut failures);
    if args.dry_run {
        return none_failed(failures).map(|()| Box::new(Dry(ready)) as Box<dyn Report>);
    }
    if ready.is_empty() {
        none_failed(failures)?;
        let name = &profile.name;
        world.terminal.say(&match profile.pushed.is_empty() {
            true => {
                format!("{name} was pushed nowhere yet: {}", Hint::run("push").arg(name).flag("--to TARGET"))
            }
            false => format!("every target of {name} has the current key"),
        });
        return Ok(Box::new(Brought::new(world, &profiles, profile, &[])?));
    }
    hand_out::refuse_to_push(world, profile)?;
    confirm(world, profile, &ready, args)?;
    let key = hand_out::read(backend, &profiles, profile)?;
    passphrase::offer_unlock(world);
    let mut now = profiles.clone();
    let mut done = Vec::new();
    for place in &ready {
        match one(world, backend, place, &key, profile) {
            Ok((pushed, profiles)) => {
                now = profiles.unwrap_or(now);
                done.push(pushed);
            }
            Err(error) => failures.push(error),
        }
    }
    none_failed(failures)?;
    Ok(Box::new(Brought::new(world, &now, profile, &done)?))
}

/// What to run for each target, each target once; targets that cannot be resolved are failures.
fn ready(world: &World, platforms: Vec<Box<dyn Platform>>, failures: &mut Vec<Error>) -> Vec<Ready> {
    let mut ready: Vec<Ready> = Vec::new();
    for platform in platforms {
        match push::planned(world, platform) {
            Ok(place) if ready.iter().any(|known| known.plan.target == place.plan.target) => {}
            Ok(place) => ready.push(place),
            Err(error) => failures.push(error),
        }
    }
    ready
}

fn confirm(world: &World, profile: &Profile, ready: &[Ready], args: &Args) -> Result<()> {
    if !profile.protected {
        return Ok(());
    }
    let name = &profile.name;
    let targets: Vec<_> = ready.iter().map(|place| place.plan.target.as_str()).collect();
    let what = format!("`{name}` is protected, and its key would go to {}", targets.join(", "));
    let push = Hint::run("push").arg(name);
    let again = match args.again {
        true => push.flag("--again"),
        false => args.to.iter().fold(push.flag("--to"), Hint::arg),
    };
    world.terminal.confirm(name.as_str(), &what, again)
}

/// Pushes the key to one target and records it; returns the changed profiles, if there are any to save.
fn one(
    world: &World,
    backend: &dyn Backend,
    place: &Ready,
    key: &ApiKey,
    profile: &Profile,
) -> Result<(Pushed, Option<Profiles>)> {
    let (name, target) = (&profile.name, &place.plan.target);
    let how = push::push(world, place, key, profile)?;
    let pushed = Pushed { target: target.clone(), fingerprint: key.fingerprint(), at: world.now, how };
    let profiles = match backend.capabilities().writable {
        true => Some(push::enter(world, backend, name, pushed.clone()).map_err(|error| {
            let message =
                format!("the key of `{name}` is at {target}, but that could not be written down: {error}");
            Error { message, ..error }
        })?),
        false => None,
    };
    world.terminal.say(&format!("pushed {name} to {target} ({})", how.in_words()));
    if profiles.is_none() {
        world.terminal.say("the environment keeps no record: the target is not remembered");
    }
    Ok((pushed, profiles))
}

/// All failures as one error; the first is shown in full.
fn none_failed(failures: Vec<Error>) -> Result<()> {
    let Some(kind) = Kind::decisive(failures.iter().map(|error| error.kind)) else { return Ok(()) };
    let message = failures.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
    let mut hints: Vec<Hint> = Vec::new();
    for hint in failures.into_iter().flat_map(|error| error.hints) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    Err(hints.into_iter().fold(Error::new(kind, message), Error::hint))
}
