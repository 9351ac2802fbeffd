//! Checks the profiles, the configuration, their modes and their dates.

use crate::backend::Backend;
use crate::error::Result;
use crate::hint::Hint;
use crate::hint::suggest;
use crate::model::{Profiles, Untrusted};
use crate::output::checks::Check;
use crate::output::untrusted;
use crate::system::World;
use crate::system::files::ownership;

pub(super) fn checks(world: &World, backend: &dyn Backend) -> Vec<Check> {
    let profiles = backend.profiles();
    let recorded = profiles.as_ref().ok().map(|profiles| [unfinished(profiles), clock(world, profiles)]);
    let mut checks = vec![readable(world, profiles), configuration(world), pin(world), modes(world)];
    checks.extend(recorded.into_iter().flatten());
    checks
}

fn readable(world: &World, profiles: Result<Profiles>) -> Check {
    match profiles {
        Ok(profiles) => Check::pass(
            "profiles",
            format!("{} in {}", count(&profiles), world.places.shown(&world.places.profiles())),
        ),
        Err(error) => Check::of_error("profiles", error),
    }
}

fn configuration(world: &World) -> Check {
    match world.config() {
        Ok(_) => {
            let file = world.places.config();
            let shown = world.places.shown(&file);
            let found = file.exists();
            let said = if found { shown } else { format!("there is no {shown}: the defaults apply") };
            Check::pass("configuration", said)
        }
        Err(error) => Check::of_error("configuration", error),
    }
}

fn pin(world: &World) -> Check {
    let pins = match world.pins() {
        Ok(pins) => pins,
        Err(error) => return Check::of_error("pin", error),
    };
    if let Some((pin, names)) = pins.ignored() {
        let names = untrusted::shown(&Untrusted::new(names.join(", ")));
        return Check::warn("pin", format!("ignored, because a pin cannot set it: {names}"))
            .hint(suggest::edit(world.places.typed(&pin.path)));
    }
    match (pins.stranger(), pins.counting.as_slice()) {
        (Some(pin), _) => Check::warn(
            "pin",
            format!("{} belongs to another user and is ignored", world.places.shown(&pin.path)),
        )
        .hint(Hint::run("allow")),
        (None, []) => Check::skip("pin", "no .getimg-keys.toml from here upwards"),
        (None, pins) => {
            let shown: Vec<_> = pins.iter().map(|pin| world.places.shown(&pin.path)).collect();
            Check::pass("pin", shown.join(", "))
        }
    }
}

fn count(profiles: &Profiles) -> String {
    match profiles.all.len() {
        1 => "1 profile".to_owned(),
        n => format!("{n} profiles"),
    }
}

fn unfinished(profiles: &Profiles) -> Check {
    match profiles.unfinished() {
        None => Check::pass("unfinished", "no change was interrupted"),
        Some(change) => Check::warn("unfinished", change.interrupted())
            .hint(format!("{}  # completes it or rolls it back", change.way_on())),
    }
}

/// A clock that is earlier than recorded times makes ages wrong and certificates invalid.
fn clock(world: &World, profiles: &Profiles) -> Check {
    let times = profiles.all.iter().flat_map(|profile| {
        let key = &profile.key;
        let verified = key.verification.as_ref().map(|verification| verification.checked_at);
        [
            Some(profile.added_at),
            profile.rotated_at,
            verified,
            key.last_attempt.as_ref().map(|attempt| attempt.at),
        ]
    });
    match times.flatten().max() {
        Some(latest) if latest > world.now => Check::warn(
            "clock",
            format!("it is behind the last change, which was at {}", latest.format("%Y-%m-%d %H:%M UTC")),
        )
        .hint("timedatectl set-ntp true  # or set the clock by hand"),
        _ => Check::pass("clock", world.now.format("%Y-%m-%d %H:%M UTC").to_string()),
    }
}

fn modes(world: &World) -> Check {
    let places = &world.places;
    let paths = [places.data_directory.clone(), places.profiles(), places.log(), places.keys()];
    if let Some(complaint) = ownership::unwritable(&places.data_directory) {
        let hint = suggest::look_at(places.data_directory.display());
        return Check::warn("modes", complaint).hint(hint);
    }
    match paths.iter().find_map(|path| ownership::complaint(path)) {
        None => Check::pass("modes", "only you can access the files"),
        Some(complaint) => Check::warn("modes", complaint)
            .hint(suggest::make_private_folder(places.typed(&places.data_directory))),
    }
}
