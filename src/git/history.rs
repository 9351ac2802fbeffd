//! The result of a walk through all objects: commits, tags, and the names of files.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use gix_hash::ObjectId;

use super::Skipped;
use super::commit::{Commits, entries};
use super::objects::Objects;
use super::refs::Refs;
use super::walk::{Blank, Object, ObjectKind, Progress, Walk, Wanted};

/// A repository's objects, opened once, and what a walk through them has found.
pub struct History {
    pub(super) objects: Objects,
    /// Every commit, reachable or not.
    pub(super) commits: Commits,
    /// The targets of annotated tags.
    pub(super) tags: HashMap<ObjectId, ObjectId>,
    /// Every name in a folder, each once: of all folders in a small repository, else of those that are loose files.
    pub file_names: BTreeSet<Vec<u8>>,
    /// Its refs; `None` if they cannot be read.
    pub(super) refs: Option<Refs>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// Whether folders are missing or cannot be read.
    pub(super) lacks_folders: bool,
}

impl History {
    /// The full name of every ref, and whether a remote has it.
    pub fn ref_names(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.refs.iter().flat_map(|refs| refs.tips.iter().map(|tip| (&*tip.raw, tip.at_remote)))
    }

    /// Whether a ref's target exists here and can be read.
    pub(super) fn is_here(&self, id: &ObjectId) -> bool {
        let is_other = || matches!(self.objects.read(id), Some((ObjectKind::Blob | ObjectKind::Tree, _)));
        self.commits.place_of(id).is_some() || is_other()
    }

    /// The folders that contain a file or folder with one of some names, each with the name.
    pub fn folders_with(&self, names: &BTreeSet<Vec<u8>>) -> Vec<(ObjectId, Vec<u8>)> {
        let (found, progress) = (Mutex::new(Vec::new()), Progress::default());
        let folder = |tree: Object<'_>| {
            let id = tree.id();
            for entry in entries(tree.bytes, id.kind()).filter(|entry| names.contains(entry.name)) {
                push(&found, (id, entry.name.to_vec()));
            }
            Blank(false)
        };
        if !names.is_empty() {
            // What cannot be read was reported when the content was read.
            self.objects.walk(Walk::new(Wanted::Trees, &progress, &folder));
        }
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The target of an id, after following annotated tags.
    pub(super) fn peeled(&self, id: ObjectId) -> ObjectId {
        let mut id = id;
        for _ in 0..self.tags.len() {
            let Some(target) = self.tags.get(&id) else { break };
            id = *target;
        }
        id
    }
}

/// Adds to a list that several threads share.
pub(super) fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}
