//! Every object of repositories and of their submodules, and where a finding in one came from.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::finding::{Finding, Part, Source};
use super::{Search, over_budget, repository, roots};
use crate::error::{Error, Result};
use crate::git::history::{Progress, each_object};
use crate::git::own_files::{self, Own};
use crate::git::tree::Seen;
use crate::git::{self, History, ObjectId, ObjectKind, Origin, Repository, Skipped, Why, origin, submodules};
use crate::scan::Hit;

/// A hit in an object, before it is known where the object came from.
type Found = (ObjectId, ObjectKind, u64, Hit);

impl Search<'_> {
    /// Every object of the repositories that the paths are in, and of their submodules.
    pub(in super::super) fn history(&self, paths: &[PathBuf]) -> Result<()> {
        let mut repositories: Vec<Repository> = Vec::new();
        for folder in roots(paths, self.world) {
            let parent = folder.parent().unwrap_or(&folder);
            let found = repository(if folder.is_dir() { &folder } else { parent })?;
            if repositories.iter().all(|known| known.common != found.common) {
                let (below, absent) = submodules::of(&found)?;
                self.texts.into.skip(absent);
                repositories.extend(below);
                repositories.push(self.in_hook(found));
            }
        }
        let (texts, own) = (&self.texts, repositories.iter().map(|repository| repository.common.clone()));
        let (own, seen) = (own.collect::<Vec<_>>(), |seen: Seen<'_>| texts.seen(Source::File, seen));
        own_files::each(&own, Own::Configuration, BTreeSet::new(), &seen);
        repositories.iter().try_for_each(|repository| self.objects(repository))
    }

    /// A repository with what a push has brought, if this runs in a hook that git asks about it.
    pub(super) fn in_hook(&self, mut repository: Repository) -> Repository {
        let here = &self.world.places.working_directory;
        let variables = &self.world.variables;
        let named = ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"].map(|name| variables.path(name));
        repository.quarantine = named.into_iter().flatten().map(|path| here.join(path)).collect();
        repository.quarantine.dedup();
        repository
    }

    /// Every object of one repository.
    pub(super) fn objects(&self, repository: &Repository) -> Result<()> {
        let (found, progress) = (Mutex::new(Vec::<Found>::new()), Progress::default());
        let texts = &self.texts;
        let visit = |object: git::Object<'_>| {
            let is_whole = texts.matcher.scan(object.bytes, &mut |hit| {
                let header = if object.kind == ObjectKind::Blob { 0 } else { lines_of_header(object.bytes) };
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((object.id, object.kind, header, hit));
            });
            if !is_whole {
                texts.into.skip([over_budget(object.id)]);
            }
            if object.kind == ObjectKind::Blob {
                let path = PathBuf::from(format!("<object {}>", object.id));
                texts.lfs.of_blob(texts, repository, Source::History, &path, object.bytes);
            }
        };
        let history = self.walk(repository, &progress, &visit)?;
        self.texts.into.objects.fetch_add(progress.objects.into_inner(), Ordering::Relaxed);
        self.texts.into.bytes.fetch_add(progress.bytes.into_inner(), Ordering::Relaxed);
        self.texts.into.skip(history.skipped.iter().cloned());
        let base = repository.place();
        self.names(repository, &history, &base)?;
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        if found.is_empty() {
            return Ok(());
        }
        self.world.terminal.progress("looking for the commits of the findings …");
        let wanted: HashMap<ObjectId, ObjectKind> = found.iter().map(|f| (f.0, f.1)).collect();
        let objects: Vec<_> = wanted.into_iter().collect();
        let origins = origin::of(repository, &history, &objects).unwrap_or_else(|error| {
            self.texts.into.skip([Skipped::new(repository.shown(), Why::Unreadable, error.to_string())]);
            HashMap::new()
        });
        self.world.terminal.clear_progress();
        let findings = earliest(found, &origins).into_iter();
        findings.for_each(|finding| self.texts.into.find(Finding { base: Some(base.clone()), ..finding }));
        Ok(())
    }

    fn walk(
        &self,
        repository: &Repository,
        progress: &Progress,
        visit: &(dyn Fn(git::Object<'_>) + Sync),
    ) -> Result<History> {
        let terminal = &self.world.terminal;
        let history = std::thread::scope(|scope| {
            let walk = scope.spawn(|| each_object(repository, progress, visit));
            while terminal.interactive && !walk.is_finished() {
                std::thread::sleep(Duration::from_millis(50));
                let objects = progress.objects.load(Ordering::Relaxed);
                terminal.progress(&format!("reading the history … {objects} objects"));
            }
            walk.join().map_err(|_| Error::failure("the history could not be read to its end"))
        });
        terminal.clear_progress();
        history
    }

    /// Keys in the names of branches, tags and of the files that the history has or had.
    fn names(&self, repository: &Repository, history: &History, base: &Path) -> Result<()> {
        let name = |part: Part, text: &[u8]| {
            self.texts.in_name(text, &mut |hit| {
                let path = Some(git::shown_bytes(text));
                let finding = Finding {
                    part,
                    base: Some(base.to_path_buf()),
                    ..Finding::new(Source::History, path, hit)
                };
                self.texts.into.find(finding);
            });
        };
        for (text, pushed) in git::ref_names(repository)? {
            self.texts.in_name(&text, &mut |hit| {
                let path = Some(git::shown_bytes(&text));
                let refs = path.iter().cloned().collect();
                let finding = Finding::new(Source::History, path, hit);
                self.texts.into.find(Finding {
                    part: Part::RefName,
                    refs,
                    pushed,
                    base: Some(base.to_path_buf()),
                    ..finding
                });
            });
        }
        history.file_names.iter().for_each(|text| name(Part::FileName, text));
        Ok(())
    }
}

fn lines_of_header(message: &[u8]) -> u64 {
    let end = message.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
    message[..end].iter().filter(|b| **b == b'\n').count() as u64
}

/// Of one key in many versions of one file the one to be told: a pushed one, else the earliest.
fn earliest(found: Vec<Found>, origins: &HashMap<ObjectId, Origin>) -> Vec<Finding> {
    let mut kept: HashMap<_, Finding> = HashMap::new();
    for (id, _, header, hit) in found {
        let mut finding = Finding::new(Source::History, None, hit);
        finding.line = if finding.line > header { finding.line - header } else { finding.line };
        finding.object = Some(id.to_string());
        if let Some(origin) = origins.get(&id) {
            finding.path.clone_from(&origin.path);
            finding.commit = Some(origin.commit.clone());
            finding.author_date = Some(origin.author_date.clone());
            finding.refs.clone_from(&origin.refs);
            (finding.pushed, finding.reflog, finding.is_first) =
                (origin.pushed, origin.reflog, origin.is_first);
        }
        let object = finding.path.is_none().then_some(id);
        match kept.entry((finding.fingerprint, finding.path.clone(), object)) {
            Entry::Vacant(entry) => {
                entry.insert(finding);
            }
            Entry::Occupied(mut entry) => merge(entry.get_mut(), finding),
        }
    }
    kept.into_values().collect()
}

/// Makes one finding of two in versions of one file: what holds either holds the key.
fn merge(kept: &mut Finding, other: Finding) {
    let rank = |f: &Finding| (!f.pushed, f.refs.is_empty(), time(f), f.line, f.column, f.object.clone());
    let is_better = rank(&other) < rank(kept);
    let refs = joined(std::mem::take(&mut kept.refs), &other.refs);
    let pushed = kept.pushed || other.pushed;
    if is_better {
        *kept = other;
    }
    kept.reflog &= refs.is_empty();
    (kept.refs, kept.pushed) = (refs, pushed);
}

/// Two lists in order as one: a repository may have thousands of refs, and a file thousands of versions.
fn joined(one: Vec<String>, other: &[String]) -> Vec<String> {
    let mut rest = one.iter().peekable();
    let is_in = |name: &String| {
        while rest.next_if(|held| *held < name).is_some() {}
        rest.next_if(|held| *held == name).is_some()
    };
    if other.iter().all(is_in) {
        return one;
    }
    let mut all = [one, other.to_vec()].concat();
    all.sort();
    all.dedup();
    all
}

fn time(finding: &Finding) -> i64 {
    let date =
        finding.author_date.as_deref().and_then(|date| chrono::DateTime::parse_from_rfc3339(date).ok());
    date.map_or(i64::MAX, |date| date.timestamp())
}
