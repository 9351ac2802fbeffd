//! Whether all objects exist here: partial, shallow and damaged repositories lack some.

use crate::hint::{Hint, quoted, quoted_path};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use gix_hash::ObjectId;

use super::commit::entries;
use super::history::History;
use super::ids::IdSet;
use super::walk::{Blank, Progress, Walk, Wanted};
use super::{Repository, Skipped, Why};

/// In a repository with at most this many objects every folder is checked; in a larger one only those that are loose
/// files.
const SMALL: usize = 20_000;
/// How many missing objects are named one by one.
const NAMED: usize = 20;

/// The result of checking every reference.
#[derive(Default)]
pub(super) struct Looked {
    /// What is referenced but missing, and what could not be checked.
    pub(super) skipped: Vec<Skipped>,
    /// Every name in the checked folders.
    pub(super) names: BTreeSet<Vec<u8>>,
    /// Whether folders are among the missing objects.
    pub(super) lacks_folders: bool,
    lacking: BTreeSet<ObjectId>,
}

/// Checks whether everything exists that commits, tags, refs and folders refer to.
pub(super) fn look(repository: &Repository, history: &History, promisor: Option<String>) -> Looked {
    let shallow = repository.shallow();
    let mut looked = Looked::default();
    let mut named = commits_name(history, &shallow);
    if let Some(refs) = &history.refs {
        named.extend(refs.tips.iter().map(|tip| tip.id));
        looked.skipped.extend(refs.broken.iter().cloned());
    }
    let is_empty = ObjectId::empty_tree(repository.hash);
    let is_lacking = |id: &ObjectId| *id != is_empty && !history.objects.contains(id);
    looked.lacking.extend(named.into_iter().filter(is_lacking));
    looked.lacks_folders = history.commits.iter().any(|commit| looked.lacking.contains(&commit.tree));
    looked.folders(repository, history, promisor.is_some(), &is_lacking);
    looked.tell(repository, !shallow.is_empty(), promisor);
    looked
}

fn commits_name(history: &History, shallow: &HashSet<ObjectId>) -> IdSet {
    let mut named: IdSet = history.tags.values().copied().collect();
    for commit in history.commits.iter() {
        named.insert(commit.tree);
        if !shallow.contains(&commit.id) {
            named.extend(commit.parents.iter().filter(|parent| history.commits.place_of(parent).is_none()));
        }
    }
    named
}

impl Looked {
    fn folders(
        &mut self,
        repository: &Repository,
        history: &History,
        promised: bool,
        is_lacking: &(dyn Fn(&ObjectId) -> bool + Sync),
    ) {
        let shared = Mutex::new(std::mem::take(self));
        let progress = Progress::default();
        let folder = |tree: super::Object<'_>| {
            let names: Vec<_> =
                entries(tree.bytes, repository.hash).filter(|entry| !entry.is_elsewhere).collect();
            let ids =
                names.iter().filter_map(|entry| Some((ObjectId::try_from(entry.id).ok()?, entry.is_tree)));
            let lacking: Vec<_> = ids.filter(|(id, _)| is_lacking(id)).collect();
            let mut looked = shared.lock().unwrap_or_else(PoisonError::into_inner);
            looked.lacks_folders |= lacking.iter().any(|(_, is_tree)| *is_tree);
            looked.lacking.extend(lacking.into_iter().map(|(id, _)| id));
            for entry in names {
                if !looked.names.contains(entry.name) {
                    looked.names.insert(entry.name.to_vec());
                }
            }
            Blank(false)
        };
        let walk = Walk::new(Wanted::Trees, &progress, &folder);
        let objects = &history.objects;
        let all = promised || objects.count() <= SMALL;
        let skipped = if all { objects.walk(walk) } else { objects.walk_loose(walk) };
        *self = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.lacks_folders |= !skipped.is_empty();
        self.skipped.extend(skipped);
    }

    fn tell(&mut self, repository: &Repository, is_shallow: bool, promisor: Option<String>) {
        let place = repository.shown();
        let from = quoted_path(&repository.place());
        let mut skip = |why, message: String, hint: Option<String>| {
            self.skipped.push(Skipped { hint: hint.map(Hint::from), ..Skipped::new(&place, why, message) });
        };
        if is_shallow {
            let partial = if promisor.is_some() { " --refetch --no-filter" } else { "" };
            let message = "the clone is shallow: its older commits are not here".to_owned();
            skip(Why::ShallowClone, message, Some(format!("git -C {from} fetch --unshallow{partial}")));
        }
        let count = self.lacking.len();
        match promisor {
            Some(remote) if count > 0 => {
                let message = format!("the clone is partial: {count} objects or more are only at {remote}");
                let hint = format!("git -C {from} fetch --refetch --no-filter {}", quoted(&remote));
                skip(Why::PartialClone, message, Some(hint));
            }
            _ => {
                if count > NAMED {
                    let more = count - NAMED;
                    skip(Why::Missing, format!("{more} more objects that it refers to are missing"), None);
                }
                let message = "the repository refers to the object but does not have it";
                let named = self.lacking.iter().take(NAMED);
                self.skipped.extend(named.map(|id| Skipped::new(id, Why::Missing, message)));
            }
        }
    }
}
