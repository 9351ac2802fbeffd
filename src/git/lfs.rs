//! Pointers of git-lfs, which stand for content that is stored elsewhere.

use std::path::PathBuf;

use super::{Repository, Skipped, Why};
use crate::hint::quoted_path;
use crate::system::files::regular_file;

/// The specification says that a pointer is shorter than this.
const LONGEST: usize = 1024;

/// The id of the object that a pointer stands for; `None` for any other text.
///
/// Source: git-lfs, docs/spec.md.
pub fn pointer(text: &[u8]) -> Option<String> {
    if text.len() >= LONGEST || !text.starts_with(b"version https://") {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let (first, rest) = text.split_once('\n')?;
    let known = ["https://git-lfs.github.com/spec/", "https://hawser.github.com/spec/"];
    let is_pointer = known.iter().any(|url| first["version ".len()..].starts_with(url));
    let id = rest.lines().find_map(|line| line.strip_prefix("oid sha256:"))?;
    let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_pointer && is_id).then(|| id.to_owned())
}

/// The file of an object if it is stored here, or if nobody can say whether it is.
///
/// # Errors
/// It is not here; the error says so.
pub fn held(repository: &Repository, place: &str, id: &str) -> std::result::Result<PathBuf, Skipped> {
    let file = repository.lfs_objects().join(&id[..2]).join(&id[2..4]).join(id);
    if !regular_file::is_absent(&file) {
        return Ok(file);
    }
    let message = format!("it stands for an object of git-lfs that is not here: {id}");
    Err(Skipped::new(place, Why::LfsObjectMissing, message)
        .hint(format!("git -C {} lfs fetch --all", quoted_path(&repository.place()))))
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_pointer_names_its_object_and_any_other_text_none() {
        let id = "0a".repeat(32);
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 12\n");
        assert_eq!(pointer(text.as_bytes()), Some(id));
        for other in
            [&text[..60], "", "version https://example.com/\noid sha256:1\n", &text.replace("0a", "/.")]
        {
            assert_eq!(pointer(other.as_bytes()), None);
        }
    }
}
