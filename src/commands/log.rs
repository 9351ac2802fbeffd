//! `log [NAME]`: changes and handed out keys, with time and place.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::Result;
use crate::flows::select_profile;
use crate::model::date::date;
use crate::model::{ProfileName, Profiles};
use crate::output::table::{self, Fit};
use crate::output::{Render, Report, when};
use crate::system::World;
use crate::system::files::log::{self, Event};
use crate::system::terminal::escape;

const COLUMNS: [(&str, Fit); 5] = [
    ("when", Fit::Whole),
    ("event", Fit::Whole),
    ("profile", Fit::Whole),
    ("program", Fit::Spare),
    ("directory", Fit::Prose),
];

/// Show what was changed and handed out, when and where
///
/// Reads the log only; no keychain is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys log
  getimg-keys log prod --since 7d")]
pub struct Args {
    /// The profile [default: all]
    name: Option<ProfileName>,
    /// Only events since then: 7d, 12h, 30m, 2026-01-31 or RFC 3339
    #[arg(long, value_name = "T", value_parser = since)]
    since: Option<Since>,
}

/// A point in time, or a time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// A point in time.
    At(DateTime<Utc>),
    /// This long ago.
    Ago(TimeDelta),
}

/// The events that were asked for, oldest first.
pub struct Logged {
    events: Vec<Event>,
    shown: Vec<String>,
    /// Whether the arguments left events out.
    is_part: bool,
}

/// Runs the command.
///
/// # Errors
/// The log exists and cannot be read (1); a name that no profile has or had (3).
pub fn run(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
) -> Result<Logged> {
    let from = args.since.map(|since| match since {
        Since::At(time) => time,
        Since::Ago(distance) => world.now.checked_sub_signed(distance).unwrap_or(DateTime::<Utc>::MIN_UTC),
    });
    let name = args.name.as_ref().or(global);
    let (mut events, lost) = log::read(&world.places.log())?;
    say_what_is_lost(world, lost);
    if let Some(name) = name.filter(|name| events.iter().all(|e| e.profile != **name)) {
        refuse_unknown(&backend.profiles()?, name)?;
    }
    events.retain(|e| name.is_none_or(|n| e.profile == *n) && from.is_none_or(|from| e.at >= from));
    let shown = events.iter().map(|e| world.places.shown(e.directory.as_ref())).collect();
    Ok(Logged { events, shown, is_part: name.is_some() || from.is_some() })
}

/// The name of a removed profile is not a mistake, even if the log no longer has its events.
fn refuse_unknown(profiles: &Profiles, name: &ProfileName) -> Result<()> {
    let had = profiles.retired.iter().any(|gone| gone.profile == *name);
    if had { Ok(()) } else { select_profile::named(profiles, name).map(drop) }
}

fn say_what_is_lost(world: &World, lines: usize) {
    if lines > 0 {
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        let log = world.places.shown(&world.places.log());
        world.terminal.complain(&format!("{lines} of {log} cannot be understood and are left out"));
    }
}

impl Report for Logged {
    fn text(&self, render: &Render) -> String {
        if self.events.is_empty() {
            return if self.is_part { "there are no such events" } else { "there are no events yet" }
                .to_owned();
        }
        let row = |(event, directory): (&Event, &String)| {
            vec![
                when::ago(event.at, render.now),
                event.event.clone(),
                event.profile.to_string(),
                escape(&program(event)),
                escape(directory),
            ]
        };
        let rows: Vec<_> = self.events.iter().zip(&self.shown).map(row).collect();
        table::aligned(render, &COLUMNS, &rows)
    }

    fn json(&self) -> Value {
        let one = |e: &Event| {
            json!({
                "at": when::rfc3339(e.at), "event": e.event, "profile": e.profile,
                "fingerprint": e.fingerprint, "directory": e.directory, "program": e.program,
                "agent": e.agent, "requests": e.requests, "refused": e.refused, "spent": e.spent,
                "method": e.method, "path": e.path, "status": e.status, "milliseconds": e.milliseconds,
                "target": e.target,
            })
        };
        json!({ "events": self.events.iter().map(one).collect::<Vec<_>>() })
    }
}

/// The program, where it put the key, and the agent that asked for it.
fn program(event: &Event) -> String {
    let place = event.target.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
    let program = format!("{}{place}", event.program.as_deref().unwrap_or_default());
    match (program.as_str(), &event.agent) {
        (program, None) => program.to_owned(),
        ("", Some(agent)) => format!("by {agent}"),
        (program, Some(agent)) => format!("{program}, by {agent}"),
    }
}

fn since(text: &str) -> Result<Since, String> {
    let distance = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number = number.parse::<u32>().ok().map(i64::from)?;
        match unit {
            "d" => TimeDelta::try_days(number),
            "h" => TimeDelta::try_hours(number),
            "m" => TimeDelta::try_minutes(number),
            "s" => TimeDelta::try_seconds(number),
            _ => None,
        }
    };
    if let Some(distance) = distance() {
        return Ok(Since::Ago(distance));
    }
    date(text).map(Since::At).map_err(|_| "a time is 7d, 12h, 30m, YYYY-MM-DD or RFC 3339".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_distance_a_day_or_a_moment() {
        assert_eq!(since("7d"), Ok(Since::Ago(TimeDelta::days(7))));
        assert_eq!(since("4294967295d"), Ok(Since::Ago(TimeDelta::days(4_294_967_295))));
        assert_eq!(since("12h"), Ok(Since::Ago(TimeDelta::hours(12))));
        assert!(matches!(since("2026-01-31"), Ok(Since::At(_))));
        assert!(matches!(since("2026-01-31T12:00:00Z"), Ok(Since::At(_))));
        for text in ["", "d", "7", "-1d", "7 d", "yesterday", "é"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
