//! What commits, tags and folders refer to.

use chrono::{DateTime, FixedOffset};
use gix_hash::{Kind, ObjectId};

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
pub(super) struct Entry<'a> {
    pub(super) name: &'a [u8],
    pub(super) id: &'a [u8],
    pub(super) is_tree: bool,
    /// Whether it is a submodule's commit, which is in another repository.
    pub(super) is_elsewhere: bool,
}

/// The names in a folder; they end where the folder is damaged.
pub(super) fn entries(tree: &[u8], hash: Kind) -> impl Iterator<Item = Entry<'_>> {
    let (mut rest, length) = (tree, hash.len_in_bytes());
    std::iter::from_fn(move || {
        // Nearly every mode has five or six digits.
        let is_mode =
            |length| rest.get(..length).is_some_and(|mode: &[u8]| mode.iter().all(u8::is_ascii_digit));
        let space = match (rest.get(5), rest.get(6)) {
            (Some(b' '), _) if is_mode(5) => 5,
            (_, Some(b' ')) if is_mode(6) => 6,
            _ => memchr::memchr(b' ', rest)?,
        };
        let end = space + memchr::memchr(0, rest.get(space..)?)?;
        let id = rest.get(end + 1..end + 1 + length)?;
        let head = &rest[..end];
        rest = &rest[end + 1 + length..];
        let mode = &head[..space];
        let (is_tree, is_elsewhere) = (mode == b"40000" || mode == b"040000", mode == b"160000");
        Some(Entry { name: &head[space + 1..], id, is_tree, is_elsewhere })
    })
}
