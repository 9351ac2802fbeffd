//! The report of a scan, worst findings first.

mod advice;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::collect::Collected;
use super::finding::{Finding, Source};
use super::formats::{annotations, sarif};
use super::known_leaks::KnownLeaks;
use super::outcome::Outcome;
use super::{Args, Format};
use crate::error;
use crate::git::{Pushed, Skipped};
use crate::hint::Hint;
use crate::output::{Render, Report};
use crate::scan::State;
use crate::system::terminal::escape;

/// How many characters of a name or a line are shown.
const SHOWN: usize = 400;

/// Everything that was found, read and not read.
pub struct Scanned {
    findings: Vec<Finding>,
    skipped: Vec<Skipped>,
    /// Files, objects, bytes.
    counts: [u64; 3],
    /// Findings that the repository's list declares harmless.
    listed: usize,
    strict: bool,
    allow_unread: bool,
    format: Format,
    /// The working directory, without links.
    here: PathBuf,
}

impl Scanned {
    /// The report on what was collected, without what the repository's list names.
    pub(super) fn new(collected: Collected, known: &mut KnownLeaks<'_>, args: &Args, here: &Path) -> Self {
        let (mut findings, mut skipped, counts) = collected.into_parts();
        let all = findings.len();
        findings.retain(|finding| !known.name(finding));
        let rank = |f: &Finding| {
            (f.ignored, f.state, f.pushed, f.kind, f.path.clone(), f.line, f.column, f.commit.clone())
        };
        findings.sort_by_cached_key(rank);
        skipped.sort_by(|a, b| (&a.path, a.why).cmp(&(&b.path, b.why)));
        skipped.dedup();
        let (strict, allow_unread, format) = (args.strict, args.allow_unread, args.format);
        let here = here.canonicalize().unwrap_or_else(|_| here.to_path_buf());
        let listed = all - findings.len();
        Self { listed, findings, skipped, counts, strict, allow_unread, format, here }
    }

    /// The findings, for recording their outcome.
    pub(super) fn findings_mut(&mut self) -> &mut [Finding] {
        &mut self.findings
    }

    /// What could not be read, one line each.
    pub(super) fn not_read(&self) -> impl Iterator<Item = String> {
        let line = |part: &Skipped| format!("not read: {}: {}", bounded(&part.path), part.message);
        let mut hints: Vec<_> =
            self.skipped.iter().filter_map(|part| part.hint.as_ref().map(Hint::to_string)).collect();
        hints.sort_unstable();
        hints.dedup();
        let hints: Vec<_> = hints.into_iter().map(|hint| format!("hint: {hint}")).collect();
        self.skipped.iter().map(line).collect::<Vec<_>>().into_iter().chain(hints)
    }

    /// The findings that are not mere notes, whether they were removed or not.
    fn grave(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| self.strict || !finding.ignored)
    }

    fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.grave().filter(|finding| !finding.is_cleaned())
    }

    /// No line begins with a name or with a file's content: a workflow's log could read it as a command.
    fn one(&self, finding: &Finding, render: &Render) -> String {
        let place = render.style.strong(&bounded(&finding.place()));
        let is_note = finding.ignored && !self.strict;
        let whose = match finding.state {
            _ if is_note => render.style.faint(&finding.whose()),
            State::Current | State::Compromised | State::Previous => render.style.bad(&finding.whose()),
            State::Unknown | State::Removed | State::Retired => render.style.warn(&finding.whose()),
        };
        let mark = if finding.is_cleaned() {
            render.style.good("✓")
        } else if is_note {
            render.style.faint("-")
        } else {
            render.style.bad("✗")
        };
        let about = about(finding)
            .map(|text| format!("  {}\n", render.prose(&bounded(&text), 2)))
            .unwrap_or_default();
        format!("{mark} {place}  {whose}\n{about}  | {}\n", bounded(finding.redacted.trim()))
    }

    /// Says first whether keys in the history were pushed.
    fn pushed(&self) -> Vec<String> {
        let history = || self.counting().filter(|finding| finding.kind == Source::History);
        let [pushed, unknown, kept] = [Pushed::Yes, Pushed::Unknown, Pushed::No]
            .map(|known| history().filter(|finding| finding.pushed == known).count());
        let mut lines = Vec::new();
        if pushed > 0 {
            lines.push(format!(
                "pushed: {} on a remote; revoke what was pushed, a rewritten history does not help",
                found(pushed)
            ));
        }
        if unknown > 0 {
            lines.push(format!(
                "pushed or not is unknown: {} in a history of which a part could not be read; revoke as if pushed",
                found(unknown)
            ));
        }
        if kept > 0 {
            lines.push(format!(
                "not pushed: {} on no remote that is known here; its history may be rewritten",
                found(kept)
            ));
        }
        lines
    }

    fn summary(&self) -> String {
        let [files, objects, bytes] = self.counts;
        let mut read = Vec::new();
        if files > 0 || objects == 0 {
            read.push(count(files, "file"));
        }
        if objects > 0 {
            read.push(count(objects, "object"));
        }
        let read = format!("in {} ({})", read.join(" and "), size(bytes));
        let counting = self.counting().count();
        let grave = self.grave().count();
        let notes = self.findings.len() - grave;
        let mut text = match grave {
            0 => format!("no key {read}"),
            n => format!("{} {read}", count(n as u64, "key")),
        };
        if grave > counting {
            text.push_str(&format!("; {} redacted", grave - counting));
        }
        if notes > 0 {
            text.push_str(&format!("; {} in files that git ignores", notes));
        }
        if self.listed > 0 {
            text.push_str(&format!("; {} left out by .getimg-keys.toml", self.listed));
        }
        text
    }
}

