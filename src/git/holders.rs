//! Which folders contain some files or folders, directly or further down.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use gix_hash::{Kind, ObjectId};
use memchr::memmem;

use super::commit::entries;
use super::ids::{IdMap, IdSet, Sieve, start};
use super::objects::Objects;
use super::walk::{Blank, Object, Progress, Walk, Wanted};
use super::{ObjectKind, Skipped};

/// The length of an id of SHA-256.
const LONGEST_ID: usize = 32;

/// How deep folders may be before the edges are sorted: each level goes through all edges.
const PASSES: usize = 12;

/// The folders above some files, and the edges between them.
pub(super) struct Holders {
    /// From a file or a folder to the folders that contain it.
    above: IdMap<Vec<ObjectId>>,
    /// Folders that cannot be read.
    pub(super) skipped: Vec<Skipped>,
}

/// The content of one folder: the start of the id of each folder in it, with this folder's own position.
#[derive(Default)]
struct Read {
    folders: Vec<ObjectId>,
    /// The start of a folder's id, and the position of the folder that contains it.
    inside: Vec<(u64, u32)>,
    /// A wanted file, and the folder that contains it.
    files: Vec<(ObjectId, ObjectId)>,
}

impl Holders {
    /// Reads every folder once.
    pub(super) fn of(objects: &Objects, hash: Kind, files: &[ObjectId]) -> Self {
        if files.is_empty() {
            return Self { above: IdMap::default(), skipped: Vec::new() };
        }
        let read = Mutex::new(Read::default());
        let wanted = Sieve::of(files.iter());
        let progress = Progress::default();
        let visit = |tree: Object<'_>| folder(&tree, hash, &wanted, &read);
        let skipped = objects.walk(Walk::new(Wanted::Trees, &progress, &visit));
        let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        let all: IdSet = files.iter().copied().collect();
        let mut above: IdMap<Vec<ObjectId>> = IdMap::default();
        let (mut seen, mut next) = (IdSet::default(), Vec::new());
        for (file, folder) in read.files.iter().filter(|(file, _)| all.contains(file)) {
            above.entry(*file).or_default().push(*folder);
            next.extend(seen.insert(*folder).then_some(*folder));
        }
        // Few folders lead to a key: searching the list for them is far less work than sorting it.
        for _ in 0..PASSES {
            if next.is_empty() {
                return Self { above, skipped };
            }
            let wanted: HashMap<u64, ObjectId> = next.iter().map(|id| (start(id.as_bytes()), *id)).collect();
            let sieve = Sieve::of(next.iter());
            next.clear();
            for (id, place) in read.inside.iter().filter(|(id, _)| sieve.has_start(*id)) {
                let Some(folder) = wanted.get(id) else { continue };
                let holder = read.folders[*place as usize];
                above.entry(*folder).or_default().push(holder);
                next.extend(seen.insert(holder).then_some(holder));
            }
        }
        read.inside.sort_unstable();
        while let Some(folder) = next.pop() {
            let start = start(folder.as_bytes());
            let from = read.inside.partition_point(|(id, _)| *id < start);
            let same = read.inside[from..].iter().take_while(|(id, _)| *id == start);
            let holders: Vec<_> = same.map(|(_, place)| read.folders[*place as usize]).collect();
            next.extend(holders.iter().filter(|holder| seen.insert(**holder)));
            above.entry(folder).or_default().extend(holders);
        }
        Self { above, skipped }
    }

    /// For each folder, the files and folders of a chunk that it contains, as bits; a folder contains itself.
    pub(super) fn carried_up(&self, chunk: &[(ObjectId, ObjectKind)]) -> IdMap<u64> {
        let mut holds: IdMap<u64> = IdMap::default();
        let mut waiting: Vec<(ObjectId, u64)> = Vec::new();
        for (n, (id, kind)) in chunk.iter().enumerate() {
            match kind {
                ObjectKind::Blob => waiting.push((*id, 1 << n)),
                ObjectKind::Tree => {
                    *holds.entry(*id).or_default() |= 1 << n;
                    waiting.push((*id, 1 << n));
                }
                ObjectKind::Commit | ObjectKind::Tag => {}
            }
        }
        while let Some((id, bits)) = waiting.pop() {
            for folder in self.above.get(&id).into_iter().flatten() {
                let held = holds.entry(*folder).or_default();
                if *held | bits != *held {
                    *held |= bits;
                    waiting.push((*folder, *held));
                }
            }
        }
        holds
    }

    /// Every folder above one file.
    pub(super) fn above(&self, file: &ObjectId) -> IdSet {
        let (mut above, mut waiting) = (IdSet::default(), vec![*file]);
        while let Some(id) = waiting.pop() {
            let folders = self.above.get(&id).into_iter().flatten();
            waiting.extend(folders.filter(|folder| above.insert(**folder)).copied().collect::<Vec<_>>());
        }
        above
    }
}

/// Records what a folder contains; it is blank if there is neither a folder nor a wanted file in it.
fn folder(tree: &Object<'_>, hash: Kind, wanted: &Sieve, read: &Mutex<Read>) -> Blank {
    let around = |part: &Range<usize>| {
        part.start.saturating_sub(LONGEST_ID)..tree.bytes.len().min(part.end + LONGEST_ID)
    };
    let is_blank = |part: &Range<usize>| is_blank(&tree.bytes[around(part)], wanted);
    if tree.changed.is_some_and(|changed| changed.iter().all(is_blank)) {
        return Blank(true);
    }
    // Room for the shortest possible entries; a list that grows is copied and wiped each time.
    let shortest = "40000 n".len() + 1 + hash.len_in_bytes();
    let (mut folders, mut files) = (Vec::with_capacity(tree.bytes.len() / shortest), Vec::new());
    for entry in entries(tree.bytes, hash) {
        if entry.is_tree {
            folders.push(start(entry.id));
        }
        if wanted.has(entry.id) {
            files.extend(ObjectId::try_from(entry.id).ok());
        }
    }
    if folders.is_empty() && files.is_empty() {
        return Blank(self::is_blank(tree.bytes, wanted));
    }
    let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
    let place = u32::try_from(read.folders.len()).unwrap_or(u32::MAX);
    if !folders.is_empty() && place < u32::MAX {
        read.folders.push(tree.id);
        read.inside.extend(folders.into_iter().map(|id| (id, place)));
    }
    read.files.extend(files.into_iter().map(|file| (file, tree.id)));
    Blank(false)
}

/// Whether no bytes could be the mode of a folder or the start of a wanted id. Where a name begins does not matter: a
/// change may begin anywhere in it.
fn is_blank(bytes: &[u8], wanted: &Sieve) -> bool {
    memmem::find(bytes, b"40000 ").is_none() && !bytes.windows(8).any(|id| wanted.has(id))
}
