//! All objects of a repository: packed and loose, its own and borrowed ones.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::PoisonError;

use gix_hash::{Kind, ObjectId};

use super::pack::Pack;
use super::walk::{ObjectKind, Walk};
use super::{Repository, Skipped, loose, object_folders};

/// The objects of a repository, for walking through or for reading by id.
pub(super) struct Objects {
    hash: Kind,
    packs: Vec<Pack>,
    loose: Vec<PathBuf>,
    loose_ids: HashSet<ObjectId>,
    folders: Vec<PathBuf>,
    /// Packs and folders that cannot be read.
    pub(super) skipped: Vec<Skipped>,
}

impl Objects {
    /// Opens the packs and lists the loose objects.
    pub(super) fn of(repository: &Repository) -> Self {
        let mut skipped = Vec::new();
        let mut folders = object_folders::of(&repository.common.join("objects"), &mut skipped);
        for more in &repository.quarantine {
            let more = object_folders::of(more, &mut skipped);
            folders.extend(more.into_iter().filter(|folder| !folders.contains(folder)).collect::<Vec<_>>());
        }
        let (mut packs, mut files) = (Vec::new(), Vec::new());
        for folder in &folders {
            for index in object_folders::packs(folder, &mut skipped) {
                match Pack::open(&index, repository.hash) {
                    Ok(pack) => packs.push(pack),
                    Err(part) => skipped.push(part),
                }
            }
            files.extend(object_folders::loose(folder, &mut skipped));
        }
        let loose_ids = files.iter().filter_map(|path| loose::id(path, repository.hash)).collect();
        Self { hash: repository.hash, packs, loose: files, loose_ids, folders, skipped }
    }

    /// Whether these are in the same files as others, and the same of them cannot be read.
    pub(super) fn are_stored_as(&self, others: &Self) -> bool {
        let packs = self.packs.iter().map(Pack::path).eq(others.packs.iter().map(Pack::path));
        packs && self.loose == others.loose && self.skipped == others.skipped
    }

    /// Passes on what is wanted, in no order, from several threads at once; returns what could not be read.
    ///
    /// Packs are read in their own order, and each object is inflated once. An object that is stored twice comes twice.
    pub(super) fn walk(&self, walk: Walk<'_>) -> Vec<Skipped> {
        self.packs.iter().for_each(|pack| pack.walk(&walk));
        loose::walk(&self.loose, self.hash, &walk);
        walk.skipped.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for loose objects only.
    pub(super) fn walk_loose(&self, walk: Walk<'_>) -> Vec<Skipped> {
        loose::walk(&self.loose, self.hash, &walk);
        walk.skipped.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an object exists here; it may still be damaged.
    pub(super) fn contains(&self, id: &ObjectId) -> bool {
        self.loose_ids.contains(id) || self.packs.iter().any(|pack| pack.contains(id))
    }

    /// How many objects there are; those that are stored twice count twice.
    pub(super) fn count(&self) -> usize {
        self.loose.len() + self.packs.iter().map(Pack::objects).sum::<usize>()
    }

    /// One object; `None` if it is not here or cannot be read.
    pub(super) fn read(&self, id: &ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
        let packed = self.packs.iter().find_map(|pack| pack.read(id));
        packed.or_else(|| {
            let (folder, file) = (id.to_string()[..2].to_owned(), id.to_string()[2..].to_owned());
            let mut paths = self.folders.iter().map(|objects| objects.join(&folder).join(&file));
            paths.find_map(|path| loose::read(&path, None).ok().flatten())
        })
    }
}
