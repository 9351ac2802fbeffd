//! `check [PATH]`: what the vendor's documentation advises, each with pass or fail.

mod annotations;
mod dotenv;

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::Value;

use self::annotations::annotation;
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::hand_out::{Redirect, redirects};
use crate::flows::shell_text::which_shell;
use crate::flows::shell_variable::{Holds, fingerprint, held};
use crate::flows::{new_key, select_profile};
use crate::hint::{Hint, suggest};
use crate::model::{Breach, Profiles, Rule, review};
use crate::output::checks::{Check, Findings, Outcome};
use crate::output::{Render, Report, breaches};
use crate::system::files::regular_file;
use crate::system::{World, variables};

/// Check key ages, separate keys and ignored .env files
///
/// Checks what the documentation advises. Opens no keychain and uses no network.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys check
  getimg-keys check --ci")]
pub struct Args {
    /// Where to look for .env files
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Also print annotations for GitHub Actions
    #[arg(long)]
    ci: bool,
}

/// The findings, and whether annotations are printed.
pub struct Advice {
    findings: Findings,
    annotated: bool,
    workspace: PathBuf,
}

/// The rules that are advice, each with the name of its check and its text when kept.
const RULES: [(Rule, &str, &str); 6] = [
    (Rule::Compromised, "none-compromised", "no key is declared compromised"),
    (Rule::Rejected, "none-rejected", "no key was rejected when it was last verified"),
    (Rule::Overdue, "ages", "no key is overdue"),
    (Rule::Unverified, "verified", "every key was verified recently"),
    (Rule::PushedBehind, "targets", "every push target has the current key"),
    (Rule::RotationOpen, "rotations", "every rotation is finished"),
];

/// Runs the command.
///
/// # Errors
/// The path does not exist (2); the profiles or the configuration cannot be read (1).
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<Advice> {
    if regular_file::is_absent(&world.places.working_directory.join(&args.path)) {
        return Err(Error::usage(format!("there is no file or folder at {}", args.path.display()))
            .hint(Hint::run("check .")));
    }
    let profiles = backend.profiles_if_any()?;
    let mut checks = vec![separate_keys(&profiles)];
    checks.extend(reviewed(world, &profiles)?);
    checks.push(shell(world, &profiles)?);
    checks.extend(redirected(world)?);
    checks.extend(dotenv::checks(&args.path, &world.config()?.env.variables));
    checks.push(repository(world, &profiles));
    let workspace = world.variables.path("GITHUB_WORKSPACE");
    let workspace = workspace.unwrap_or_else(|| world.places.working_directory.clone());
    Ok(Advice { findings: Findings(checks), annotated: args.ci, workspace })
}

fn separate_keys(profiles: &Profiles) -> Check {
    let mut seen = HashSet::new();
    match profiles.all.iter().find(|p| !seen.insert(p.key.fingerprint)) {
        _ if profiles.all.is_empty() => Check::skip("separate-keys", "there are no profiles here"),
        None if profiles.all.len() == 1 => Check::pass("separate-keys", "1 profile, with a key of its own"),
        None => Check::pass(
            "separate-keys",
            format!("{} profiles, each with a key of its own", profiles.all.len()),
        ),
        Some(twice) => {
            Check::fail("separate-keys", format!("the key of `{}` is also another profile's", twice.name))
                .hint(Hint::run("rotate").arg(&twice.name))
                .kind(Kind::Policy)
        }
    }
}

fn reviewed(world: &World, profiles: &Profiles) -> Result<Vec<Check>> {
    let policy = world.policy()?;
    let reviewed = review::review(profiles, &policy, world.now);
    let mut checks = Vec::new();
    let of_record = [Rule::Overdue, Rule::Unverified, Rule::RotationOpen];
    let applies = |rule: &Rule| match rule {
        Rule::PushedBehind => profiles.all.iter().any(|profile| !profile.pushed.is_empty()),
        rule => !policy.ageless || !of_record.contains(rule),
    };
    for (rule, id, kept) in RULES.into_iter().filter(|(rule, ..)| applies(rule)) {
        let broken: Vec<&Breach> = reviewed.iter().filter(|b| b.rule == rule).collect();
        checks.extend(broken.iter().map(|b| {
            let check = if b.broken { Check::fail(id, &b.message) } else { Check::warn(id, &b.message) };
            check.hint(b.hint.clone()).kind(breaches::kind(rule))
        }));
        if broken.is_empty() {
            let skipped = profiles.all.is_empty();
            checks.push(if skipped {
                Check::skip(id, "there are no profiles here")
            } else {
                Check::pass(id, kept)
            });
        }
    }
    Ok(checks)
}

