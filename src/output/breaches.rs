//! Broken rules of a profile, in JSON and as text.

use serde_json::{Value, json};

use super::Render;
use crate::error::Kind;
use crate::model::{Breach, Rule};

/// The contract's list of breaches.
pub fn json(breaches: &[Breach]) -> Value {
    let one = |b: &Breach| json!({"rule": b.rule.as_str(), "message": b.message, "hint": b.hint, "profile": b.profile});
    breaches.iter().map(one).collect()
}

/// The exit code for a broken rule.
pub fn kind(rule: Rule) -> Kind {
    if rule == Rule::Rejected { Kind::Rejected } else { Kind::Policy }
}

/// What is wrong, and in the next line the command that fixes it.
pub fn in_words(breach: &Breach, render: &Render) -> String {
    let style = render.style;
    let mark = if breach.broken { style.bad("✗") } else { style.warn("!") };
    format!("{mark} {}\n{}", render.prose(&breach.message, 2), render.follow_up(&breach.hint, 2))
}
