//! Deletes lines of a dotenv file and changes nothing else.

use std::fs;
use std::ops::Range;
use std::path::Path;

use zeroize::Zeroizing;

use super::atomic_file::{self, Access};
use super::dotenv;
use super::dotenv_text::BYTE_ORDER_MARK;
use super::regular_file::{self, Trust};
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted_path, suggest};

/// Refuses a file that could not be replaced without other changes: a link, another user's, one that must not be
/// written.
///
/// # Errors
/// As described (exit 1), with hints.
pub fn check(path: &Path) -> Result<()> {
    refuse_other_line_ends(path)?;
    let name = path.display();
    let refuse = |why: String| Error::failure(format!("{name} {why}; nothing was changed"));
    let found = fs::symlink_metadata(path).map_err(|e| Error::unwritable("write", path, &e))?;
    if found.file_type().is_symlink() {
        let target = fs::canonicalize(path).map_err(|e| Error::unwritable("write", path, &e))?;
        return Err(refuse("is a symbolic link, and --clean replaces files".to_owned())
            .hint(Hint::run("import").path(&target).flag("--clean")));
    }
    if found.permissions().readonly() {
        return Err(refuse("is read-only".to_owned()).hint(suggest::make_writable(name)));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(refuse("belongs to another user".to_owned()).hint(suggest::look_at(name)));
        }
        if found.nlink() > 1 {
            return Err(refuse(format!("has {} names, and the others would keep the keys", found.nlink()))
                .hint(format!("find . -samefile {}", quoted_path(path))));
        }
        if rustix::fs::access(atomic_file::folder(path), rustix::fs::Access::WRITE_OK).is_err() {
            return Err(refuse("is in a folder that cannot be written to".to_owned()));
        }
    }
    Ok(())
}

/// Deletes lines of a file that still contains the text that was read; replaces the file atomically.
///
/// Keeps its mode, group, access list and attributes. Deletes what a killed run left unfinished; nobody else may do
/// this at the same time.
///
/// # Errors
/// The errors of [`check`]; the file was changed meanwhile; any error of the system. The file is then unchanged.
pub fn take_out(path: &Path, text: &str, lines: &[Range<usize>]) -> Result<()> {
    check(path)?;
    if *dotenv::read(path)? != text {
        let what = format!("{} was changed meanwhile; nothing was deleted from it", path.display());
        return Err(Error::failure(what));
    }
    let rest = without(text, lines);
    atomic_file::replace(path, rest.as_bytes(), Access::Public)
        .map_err(|e| Error::unwritable("write", path, &e))
}

/// A text without some of its lines.
fn without(text: &str, lines: &[Range<usize>]) -> Zeroizing<String> {
    let body = text.strip_prefix(BYTE_ORDER_MARK);
    let mut rest = Zeroizing::new(String::with_capacity(text.len()));
    rest.push_str(body.map_or("", |_| BYTE_ORDER_MARK));
    let kept = body.unwrap_or(text).split_inclusive('\n').enumerate();
    for (_, line) in kept.filter(|(at, _)| !lines.iter().any(|span| span.contains(at))) {
        rest.push_str(line);
    }
    rest
}

/// UTF-16 and lone carriage returns can be read, but lines are only deleted from a text whose other bytes stay
/// unchanged.
fn refuse_other_line_ends(path: &Path) -> Result<()> {
    let text = dotenv::read(path)?;
    let bytes =
        regular_file::read(path, 1 << 21, Trust::Anyones).map_err(|e| Error::unreadable("read", path, &e))?;
    let bytes = zeroize::Zeroizing::new(bytes);
    if *bytes == *text.as_bytes() && !text.replace("\r\n", "").contains('\r') {
        return Ok(());
    }
    Err(Error::failure(format!(
        "{} is UTF-16, or has carriage returns alone: lines are not deleted from it",
        path.display()
    ))
    .hint(suggest::edit(quoted_path(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_stays_byte_for_byte() {
        let table: [(&str, &[usize], &str); 6] = [
            ("a\nb\nc", &[1], "a\nc"),
            ("a\nb", &[1], "a\n"),
            ("\u{feff}a\r\nb\r\n", &[0], "\u{feff}b\r\n"),
            ("a\n\"b\nc\"\n \n", &[1, 2, 0], " \n"),
            ("a", &[0], ""),
            ("a\n\n", &[], "a\n\n"),
        ];
        for (text, lines, rest) in table {
            let lines: Vec<_> = lines.iter().map(|line| *line..line + 1).collect();
            assert_eq!(*without(text, &lines), rest, "{text:?}");
        }
    }
}
