//! `status`: what an SDK started here would use, and why.

use serde_json::{Value, json};

use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::hand_out::{Redirect, redirects};
use crate::flows::new_key::{OtherApi, other_api};
use crate::flows::shell_text::which_shell;
use crate::flows::shell_variable::{Holds, fingerprint, held};
use crate::flows::{agents, select_profile};
use crate::hint::{Hint, suggest};
use crate::model::{Breach, Profile, ProfileName, SelectionSource, Untrusted, review};
use crate::output::profile::{rotation, verified};
use crate::output::{Render, Report, Style, breaches, pushed, untrusted, when};
use crate::shell::Shell;
use crate::system::terminal::escape;
use crate::system::{World, variables};

/// Where the words of a line begin.
const MARGIN: usize = 10;

/// Show which key an SDK started here would use, and why
///
/// Reads the profiles file and the environment only; no keychain is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys status
  getimg-keys status -p prod --json")]
pub struct Args {}

/// What this shell holds and what is selected.
pub struct Status {
    selected: Option<Selected>,
    /// Why no profile is selected.
    missing: Option<Error>,
    variable: String,
    holds: Holds,
    holder: Option<ProfileName>,
    /// There are no profiles yet.
    is_first: bool,
    redirects: Vec<Redirect>,
    /// Where keys are sent instead of to the API.
    api: Option<OtherApi>,
    breaches: Vec<Breach>,
    ignored: Vec<String>,
    shell: Shell,
    /// The agent's name, and which rules apply inside it.
    agent: Option<(String, String)>,
    /// If the profiles are shared: when this machine's copy of them was read.
    copied_at: Option<chrono::DateTime<chrono::Utc>>,
}

struct Selected {
    profile: Profile,
    because: SelectionSource,
    why: String,
    rotation: String,
    verified: String,
}

/// Runs the command.
///
/// # Errors
/// The profiles, the configuration or the pin cannot be read (1); the pin is not accepted (6).
pub fn run(_: Args, world: &World, backend: &dyn Backend, named: Option<&ProfileName>) -> Result<Status> {
    let profiles = backend.profiles()?;
    let policy = world.policy()?;
    let variable =
        world.config()?.env.variables.first().cloned().unwrap_or_else(|| variables::API_KEY.to_owned());
    let plain = Style::new(false);
    let print = fingerprint(world, &variable);
    let (selection, missing) = match select_profile::quietly_selected(world, &profiles, named) {
        Ok(selection) => (Some(selection), None),
        Err(e) if e.kind == Kind::NotFound && named.is_none() => (None, Some(e)),
        Err(e) => {
            // It is unknown which key would be used; what this shell holds is known.
            let (holds, holder) = held(&profiles, print, None);
            if holds == Holds::Nothing {
                return Err(e);
            }
            let shell = shell(&variable, holds, holder.as_ref(), plain);
            let message = format!("{}; {}", e.message, shell.trim_start_matches(['!', '✗', ' ']));
            return Err(Error { message, ..e });
        }
    };
    let name = selection.as_ref().map(|s| &s.profile.name);
    let (holds, holder) = held(&profiles, print, name);
    Ok(Status {
        breaches: selection
            .as_ref()
            .map(|s| review::review_profile(s.profile, &policy, world.now))
            .unwrap_or_default(),
        selected: selection.map(|s| Selected {
            why: select_profile::because(world, &s.because)
                .unwrap_or_else(|| "named on the command line".to_owned()),
            rotation: rotation(s.profile, &policy, plain, world.now),
            verified: verified(s.profile, &policy, plain, world.now),
            profile: s.profile.clone(),
            because: s.because,
        }),
        missing,
        variable,
        holds,
        holder,
        is_first: profiles.all.is_empty(),
        redirects: redirects(world)?,
        api: other_api(world),
        ignored: world.pins()?.ignored().map(|(_, names)| names).unwrap_or_default(),
        shell: which_shell(None, world)?,
        copied_at: profiles.copy.as_ref().map(|copy| copy.at),
        agent: world.agent().map(|agent| agent.name).zip(agents::in_words(world)?),
    })
}

/// What the shell holds.
fn shell(variable: &str, holds: Holds, holder: Option<&ProfileName>, style: Style) -> String {
    let holder = holder.map(ToString::to_string).unwrap_or_default();
    match holds {
        Holds::Selected => format!("${variable} is this key {}", style.good("✓")),
        Holds::Nothing => format!("${variable} is not set"),
        Holds::Unknown => style.warn(&format!("! ${variable} is a key that is not known here")),
        Holds::Other => style.warn(&format!("! ${variable} is the key of {holder}")),
        Holds::Previous => style.warn(&format!("! ${variable} is the previous key of {holder}")),
        Holds::Retired => style.bad(&format!("✗ ${variable} is a retired key of {holder}")),
        Holds::Compromised => style.bad(&format!("✗ ${variable} is a compromised key of {holder}")),
    }
}

