//! Every object of a repository, reachable or not: commits, tags and files, but no folders.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use gix_hash::ObjectId;

use super::commit::{Commit, entries, target_of_tag};
use super::objects::Objects;
pub use super::walk::Progress;
use super::walk::{Object, ObjectKind, Walk, Wanted};
use super::{Repository, Skipped, Why, complete};

/// A repository's objects, opened once, and what a walk through them has learnt.
pub struct History {
    pub(super) objects: Objects,
    /// Every commit, reachable or not.
    pub(super) commits: Vec<Commit>,
    /// What annotated tags stand for.
    pub(super) tags: HashMap<ObjectId, ObjectId>,
    /// Every name in a folder, each once: of all folders of a small repository, else of those that are loose files.
    pub file_names: BTreeSet<Vec<u8>>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// Whether folders are missing or cannot be read.
    pub(super) lacks_folders: bool,
}

/// Hands on every commit, tag and file of a repository, in no order, from several threads at once.
///
/// Folders are never inflated, but where it is doubtful whether all objects are here. An object that is stored
/// twice comes twice. Replacements and grafts hide nothing: the objects themselves are read.
pub fn each_object(
    repository: &Repository,
    progress: &Progress,
    visit: &(dyn Fn(Object<'_>) + Sync),
) -> History {
    let mut objects = Objects::of(repository);
    let mut skipped = std::mem::take(&mut objects.skipped);
    let lacks_folders = !skipped.is_empty();
    let (commits, tags) = (Mutex::new(Vec::new()), Mutex::new(HashMap::new()));
    let broken = Mutex::new(Vec::new());
    let seen = |object: Object<'_>| {
        match object.kind {
            ObjectKind::Commit => match Commit::parse(object.id, object.bytes) {
                Some(commit) => push(&commits, commit),
                None => push(&broken, Skipped::new(object.id, Why::Damaged, "the commit is damaged")),
            },
            ObjectKind::Tag => {
                if let Some(target) = target_of_tag(object.bytes) {
                    tags.lock().unwrap_or_else(PoisonError::into_inner).insert(object.id, target);
                }
            }
            ObjectKind::Blob | ObjectKind::Tree => {}
        }
        visit(object);
    };
    skipped.extend(objects.walk(Walk::new(Wanted::Content, progress, &seen)));
    skipped.extend(broken.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut commits = commits.into_inner().unwrap_or_else(PoisonError::into_inner);
    commits.sort_unstable_by_key(|commit: &Commit| commit.id);
    commits.dedup_by_key(|commit| commit.id);
    let tags = tags.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut history = History { objects, commits, tags, file_names: BTreeSet::new(), skipped, lacks_folders };
    let looked = complete::look(repository, &history);
    history.file_names = looked.names;
    history.skipped.extend(looked.skipped);
    history.lacks_folders |= looked.lacks_folders;
    history
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}

impl History {
    /// A commit by its id.
    pub(super) fn place_of(&self, commit: &ObjectId) -> Option<usize> {
        self.commits.binary_search_by_key(commit, |commit| commit.id).ok()
    }

    /// Whether what a ref stands for is here and can be read.
    pub(super) fn is_here(&self, id: &ObjectId) -> bool {
        let is_other = || matches!(self.objects.read(id), Some((ObjectKind::Blob | ObjectKind::Tree, _)));
        self.place_of(id).is_some() || is_other()
    }

    /// The folders that have a file or folder of one of some names, each with the name.
    pub fn folders_with(&self, names: &BTreeSet<Vec<u8>>) -> Vec<(ObjectId, Vec<u8>)> {
        let (found, progress) = (Mutex::new(Vec::new()), Progress::default());
        let folder = |tree: Object<'_>| {
            for entry in entries(tree.bytes, tree.id.kind()).filter(|entry| names.contains(entry.name)) {
                push(&found, (tree.id, entry.name.to_vec()));
            }
        };
        if !names.is_empty() {
            // What cannot be read was named when the content was.
            self.objects.walk(Walk::new(Wanted::Trees, &progress, &folder));
        }
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an id stands for, annotated tags followed.
    pub(super) fn peeled(&self, id: ObjectId) -> ObjectId {
        let mut id = id;
        for _ in 0..self.tags.len() {
            let Some(target) = self.tags.get(&id) else { break };
            id = *target;
        }
        id
    }
}
