//! Every object of repositories and their submodules, with the commits that introduced a finding.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::collect::{Kept, Room, too_many};
use super::super::finding::{Finding, Part, Source};
use super::lfs::of_blob;
use super::{Search, in_none, named, over_budget, roots};
use crate::error::{Error, Result};
use crate::git::every_object::each_object;
use crate::git::own_files::{self, Own};
use crate::git::threads::beside;
use crate::git::{
    self, Blank, History, ObjectId, ObjectKind, Origins, Progress, Pushed, Repository, Skipped, Why, origin,
    submodules,
};
use crate::scan::Hit;

/// A hit in an object whose origin is not known yet.
struct Found {
    id: ObjectId,
    kind: ObjectKind,
    /// How many lines are above the part that a person reads.
    header: u64,
    /// In a folder, the name that contains the key.
    name: Option<Vec<u8>>,
    hit: Hit,
}

impl Search<'_> {
    /// Scans every object of the repositories that the paths are in, and of their submodules.
    pub(in super::super) fn history(&self, paths: &[PathBuf]) -> Result<()> {
        let (texts, mut own) = (&self.texts, Vec::new());
        for found in self.repositories(paths)? {
            let repository = self.in_hook(found.clone());
            let ((), (below, absent)) = beside(|| submodules::of(&found), || self.objects(&repository));
            texts.into.skip(absent);
            below.iter().for_each(|repository| self.objects(repository));
            own.extend(below.into_iter().chain([found]).map(|repository| repository.common));
        }
        own_files::each(&own, Own::Configuration, BTreeSet::new(), &|seen| texts.seen(Source::File, seen));
        Ok(())
    }

    /// The repositories that the paths are in, each once; if no path is named, also that of `GIT_DIR`.
    ///
    /// # Errors
    /// A path is in no repository (1).
    fn repositories(&self, paths: &[PathBuf]) -> Result<Vec<Repository>> {
        let mut found: Vec<Repository> = Vec::new();
        let mut add = |repository: Repository| {
            if found.iter().all(|known| known.common != repository.common) {
                found.push(repository);
            }
        };
        let named = paths.is_empty().then(|| named(self.world)).flatten();
        for folder in roots(paths, self.world) {
            let parent = folder.parent().unwrap_or(&folder).to_path_buf();
            let folder = if folder.is_dir() { folder } else { parent };
            let around = Repository::around(&folder);
            let read = around.as_ref().ok().and_then(Option::as_ref);
            if let Some(unread) = Repository::refused(&folder, read) {
                if read.is_some() {
                    self.refused(&folder, &unread.is_no_repository());
                }
                add(unread);
            }
            match around {
                Ok(Some(repository)) => add(repository),
                Ok(None) if named.is_some() => {}
                Ok(None) => return Err(in_none(&folder)),
                Err(error) => self.refused(&folder, &error),
            }
        }
        match named {
            Some(Ok(repository)) => add(repository),
            Some(Err(error)) => self.refused(&self.world.places.working_directory, &error),
            None => {}
        }
        Ok(found)
    }

    /// A repository with the objects of a push, if this runs in a hook that git calls for the push.
    pub(super) fn in_hook(&self, mut repository: Repository) -> Repository {
        let here = &self.world.places.working_directory;
        let variables = &self.world.variables;
        let named = ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"].map(|name| variables.path(name));
        let borrowed = variables.path("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        // If the variable is not set, it splits into one empty path, which would be the working directory.
        let is_folder = |path: &PathBuf| !path.as_os_str().is_empty() && here.join(path).is_dir();
        let borrowed = std::env::split_paths(&borrowed).filter(is_folder);
        repository.quarantine =
            named.into_iter().flatten().chain(borrowed).map(|path| here.join(path)).collect();
        repository.quarantine.dedup();
        repository
    }

    /// Scans every object of one repository.
    pub(super) fn objects(&self, repository: &Repository) {
        let (found, progress) = (Mutex::new(Vec::<Found>::new()), Progress::default());
        let (texts, room) = (&self.texts, Room::default());
        let visit = |object: git::Object<'_>| {
            let mut of_this = |hit: Hit| {
                match room.take(hit.state) {
                    Kept::Yes => {}
                    Kept::NoMore => return texts.into.skip([too_many(object.id())]),
                    Kept::No => return,
                }
                let header = if object.kind == ObjectKind::Blob { 0 } else { lines_of_header(object.bytes) };
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push(Found { id: object.id(), kind: object.kind, header, name: None, hit });
            };
            let scanned = texts.matcher.scan_version(object.bytes, object.changed, &mut of_this);
            if !scanned.is_whole {
                texts.into.skip([over_budget(object.id())]);
            }
            if object.kind == ObjectKind::Blob {
                let path = || PathBuf::from(format!("<object {}>", object.id()));
                of_blob(texts, repository, &path, object.bytes, &mut of_this);
            }
            Blank(scanned.is_blank)
        };
        let Ok(history) = self.walk(repository, &progress, &visit) else {
            let message = "its history could not be read to its end";
            return texts.into.skip([Skipped::new(repository.shown(), Why::Unreadable, message)]);
        };
        self.texts.into.objects.fetch_add(progress.objects.into_inner(), Ordering::Relaxed);
        self.texts.into.bytes.fetch_add(progress.bytes.into_inner(), Ordering::Relaxed);
        self.texts.into.skip(history.skipped.iter().cloned());
        let base = repository.place();
        self.ref_names(&history, &base);
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.extend(self.file_names(&history));
        self.tell(repository, &history, found, &base);
    }

    /// Adds the findings, with the commits that introduced them.
    fn tell(&self, repository: &Repository, history: &History, found: Vec<Found>, base: &Path) {
        if found.is_empty() {
            return;
        }
        self.world.terminal.progress("looking for the commits of the findings …");
        let wanted: HashMap<ObjectId, ObjectKind> = found.iter().map(|f| (f.id, f.kind)).collect();
        let objects: Vec<_> = wanted.into_iter().collect();
        let origins = origin::of(repository, history, &objects);
        self.texts.into.skip(origins.skipped.iter().cloned());
        self.world.terminal.clear_progress();
        let findings = earliest(found, &origins).into_iter();
        let base = Some(base.to_path_buf());
        findings.for_each(|finding| self.texts.into.find(Finding { base: base.clone(), ..finding }));
    }

    fn walk(&self, repository: &Repository, progress: &Progress, visit: git::Visit<'_>) -> Result<History> {
        let terminal = &self.world.terminal;
        let history = std::thread::scope(|scope| {
            let read = || each_object(repository, progress, visit);
            let Ok(walk) = std::thread::Builder::new().spawn_scoped(scope, read) else {
                // The system gives no thread: nothing is shown meanwhile.
                return Ok(read());
            };
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

    /// Keys in the names of branches and tags.
    fn ref_names(&self, history: &History, base: &Path) {
        for (text, pushed) in history.ref_names() {
            self.texts.in_name(text, &mut |hit| {
                let path = Some(git::shown_bytes(text));
                let refs = path.iter().cloned().collect();
                let finding = Finding::new(Source::History, path, hit);
                self.texts.into.find(Finding {
                    part: Part::RefName,
                    refs,
                    pushed: if pushed { Pushed::Yes } else { Pushed::No },
                    base: Some(base.to_path_buf()),
                    ..finding
                });
            });
        }
    }

    /// Keys in the names of files that the history has or had, found in the folders that list them.
    fn file_names(&self, history: &History) -> Vec<Found> {
        let mut hits = BTreeMap::<Vec<u8>, Vec<Hit>>::new();
        for name in &history.file_names {
            self.texts.in_name(name, &mut |hit| hits.entry(name.clone()).or_default().push(hit));
        }
        let names = hits.keys().cloned().collect();
        let mut found = Vec::new();
        for (id, name) in history.folders_with(&names) {
            let of_name = hits.get(&name).into_iter().flatten();
            found.extend(of_name.map(|hit| Found {
                id,
                kind: ObjectKind::Tree,
                header: 0,
                name: Some(name.clone()),
                hit: hit.clone(),
            }));
        }
        found
    }
}

fn lines_of_header(message: &[u8]) -> u64 {
    let end = message.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
    message[..end].iter().filter(|b| **b == b'\n').count() as u64
}

/// Which of several findings of one key in versions of one file is reported: a pushed one, else the earliest.
fn earliest(found: Vec<Found>, origins: &Origins) -> Vec<Finding> {
    let mut kept: HashMap<_, Finding> = HashMap::new();
    for Found { id, header, name, hit, .. } in found {
        let mut finding = Finding::new(Source::History, None, hit);
        finding.line = if finding.line > header { finding.line - header } else { finding.line };
        finding.object = name.is_none().then(|| id.to_string());
        finding.pushed = origins.without;
        if let Some(origin) = origins.of.get(&id) {
            finding.path.clone_from(&origin.path);
            finding.commit = Some(origin.commit.clone());
            finding.author_date.clone_from(&origin.author_date);
            finding.refs.clone_from(&origin.refs);
            (finding.pushed, finding.reflog) = (origin.pushed, origin.reflog);
            (finding.is_first, finding.depth) = (origin.is_first, origin.depth);
        }
        if let Some(name) = name {
            (finding.part, finding.path) = (Part::FileName, Some(git::shown_bytes(&name)));
        }
        let object = finding.path.is_none().then_some(id);
        match kept.entry((finding.fingerprint, finding.part, finding.path.clone(), object)) {
            Entry::Vacant(entry) => {
                entry.insert(finding);
            }
            Entry::Occupied(mut entry) => merge(entry.get_mut(), finding),
        }
    }
    kept.into_values().collect()
}

/// Merges two findings in versions of one file: everything that holds either holds the key.
fn merge(kept: &mut Finding, other: Finding) {
    let rank =
        |f: &Finding| (f.pushed, f.refs.is_empty(), time(f), f.depth, f.line, f.column, f.object.clone());
    let is_better = rank(&other) < rank(kept);
    let refs = joined(std::mem::take(&mut kept.refs), &other.refs);
    let pushed = kept.pushed.min(other.pushed);
    if is_better {
        *kept = other;
    }
    kept.reflog &= refs.is_empty();
    (kept.refs, kept.pushed) = (refs, pushed);
}

/// Merges two sorted lists: a repository may have thousands of refs, and a file thousands of versions.
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
