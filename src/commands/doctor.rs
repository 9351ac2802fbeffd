//! `doctor`: what works here, what does not, and what to do about it.

mod files;
mod outside;
mod stores;

use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::output::{Page, Report};
use crate::world::World;

/// Check the store, the files, the clock, the network and git's hook, each with its fix
///
/// Hands out no key and changes nothing. Ends whatever is broken.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask the API anything
    #[arg(long)]
    offline: bool,
}

/// Everything that was looked at.
pub struct Findings(Vec<Check>);

/// One thing that was looked at.
struct Check {
    id: &'static str,
    outcome: Outcome,
    message: String,
    hint: Option<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Pass,
    Warn,
    Fail,
    Skip,
}

/// Runs the command.
///
/// # Errors
/// None of its own: what is broken is a finding.
pub fn run(args: Args, world: &World) -> Result<Findings> {
    let mut checks = files::checks(world);
    checks.extend(stores::checks(world));
    checks.extend(outside::checks(world, args.offline));
    Ok(Findings(checks))
}

impl Check {
    fn new(id: &'static str, outcome: Outcome, message: impl Into<String>) -> Self {
        Self { id, outcome, message: message.into(), hint: None, kind: Kind::Failure }
    }

    fn pass(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Pass, message)
    }

    fn warn(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Warn, message)
    }

    fn fail(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Fail, message)
    }

    fn skip(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(id, Outcome::Skip, message)
    }

    /// A failure that a command would have ended with.
    fn of_error(id: &'static str, error: Error) -> Self {
        let hint = error.hints.into_iter().find(|hint| hint != "getimg-keys doctor");
        Self { kind: error.kind, hint, ..Self::fail(id, error.message) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

impl Report for Findings {
    fn text(&self, page: &Page) -> String {
        let mut lines = Vec::new();
        for check in &self.0 {
            let mark = match check.outcome {
                Outcome::Pass => page.paint.good("✓"),
                Outcome::Warn => page.paint.warn("!"),
                Outcome::Fail => page.paint.bad("✗"),
                Outcome::Skip => page.paint.faint("-"),
            };
            lines.push(format!("{mark} {:<15} {}", check.id, check.message));
            lines.extend(
                check
                    .hint
                    .as_ref()
                    .map(|hint| format!("  {:<15} {}", "", page.paint.faint(&format!("→ {hint}")))),
            );
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let one = |check: &Check| json!({"id": check.id, "outcome": check.outcome.as_str(), "message": check.message, "hint": check.hint});
        json!({"checks": self.0.iter().map(one).collect::<Value>()})
    }

    fn exit(&self) -> Option<Kind> {
        Kind::decisive(self.0.iter().filter(|check| check.outcome == Outcome::Fail).map(|check| check.kind))
    }
}
