//! What commits, tags and folders refer to.

use std::collections::hash_map::Entry;
use std::ops::Deref;

use chrono::{DateTime, FixedOffset};
use gix_hash::{Kind, ObjectId};

use super::ids::IdMap;

/// What is kept about a commit.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    /// Its id.
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// The author's time in seconds of Unix time, and how many minutes the author's clock is ahead of UTC.
    pub(super) time: i64,
    pub(super) ahead: i16,
}

/// Commits, each once, in no order.
#[derive(Default)]
pub(super) struct Commits {
    list: Vec<Commit>,
    places: IdMap<usize>,
}

impl Commits {
    /// Adds a commit, unless it is there: one that is stored twice is read twice.
    pub(super) fn add(&mut self, commit: Commit) {
        if let Entry::Vacant(entry) = self.places.entry(commit.id) {
            entry.insert(self.list.len());
            self.list.push(commit);
        }
    }

    /// Where a commit is in the list.
    pub(super) fn place_of(&self, id: &ObjectId) -> Option<usize> {
        self.places.get(id).copied()
    }
}

impl Deref for Commits {
    type Target = [Commit];

    fn deref(&self) -> &[Commit] {
        &self.list
    }
}

impl Commit {
    /// Parses a commit; `None` if it is not one.
    pub(super) fn parse(id: ObjectId, bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|b| *b == b'\n');
        let tree = ObjectId::from_hex(lines.next()?.strip_prefix(b"tree ")?).ok()?;
        let (mut parents, mut author) = (Vec::new(), None);
        for line in lines {
            if let Some(parent) = line.strip_prefix(b"parent ") {
                parents.push(ObjectId::from_hex(parent).ok()?);
            } else {
                author = line.strip_prefix(b"author ");
                break;
            }
        }
        // A damaged date counts as missing, so it makes no commit the earliest.
        let (time, ahead) = author.and_then(when).unwrap_or((i64::MAX, 0));
        Some(Self { id, tree, parents, time, ahead })
    }

    /// The author's date, RFC 3339, in the author's time zone; `None` if the commit has none.
    pub(super) fn author_date(&self) -> Option<String> {
        let offset = FixedOffset::east_opt(i32::from(self.ahead) * 60);
        let time = DateTime::from_timestamp(self.time, 0)?;
        let time = offset.map_or_else(|| time.fixed_offset(), |offset| time.with_timezone(&offset));
        Some(time.to_rfc3339_opts(chrono::SecondsFormat::Secs, false))
    }
}

/// The time and the offset at the end of an author's line.
fn when(line: &[u8]) -> Option<(i64, i16)> {
    let mut words = line.rsplit(|b| *b == b' ');
    let (offset, time) = (std::str::from_utf8(words.next()?).ok()?, std::str::from_utf8(words.next()?).ok()?);
    let offset: i16 = offset.parse().ok()?;
    Some((time.parse().ok()?, offset / 100 * 60 + offset % 100))
}

/// The target of an annotated tag.
pub(super) fn target_of_tag(bytes: &[u8]) -> Option<ObjectId> {
    let line = bytes.split(|b| *b == b'\n').next()?;
    ObjectId::from_hex(line.strip_prefix(b"object ")?).ok()
}

/// One name in a folder.
pub(super) struct Name<'a> {
    pub(super) name: &'a [u8],
    pub(super) id: &'a [u8],
    pub(super) is_tree: bool,
    /// Whether it is a submodule's commit, which is in another repository.
    pub(super) is_elsewhere: bool,
}

/// The names in a folder; they end where the folder is damaged.
pub(super) fn entries(tree: &[u8], hash: Kind) -> impl Iterator<Item = Name<'_>> {
    let (mut rest, length) = (tree, hash.len_in_bytes());
    std::iter::from_fn(move || {
        // Nearly every mode is one of these; a history has millions of names.
        let (space, is_tree) = match rest {
            [b'4', b'0', b'0', b'0', b'0', b' ', ..] => (5, true),
            [b'1', b'0', b'0', b'6' | b'7', b'4' | b'5', b'4' | b'5', b' ', ..] => (6, false),
            _ => {
                let space = memchr::memchr(b' ', rest)?;
                (space, &rest[..space] == b"040000")
            }
        };
        // Most names are too short for a search to pay.
        let end = space + rest[space..].iter().position(|byte| *byte == 0)?;
        let (head, id) = (&rest[..end], rest.get(end + 1..end + 1 + length)?);
        rest = &rest[end + 1 + length..];
        let is_elsewhere = head.starts_with(b"160000 ");
        Some(Name { name: &head[space + 1..], id, is_tree, is_elsewhere })
    })
}