fn shell(world: &World, profiles: &Profiles) -> Result<Check> {
    let variable =
        world.config()?.env.variables.first().cloned().unwrap_or_else(|| variables::API_KEY.to_owned());
    let (selection, refused) = match select_profile::selected_if_any(world, profiles) {
        Ok(selection) => (selection, None),
        Err(refused) => (None, Some(refused)),
    };
    let selected = selection.map(|selection| &selection.profile.name);
    let (holds, holder) = held(profiles, fingerprint(world, &variable), selected);
    let holder = holder.map(|name| name.to_string()).unwrap_or_default();
    let shell = which_shell(None, world)?;
    let [load, forget] = ["env", "unset"].map(|word| shell.how_to_load(&Hint::run(word).command()));
    let stale = |what: &str| {
        Check::fail("shell", format!("${variable} holds a {what} key of `{holder}`"))
            .hint(Hint::from(load.as_str()).note(format!("or: {forget}")))
            .kind(Kind::Policy)
    };
    Ok(match holds {
        Holds::Previous => stale("replaced"),
        Holds::Retired => stale("retired"),
        Holds::Compromised => stale("compromised"),
        Holds::Nothing => Check::pass("shell", format!("${variable} is not set")),
        Holds::Unknown => Check::skip("shell", format!("${variable} holds a key that is not known here")),
        Holds::Other if let Some(selected) = selected => {
            let message =
                format!("${variable} holds the key of `{holder}`, but `{selected}` is selected here");
            Check::warn("shell", message).hint(load)
        }
        Holds::Other if let Some(refused) = refused => {
            let why = &refused.message;
            let message = format!(
                "${variable} holds the key of `{holder}`; whether it is the selected one is not known: {why}"
            );
            Check { outcome: Outcome::Warn, message, ..Check::of_error("shell", refused) }
        }
        Holds::Selected | Holds::Other => {
            Check::pass("shell", format!("${variable} holds the key of `{holder}`"))
        }
    })
}

fn redirected(world: &World) -> Result<Vec<Check>> {
    let found = redirects(world)?;
    // On this machine it may be meant; it is not what the official SDKs obey.
    let api = new_key::other_api(world);
    let whose = if api.is_some() { "an SDK's key" } else { "a key" };
    let api = api.map(|other| Check::warn("api", other.message).hint(other.hint));
    if found.is_empty() {
        let kept = Check::pass("redirects", format!("no variable sends {whose} elsewhere"));
        return Ok([kept].into_iter().chain(api).collect());
    }
    let one = |Redirect { variable, host }: Redirect| {
        let what = host.map_or_else(|| "replaces the key".to_owned(), |host| format!("sends keys to {host}"));
        Check::fail("redirects", format!("${variable} {what}"))
            .hint(suggest::unset(variable))
            .kind(Kind::Policy)
    };
    Ok(found.into_iter().map(one).chain(api).collect())
}

fn repository(world: &World, profiles: &Profiles) -> Check {
    match world.found_pins() {
        Err(error) => Check::of_error("repository", error),
        Ok([]) => Check::skip("repository", "no .getimg-keys.toml from here upwards"),
        Ok(_) if profiles.all.is_empty() => Check::skip("repository", "there are no profiles here"),
        Ok([pin, ..]) => match select_profile::quietly_selected(world, profiles, None) {
            Err(error) if error.kind == Kind::NotFound => {
                Check::of_error("repository", error).kind(Kind::Policy)
            }
            Err(error) => Check::of_error("repository", error),
            Ok(selection) => {
                let place = world.places.shown(&pin.path);
                Check::pass(
                    "repository",
                    format!("`{}` is used here, as {place} permits", selection.profile.name),
                )
            }
        },
    }
}

impl Report for Advice {
    fn text(&self, render: &Render) -> String {
        let mut text = self.findings.text(render);
        if self.annotated {
            let lines = self.findings.0.iter().filter_map(|check| annotation(check, &self.workspace));
            text.extend(lines.map(|line| format!("\n{line}")));
        }
        text
    }

    fn json(&self) -> Value {
        self.findings.json()
    }

    fn exit(&self) -> Option<Kind> {
        self.findings.exit()
    }
}
