//! Loose objects: one file each.

#![expect(clippy::disallowed_methods, reason = "git's files are read here")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gix_hash::{Kind, ObjectId};
use gix_zlib::Inflate;

use super::threads::together;
use super::walk::{LARGEST, ObjectKind, Walk};

/// More than the longest header, `commit` and a size.
const HEADER: usize = 64;

/// Hands on the objects of these files.
pub(super) fn walk(files: &[PathBuf], hash: Kind, walk: &Walk<'_>) {
    let next = AtomicUsize::new(0);
    together(files.len().div_ceil(16), || {
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(why) = object(path, hash, walk) {
                walk.skip(path.display(), why);
            }
            walk.passed(1);
        }
    });
}

fn object(path: &Path, hash: Kind, walk: &Walk<'_>) -> Result<(), &'static str> {
    let Some(id) = id(path, hash) else { return Ok(()) };
    let deflated = fs::read(path).map_err(|_| "it cannot be read")?;
    let (mut inflate, mut start) = (Inflate::default(), [0; HEADER]);
    let damaged = "the object is damaged";
    let (_, consumed, written) = inflate.prefix(&deflated, &mut start).map_err(|_| damaged)?;
    let start = &start[..written];
    let end = start.iter().position(|b| *b == 0).ok_or(damaged)?;
    let header = std::str::from_utf8(&start[..end]).map_err(|_| damaged)?;
    let (kind, size) = header.split_once(' ').ok_or(damaged)?;
    let kind = match kind {
        "commit" => ObjectKind::Commit,
        "blob" => ObjectKind::Blob,
        "tag" => ObjectKind::Tag,
        _ => return Ok(()),
    };
    let size = size.parse().map_err(|_| damaged)?;
    if size > LARGEST {
        return Err("it is larger than 512 MiB");
    }
    let mut bytes = Vec::new();
    inflate.rest(&deflated[consumed..], start, end + 1, &mut bytes, size).map_err(|_| damaged)?;
    if bytes.len() != size {
        return Err(damaged);
    }
    walk.visit(id, kind, &bytes);
    Ok(())
}

/// The id that a file's folder and name spell; `None` for a file of another kind.
fn id(path: &Path, hash: Kind) -> Option<ObjectId> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let id = ObjectId::from_hex(format!("{folder}{}", path.file_name()?.to_str()?).as_bytes()).ok()?;
    (id.kind() == hash).then_some(id)
}
