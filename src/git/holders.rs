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

/// What folders contain.
#[derive(Default)]
struct Read {
    /// A folder with folders in it, and the start of the id of each.
    folders: Vec<(ObjectId, Vec<u64>)>,
    /// A wanted file, and the folder that contains it.
    files: Vec<(ObjectId, ObjectId)>,
}

/// What a folder is read for.
struct Looking {
    wanted: Sieve,
    /// The mode of a folder, with the space after it.
    mode: memmem::Finder<'static>,
}

impl Holders {
    /// Reads every folder once.
    pub(super) fn of(objects: &Objects, hash: Kind, files: &[ObjectId]) -> Self {
        if files.is_empty() {
            return Self { above: IdMap::default(), skipped: Vec::new() };
        }
        let read = Mutex::new(Read::default());
        let looking = Looking::of(files);
        let progress = Progress::default();
        let visit = |tree: Object<'_>| looking.folder(&tree, hash, &read);
        let skipped = objects.walk(Walk::new(Wanted::Trees, &progress, &visit));
        let read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
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
            for (holder, inside) in &read.folders {
                for id in inside.iter().filter(|id| sieve.has_start(**id)) {
                    let Some(folder) = wanted.get(id) else { continue };
                    above.entry(*folder).or_default().push(*holder);
                    next.extend(seen.insert(*holder).then_some(*holder));
                }
            }
        }
        let edges =
            read.folders.iter().flat_map(|(holder, inside)| inside.iter().map(move |id| (*id, holder)));
        let mut edges: Vec<(u64, &ObjectId)> = edges.collect();
        edges.sort_unstable_by_key(|(id, _)| *id);
        while let Some(folder) = next.pop() {
            let start = start(folder.as_bytes());
            let from = edges.partition_point(|(id, _)| *id < start);
            let same = edges[from..].iter().take_while(|(id, _)| *id == start);
            let holders: Vec<_> = same.map(|(_, holder)| **holder).collect();
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

impl Looking {
    fn of(files: &[ObjectId]) -> Self {
        Self { wanted: Sieve::of(files.iter()), mode: memmem::Finder::new(b"40000 ") }
    }

    /// Records what a folder contains; it is blank if there is neither a folder nor a wanted file in it.
    fn folder(&self, tree: &Object<'_>, hash: Kind, read: &Mutex<Read>) -> Blank {
        let around = |part: &Range<usize>| {
            part.start.saturating_sub(LONGEST_ID)..tree.bytes.len().min(part.end + LONGEST_ID)
        };
        let is_blank = |part: &Range<usize>| self.is_blank(&tree.bytes[around(part)]);
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
            if self.wanted.has(entry.id) {
                files.extend(ObjectId::try_from(entry.id).ok());
            }
        }
        if folders.is_empty() && files.is_empty() {
            return Blank(self.is_blank(tree.bytes));
        }
        let id = tree.id();
        folders.shrink_to(2 * folders.len());
        let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
        read.folders.extend((!folders.is_empty()).then_some((id, folders)));
        read.files.extend(files.into_iter().map(|file| (file, id)));
        Blank(false)
    }

    /// Whether no bytes could be the mode of a folder or the start of a wanted id. Where a name begins does not matter: a
    /// change may begin anywhere in it.
    fn is_blank(&self, bytes: &[u8]) -> bool {
        self.mode.find(bytes).is_none() && !bytes.windows(8).any(|id| self.wanted.has(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ObjectId {
        ObjectId::try_from(&[n; 20][..]).unwrap()
    }

    fn entry(mode: &str, name: &str, of: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", id(of).as_bytes()].concat()
    }

    /// Whether a folder counts as blank, the folders in it, and those that hold a wanted file; files 1 and 2 are wanted.
    fn read(bytes: &[u8], changed: Option<&[Range<usize>]>) -> (bool, Vec<u64>, Vec<ObjectId>) {
        let read = Mutex::new(Read::default());
        let tree = Object { named: &|| id(9), kind: ObjectKind::Tree, bytes, changed };
        let blank = Looking::of(&[id(1), id(2)]).folder(&tree, Kind::Sha1, &read);
        let read = read.into_inner().unwrap();
        assert!(read.folders.iter().all(|(holder, _)| *holder == id(9)));
        assert!(read.files.iter().all(|(_, holder)| *holder == id(9)));
        let inside = read.folders.into_iter().flat_map(|(_, inside)| inside).collect();
        (blank.0, inside, read.files.into_iter().map(|(file, _)| file).collect())
    }

    #[test]
    fn a_folder_without_folders_and_wanted_files_is_blank() {
        let (file, wanted, inner) =
            (entry("100644", "a", 7), entry("100644", "b", 1), entry("40000", "c", 8));
        assert_eq!(read(&file, None), (true, vec![], vec![]));
        assert_eq!(read(&[&file[..], &wanted].concat(), None), (false, vec![], vec![id(1)]));
        assert_eq!(read(&[&file[..], &inner].concat(), None), (false, vec![start(id(8).as_bytes())], vec![]));
        // A change of the name's beginning would make a folder of it.
        assert_eq!(read(&entry("100644", "40000 x", 7), None), (false, vec![], vec![]));
    }

    #[test]
    fn of_a_changed_folder_only_what_a_change_touches_is_read() {
        let files: Vec<u8> = ["a", "b", "c"].iter().flat_map(|name| entry("100644", name, 7)).collect();
        for added in [entry("100644", "n", 1), entry("40000", "n", 8)] {
            let text = [&files[..], &added, &files].concat();
            let whole = read(&text, None);
            assert!(!whole.0);
            let end = files.len() + added.len();
            for from in files.len()..end {
                for to in from + 1..=end {
                    // Of an id its first eight bytes count, and of a folder its mode.
                    let in_id = to > end - 20 && from < end - 12;
                    let in_mode = added[0] == b'4' && from < files.len() + 6;
                    if in_id && added[0] == b'1' || in_mode {
                        assert_eq!(
                            read(&text, Some(std::slice::from_ref(&(from..to)))),
                            whole,
                            "{from}..{to}"
                        );
                    }
                }
            }
            for far in [0..1, 0..files.len() - 32, end + 32..text.len(), text.len()..text.len()] {
                assert_eq!(read(&text, Some(std::slice::from_ref(&far))), (true, vec![], vec![]), "{far:?}");
            }
            assert_eq!(read(&text, Some(&[])), (true, vec![], vec![]));
            assert_eq!(read(&text, Some(&[0..1, files.len()..end])), whole);
        }
    }

    #[test]
    fn every_folder_above_holds_what_is_below_it() {
        // 1 is in 3 and 4, 2 in 4; 5 holds both folders, and 6 holds 5.
        let above = [(1, vec![3, 4]), (2, vec![4]), (3, vec![5]), (4, vec![5]), (5, vec![6])];
        let above = above.into_iter().map(|(of, in_)| (id(of), in_.into_iter().map(id).collect())).collect();
        let holders = Holders { above, skipped: Vec::new() };
        let chunk = [
            (id(2), ObjectKind::Blob),
            (id(7), ObjectKind::Commit),
            (id(1), ObjectKind::Blob),
            (id(3), ObjectKind::Tree),
        ];
        let mut held: Vec<_> = holders.carried_up(&chunk).into_iter().collect();
        held.sort_unstable();
        assert_eq!(held, [(id(3), 0b1100), (id(4), 0b0101), (id(5), 0b1101), (id(6), 0b1101)]);
        let mut alone: Vec<_> = holders
            .carried_up(&[(id(7), ObjectKind::Commit), (id(3), ObjectKind::Tree)])
            .into_iter()
            .collect();
        alone.sort_unstable();
        assert_eq!(alone, [3, 5, 6].map(|n| (id(n), 0b10)));
        let mut above: Vec<_> = holders.above(&id(2)).into_iter().collect();
        above.sort_unstable();
        assert_eq!(above, [4, 5, 6].map(id));
        assert_eq!(holders.above(&id(6)), IdSet::default());
    }
}
