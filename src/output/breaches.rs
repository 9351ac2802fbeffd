//! What is wrong with a profile, as scripts and people see it.

use serde_json::{Value, json};

use super::Page;
use crate::model::Breach;

/// The contract's list of breaches.
pub fn json(breaches: &[Breach]) -> Value {
    let one =
        |b: &Breach| json!({"rule": b.rule, "message": b.message, "hint": b.hint, "profile": b.profile});
    breaches.iter().map(one).collect()
}

/// What is wrong, and in the next line the command that mends it.
pub fn in_words(breach: &Breach, page: &Page) -> String {
    let paint = page.paint;
    let mark = if breach.broken { paint.bad("✗") } else { paint.warn("!") };
    format!("{mark} {}\n  {}", page.prose(&breach.message, 2), paint.faint(&format!("→ {}", breach.hint)))
}
