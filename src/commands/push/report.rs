//! The reports of `push`: where keys are, what was pushed, what would be run.

use serde_json::{Value, json};

use crate::error::Result;
use crate::flows::push::Ready;
use crate::model::{Profile, ProfileName, Profiles, Pushed};
use crate::output::table::{self, Fit};
use crate::output::{Render, Report, pushed, when};
use crate::push::Proof;
use crate::system::World;
use crate::system::process::call::{Call, Input};
use crate::system::terminal::escape;

const COLUMNS: [(&str, Fit); 5] = [
    ("profile", Fit::Whole),
    ("target", Fit::Prose),
    ("has", Fit::Whole),
    ("proof", Fit::Whole),
    ("pushed", Fit::Spare),
];

/// Every target that holds a key.
pub(super) struct Places(Vec<(Profile, Pushed)>);

/// What was pushed.
pub(super) struct Brought(Value);

/// What would be run.
pub(super) struct Dry(pub(super) Vec<Ready>);

impl Places {
    /// The targets of one profile, or of all.
    pub(super) fn of(profiles: &Profiles, only: Option<&ProfileName>) -> Self {
        let profiles = profiles.all.iter().filter(|profile| only.is_none_or(|name| profile.name == *name));
        Self(profiles.flat_map(|p| p.pushed.iter().map(|pushed| (p.clone(), pushed.clone()))).collect())
    }
}

impl Report for Places {
    fn text(&self, render: &Render) -> String {
        if self.0.is_empty() {
            return "no key was pushed yet; to push one:\n\n  getimg-keys push NAME --to TARGET".to_owned();
        }
        let row = |(profile, pushed): &(Profile, Pushed)| {
            let state = profile.held_by(pushed);
            let words = match state {
                crate::model::pushed::Holds::Current => "current key".to_owned(),
                other => render.style.warn(&format!("! {} key", other.as_str())),
            };
            vec![
                profile.name.to_string(),
                escape(&pushed.target),
                words,
                pushed.how.as_str().to_owned(),
                when::ago(pushed.at, render.now),
            ]
        };
        table::aligned(render, &COLUMNS, &self.0.iter().map(row).collect::<Vec<_>>())
    }

    fn json(&self) -> Value {
        let one = |(profile, place): &(Profile, Pushed)| {
            let mut place = pushed::one(profile, place);
            place["profile"] = json!(profile.name);
            place
        };
        json!({ "targets": self.0.iter().map(one).collect::<Vec<_>>() })
    }
}

impl Brought {
    pub(super) fn new(
        world: &World,
        profiles: &Profiles,
        profile: &Profile,
        done: &[Pushed],
    ) -> Result<Self> {
        let now = profiles.get(&profile.name).unwrap_or(profile);
        let places: Vec<_> = done.iter().map(|place| pushed::one(now, place)).collect();
        let shown = super::super::as_json(now, profiles, &world.policy()?, world);
        Ok(Self(json!({ "profile": shown, "changed": !done.is_empty(), "pushed": places })))
    }
}

impl Report for Brought {
    fn json(&self) -> Value {
        self.0.clone()
    }
}

impl Dry {
    /// Each call for a target, with its purpose.
    fn calls(ready: &Ready) -> Vec<(&'static str, &Call)> {
        let put = ready.plan.put.iter().map(|call| ("put", call));
        match &ready.plan.proof {
            Proof::Nothing => put.collect(),
            Proof::ReadBack(call, _) => put.chain([("read_back", call)]).collect(),
            Proof::Listing(listing) => {
                let before = listing.by_another_clock.then_some(("list", &listing.call));
                before.into_iter().chain(put).chain([("list", &listing.call)]).collect()
            }
        }
    }
}

impl Report for Dry {
    fn text(&self, render: &Render) -> String {
        let mut lines = Vec::new();
        for ready in &self.0 {
            lines.push(render.style.strong(&escape(&ready.plan.target)));
            for (_, call) in Self::calls(ready) {
                let input = match call.input {
                    Input::Nothing => "",
                    Input::Key => "  # reads the key",
                    Input::Within(..) => "  # reads a manifest with the key in it",
                };
                lines.push(format!("  {}{}", escape(&call.in_words()), render.style.faint(input)));
            }
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let call = |(purpose, call): (&str, &Call)| {
            let stdin = match call.input {
                Input::Nothing => None,
                Input::Key => Some("key"),
                Input::Within(..) => Some("manifest"),
            };
            json!({ "for": purpose, "program": call.program, "arguments": call.arguments, "stdin": stdin })
        };
        let one = |ready: &Ready| {
            let calls: Vec<_> = Self::calls(ready).into_iter().map(call).collect();
            json!({ "target": ready.plan.target, "calls": calls })
        };
        json!({ "dry_run": true, "plan": self.0.iter().map(one).collect::<Vec<_>>() })
    }
}
