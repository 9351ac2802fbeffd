//! The files in which git looks up what it ignores: git opens them whatever they are, and waits for a pipe.

use std::io::ErrorKind;
use std::path::Path;

use super::waiting;
use crate::error::{Error, Result};
use crate::system::files::regular_file;

/// Refuses to ask git about a file where a list that git would read is something else than a file, or may not be read: git
/// warns of that and answers as if there were none.
///
/// # Errors
/// As said (1), naming the list.
pub(super) fn refuse_what_waits(top: &Path, path: &Path) -> Result<()> {
    let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(top));
    waiting::refuse_lists(top)?;
    waiting::refuse(top)?;
    let own = waiting::own_folders(top)?.into_iter().map(|own| own.join("info/exclude"));
    for list in folders.map(|folder| folder.join(".gitignore")).chain(own) {
        match regular_file::open(&list) {
            Err(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Error::unreadable("read", &list, &e));
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}