impl Scanned {
    /// The files that `--clean` left unchanged, each with its reasons.
    fn left(&self) -> Vec<Value> {
        let left = self.findings.iter().filter_map(|finding| match &finding.outcome {
            Some(Outcome::Left(why)) => Some((finding.path.as_deref(), why.code(), why.in_words())),
            _ => None,
        });
        let left: BTreeSet<_> = left.collect();
        let one = |(path, why, message)| json!({"path": path, "why": why, "message": message});
        left.into_iter().map(one).collect()
    }
}

impl Report for Scanned {
    fn text(&self, render: &Render) -> String {
        match self.format {
            Format::Sarif => return sarif(&self.findings, &self.skipped, self.exit().is_none()).to_string(),
            Format::Github => return annotations(&self.findings, self.strict),
            Format::Text => {}
        }
        let mut text: String = self.pushed().iter().map(|line| render.prose(line, 0) + "\n\n").collect();
        self.findings.iter().for_each(|finding| text.push_str(&(self.one(finding, render) + "\n")));
        text.push_str(&render.prose(&self.summary(), 0));
        for advice in self.advice() {
            text.push_str(&format!("\n{}", render.follow_up(&advice, 0)));
        }
        text
    }

    fn json(&self) -> Value {
        let [files, objects, bytes] = self.counts;
        let one = |s: &Skipped| json!({"path": s.path, "why": s.why.as_str(), "message": s.message, "hint": s.hint});
        let skipped: Vec<_> = self.skipped.iter().map(one).collect();
        json!({
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
            "scanned": {"files": files, "objects": objects, "bytes": bytes},
            "skipped": skipped,
            "left": self.left(),
            "listed": self.listed,
        })
    }

    fn exit(&self) -> Option<error::Kind> {
        let leak = self.counting().next().map(|_| error::Kind::Leak);
        let unread = (!self.skipped.is_empty() && !self.allow_unread).then_some(error::Kind::Unchecked);
        error::Kind::decisive(leak.into_iter().chain(unread))
    }
}

fn about(finding: &Finding) -> Option<String> {
    match &finding.outcome {
        Some(Outcome::Cleaned) => return Some("redacted".to_owned()),
        Some(Outcome::Left(why)) => return Some(format!("left as it is: {}", why.in_words())),
        None => {}
    }
    if let Some(agent) = finding.agent {
        return Some(format!("kept by {agent}"));
    }
    if finding.ignored {
        return Some("in a file that git ignores".to_owned());
    }
    if finding.kind != Source::History {
        return None;
    }
    let date = finding.author_date.as_deref().and_then(|date| date.get(..10));
    let names: Vec<_> = finding.refs.iter().map(|name| name.strip_prefix("refs/").unwrap_or(name)).collect();
    let held = match names.split_at_checked(4) {
        None if names.is_empty() && finding.reflog => "only a reflog holds it".to_owned(),
        None if names.is_empty() => "no branch or tag holds it".to_owned(),
        None | Some((_, [])) => format!("in {}", names.join(", ")),
        Some((first, rest)) => format!("in {} and {} more", first.join(", "), rest.len()),
    };
    let pushed = match finding.pushed {
        Pushed::Yes => "pushed",
        Pushed::Unknown => "pushed or not is unknown",
        Pushed::No => "not pushed",
    };
    Some([pushed].into_iter().chain(date).chain([held.as_str()]).collect::<Vec<_>>().join("; "))
}

/// Text from outside as it is shown: escaped, shortened, and without anything that a workflow's log obeys.
fn bounded(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    escape(&shown).replace("##[", "##\\[")
}

fn found(keys: usize) -> String {
    format!("{} {}", count(keys as u64, "finding"), if keys == 1 { "is" } else { "are" })
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// How much was read, as a person says it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => count(bytes, "byte"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