impl Status {
    /// Whether what is started here would not use the selected key.
    fn holds_another(&self) -> bool {
        self.selected.is_some() && !matches!(self.holds, Holds::Selected | Holds::Nothing)
    }

    /// The command that corrects what the shell holds; `env` if it would hand a key out.
    fn mend(&self) -> Option<Hint> {
        let usable = self.selected.as_ref().filter(|s| s.profile.key.compromised_at.is_none());
        let command = match (self.holds, usable) {
            (Holds::Selected, _) | (Holds::Nothing, None) => return None,
            // The variable's key is offered as the first one.
            (Holds::Unknown, None) if self.is_first => return None,
            (Holds::Compromised, _) | (_, None) => Hint::run("unset"),
            (_, Some(s)) if s.because == SelectionSource::Argument => Hint::run("env").arg(&s.profile.name),
            (_, Some(_)) => Hint::run("env"),
        };
        Some(self.shell.how_to_load(&command.command()).into())
    }

    fn redirect_lines(&self, render: &Render) -> impl Iterator<Item = String> {
        self.redirects.iter().map(move |Redirect { variable, host }| {
            let what = host
                .as_ref()
                .map_or_else(|| "replaces the key".to_owned(), |host| format!("sends it to {host}"));
            let said = render.style.bad(&format!("! {}", render.prose(&format!("${variable} {what}"), 2)));
            format!("{said}\n{}", render.follow_up(&suggest::unset(variable).into(), 2))
        })
    }
}

impl Report for Status {
    fn text(&self, render: &Render) -> String {
        let shell = shell(&self.variable, self.holds, self.holder.as_ref(), render.style);
        let shell = [format!("shell     {shell}")].into_iter();
        let mut shell = shell.chain(self.mend().map(|hint| render.follow_up(&hint, MARGIN)));
        let mut lines = Vec::new();
        if self.holds_another() {
            lines.extend(shell.by_ref());
        }
        match &self.selected {
            None => {
                let missing = self.missing.as_ref();
                let why = missing.map(|e| format!(": {}", escape(&e.message))).unwrap_or_default();
                lines.push(format!("profile   {}", render.prose(&format!("none{why}"), MARGIN)));
                lines
                    .extend(missing.and_then(|e| e.hints.first()).map(|hint| render.follow_up(hint, MARGIN)));
            }
            Some(s) => {
                lines.push(format!("profile   {}, {}", render.style.strong(s.profile.name.as_str()), s.why));
                let age = format!(", {} d old, rotate {}", s.profile.key.age_days(render.now), s.rotation);
                let age = if s.rotation.is_empty() { "" } else { age.as_str() };
                lines.push(format!("key       {}{age}", s.profile.key.in_words()));
                if !s.verified.is_empty() {
                    lines.push(format!("verified  {}", s.verified));
                }
                let places: Vec<_> = s.profile.pushed.iter().map(|place| escape(&place.target)).collect();
                if !places.is_empty() {
                    lines.push(format!("pushed    {}", places.join(", ")));
                }
            }
        }
        lines.extend(shell);
        if let Some(at) = self.copied_at {
            lines.push(format!("vault     this machine's copy, read {}", when::ago(at, render.now)));
        }
        lines.extend(self.agent.iter().map(|(_, holds)| format!("agent     {holds}")));
        lines.extend(self.redirect_lines(render));
        lines.extend(self.api.as_ref().map(|api| {
            let said = render.style.warn(&format!("! {}", render.prose(&escape(&api.message), 2)));
            format!("{said}\n{}", render.follow_up(&api.hint, 2))
        }));
        lines.extend(self.breaches.iter().map(|breach| breaches::in_words(breach, render)));
        if !self.ignored.is_empty() {
            lines.push(render.style.warn(&format!(
                "! ignored, because a pin cannot set it: {}",
                untrusted::shown(&Untrusted::new(self.ignored.join(", ")))
            )));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let redirect = |r: &Redirect| json!({ "variable": r.variable, "host": r.known_host() });
        json!({
            "selected": self.selected.as_ref().map(|s| json!({
                "name": s.profile.name,
                "because": s.because.as_str(),
                "path": s.because.path().map(|path| path.display().to_string()),
            })),
            "shell": { "variable": self.variable, "holds": self.holds.as_str(), "profile": self.holder },
            "pushed": self.selected.as_ref().map_or_else(|| json!([]), |s| pushed::json(&s.profile)),
            "copied_at": self.copied_at.map(when::rfc3339),
            "agent": self.agent.as_ref().map(|(name, _)| name),
            "api": self.api.as_ref().map(|api| json!({ "variable": variables::API_URL, "host": api.host })),
            "redirects": self.redirects.iter().map(redirect).collect::<Vec<_>>(),
            "breaches": breaches::json(&self.breaches),
        })
    }
}
