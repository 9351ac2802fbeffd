//! `allow` and `deny`: whether a pin may select a protected profile, or counts at all if it belongs to another user.

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::recover;
use crate::hint::Hint;
use crate::model::policy::PolicySection;
use crate::model::profiles::AllowedPin;
use crate::model::{Pin, ProfileName};
use crate::output::Said;
use crate::system::World;
use crate::system::files::pin;

/// Trust this directory's pin file as it is now
///
/// A pin to a protected profile, or one that belongs to another user, counts only after this. If its content or path
/// changes, it must be allowed again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys allow
  cat .getimg-keys.toml && getimg-keys allow")]
pub struct AllowArgs {}

/// Stop trusting this directory's pin file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys deny")]
pub struct DenyArgs {}

/// Runs `allow`.
///
/// # Errors
/// There is no pin (3), a pin cannot be read (1), the profiles cannot be written (1).
pub fn run_allow(_: AllowArgs, world: &World, backend: &dyn Backend) -> Result<Said> {
    let mut edit = recover::edit_own(world, backend)?;
    let waits = |pin: &Pin| {
        let names_protected = pin.profile.as_ref().and_then(|name| edit.profiles.get(name));
        (pin.foreign || names_protected.is_some_and(|profile| profile.protected))
            && !pin.is_allowed(&edit.profiles)
    };
    let pin = the_one(world, waits)?;
    let changed = !pin.is_allowed(&edit.profiles);
    pin.allow(&mut edit.profiles);
    edit.commit()?;
    let selects = pin
        .profile
        .as_ref()
        .map_or_else(|| "selects no profile".to_owned(), |name| format!("selects {name}"));
    let said = report(world, pin, &format!("allowed: it {selects}"), changed);
    rules(pin)?
        .lines()
        .filter(|line| !line.is_empty())
        .for_each(|line| world.terminal.say(&format!("  {line}")));
    Ok(said)
}

/// Runs `deny`.
///
/// # Errors
/// As [`run_allow`].
pub fn run_deny(_: DenyArgs, world: &World, backend: &dyn Backend) -> Result<Said> {
    let mut edit = recover::edit_own(world, backend)?;
    let pin = the_one(world, |pin| pin.is_allowed(&edit.profiles))?;
    let changed = pin.is_allowed(&edit.profiles);
    let path = AllowedPin::written(&pin.path);
    edit.profiles.allowed.retain(|a| a.path != path);
    let open =
        pin.profile.as_ref().filter(|name| edit.profiles.get(name).is_some_and(|p| !p.protected)).cloned();
    edit.commit()?;
    let said = report(world, pin, "not allowed", changed);
    if let Some(name) = open.filter(|_| !pin.foreign) {
        world.terminal.say(&format!("it still selects {name}, which is not protected"));
    }
    Ok(said)
}

/// What a pin permits and requires, formatted from what was read.
fn rules(pin: &Pin) -> Result<String> {
    #[derive(Serialize)]
    struct Rules<'a> {
        allow: &'a Option<Vec<ProfileName>>,
        policy: Option<&'a PolicySection>,
    }
    let policy = Some(&pin.policy).filter(|policy| **policy != PolicySection::default());
    toml::to_string(&Rules { allow: &pin.allow, policy })
        .map_err(|e| Error::failure(format!("cannot show what the pin says: {e}")))
}

/// The nearest pin that needs to be allowed, else the nearest that names a profile, else the nearest.
fn the_one(world: &World, asked_about: impl Fn(&Pin) -> bool) -> Result<&Pin> {
    let found = world.found_pins()?;
    let pin = found.iter().find(|pin| asked_about(pin));
    pin.or_else(|| found.iter().find(|pin| pin.profile.is_some())).or(found.first()).ok_or_else(|| {
        let here = world.places.shown(&world.places.working_directory);
        Error::not_found(format!("no {} in {here} or above it", pin::NAME)).hint(Hint::run("use NAME --here"))
    })
}

fn report(world: &World, pin: &Pin, what: &str, changed: bool) -> Said {
    world.terminal.say(&format!("{} is {what}", world.places.shown(&pin.path)));
    let path: &Path = &pin.path;
    Said {
        text: String::new(),
        json: json!({ "path": path.to_string_lossy(), "profile": pin.profile, "changed": changed }),
    }
}
