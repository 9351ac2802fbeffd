//! `list`: all profiles.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::Result;
use crate::flows::{first_key, select_profile};
use crate::hint::Hint;
use crate::model::{Policy, Profile, ProfileName, Profiles, review};
use crate::output::profile::{rotation, verified};
use crate::output::table::{self, Fit};
use crate::output::{Render, Report, breaches, when};
use crate::system::World;
use crate::system::terminal::escape;

const COLUMNS: [(&str, Fit); 7] = [
    ("", Fit::Whole),
    ("name", Fit::Whole),
    ("key", Fit::Spare),
    ("age", Fit::Spare),
    ("verified", Fit::Whole),
    ("rotate", Fit::Whole),
    ("note", Fit::Note),
];

/// List profiles, the active one marked
///
/// Reads the profiles file only; no keychain is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys list
  getimg-keys list --json")]
pub struct Args {}

/// Every profile, and the one that is selected here.
pub struct Listed {
    profiles: Profiles,
    policy: Policy,
    selected: Result<(ProfileName, Option<String>)>,
    /// The command that adds the first profile, if there is none.
    first: Vec<Hint>,
    now: DateTime<Utc>,
    /// The profiles are in a shared store, and this machine has not read them yet.
    lacks_a_copy: bool,
}

/// Runs the command.
///
/// # Errors
/// The profiles, the configuration or the pin cannot be read.
pub fn run(_: Args, world: &World, backend: &dyn Backend) -> Result<Listed> {
    let profiles = backend.profiles()?;
    let policy = world.policy()?;
    let selected = select_profile::quietly_selected(world, &profiles, None)
        .map(|s| (s.profile.name.clone(), select_profile::because(world, &s.because)));
    let first = if profiles.all.is_empty() { first_key::commands(world, "dev") } else { Vec::new() };
    let lacks_a_copy = backend.capabilities().shared && profiles.copy.is_none();
    Ok(Listed { profiles, policy, selected, first, now: world.now, lacks_a_copy })
}

impl Report for Listed {
    fn text(&self, render: &Render) -> String {
        if self.profiles.all.is_empty() {
            return match &self.selected {
                Err(unset) if self.policy.ageless => escape(&unset.message),
                _ if self.lacks_a_copy => {
                    "this machine has no copy of the profiles in the vault:\n\n  getimg-keys store join vault"
                        .to_owned()
                }
                _ => {
                    format!(
                        "there are no profiles yet; add the first one:\n\n  {}",
                        self.first.iter().map(Hint::to_string).collect::<Vec<_>>().join("\n  ")
                    )
                }
            };
        }
        let rows: Vec<_> = self.profiles.all.iter().map(|profile| self.row(profile, render)).collect();
        let mut text = table::aligned(render, &COLUMNS, &rows);
        match &self.selected {
            Ok((name, Some(why))) => text.push_str(&render.style.faint(&format!("\n\n* {name}: {why}"))),
            Ok(_) => {}
            Err(error) => text.push_str(&format!("\n\nnone is marked: {}", escape(&error.message))),
        }
        if let Some(copy) = &self.profiles.copy {
            let age = when::ago(copy.at, render.now);
            text.push_str(&render.style.faint(&format!("\n\nthis machine's copy of the vault, read {age}")));
        }
        for breach in review::review(&self.profiles, &self.policy, render.now).iter().filter(|b| b.broken) {
            text.push_str(&format!("\n{}", breaches::in_words(breach, render)));
        }
        text
    }

    fn json(&self) -> Value {
        let active = self.profiles.active.as_ref();
        let one = |p: &Profile| crate::output::profile::json(p, active, &self.policy, self.now);
        json!({
            "store": self.profiles.store.map(|s| s.as_str()),
            "active": active,
            "copied_at": self.profiles.copy.as_ref().map(|copy| when::rfc3339(copy.at)),
            "profiles": self.profiles.all.iter().map(one).collect::<Vec<_>>(),
        })
    }
}

impl Listed {
    fn row(&self, profile: &Profile, render: &Render) -> Vec<String> {
        let is_selected = self.selected.as_ref().is_ok_and(|(name, _)| *name == profile.name);
        let name = profile.name.as_str();
        vec![
            if is_selected { "*".to_owned() } else { String::new() },
            if is_selected { render.style.strong(name) } else { name.to_owned() },
            profile.key.hint.clone().unwrap_or_else(|| profile.key.fingerprint.to_string()),
            if self.policy.ageless {
                String::new()
            } else {
                format!("{} d", profile.key.age_days(render.now))
            },
            verified(profile, &self.policy, render.style, render.now),
            rotation(profile, &self.policy, render.style, render.now),
            escape(profile.note.as_deref().unwrap_or_default()),
        ]
    }
}
