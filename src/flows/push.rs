//! Pushes a key to targets: what runs for each, its result, and the record of it.

mod outcome;

use std::time::Duration;

use self::outcome::{Tried, settled};
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::{audit, recover, select_profile};
use crate::hint::{Hint, suggest};
use crate::model::pushed::How;
use crate::model::{ApiKey, Profile, ProfileName, Profiles, Pushed};
use crate::push::{self, Given, Listed, Listing, Plan, Platform, Proof};
use crate::system::World;
use crate::system::process::call::Call;
use crate::system::process::fed_program::{self, Ended, NotRun};
use crate::system::process::other_programs;

/// A target, and the program that pushes a key there.
pub struct Ready {
    /// The calls to make.
    pub plan: Plan,
    platform: Box<dyn Platform>,
}

/// The targets that some texts name, each once.
///
/// # Errors
/// A text that names none (exit 2).
pub fn parsed(world: &World, texts: &[String]) -> Result<Vec<Box<dyn Platform>>> {
    let config = world.config()?;
    let given = Given { variable: config.variable(), folder: &world.places.working_directory };
    let edit = suggest::edit(world.places.typed(&world.places.config()));
    let explained =
        |error: Error| if error.kind == Kind::Failure { error.hint(edit.as_str()) } else { error };
    texts.iter().map(|text| push::parse(text, &given, &config.push.targets).map_err(explained)).collect()
}

/// The program to run for a target; asks it for the parts that were left out.
///
/// # Errors
/// The program is not there, or does not say.
pub fn planned(world: &World, platform: Box<dyn Platform>) -> Result<Ready> {
    let limit = world.config()?.push.timeout();
    let explained = |why: NotRun| not_run(&why, platform.as_ref());
    other_programs::find(platform.program(), &world.variables).map_err(|e| explained(NotRun::of(e)))?;
    let plan = platform.plan(&|call| fed_program::run(call, None, limit).map_err(explained))?;
    Ok(Ready { plan, platform })
}

/// Pushes a key to one target and checks it as far as the platform allows.
///
/// # Errors
/// The program is not there or refuses (1); it does not end, or what it says cannot be proven or is not so (5, 1).
pub fn push(world: &World, ready: &Ready, key: &ApiKey, profile: &Profile) -> Result<How> {
    let Ready { plan, platform } = ready;
    let tried = Tried { target: &plan.target, profile: &profile.name, platform: platform.as_ref() };
    let limit = world.config()?.push.timeout();
    if let Some(warning) = plan.warning {
        world.terminal.say(warning);
    }
    world.terminal.progress(&format!("pushing to {} …", plan.target));
    let before = match &plan.proof {
        Proof::Listing(listing) if listing.by_another_clock => Some(listed(&tried, listing, key, limit)?),
        _ => None,
    };
    audit::pushed(world, &profile.name, key.fingerprint(), platform.program(), &plan.target);
    for call in &plan.put {
        let ended = run(&tried, call, key, limit)?;
        if !ended.is_success() || !ended.took_input {
            return Err(tried.refused(&ended));
        }
    }
    match &plan.proof {
        Proof::Nothing => Ok(How::Unconfirmed),
        Proof::Listing(listing) => settled(&tried, before, listed(&tried, listing, key, limit)?, world.now),
        Proof::ReadBack(call, read) => {
            let ended = run(&tried, call, key, limit)?;
            if !ended.is_success() || !ended.is_whole {
                return Err(tried.not_readable(&ended));
            }
            let found = read(&ended.stdout).and_then(|text| ApiKey::parse(text).ok());
            match found.map(|found| found.fingerprint()) {
                Some(print) if print == key.fingerprint() => Ok(How::Confirmed),
                found => Err(tried.differs(found.is_some())),
            }
        }
    }
}

/// Records that a target has a key; returns the changed profiles.
///
/// # Errors
/// They cannot be written.
pub fn enter(world: &World, backend: &dyn Backend, name: &ProfileName, pushed: Pushed) -> Result<Profiles> {
    let mut edit = recover::edit(world, backend)?;
    select_profile::named(&edit.profiles, name)?;
    if let Some(before) = edit.profiles.pushed_to(&pushed.target).filter(|before| before.name != *name) {
        world.terminal.say(&format!("{} had the key of {} before", pushed.target, before.name));
    }
    edit.profiles.enter_pushed(name, pushed);
    edit.save()?;
    Ok(edit.profiles.clone())
}

/// Prints the targets that have a key which is to be replaced, and the command that updates them.
pub fn say_places<'a>(world: &World, name: &ProfileName, places: impl Iterator<Item = &'a Pushed>) {
    let mut places = places.peekable();
    if places.peek().is_none() {
        return;
    }
    world.terminal.say("it was pushed to:");
    places.for_each(|pushed| world.terminal.say(&format!("  [ ] {}", pushed.target)));
    world.terminal.say(&format!("update these with: {}", Hint::run("push --again").arg(name)));
}

/// What the platform's list says about a name.
fn listed(tried: &Tried<'_>, listing: &Listing, key: &ApiKey, limit: Duration) -> Result<Listed> {
    let ended = run(tried, &listing.call, key, limit)?;
    if !ended.is_success() || !ended.is_whole {
        return Err(tried.not_listed(&ended));
    }
    Ok((listing.find)(&ended.stdout, &listing.name))
}

fn run(tried: &Tried<'_>, call: &Call, key: &ApiKey, limit: Duration) -> Result<Ended> {
    fed_program::run(call, Some(key), limit).map_err(|why| tried.not_run(not_run(&why, tried.platform)))
}

/// Why a program did not end by itself, and what helps.
fn not_run(why: &NotRun, platform: &dyn Platform) -> Error {
    let program = platform.program();
    match why {
        NotRun::Missing => Error::failure(format!("there is no program `{program}` here"))
            .hint(suggest::locate(program))
            .hint(platform.help().install),
        NotRun::NotStarted(why) => {
            Error::failure(format!("`{program}` cannot be run: {}", crate::error::in_words(why)))
                .hint(suggest::locate(program))
        }
        NotRun::TooSlow(limit) => Error::new(
            Kind::Unchecked,
            format!("`{program}` did not end within {} s and was ended", limit.as_secs()),
        )
        .hint(Hint::advice("or give it more time: `[push] timeout_seconds` in config.toml")),
    }
}
