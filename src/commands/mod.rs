//! The commands: one file each, with its arguments, what it does and its report.

pub mod add;
pub mod allow;
pub mod backup;
pub mod check;
pub mod completions;
pub mod compromised;
pub mod current;
pub mod demo;
pub mod doctor;
pub mod env;
pub mod exec;
pub mod guard;
pub mod help;
pub mod hook;
pub mod hook_env;
pub mod import;
pub mod list;
pub mod log;
pub mod man;
pub mod mcp;
pub mod note;
pub mod protect;
pub mod push;
pub mod remove;
pub mod rename;
pub mod restore;
pub mod rotate;
pub mod scan;
pub mod status;
pub mod store;
pub mod unlock;
pub mod unset;
pub mod r#use;
pub mod verify;

use serde_json::{Value, json};

use crate::error::Result;
use crate::model::{Policy, Profile, ProfileName, Profiles};
use crate::output::Report;
use crate::system::World;

/// The ids of the arguments that name existing profiles; `--profile` is apart.
pub const NAMES_PROFILES: [&str; 3] = ["name", "names", "old"];

/// The report of a command that changed one profile: a sentence for a person, an answer for a script.
pub struct Changed(Value);

impl Changed {
    /// Prints what happened, in one sentence; reports the profile as it is now, or `null` if it is gone.
    ///
    /// # Errors
    /// The policy cannot be read.
    pub fn new(
        world: &World,
        profiles: &Profiles,
        name: &ProfileName,
        changed: bool,
        text: &str,
    ) -> Result<Self> {
        world.terminal.say(text);
        Self::quietly(world, profiles, name, changed)
    }

    /// The same report, without the sentence.
    ///
    /// # Errors
    /// The policy cannot be read.
    pub fn quietly(world: &World, profiles: &Profiles, name: &ProfileName, changed: bool) -> Result<Self> {
        let policy = world.policy()?;
        let profile = profiles.get(name).map(|p| as_json(p, profiles, &policy, world));
        Ok(Self(json!({ "profile": profile, "changed": changed })))
    }
}

impl Report for Changed {
    fn json(&self) -> Value {
        self.0.clone()
    }
}

fn as_json(profile: &Profile, profiles: &Profiles, policy: &Policy, world: &World) -> Value {
    crate::output::profile::json(profile, profiles.active.as_ref(), policy, world.now)
}
