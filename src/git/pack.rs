//! One pack: every whole object, then the deltas of each.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use gix_hash::{Kind, ObjectId};
use gix_pack::data::entry::Header;
use gix_pack::{data, index};
use gix_zlib::Inflate;

use super::Skipped;
use super::Why;
use super::bases::{Base, Spent};
use super::delta;
use super::family::{Families, WHOLE};
use super::threads::together;
use super::walk::{Blank, Fault, LARGEST, Object, ObjectKind, TOO_LARGE, Walk, Wanted, resize};
use crate::system::files::regular_file;

/// How many families a thread takes at a time.
const BATCH: usize = 32;
/// A family with a larger object is read by one thread at a time.
const LARGE: usize = 64 * 1024 * 1024;
/// How many bytes may be inflated for each byte of a pack, and how many in any case: more is an attack.
const WORK: (u64, u64) = (4096, 64 << 30);

/// A larger buffer is not kept for the next object.
const SPARE: usize = 1 << 20;

const OVER_BUDGET: Fault = (Why::OverBudget, "the pack unfolds to more than is read of one");

/// A pack with the relations between its objects.
pub(super) struct Pack {
    data: data::File,
    index: index::File,
    /// Offset and position in the index, in pack order.
    objects: Vec<(u64, u32)>,
    families: Families,
    /// The objects that are stored whole.
    whole: Vec<(u32, ObjectKind)>,
    /// Malformed entries, and those whose base is missing.
    broken: Vec<u32>,
    path: PathBuf,
}

/// The buffers of one thread: creating and wiping one for every object is a good part of reading it.
#[derive(Default)]
struct Reader {
    inflate: Inflate,
    delta: Vec<u8>,
    /// In which parts the last delta made an object differ from its base.
    changed: Vec<Range<usize>>,
    /// For an object that is no other object's base.
    spare: Vec<u8>,
}

impl Pack {
    /// Reads the index of a pack, and the header of each object.
    pub(super) fn open(path: &Path, hash: Kind) -> Result<Self, Skipped> {
        let pack = path.with_extension("pack");
        for file in [path, &pack] {
            regular_file::open(file).map_err(|error| Skipped::of(file, &error))?;
        }
        let fault = |message| Skipped::new(super::shown(&pack), Why::Damaged, message);
        let index = index::File::at(path, hash).map_err(|_| fault("its index cannot be read"))?;
        let data = data::File::at(&pack, hash).map_err(|_| fault("the pack cannot be read"))?;
        let mut objects: Vec<(u64, u32)> =
            (0..index.num_objects()).map(|n| (index.pack_offset_at_index(n), n)).collect();
        objects.sort_unstable();
        let families = Families::of(Vec::new());
        let mut pack =
            Self { data, index, objects, families, whole: Vec::new(), broken: Vec::new(), path: pack };
        pack.families = Families::of(pack.bases());
        Ok(pack)
    }

    /// Passes on the objects of the pack.
    pub(super) fn walk(&self, walk: &Walk<'_>) {
        let whole: Vec<_> = self.whole.iter().filter(|(_, kind)| walk.wanted.has(*kind)).collect();
        if walk.wanted == Wanted::Content {
            walk.passed(self.objects.len() - whole.len());
            let broken = self.broken.iter().flat_map(|object| self.families.below(*object));
            for object in broken.chain(self.families.circular.iter().copied()) {
                walk.skip(self.id(object), (Why::Damaged, "its entry in the pack is damaged"));
            }
        }
        let size = self.data.pack_end() as u64;
        let most = usize::try_from((size.saturating_mul(WORK.0).max(WORK.1)) >> 10).unwrap_or(usize::MAX);
        let spent =
            Spent { waiting: AtomicUsize::new(0), work: AtomicUsize::new(0), most, alone: Mutex::default() };
        let next = AtomicUsize::new(0);
        together(whole.len().div_ceil(BATCH), || {
            let mut reader = Reader::default();
            loop {
                let from = next.fetch_add(BATCH, Ordering::Relaxed);
                let Some(batch) = whole.get(from..whole.len().min(from + BATCH)) else { break };
                if batch.is_empty() {
                    break;
                }
                batch
                    .iter()
                    .for_each(|(object, kind)| self.family(*object, *kind, &mut reader, walk, &spent));
                walk.passed(if walk.wanted == Wanted::Content { batch.len() } else { 0 });
            }
        });
        if spent.work.into_inner() > most {
            walk.skip(super::shown(&self.path), OVER_BUDGET);
        }
    }

    /// The base of every object, read from the headers alone.
    fn bases(&mut self) -> Vec<u32> {
        let mut bases = vec![WHOLE; self.objects.len()];
        for (place, found) in (0_u32..).zip(bases.iter_mut()) {
            let base =
                self.data.entry(self.objects[place as usize].0).ok().and_then(|entry| match entry.header {
                    Header::Commit => Some(Err(ObjectKind::Commit)),
                    Header::Blob => Some(Err(ObjectKind::Blob)),
                    Header::Tag => Some(Err(ObjectKind::Tag)),
                    Header::Tree => Some(Err(ObjectKind::Tree)),
                    Header::OfsDelta { base_distance } => {
                        self.before(place, entry.checked_base_pack_offset(base_distance)?).map(Ok)
                    }
                    Header::RefDelta { base_id } => {
                        let base = self.index.lookup(base_id)?;
                        self.place_of(self.index.pack_offset_at_index(base)).map(Ok)
                    }
                });
            match base {
                Some(Ok(base)) => *found = base,
                Some(Err(kind)) => self.whole.push((place, kind)),
                None => self.broken.push(place),
            }
        }
        bases
    }

