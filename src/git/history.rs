//! Every object of a repository, reachable or not: commits, tags and files, but no folders.

use std::sync::Mutex;

use super::walk::{Object, Walk};
pub use super::walk::{Progress, Walked};
use super::{Repository, loose, object_folders, pack};

/// Hands on every commit, tag and file of a repository, in no order, from several threads at once.
///
/// Packs are read in their own order and each object is inflated once; folders are never inflated. An object
/// that is stored twice comes twice.
pub fn each_object(
    repository: &Repository,
    progress: &Progress,
    visit: &(dyn Fn(Object<'_>) + Sync),
) -> Walked {
    let mut skipped = Vec::new();
    let folders = object_folders::of(&repository.common.join("objects"), &mut skipped);
    let walk = Walk { visit, progress, walked: Mutex::default() };
    for folder in &folders {
        for index in object_folders::packs(folder, &mut skipped) {
            if let Err(why) = pack::walk(&index, repository.hash, &walk) {
                walk.skip(index.with_extension("pack").display(), &why);
            }
        }
        loose::walk(&object_folders::loose(folder), repository.hash, &walk);
    }
    let mut walked = walk.walked.into_inner().unwrap_or_default();
    walked.skipped.extend(skipped);
    walked.commits.sort_unstable();
    walked.commits.dedup();
    walked
}
