//! Selects the profile that a command acts on, and says which one if it was not named.

use crate::error::{Error, Result};
use crate::flows::{first_key, unset_secret};
use crate::hint::{Hint, suggest};
use crate::model::key_shape::{holds_key, name_without_key};
use crate::model::selection::{SelectionError, permitted, select};
use crate::model::{Asked, Profile, ProfileName, Profiles, Selection, SelectionSource};
use crate::system::World;

/// So many of the permitted profiles are named.
const SHOWN: usize = 8;

/// Selects a profile, and prints which and why unless it was named on the command line.
///
/// # Errors
/// None selected or not there (exit 3); a pin that is not accepted or permits others only (exit 6).
pub fn selected<'a>(
    world: &World,
    profiles: &'a Profiles,
    named: Option<&ProfileName>,
) -> Result<Selection<'a>> {
    let selection = quietly_selected(world, profiles, named)?;
    if let Some(why) = because(world, &selection.because) {
        world.terminal.say(&format!("using {}, {why}", selection.profile.name));
    }
    Ok(selection)
}

/// Selects a profile without a message.
///
/// # Errors
/// As [`selected`].
pub fn quietly_selected<'a>(
    world: &World,
    profiles: &'a Profiles,
    named: Option<&ProfileName>,
) -> Result<Selection<'a>> {
    select_by(world, profiles, named)?.map_err(|e| explain(world, profiles, e))
}

/// What is selected here, without a message; `None` where nothing says which profile.
///
/// # Errors
/// What is named is not there (exit 3); a pin that is not accepted or permits others only (exit 6).
pub fn selected_if_any<'a>(world: &World, profiles: &'a Profiles) -> Result<Option<Selection<'a>>> {
    match select_by(world, profiles, None)? {
        Err(SelectionError::Nothing) => Ok(None),
        selection => selection.map(Some).map_err(|e| explain(world, profiles, e)),
    }
}

/// The profile of that name.
///
/// # Errors
/// There is none (exit 3), with the nearest name as a hint.
pub fn named<'a>(profiles: &'a Profiles, name: &ProfileName) -> Result<&'a Profile> {
    // Whoever changes or removes a profile is not helped by a new one.
    let otherwise = || Hint::run("list").note("the profiles there are");
    profiles.get(name).ok_or_else(|| unknown(profiles, name, "", otherwise()))
}

/// The profile of that name, if every pin from here upwards permits it.
///
/// # Errors
/// As [`named`]; a pin that cannot be read (1), or permits others only (6).
pub fn permitted_here<'a>(world: &World, profiles: &'a Profiles, name: &ProfileName) -> Result<&'a Profile> {
    let profile = named(profiles, name)?;
    permitted(name, &world.pins()?).map_err(|e| explain(world, profiles, e))?;
    Ok(profile)
}

/// Why this profile was selected, as the rest of a sentence; `None` if the user named it.
pub fn because(world: &World, because: &SelectionSource) -> Option<String> {
    match because {
        SelectionSource::Argument => None,
        SelectionSource::Environment => Some("named by $GETIMG_KEYS_PROFILE".to_owned()),
        SelectionSource::Pin(path) => Some(format!("pinned by {}", world.places.shown(path))),
        SelectionSource::Active => Some("the active profile".to_owned()),
    }
}

/// Whether a selection can be asked for at all is the outer result.
fn select_by<'a>(
    world: &World,
    profiles: &'a Profiles,
    named: Option<&ProfileName>,
) -> Result<std::result::Result<Selection<'a>, SelectionError>> {
    let environment = world.named_profile()?;
    let asked = Asked { argument: named, environment: environment.as_ref(), pins: world.pins()? };
    Ok(select(&asked, profiles))
}

fn unknown(profiles: &Profiles, name: &ProfileName, named_by: &str, otherwise: Hint) -> Error {
    if holds_key(name.as_str()) {
        return Error::not_found(format!("a key was given instead of a profile name{named_by}"))
            .hint(Hint::run("list").note("the names that are possible there"));
    }
    let error = Error::not_found(format!("there is no profile `{name}`{named_by}"));
    match profiles.nearest(name.as_str()) {
        Some(near) => error.hint(Hint::run("list").note(format!("did you mean `{near}`?"))),
        None => error.hint(otherwise),
    }
}

/// The error of a command that needs a profile if there are none (exit 3).
pub fn none(world: &World, profiles: &Profiles) -> Error {
    unset_secret::why(world, profiles, None).unwrap_or_else(|| no_profiles(world))
}

/// There are no profiles yet (exit 3), with every way to the first one.
pub fn no_profiles(world: &World) -> Error {
    first_key::commands(world, "dev")
        .into_iter()
        .fold(Error::not_found("there are no profiles yet"), Error::hint)
}

/// The command that makes a profile active: the only one, or the first that is not protected, and which others there are.
pub fn use_hint(profiles: &Profiles) -> Hint {
    let names = || profiles.all.iter().filter(|profile| !profile.protected).chain(&profiles.all);
    let Some(first) = names().next() else { return Hint::run("add dev") };
    let others: Vec<_> =
        profiles.all.iter().map(|p| p.name.as_str()).filter(|name| *name != first.name.as_str()).collect();
    let command = Hint::run("use").arg(&first.name);
    match others.len() {
        0 => command,
        1..SHOWN => command.note(format!("or {}", others.join(", "))),
        _ => command.note(format!("or {}, …", others[..SHOWN].join(", "))),
    }
}

fn explain(world: &World, profiles: &Profiles, error: SelectionError) -> Error {
    match error {
        SelectionError::Nothing if profiles.all.is_empty() => none(world, profiles),
        SelectionError::Nothing => Error::not_found("no profile is selected").hint(use_hint(profiles)),
        SelectionError::Unknown { name, because: why } => {
            let why = because(world, &why).map(|why| format!(" ({why})")).unwrap_or_default();
            unset_secret::why(world, profiles, Some(&name))
                .unwrap_or_else(|| unknown(profiles, &name, &why, Hint::run("add").arg(&name)))
        }
        SelectionError::Untrusted { pin, name } => Error::policy(format!(
            "{} pins the protected profile `{name}`, and you have not allowed it",
            world.places.shown(&pin)
        ))
        .hint(Hint::run("allow"))
        .hint(Hint::advice(format!("or name a profile: --profile {name}"))),
        SelectionError::NotPermitted { pin, name, permitted } if permitted.is_empty() => {
            let pin = world.places.typed(&pin);
            Error::policy(format!("`{name}` may not be used here: {pin} allows no profile"))
                .hint(suggest::edit(&pin))
        }
        SelectionError::NotPermitted { pin, name, permitted } => {
            // Somebody else wrote the pin: a key may stand where a name should.
            let first: Vec<_> =
                permitted.iter().take(SHOWN).map(|name| name_without_key(name.as_str())).collect();
            let more = if permitted.len() > SHOWN { ", …" } else { "" };
            Error::policy(format!(
                "`{name}` may not be used here: {} allows {}{more} only",
                world.places.shown(&pin),
                first.join(", ")
            ))
            .hint(Hint::advice(format!("or name one that is allowed: --profile {}", first[0])))
        }
        SelectionError::Foreign { pin } => Error::policy(format!(
            "{} belongs to another user, and you have not allowed it",
            world.places.shown(&pin)
        ))
        .hint(Hint::run("allow").note("once you have read it"))
        .hint(Hint::advice(format!(
            "or name a profile: --profile {}",
            profiles.all.first().map_or("NAME", |p| p.name.as_str())
        ))),
    }
}
