//! The report of `import`: a table for a dry run, an object for scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::Args;
use super::clean::Cleaned;
use super::item::{Item, Outcome};
use crate::error::Kind;
use crate::output::table::{Fit, aligned};
use crate::output::{Render, Report, Style};
use crate::system::World;
use crate::system::terminal::Stream;

/// What was proposed or done.
pub struct Imported {
    file: PathBuf,
    items: Vec<Item>,
    dry_run: bool,
    cleaned: Cleaned,
}

impl Imported {
    pub(super) fn new(args: &Args, items: Vec<Item>, cleaned: Cleaned) -> Self {
        // The report may wait for its reader; the keys do not.
        let items = items.into_iter().map(|item| Item { key: None, ..item }).collect();
        Self { file: args.file.clone(), items, dry_run: args.dry_run, cleaned }
    }
}

impl Report for Imported {
    fn text(&self, render: &Render) -> String {
        if self.dry_run { table(render, &self.items) } else { String::new() }
    }

    fn json(&self) -> Value {
        let imports: Value = self.items.iter().map(|item| import(item, &self.cleaned)).collect();
        let changed = self.items.iter().any(|item| matches!(item.outcome, Outcome::Added(_)));
        json!({
            "file": self.file.to_string_lossy(),
            "imports": imports,
            "changed": changed,
            "cleaned": !self.cleaned.lines.is_empty(),
        })
    }

    fn exit(&self) -> Option<Kind> {
        if self.items.iter().all(|item| matches!(item.outcome, Outcome::Skipped(_))) {
            return Some(Kind::NotFound);
        }
        Kind::decisive(self.items.iter().filter_map(Item::kind).chain(self.cleaned.kinds.iter().copied()))
    }
}

const COLUMNS: [(&str, Fit); 5] = [
    ("line", Fit::Whole),
    ("variable", Fit::Whole),
    ("profile", Fit::Whole),
    ("key", Fit::Spare),
    ("import", Fit::Prose),
];

/// One line for each variable, with its key hint.
pub(super) fn table(render: &Render, items: &[Item]) -> String {
    let row = |item: &Item| {
        let hint = item.hint.clone().unwrap_or_default();
        let what = item.outcome.in_words(&item.name);
        vec![item.place(), item.variable.clone(), item.name.to_string(), hint, what]
    };
    let rows: Vec<Vec<String>> = items.iter().map(row).collect();
    aligned(render, &COLUMNS, &rows)
}

/// The width at which the proposals are printed above the question.
pub(super) fn render(world: &World) -> Render {
    Render { width: Stream::Err.columns(), style: Style::new(false), now: world.now }
}

fn import(item: &Item, cleaned: &Cleaned) -> Value {
    let (reason, message, hints) = match &item.outcome {
        Outcome::Refused(error) => {
            (Some(error.kind.as_str()), Some(error.message.clone()), error.hints.as_slice())
        }
        Outcome::Skipped(why) => (Some(why.code()), Some(why.to_string()), [].as_slice()),
        _ => (None, None, [].as_slice()),
    };
    json!({
        "variable": item.variable,
        "line": item.lines.start + 1,
        "last_line": item.lines.end,
        "profile": item.name,
        "hint": item.hint,
        "cleaned": cleaned.lines.contains(&item.lines),
        "outcome": item.outcome.as_str(),
        "kind": item.kind().map(Kind::as_str),
        "reason": reason,
        "message": message,
        "hints": hints,
    })
}
