//! What is said of the findings, worst first.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Format;
use super::collect::Collected;
use super::finding::{Finding, Kind};
use super::formats::{annotations, sarif};
use crate::error;
use crate::git::Skipped;
use crate::model::pin::KnownLeak;
use crate::output::{Page, Report};
use crate::scan::State;
use crate::system::terminal::escape;

/// Everything that was found, read and not read.
pub struct Scanned {
    findings: Vec<Finding>,
    skipped: Vec<Skipped>,
    /// Files, objects, bytes.
    counts: [u64; 3],
    /// Findings that the repository's list says are known.
    listed: usize,
    strict: bool,
    format: Format,
}

impl Scanned {
    /// The report on what was collected, without what the repository's list names.
    pub(super) fn new(collected: Collected, listed: &[KnownLeak], strict: bool, format: Format) -> Self {
        let (mut findings, mut skipped, counts) = collected.into_parts();
        let all = findings.len();
        findings.retain(|finding| !is_listed(finding, listed));
        let rank =
            |f: &Finding| (f.ignored, f.state, f.kind, f.path.clone(), f.line, f.column, f.commit.clone());
        findings.sort_by_cached_key(rank);
        skipped.sort_by(|a, b| a.path.cmp(&b.path));
        Self { listed: all - findings.len(), findings, skipped, counts, strict, format }
    }

    /// What could not be read, a line each.
    pub(super) fn not_read(&self) -> impl Iterator<Item = String> {
        self.skipped.iter().map(|part| format!("not read: {}: {}", part.path, part.why))
    }

    fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| self.strict || !finding.ignored)
    }

    fn one(&self, finding: &Finding, page: &Page) -> String {
        let place = page.paint.strong(&escape(&finding.place()));
        let whose = match finding.state {
            _ if finding.ignored && !self.strict => page.paint.faint(&finding.whose()),
            State::Current | State::Compromised | State::Previous => page.paint.bad(&finding.whose()),
            State::Unknown | State::Removed | State::Retired => page.paint.warn(&finding.whose()),
        };
        let about = about(finding).map(|text| format!("    {}\n", escape(&text))).unwrap_or_default();
        format!("{place}  {whose}\n{about}    {}\n", escape(finding.redacted.trim()))
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
        let read = format!("in {} ({:.1} MB)", read.join(" and "), bytes as f64 / 1e6);
        let counting = self.counting().count();
        let notes = self.findings.len() - counting;
        let mut text = match counting {
            0 => format!("no key {read}"),
            n => format!("{} {read}", count(n as u64, "key")),
        };
        if notes > 0 {
            text.push_str(&format!("; {} in files that git ignores", notes));
        }
        if self.listed > 0 {
            text.push_str(&format!("; {} left out by .getimg-keys.toml", self.listed));
        }
        text
    }

    /// What to do, for each kind of finding once.
    fn advice(&self) -> Vec<String> {
        let mut advice = Vec::new();
        let named = |state: &[State]| -> BTreeSet<_> {
            let of_state = self.counting().filter(|f| state.contains(&f.state));
            of_state.filter_map(|f| f.profile.clone()).collect()
        };
        for name in named(&[State::Current]) {
            advice.push(format!("getimg-keys compromised {name}"));
            advice.push(format!("getimg-keys rotate {name}"));
        }
        for name in named(&[State::Previous]) {
            advice.push(format!("getimg-keys rotate {name} --finish  # once it is revoked"));
        }
        let revoke = [State::Unknown, State::Removed, State::Compromised];
        if self.counting().any(|f| revoke.contains(&f.state)) {
            advice.push("revoke it: https://getimg.ai/app/developer/api-keys".to_owned());
        }
        if self.counting().any(|f| f.kind == Kind::Index) {
            advice.push(
                "git restore --staged FILE  # then take the key out and put it into a profile".to_owned(),
            );
        }
        if self.counting().any(|f| f.kind == Kind::History) {
            advice.push("git filter-repo --replace-text FILE  # once the key is revoked".to_owned());
        }
        if self.counting().any(|f| f.kind == Kind::ShellHistory) {
            advice.push("take the line out of the file; close the shells that may write it again".to_owned());
        }
        advice
    }
}

impl Report for Scanned {
    fn text(&self, page: &Page) -> String {
        match self.format {
            Format::Sarif => return sarif(&self.findings).to_string(),
            Format::Github => return annotations(&self.findings, self.strict),
            Format::Text => {}
        }
        let mut text: String = self.findings.iter().map(|finding| self.one(finding, page) + "\n").collect();
        self.not_read().for_each(|line| text.push_str(&(escape(&line) + "\n")));
        text.push_str(&self.summary());
        for advice in self.advice() {
            text.push_str(&format!("\n{}", page.paint.faint(&format!("→ {advice}"))));
        }
        text
    }

    fn json(&self) -> Value {
        let [files, objects, bytes] = self.counts;
        let skipped: Vec<_> = self.skipped.iter().map(|s| json!({"path": s.path, "why": s.why})).collect();
        json!({
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
            "scanned": {"files": files, "objects": objects, "bytes": bytes},
            "skipped": skipped,
            "listed": self.listed,
        })
    }

    fn exit(&self) -> Option<error::Kind> {
        let leak = self.counting().next().map(|_| error::Kind::Leak);
        let unread = (!self.skipped.is_empty()).then_some(error::Kind::Failure);
        error::Kind::decisive(leak.into_iter().chain(unread))
    }
}

/// Whether the repository says of a finding that it is known; of a key that may still work it cannot.
fn is_listed(finding: &Finding, listed: &[KnownLeak]) -> bool {
    let works = matches!(finding.state, State::Current | State::Previous | State::Compromised);
    !works && listed.iter().any(|leak| leak.names(&finding.fingerprint))
}

fn about(finding: &Finding) -> Option<String> {
    if finding.ignored {
        return Some("in a file that git ignores".to_owned());
    }
    if finding.kind != Kind::History {
        return None;
    }
    let date = finding.author_date.as_deref().and_then(|date| date.get(..10));
    let names: Vec<_> = finding.refs.iter().map(|name| name.strip_prefix("refs/").unwrap_or(name)).collect();
    let held = match names.split_at_checked(4) {
        None if names.is_empty() => "no branch or tag holds it".to_owned(),
        None | Some((_, [])) => format!("in {}", names.join(", ")),
        Some((first, rest)) => format!("in {} and {} more", first.join(", "), rest.len()),
    };
    let pushed = if finding.pushed { "pushed" } else { "not known to be pushed" };
    Some(date.into_iter().chain([held.as_str(), pushed]).collect::<Vec<_>>().join("; "))
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
