//! Adds lines to the log. A failure to log never stops a command.

use chrono::TimeDelta;

use crate::broker::Totals;
use crate::broker::relay::OnRequest;
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
) -> Event {
    let event = Event::new(world, event, profile, fingerprint);
    let event = program.map_or(event.clone(), |program| event.of_program(program));
    append(world, &event);
    event
}

/// Logs what a relay did for a program, after the program ended.
pub fn relayed(world: &World, program: &Event, totals: Totals) {
    let event = Event {
        event: "broker_end".to_owned(),
        requests: Some(totals.requests),
        refused: Some(totals.refused),
        spent: totals.spent.map(|spent| spent.to_string()),
        ..program.clone()
    };
    append(world, &event);
}

/// Logs each request to a relay: method, path and status, never a query, a field or a body.
pub fn requests(world: &World, program: &Event) -> OnRequest {
    // In another user's home nothing is logged; a notice said so when the key was handed out.
    let (path, program) = (world.places.must_be_ours().is_ok().then(|| world.places.log()), program.clone());
    Box::new(move |request| {
        let event = Event {
            event: "broker_request".to_owned(),
            at: program.at + TimeDelta::from_std(request.at).unwrap_or_default(),
            method: Some(request.method.clone()),
            path: Some(request.path.clone()),
            status: Some(request.status),
            milliseconds: u64::try_from(request.took.as_millis()).ok(),
            ..program.clone()
        };
        // The log never stops a request.
        let _ = path.as_ref().map(|path| log::append(path, &event));
    })
}

/// Logs that a key was given to a program that puts it somewhere else.
pub fn pushed(world: &World, profile: &ProfileName, fingerprint: Fingerprint, program: &str, target: &str) {
    let name = std::path::Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    let event = Event::new(world, "push", profile, fingerprint).of_program(&name);
    append(world, &Event { target: Some(target.to_owned()), ..event });
}

fn append(world: &World, event: &Event) {
    if world.places.must_be_ours().is_err() || log::append(&world.places.log(), event).is_err() {
        world.terminal.detail("the log could not be written; the command goes on");
    }
}
