//! `--clean`: redacts keys in the files of shells and agents; what cannot be changed safely is left and reported.

mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Part, Source};
use super::known_leaks::KnownLeaks;
use super::outcome::{Left, Outcome};
use super::sources::at;
use crate::error::Result;
use crate::git::shown;
use crate::hint::Hint;
use crate::scan::Matcher;
use crate::system::World;

/// What redacting needs.
pub(super) struct Cleaning<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) known: KnownLeaks<'a>,
    pub(super) world: &'a World,
    /// The command line that answers yes.
    pub(super) answered_by: Hint,
}

impl Cleaning<'_> {
    /// Redacts the findings in their files after a confirmation, and records the outcome in each finding.
    ///
    /// # Errors
    /// Not confirmed (exit 9), or nobody can be asked (exit 2): nothing was changed.
    pub(super) fn run(mut self, findings: &mut [Finding]) -> Result<()> {
        let mut files: BTreeMap<PathBuf, (Source, usize)> = BTreeMap::new();
        for finding in findings.iter_mut() {
            match (&finding.file, finding.part) {
                (Some(file), Part::Content) if finding.kind != Source::History => {
                    files.entry(file.clone()).or_insert((finding.kind, 0)).1 += 1;
                }
                (_, Part::Content) => finding.outcome = Some(Outcome::Left(Left::InHistory)),
                _ => finding.outcome = Some(Outcome::Left(Left::InName)),
            }
        }
        let mut outcomes: BTreeMap<PathBuf, Outcome> = BTreeMap::new();
        for (file, (kind, _)) in &files {
            if let Err(left) = self.redacted(file, *kind) {
                outcomes.insert(file.clone(), Outcome::Left(left));
            }
        }
        files.retain(|file, _| !outcomes.contains_key(file));
        self.ask(&files)?;
        for (file, (kind, _)) in files {
            let done = self.redacted(&file, kind).and_then(|redacted| redacted.write(&file));
            outcomes.insert(file, done.map_or_else(Outcome::Left, |()| Outcome::Cleaned));
        }
        for finding in findings.iter_mut().filter(|finding| finding.outcome.is_none()) {
            finding.outcome = finding.file.as_ref().and_then(|file| outcomes.get(file)).cloned();
        }
        Ok(())
    }

    fn redacted(&mut self, file: &Path, kind: Source) -> std::result::Result<file::Redacted, Left> {
        let known = &mut self.known;
        file::redacted(file, self.matcher, &mut |hit| known.name(&at(kind, file, hit.clone())))
    }

    fn ask(&self, files: &BTreeMap<PathBuf, (Source, usize)>) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let terminal = &self.world.terminal;
        if !terminal.yes {
            for (file, (_, keys)) in files {
                terminal.say(&format!("{keys} to redact in {}", self.matcher.masked(&shown(file))));
            }
        }
        let keys: usize = files.values().map(|(_, keys)| keys).sum();
        let question = format!("redact {} in {}?", counted(keys, "place"), counted(files.len(), "file"));
        terminal.agree(&question, self.answered_by.clone())
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
