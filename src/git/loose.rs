//! Loose objects: one file each.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use gix_hash::{Kind, ObjectId};
use gix_zlib::Inflate;

use super::threads::{Parts, together};
use super::walk::{Fault, LARGEST, Object, ObjectKind, TOO_LARGE, Walk, Wanted, zeros};
use super::{Skipped, Why};
use crate::system::files::regular_file::{self, Trust};

/// More than the longest header, `commit` and a size.
const HEADER: usize = 64;

const DAMAGED: Fault = (Why::Damaged, "the object is damaged");

/// Passes on the objects in these files.
pub(super) fn walk(files: &[PathBuf], hash: Kind, walk: &Walk<'_>) {
    let parts = Parts::of(files, 16);
    together(parts.count(), || {
        while let Some((_, files)) = parts.next() {
            let bytes = files.iter().map(|path| pass_on(path, hash, walk)).sum();
            walk.passed(if walk.wanted == Wanted::Content { files.len() } else { 0 }, bytes);
        }
    });
}

/// Passes on the object in a file, or why it is not read; returns its length.
fn pass_on(path: &Path, hash: Kind, walk: &Walk<'_>) -> u64 {
    let Some(id) = id(path, hash) else { return 0 };
    match read(path, Some(walk.wanted)) {
        Ok(Some((kind, bytes))) => {
            walk.visit(Object { named: &|| id, kind, bytes: &bytes, changed: None });
            bytes.len() as u64
        }
        Ok(None) => 0,
        Err(part) => {
            walk.skipped.lock().unwrap_or_else(PoisonError::into_inner).push(part);
            0
        }
    }
}

/// Reads an object from its file; `None` if its kind is not wanted.
pub(super) fn read(path: &Path, wanted: Option<Wanted>) -> Result<Option<(ObjectKind, Vec<u8>)>, Skipped> {
    let deflated = regular_file::read(path, LARGEST as u64 * 2, Trust::Anyones)
        .map_err(|error| Skipped::of(path, &error))?;
    object(&deflated, wanted).map_err(|(why, message)| Skipped::new(super::shown(path), why, message))
}

/// A file's content by its id, if it is a loose object in this folder and can be read.
pub(super) fn blob(objects: &Path, id: &str) -> Option<Vec<u8>> {
    let (folder, file) = id.split_at_checked(2)?;
    match read(&objects.join(folder).join(file), None) {
        Ok(Some((ObjectKind::Blob, bytes))) => Some(bytes),
        _ => None,
    }
}

fn object(deflated: &[u8], wanted: Option<Wanted>) -> Result<Option<(ObjectKind, Vec<u8>)>, Fault> {
    let (mut inflate, mut start) = (Inflate::default(), [0; HEADER]);
    let (_, consumed, written) = inflate.prefix(deflated, &mut start).map_err(|_| DAMAGED)?;
    let start = &start[..written];
    let end = start.iter().position(|b| *b == 0).ok_or(DAMAGED)?;
    let header = std::str::from_utf8(&start[..end]).map_err(|_| DAMAGED)?;
    let (kind, size) = header.split_once(' ').ok_or(DAMAGED)?;
    let kind = match kind {
        "commit" => ObjectKind::Commit,
        "blob" => ObjectKind::Blob,
        "tag" => ObjectKind::Tag,
        "tree" => ObjectKind::Tree,
        _ => return Err(DAMAGED),
    };
    if wanted.is_some_and(|wanted| !wanted.has(kind)) {
        return Ok(None);
    }
    let size: usize = size.parse().map_err(|_| DAMAGED)?;
    if size > LARGEST {
        return Err(TOO_LARGE);
    }
    let mut bytes = zeros((size + HEADER).min(deflated.len().saturating_mul(1100)))?;
    bytes.clear();
    inflate.rest(&deflated[consumed..], start, end + 1, &mut bytes, size).map_err(|_| DAMAGED)?;
    if bytes.len() != size {
        return Err(DAMAGED);
    }
    Ok(Some((kind, bytes)))
}

/// The id given by a file's folder and name; `None` for another kind of file.
pub(super) fn id(path: &Path, hash: Kind) -> Option<ObjectId> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let id = ObjectId::from_hex(format!("{folder}{}", path.file_name()?.to_str()?).as_bytes()).ok()?;
    (id.kind() == hash).then_some(id)
}
