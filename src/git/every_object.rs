//! Reads every object of a repository, reachable or not: commits, tags and files, but no folders.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use super::commit::{Commit, Commits, target_of_tag};
use super::history::History;
use super::objects::Objects;
use super::refs::Refs;
use super::remotes::Remotes;
use super::threads::beside;
use super::walk::{Object, ObjectKind, Progress, Visit, Walk, Wanted};
use super::{Repository, Skipped, Why, complete};
use crate::error::Result;

/// How often the objects are read, if git packs them meanwhile.
const TRIES: usize = 5;

/// Passes on every commit, tag and file of a repository, in no order, from several threads at once.
///
/// Folders are only inflated if it is doubtful whether all objects exist here. An object that is stored
/// twice, or that git packs meanwhile, is passed on twice. Replacements and grafts hide nothing: the objects themselves
/// are read.
pub fn each_object(repository: &Repository, progress: &Progress, visit: Visit<'_>) -> History {
    let (commits, tags) = (Mutex::new(Commits::default()), Mutex::new(HashMap::new()));
    let broken = Mutex::new(BTreeSet::new());
    let seen = |object: Object<'_>| {
        match object.kind {
            ObjectKind::Commit => match Commit::parse(object.id(), object.bytes) {
                Some(commit) => commits.lock().unwrap_or_else(PoisonError::into_inner).add(commit),
                None => {
                    broken.lock().unwrap_or_else(PoisonError::into_inner).insert(object.id());
                }
            },
            ObjectKind::Tag => {
                if let Some(target) = target_of_tag(object.bytes) {
                    tags.lock().unwrap_or_else(PoisonError::into_inner).insert(object.id(), target);
                }
            }
            ObjectKind::Blob | ObjectKind::Tree => {}
        }
        visit(object)
    };
    // git takes little work and much waiting.
    let ((mut objects, unread), (refs, promisor)) =
        beside(|| said_by_git(repository), || read(repository, progress, &seen));
    let mut skipped = std::mem::take(&mut objects.skipped);
    let lacks_folders = !skipped.is_empty();
    skipped.extend(unread);
    let refs = match refs {
        Ok(refs) => Some(refs),
        Err(error) => {
            skipped.push(Skipped::new(repository.shown(), Why::Unreadable, error.to_string()));
            None
        }
    };
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
    skipped.extend(broken.map(|id| Skipped::new(id, Why::Damaged, "the commit is damaged")));
    let commits = commits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let tags = tags.into_inner().unwrap_or_else(PoisonError::into_inner);
    let file_names = BTreeSet::new();
    let mut history = History { objects, commits, tags, file_names, refs, skipped, lacks_folders };
    let looked = complete::look(repository, &history, promisor);
    history.file_names = looked.names;
    history.skipped.extend(looked.skipped);
    history.lacks_folders |= looked.lacks_folders;
    history
}

/// Passes on every object, and all of them again if some are gone and others came: git packs them beside us, also on its
/// own after a fetch.
fn read(repository: &Repository, progress: &Progress, seen: Visit<'_>) -> (Objects, Vec<Skipped>) {
    let mut objects = Objects::of(repository);
    for _ in 1..TRIES {
        let unread = objects.walk(Walk::new(Wanted::Content, progress, seen));
        if objects.skipped.iter().chain(&unread).all(|part| part.why != Why::Missing) {
            return (objects, unread);
        }
        let now = Objects::of(repository);
        if now.are_stored_as(&objects) {
            return (objects, unread);
        }
        progress.begin_again();
        objects = now;
    }
    let unread = objects.walk(Walk::new(Wanted::Content, progress, seen));
    (objects, unread)
}

/// The refs, and the remote that has what a partial clone left out.
fn said_by_git(repository: &Repository) -> (Result<Refs>, Option<String>) {
    let remotes = Remotes::of(repository);
    // If git does not say, the missing objects are reported as missing.
    let promisor = remotes.as_ref().ok().and_then(|remotes| remotes.promisor.clone());
    (remotes.and_then(|remotes| Refs::of(repository, &remotes)), promisor)
}
