//! A line in the log for what has just been done; the log never stops a command.

use crate::model::{Fingerprint, ProfileName};
use crate::system::World;
use crate::system::files::log::{self, Event};

/// Logs a change of a profile.
pub fn change(world: &World, event: &str, profile: &ProfileName, fingerprint: Fingerprint) {
    append(world, &Event::new(world, event, profile, fingerprint));
}

/// Logs that a key was handed out.
pub fn hand_out(
    world: &World,
    event: &str,
    profile: &ProfileName,
    fingerprint: Fingerprint,
    program: Option<&str>,
) {
    let event = Event::new(world, event, profile, fingerprint);
    append(world, &program.map_or(event.clone(), |program| event.of_program(program)));
}

fn append(world: &World, event: &Event) {
    if world.places.must_be_ours().is_err() || log::append(&world.places.log(), event).is_err() {
        world.terminal.detail("the log could not be written; the command goes on");
    }
}
