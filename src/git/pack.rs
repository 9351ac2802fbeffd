//! One pack: every whole object, then the deltas of each.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::PoisonError;

use gix_hash::{Kind, ObjectId};
use gix_pack::data::entry::Header;
use gix_pack::{data, index};
use gix_zlib::Inflate;

use super::Skipped;
use super::Why;
use super::bases::{Base, Share, Spent};
use super::delta;
use super::family::{Families, WHOLE};
use super::threads::{Parts, together};
use super::walk::{Blank, Fault, LARGEST, Object, ObjectKind, TOO_LARGE, Walk, Wanted, resize};
use crate::system::files::regular_file;

/// Of how many objects a thread reads the headers at a time.
const PART: usize = 4096;
/// How many families a thread takes at a time.
const BATCH: usize = 8;
/// A family with a larger object is read by one thread at a time.
const LARGE: usize = 64 * 1024 * 1024;
/// How many bytes may be inflated for each byte of a pack, and how many in any case: more is an attack.
const WORK: (u64, u64) = (4096, 64 << 30);

/// How many buffers a thread keeps for later objects, and up to which size.
const SPARES: usize = 4;
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

/// What the headers of some objects say.
#[derive(Default)]
struct Headers {
    /// The base of each, [`WHOLE`] if it has none.
    bases: Vec<u32>,
    whole: Vec<(u32, ObjectKind)>,
    broken: Vec<u32>,
}

/// The buffers of one thread: creating and wiping one for every object is a good part of reading it.
#[derive(Default)]
struct Reader {
    inflate: Inflate,
    delta: Vec<u8>,
    /// In which parts the last delta made an object differ from its base.
    changed: Vec<Range<usize>>,
    /// For the next objects.
    spare: Vec<Vec<u8>>,
    /// How many were passed on, and not told yet.
    bytes: u64,
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
        objects.sort_unstable_by_key(|(offset, _)| *offset);
        let families = Families::of(Vec::new());
        let mut pack =
            Self { data, index, objects, families, whole: Vec::new(), broken: Vec::new(), path: pack };
        let mut bases = Vec::with_capacity(pack.objects.len());
        for part in Parts::of(&pack.objects, PART).each(|from, objects| pack.headers(from, objects)) {
            bases.extend(part.bases);
            pack.whole.extend(part.whole);
            pack.broken.extend(part.broken);
        }
        pack.families = Families::of(bases);
        Ok(pack)
    }

    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Passes on the objects of the pack.
    pub(super) fn walk(&self, walk: &Walk<'_>) {
        let whole: Vec<_> = self.whole.iter().filter(|(_, kind)| walk.wanted.has(*kind)).collect();
        if walk.wanted == Wanted::Content {
            walk.passed(self.objects.len() - whole.len(), 0);
            let broken = self.broken.iter().flat_map(|object| self.families.below(*object));
            for object in broken.chain(self.families.circular.iter().copied()) {
                walk.skip(self.id(object), (Why::Damaged, "its entry in the pack is damaged"));
            }
        }
        let size = self.data.pack_end() as u64;
        let most = usize::try_from((size.saturating_mul(WORK.0).max(WORK.1)) >> 10).unwrap_or(usize::MAX);
        let spent = Spent::of(most);
        let batches = Parts::of(&whole, BATCH);
        together(batches.count(), || {
            let (mut reader, share) = (Reader::default(), Share::of(&spent));
            while !spent.is_too_much()
                && let Some((_, batch)) = batches.next()
            {
                batch
                    .iter()
                    .for_each(|(object, kind)| self.family(*object, *kind, &mut reader, walk, &share));
                let objects = if walk.wanted == Wanted::Content { batch.len() } else { 0 };
                walk.passed(objects, std::mem::take(&mut reader.bytes));
            }
        });
        if spent.is_too_much() {
            walk.skip(super::shown(&self.path), OVER_BUDGET);
        }
    }

    /// What the headers of some objects say, without their content.
    fn headers(&self, from: usize, objects: &[(u64, u32)]) -> Headers {
        let mut headers = Headers::default();
        for (place, (offset, _)) in (from..).zip(objects) {
            let entry = self.data.entry(*offset).ok();
            let object = u32::try_from(place).unwrap_or(WHOLE);
            let base = entry.and_then(|entry| match entry.header {
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
            headers.bases.push(base.and_then(Result::ok).unwrap_or(WHOLE));
            match base {
                Some(Ok(_)) => {}
                Some(Err(kind)) => headers.whole.push((object, kind)),
                None => headers.broken.push(object),
            }
        }
        headers
    }

    fn place_of(&self, offset: u64) -> Option<u32> {
        let place = self.objects.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        u32::try_from(place).ok()
    }

    /// The position of an object that comes before another: most bases are near, so near ones are checked first.
    fn before(&self, place: usize, offset: u64) -> Option<u32> {
        let (mut end, mut step) = (place, 1);
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

    /// Whether it has an object.
    pub(super) fn contains(&self, id: &ObjectId) -> bool {
        self.index.lookup(id).is_some()
    }

    /// How many objects it has.
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
    fn family(&self, root: u32, kind: ObjectKind, reader: &mut Reader, walk: &Walk<'_>, share: &Share<'_>) {
        let mut waiting: Vec<(u32, Option<Rc<Base<'_>>>)> = vec![(root, None)];
        let (mut kept, mut alone) = (Vec::new(), None);
        while let Some((object, base)) = waiting.pop() {
            let children = self.families.children(object);
            let into = reader.spare.pop().unwrap_or_default();
            let (blank, bytes) = match base.as_ref().and_then(|base| Some((base.blank, base.held()?))) {
                Some((blank, base)) => (blank, self.next(&base, object, reader, into)),
                None => (Blank(false), self.unfold(object, reader, into, |bytes| share.work(bytes))),
            };
            reader.reuse(Base::over(base));
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(_) if share.all.is_too_much() => return,
                Err(fault) => {
                    let family = self.families.below(object).into_iter();
                    family.for_each(|object| walk.skip(self.id(object), fault));
                    continue;
                }
            };
            if bytes.len() > LARGE && alone.is_none() {
                alone = Some(share.all.alone.lock().unwrap_or_else(PoisonError::into_inner));
            }
            if !share.work(bytes.len()) {
                return;
            }
            reader.bytes += bytes.len() as u64;
            let changed = blank.0.then_some(&reader.changed[..]);
            let named = || self.id(object);
            let blank = walk.visit(Object { named: &named, kind, bytes: &bytes, changed });
            if children.is_empty() {
                reader.reuse(bytes);
                continue;
            }
            let base = Some(Base::kept(bytes, blank, share, &mut kept));
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

impl Reader {
    /// Keeps a buffer for an object that comes later, unless there are enough of them or it is large.
    fn reuse(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < SPARES && (1..=SPARE).contains(&buffer.capacity()) {
            self.spare.push(buffer);
        }
    }
}

/// A buffer for the next object, unless it is too large to keep.
fn if_small(buffer: Vec<u8>) -> Vec<u8> {
    if buffer.capacity() <= SPARE { buffer } else { Vec::new() }
}
