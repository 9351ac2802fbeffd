//! The files with git's ignore rules: git opens them whatever they are, and waits for a pipe.

use std::io::ErrorKind;
use std::path::Path;

use super::waiting;
use crate::error::{Error, Result};
use crate::system::files::regular_file;

/// Refuses to ask git about a file if an ignore list that git would read is not a file, or may not be read: git
/// only warns about it and answers as if there were no list.
///
/// # Errors
/// As described (1), with the list's name.
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
