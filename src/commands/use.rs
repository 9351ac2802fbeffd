//! `use NAME`: sets the active profile.

use super::Changed;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::{audit, recover, select_profile};
use crate::hint::Hint;
use crate::model::{ProfileName, Profiles};
use crate::system::World;
use crate::system::files::pin;

/// Switch to a profile
///
/// `use -` switches back. Without a name, on a terminal, it asks you to choose. No keychain is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys use dev
  getimg-keys use -
  getimg-keys use dev --here  # pin this directory to dev")]
pub struct Args {
    /// The profile, or `-` for the previous one
    #[arg(value_parser = target, allow_hyphen_values = true)]
    name: Option<Target>,
    /// Pin this directory to the profile instead, and allow the pin
    #[arg(long)]
    here: bool,
}

/// Which profile to switch to.
#[derive(Clone, Debug)]
pub enum Target {
    /// The profile of that name.
    Named(ProfileName),
    /// The one that was active before.
    Before,
}

/// Runs the command.
///
/// # Errors
/// There is no such profile (3), a pin permits only others (6), it was not confirmed (9, 2), the profiles cannot be
/// written (1).
pub fn run(
    args: Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
) -> Result<Changed> {
    let profiles = backend.profiles()?;
    let (whose, here) = if args.here { ("below this directory", "--here") } else { ("without a pin", "") };
    let name = wanted(args.name, global, &profiles, here, world)?;
    if select_profile::permitted_here(world, &profiles, &name)?.protected
        && (args.here || profiles.active.as_ref() != Some(&name))
    {
        let what = format!("`{name}` is protected, and every shell {whose} will use it");
        world.terminal.confirm(name.as_str(), &what, Hint::run("use").arg(&name).flag(here))?;
    }
    if args.here {
        return pin(&name, world, backend);
    }
    let mut edit = recover::edit_own(world, backend)?;
    let fingerprint = select_profile::named(&edit.profiles, &name)?.key.fingerprint;
    if edit.profiles.active.as_ref() == Some(&name) {
        overruled(world, &edit.profiles, &name);
        return Changed::new(
            world,
            &edit.profiles,
            &name,
            false,
            &format!("{name} is already the active profile"),
        );
    }
    edit.profiles.activate(&name);
    edit.save()?;
    audit::change(world, "use", &name, fingerprint);
    overruled(world, &edit.profiles, &name);
    Changed::new(world, &edit.profiles, &name, true, &format!("{name} is the active profile now"))
}

/// Writes the directory's pin and allows it.
fn pin(name: &ProfileName, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = recover::edit_own(world, backend)?;
    let fingerprint = select_profile::named(&edit.profiles, name)?.key.fingerprint;
    let pin = pin::write(&world.places.working_directory, name)?;
    pin.allow(&mut edit.profiles);
    edit.save()?;
    audit::change(world, "pin", name, fingerprint);
    let place = world.places.shown(&pin.path);
    Changed::new(
        world,
        &edit.profiles,
        name,
        true,
        &format!("{name} is used below this directory now, pinned by {place}"),
    )
}

fn wanted(
    asked: Option<Target>,
    global: Option<&ProfileName>,
    profiles: &Profiles,
    here: &str,
    world: &World,
) -> Result<ProfileName> {
    match (asked, global) {
        (Some(Target::Named(name)), _) => Ok(name),
        (Some(Target::Before), _) => profiles.previous.clone().ok_or_else(|| {
            Error::not_found("there is no previous profile")
                .hint(select_profile::use_hint(profiles).flag(here))
        }),
        (None, Some(name)) => Ok(name.clone()),
        (None, None) => pick(profiles, here, world),
    }
}

fn pick(profiles: &Profiles, here: &str, world: &World) -> Result<ProfileName> {
    if profiles.all.is_empty() {
        return Err(select_profile::no_profiles(world));
    }
    let named = select_profile::use_hint(profiles).flag(here);
    if !world.terminal.interactive {
        let why = world.terminal.why_not();
        return Err(Error::usage(format!("which profile? {why}")).hint(named));
    }
    for (index, profile) in profiles.all.iter().enumerate() {
        let mark = if profiles.active.as_ref() == Some(&profile.name) { "*" } else { " " };
        let key = profile.key.in_words();
        world.terminal.say(&format!("{mark} {:>2}  {}  {key}", index + 1, profile.name));
    }
    let answer = world.terminal.ask("Number or name:", named)?;
    let by_number = answer.parse::<usize>().ok().and_then(|n| profiles.all.get(n.checked_sub(1)?));
    match by_number.or_else(|| profiles.all.iter().find(|p| p.name.as_str() == answer)) {
        Some(profile) => Ok(profile.name.clone()),
        None if answer.is_empty() => Err(Error::cancelled()),
        None => Err(Error::not_found("there is no such profile in the list").hint(Hint::run("list"))),
    }
}

/// Says if something takes precedence over the active profile here.
fn overruled(world: &World, profiles: &Profiles, name: &ProfileName) {
    match select_profile::quietly_selected(world, profiles, None) {
        Ok(selection) if selection.profile.name != *name => {
            let why = select_profile::because(world, &selection.because).unwrap_or_default();
            world.terminal.say(&format!("here, {} still takes precedence, {why}", selection.profile.name));
        }
        Ok(_) => {}
        Err(error) => world.terminal.say(&format!("here, no profile is selected: {error}")),
    }
}

fn target(text: &str) -> Result<Target, crate::model::profile_name::MalformedName> {
    if text == "-" { Ok(Target::Before) } else { text.parse().map(Target::Named) }
}
