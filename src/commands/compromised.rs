//! `compromised NAME`: blocks a leaked key.

use super::Changed;
use crate::api::DEVELOPER_SETTINGS;
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::{audit, push, recover, select_profile, usage_log};
use crate::hint::Hint;
use crate::model::review::{goes_back, replacement};
use crate::model::{ProfileName, Untold};
use crate::system::World;

/// Mark a key as compromised, which blocks it at once
///
/// Works offline and opens no keychain. `rotate` clears the mark with a new key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys compromised dev
  getimg-keys compromised dev --not")]
pub struct Args {
    /// The profile
    name: ProfileName,
    /// Clear the mark: the key is not compromised
    #[arg(long)]
    not: bool,
}

/// Runs the command.
///
/// # Errors
/// No such profile (3), the profiles cannot be written (1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let name = &args.name;
    let mut edit = match recover::edit(world, backend) {
        Err(why) if backend.capabilities().shared && why.kind == Kind::Store && !args.not => {
            return Err(block_here(name, &why, world, backend)?);
        }
        opened => opened?,
    };
    let fingerprint = select_profile::named(&edit.profiles, name)?.key.fingerprint;
    let Some(profile) = edit.profiles.get_mut(name).filter(|p| p.key.compromised_at.is_some() == args.not)
    else {
        let state = if args.not { "is not declared compromised" } else { "is already declared compromised" };
        return Changed::new(world, &edit.profiles, name, false, &format!("the key of {name} {state}"));
    };
    profile.key.compromised_at = if args.not { None } else { Some(world.now) };
    let way = replacement(profile);
    let (replace, with) = match profile.previous {
        None => (format!("create a new key there, then: {way}"), "the new key"),
        Some(_) if goes_back(profile) => (format!("go back to the key before it: {way}"), "that key"),
        Some(_) => (format!("finish the open rotation: {way}"), "the new key"),
    };
    edit.save()?;
    if args.not {
        audit::change(world, "not_compromised", name, fingerprint);
        return Changed::new(
            world,
            &edit.profiles,
            name,
            true,
            &format!("the key of {name} can be used again"),
        );
    }
    audit::change(world, "compromised", name, fingerprint);
    let said = format!("the key of {name} is blocked: env and exec refuse it from now on");
    let report = Changed::new(world, &edit.profiles, name, true, &said)?;
    world.terminal.say("what to do, in this order:");
    world.terminal.say(&format!("  1. revoke it at {DEVELOPER_SETTINGS}"));
    world.terminal.say(&format!("  2. {replace}"));
    world.terminal.say(&format!("  3. give {with} to everything that has the old one:"));
    usage_log::say(world, fingerprint);
    if let Some(profile) = edit.profiles.get(name) {
        push::say_places(world, name, profile.pushed.iter());
    }
    world.terminal.say(&format!(
        "  4. confirm that the old key was revoked: {}",
        Hint::run("rotate").arg(name).flag("--finish")
    ));
    Ok(report)
}

/// Blocks the key on this machine while the store cannot be reached; the next command that reaches it tells the store.
fn block_here(name: &ProfileName, why: &Error, world: &World, backend: &dyn Backend) -> Result<Error> {
    let mut edit = backend.edit_own()?;
    let fingerprint = select_profile::named(&edit.profiles, name)?.key.fingerprint;
    if let Some(profile) = edit.profiles.get_mut(name) {
        profile.key.compromised_at.get_or_insert(world.now);
    }
    if let Some(copy) =
        edit.profiles.copy.as_mut().filter(|copy| copy.untold.iter().all(|u| u.fingerprint != fingerprint))
    {
        copy.untold.push(Untold { fingerprint, at: world.now });
    }
    edit.save()?;
    audit::change(world, "compromised", name, fingerprint);
    let message = format!("the key of `{name}` is blocked on this machine alone: {}", why.message);
    Ok(Error::store(message)
        .hint(Hint::run("verify").arg(name).note("later: the first command that reaches the vault tells it"))
        .hint(format!("revoke it now, at {DEVELOPER_SETTINGS}")))
}
