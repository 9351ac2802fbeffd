//! One pack: every object that stands whole, then whatever is told as a delta of it.

use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix_hash::{Kind, ObjectId};
use gix_pack::data::entry::Header;
use gix_pack::{data, index};
use gix_zlib::Inflate;

use super::delta;
use super::threads::together;
use super::walk::{LARGEST, ObjectKind, Walk};

/// How many families a thread takes at a time.
const BATCH: usize = 32;
/// Stands for no base.
const WHOLE: u32 = u32::MAX;

/// A pack with what its objects are to each other.
struct Pack {
    data: data::File,
    index: index::File,
    /// Offset and place in the index, in pack order.
    objects: Vec<(u64, u32)>,
    /// The children of object n are `children[first[n]..first[n + 1]]`.
    first: Vec<u32>,
    children: Vec<u32>,
    /// The objects that stand whole, but for folders.
    whole: Vec<(u32, ObjectKind)>,
}

/// Hands on the objects of a pack.
///
/// # Errors
/// The pack or its index cannot be read at all, in words.
pub(super) fn walk(index: &Path, hash: Kind, walk: &Walk<'_>) -> Result<(), String> {
    let pack = Pack::open(index, hash, walk)?;
    walk.passed(pack.objects.len() - pack.whole.len());
    let next = AtomicUsize::new(0);
    together(pack.whole.len().div_ceil(BATCH), || {
        let mut inflate = Inflate::default();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = pack.whole.get(from..pack.whole.len().min(from + BATCH)) else { break };
            if batch.is_empty() {
                break;
            }
            batch.iter().for_each(|(object, kind)| pack.family(*object, *kind, &mut inflate, walk));
            walk.passed(batch.len());
        }
    });
    Ok(())
}

impl Pack {
    fn open(path: &Path, hash: Kind, walk: &Walk<'_>) -> Result<Self, String> {
        let index = index::File::at(path, hash).map_err(|_| "its index cannot be read")?;
        let data =
            data::File::at(path.with_extension("pack"), hash).map_err(|_| "the pack cannot be read")?;
        let mut objects: Vec<(u64, u32)> =
            (0..index.num_objects()).map(|n| (index.pack_offset_at_index(n), n)).collect();
        objects.sort_unstable();
        let mut pack =
            Self { data, index, objects, first: Vec::new(), children: Vec::new(), whole: Vec::new() };
        let bases = pack.bases(walk);
        pack.relate(&bases);
        Ok(pack)
    }

    /// The base of every object, read from the headers alone.
    fn bases(&mut self, walk: &Walk<'_>) -> Vec<u32> {
        let mut bases = vec![WHOLE; self.objects.len()];
        for (n, found) in bases.iter_mut().enumerate() {
            let place = u32::try_from(n).unwrap_or(WHOLE);
            let base = self.data.entry(self.objects[n].0).ok().and_then(|entry| match entry.header {
                Header::Commit => Some(Err(ObjectKind::Commit)),
                Header::Blob => Some(Err(ObjectKind::Blob)),
                Header::Tag => Some(Err(ObjectKind::Tag)),
                Header::Tree => Some(Ok(WHOLE)),
                Header::OfsDelta { base_distance } => {
                    self.place_of(entry.checked_base_pack_offset(base_distance)?).map(Ok)
                }
                Header::RefDelta { base_id } => {
                    let base = self.index.lookup(base_id)?;
                    self.place_of(self.index.pack_offset_at_index(base)).map(Ok)
                }
            });
            match base {
                Some(Ok(base)) => *found = base,
                Some(Err(kind)) => self.whole.push((place, kind)),
                None => walk.skip(self.id(place), "its entry in the pack is damaged"),
            }
        }
        bases
    }

    fn place_of(&self, offset: u64) -> Option<u32> {
        let place = self.objects.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        u32::try_from(place).ok()
    }

    fn relate(&mut self, bases: &[u32]) {
        let mut first = vec![0_u32; bases.len() + 1];
        bases.iter().filter(|base| **base != WHOLE).for_each(|base| first[*base as usize + 1] += 1);
        for n in 1..first.len() {
            first[n] += first[n - 1];
        }
        let mut free = first.clone();
        self.children = vec![0; first.last().map_or(0, |n| *n as usize)];
        for (n, base) in bases.iter().enumerate().filter(|(_, base)| **base != WHOLE) {
            let slot = &mut free[*base as usize];
            self.children[*slot as usize] = u32::try_from(n).unwrap_or(WHOLE);
            *slot += 1;
        }
        self.first = first;
    }

    fn children(&self, object: u32) -> &[u32] {
        let object = object as usize;
        &self.children[self.first[object] as usize..self.first[object + 1] as usize]
    }

    fn id(&self, object: u32) -> ObjectId {
        self.index.oid_at_index(self.objects[object as usize].1).to_owned()
    }

    /// Hands on an object and all that is told as a delta of it; a base is let go with its last child.
    fn family(&self, root: u32, kind: ObjectKind, inflate: &mut Inflate, walk: &Walk<'_>) {
        let mut waiting: Vec<(u32, Option<Rc<Vec<u8>>>)> = vec![(root, None)];
        while let Some((object, base)) = waiting.pop() {
            let bytes = self.inflate(object, inflate).and_then(|bytes| match base {
                None => Ok(bytes),
                Some(base) => delta::apply(&base, &bytes, LARGEST).ok_or("its delta is damaged or too large"),
            });
            match bytes {
                Ok(bytes) => {
                    walk.visit(self.id(object), kind, &bytes);
                    let bytes = Rc::new(bytes);
                    waiting
                        .extend(self.children(object).iter().map(|child| (*child, Some(Rc::clone(&bytes)))));
                }
                Err(why) => self.skip_family(object, why, walk),
            }
        }
    }

    fn skip_family(&self, object: u32, why: &str, walk: &Walk<'_>) {
        let mut waiting = vec![object];
        while let Some(object) = waiting.pop() {
            walk.skip(self.id(object), why);
            waiting.extend(self.children(object));
        }
    }

    fn inflate(&self, object: u32, inflate: &mut Inflate) -> Result<Vec<u8>, &'static str> {
        let entry = self.data.entry(self.objects[object as usize].0).map_err(|_| "its entry is damaged")?;
        let size = usize::try_from(entry.decompressed_size).ok().filter(|size| *size <= LARGEST);
        let mut bytes = vec![0; size.ok_or("it is larger than 512 MiB")?];
        let read = self.data.decompress_entry(&entry, inflate, &mut bytes);
        read.map(|_| bytes).map_err(|_| "it cannot be inflated")
    }
}