    fn place_of(&self, offset: u64) -> Option<u32> {
        let place = self.objects.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        u32::try_from(place).ok()
    }

    /// The position of an object that comes before another: most bases are near, so near ones are checked first.
    fn before(&self, place: u32, offset: u64) -> Option<u32> {
        let (mut end, mut step) = (place as usize, 1);
        loop {
            let begin = end.saturating_sub(step);
            if begin == 0 || self.objects[begin].0 <= offset {
                let near = &self.objects[begin..end];
                let found = near.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
                return u32::try_from(begin + found).ok();
            }
            (end, step) = (begin, step * 2);
        }
    }

    fn id(&self, object: u32) -> ObjectId {
        self.index.oid_at_index(self.objects[object as usize].1).to_owned()
    }

    /// The ids of every object.
    pub(super) fn contains(&self, id: &ObjectId) -> bool {
        self.index.lookup(id).is_some()
    }

    /// How many folders are stored whole: a measure of how many there are.
    pub(super) fn objects(&self) -> usize {
        self.objects.len()
    }

    /// One object by its id.
    pub(super) fn read(&self, id: &ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
        let place = self.place_of(self.index.pack_offset_at_index(self.index.lookup(id)?))?;
        let root = *self.families.line(place).last()?;
        let kind = self.whole.binary_search_by_key(&root, |(object, _)| *object).ok()?;
        Some((self.whole[kind].1, self.unfold(place, &mut Reader::default(), Vec::new(), |_| true).ok()?))
    }

    /// Passes on an object and everything stored as a delta of it.
    ///
    /// A base is dropped after its last child, or if too much waits; then it is inflated again from the start.
    fn family(&self, root: u32, kind: ObjectKind, reader: &mut Reader, walk: &Walk<'_>, spent: &Spent) {
        let mut waiting: Vec<(u32, Option<Rc<Base<'_>>>)> = vec![(root, None)];
        let (mut kept, mut alone) = (Vec::new(), None);
        while let Some((object, base)) = waiting.pop() {
            let children = self.families.children(object);
            let into = if children.is_empty() { std::mem::take(&mut reader.spare) } else { Vec::new() };
            let (blank, bytes) = match base.as_ref().and_then(|base| Some((base.blank, base.held()?))) {
                Some((blank, base)) => (blank, self.next(&base, object, reader, into)),
                None => (Blank(false), self.unfold(object, reader, into, |bytes| spent.work(bytes))),
            };
            drop(base);
            if spent.work.load(Ordering::Relaxed) > spent.most {
                return;
            }
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(fault) => {
                    let family = self.families.below(object).into_iter();
                    family.for_each(|object| walk.skip(self.id(object), fault));
                    continue;
                }
            };
            if bytes.len() > LARGE && alone.is_none() {
                alone = Some(spent.alone.lock().unwrap_or_else(PoisonError::into_inner));
            }
            spent.work(bytes.len());
            let changed = blank.0.then_some(&reader.changed[..]);
            let named = || self.id(object);
            let blank = walk.visit(Object { named: &named, kind, bytes: &bytes, changed });
            if children.is_empty() {
                reader.spare = if_small(bytes);
                continue;
            }
            let base = Some(Base::kept(bytes, blank, spent, &mut kept));
            waiting.extend(children.iter().rev().map(|child| (*child, base.clone())));
        }
    }

    /// An object, computed through all its bases.
    fn unfold(
        &self,
        object: u32,
        reader: &mut Reader,
        into: Vec<u8>,
        mut goes_on: impl FnMut(usize) -> bool,
    ) -> Result<Vec<u8>, Fault> {
        let line = self.families.line(object);
        let (root, line) = line.split_last().ok_or((Why::Damaged, "its deltas go in a circle"))?;
        let mut bytes = into;
        self.inflate(*root, &mut reader.inflate, &mut bytes)?;
        for object in line.iter().rev() {
            bytes = self.next(&bytes, *object, reader, Vec::new())?;
            if !goes_on(bytes.len()) {
                return Err(OVER_BUDGET);
            }
        }
        Ok(bytes)
    }

    fn next(&self, base: &[u8], object: u32, reader: &mut Reader, into: Vec<u8>) -> Result<Vec<u8>, Fault> {
        self.inflate(object, &mut reader.inflate, &mut reader.delta)?;
        let made = delta::apply(base, &reader.delta, LARGEST, into, &mut reader.changed);
        reader.delta = if_small(std::mem::take(&mut reader.delta));
        made
    }

    fn inflate(&self, object: u32, inflate: &mut Inflate, into: &mut Vec<u8>) -> Result<(), Fault> {
        let entry = self.data.entry(self.objects[object as usize].0);
        let entry = entry.map_err(|_| (Why::Damaged, "its entry in the pack is damaged"))?;
        let size = usize::try_from(entry.decompressed_size).ok().filter(|size| *size <= LARGEST);
        resize(into, size.ok_or(TOO_LARGE)?)?;
        let read = self.data.decompress_entry(&entry, inflate, into);
        read.map(drop).map_err(|_| (Why::Damaged, "it cannot be inflated"))
    }
}

/// A buffer for the next object, unless it is too large to keep.
fn if_small(buffer: Vec<u8>) -> Vec<u8> {
    if buffer.capacity() <= SPARE { buffer } else { Vec::new() }
}
