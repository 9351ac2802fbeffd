//! `current`: the selected profile's name, for prompts.

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::Result;
use crate::flows::select_profile;
use crate::model::{ProfileName, review};
use crate::output::{Render, Report};
use crate::system::World;

/// Print the selected profile's name, for shell prompts
///
/// Prints nothing and exits with 3 if no profile is selected. No keychain is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys current
  getimg-keys current --format '{name}{state}'")]
pub struct Args {
    /// What to print: {name}, {state} (` !` if a policy is broken), {reason}
    #[arg(long, default_value = "{name}", value_parser = format)]
    format: String,
}

const PLACES: [&str; 3] = ["name", "state", "reason"];

/// A format in which every `{…}` has a meaning.
fn format(text: &str) -> Result<String, String> {
    let mut named = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    match named.find(|name| !PLACES.contains(name)) {
        None => Ok(text.to_owned()),
        Some(name) => {
            Err(format!("unknown placeholder `{{{name}}}`; known are {{name}}, {{state}} and {{reason}}"))
        }
    }
}

/// The selected profile.
pub struct Current {
    name: ProfileName,
    state: &'static str,
    because: &'static str,
    path: Option<String>,
    format: String,
    copied_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// Runs the command.
///
/// # Errors
/// None is selected (3), the pin is not accepted (6).
pub fn run(args: Args, world: &World, backend: &dyn Backend, named: Option<&ProfileName>) -> Result<Current> {
    let profiles = backend.profiles()?;
    let selection = select_profile::quietly_selected(world, &profiles, named)?;
    let breaches = review::review_profile(selection.profile, &world.policy()?, world.now);
    Ok(Current {
        name: selection.profile.name.clone(),
        state: if breaches.iter().any(|b| b.broken) { " !" } else { "" },
        because: selection.because.as_str(),
        path: selection.because.path().map(|p| p.display().to_string()),
        format: args.format,
        copied_at: profiles.copy.as_ref().map(|copy| copy.at),
    })
}

impl Report for Current {
    fn text(&self, _: &Render) -> String {
        self.format
            .replace("{name}", self.name.as_str())
            .replace("{state}", self.state)
            .replace("{reason}", self.because)
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "because": self.because, "path": self.path, "broken": !self.state.is_empty(),
            "copied_at": self.copied_at.map(crate::output::when::rfc3339),
        })
    }
}
