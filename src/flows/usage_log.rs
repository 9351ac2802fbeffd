//! Where a key was handed out, from the log: the places to update when it is replaced.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::model::Fingerprint;
use crate::output::when::ago;
use crate::system::World;
use crate::system::files::log::{self, Event};

/// The events by which a key leaves the program.
const HAND_OUTS: [&str; 3] = ["env", "exec", "hook"];

/// One line for each place a key was handed out to, the latest first: `npm in ~/site, 3 times, 2 h ago`.
///
/// # Errors
/// A log that is there and cannot be read.
pub fn places(world: &World, fingerprint: Fingerprint) -> Result<Vec<String>> {
    let shown = fingerprint.to_string();
    let (events, lost) = log::read(&world.places.log())?;
    if lost > 0 {
        world.terminal.complain("a part of the log cannot be understood: it may have gone to more places");
    }
    let ours = events.iter().filter(|e| e.fingerprint == shown && HAND_OUTS.contains(&e.event.as_str()));
    let mut found: BTreeMap<(String, &str), (usize, DateTime<Utc>)> = BTreeMap::new();
    for event in ours {
        let place = found.entry((what(event), &event.directory)).or_insert((0, event.at));
        *place = (place.0 + 1, place.1.max(event.at));
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (_, last))| std::cmp::Reverse(*last));
    let line = |((what, directory), (times, last)): ((String, &str), (usize, DateTime<Utc>))| {
        let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        let directory = world.places.shown(directory.as_ref());
        format!("{what} in {directory}, {times}, {}", ago(last, world.now))
    };
    Ok(found.into_iter().map(line).collect())
}

/// Prints where a key was handed out, as a list to work through.
pub fn say(world: &World, fingerprint: Fingerprint) {
    let places = match places(world, fingerprint) {
        Ok(places) if !places.is_empty() => places,
        Ok(_) => return world.terminal.say("the log shows no use of it"),
        Err(why) => return world.terminal.say(&format!("where it was used is not known: {why}")),
    };
    world.terminal.say("it was used by:");
    places.iter().for_each(|place| world.terminal.say(&format!("  [ ] {place}")));
}

fn what(event: &Event) -> String {
    match (&event.program, event.event.as_str()) {
        (Some(program), _) => program.clone(),
        (None, "env") => "a shell".to_owned(),
        (None, other) => other.to_owned(),
    }
}
