//! Where the passphrase of the encrypted files comes from.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;

use zeroize::Zeroizing;

use super::folder::reason;
use super::identity::read_secret;
use crate::backend::StoreError;
use crate::system::files::{ownership, regular_file};
use crate::system::process::other_programs;

/// The most bytes of a passphrase.
pub const LONGEST: usize = 4096;

/// How often a passphrase may be typed, as with ssh and sudo.
pub const TRIES: usize = 3;

/// The prompt after a wrong passphrase.
pub const TRY_AGAIN: &str = "Wrong passphrase, try again (hidden):";

/// A hidden prompt: asks once, or says why it could not.
pub type Prompt<'a> = Box<dyn Fn() -> Result<Zeroizing<String>, StoreError> + 'a>;

/// Reads a passphrase file; one trailing newline does not belong to the passphrase.
///
/// # Errors
/// [`StoreError::PassphraseDisclosed`] for a file that others may read or that does not belong to the caller;
/// [`StoreError::PassphraseFile`] for one that cannot be read or contains no passphrase.
pub fn from_file(path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let file = open_passphrase(path)?;
    let bytes = read_secret(file, LONGEST).map_err(|why| refused(path, &too_long_or(&why)))?;
    text(&bytes).map_err(|what| refused(path, what))
}

/// Why a private file was not opened, in words that follow its name.
pub(super) enum Unfit {
    Unread(String),
    Disclosed(String),
}

/// Opens a file that nobody else may read, or says what is wrong with it.
pub(super) fn open_private(path: &Path) -> Result<File, Unfit> {
    let open = || {
        let file = regular_file::open(path)?;
        Ok((ownership::disclosed(&file)?, file))
    };
    let unread = |why: io::Error| Unfit::Unread(format!("cannot be read: {}", reason(&why)));
    let (disclosed, file) = open().map_err(unread)?;
    disclosed.map_or(Ok(file), |why| Err(Unfit::Disclosed(why)))
}

pub(super) fn open_passphrase(path: &Path) -> Result<File, StoreError> {
    open_private(path).map_err(|unfit| match unfit {
        Unfit::Unread(why) => refused(path, &why),
        Unfit::Disclosed(why) => StoreError::PassphraseDisclosed(about(path, &why)),
    })
}

fn refused(path: &Path, why: &str) -> StoreError {
    StoreError::PassphraseFile(about(path, why))
}

fn about(path: &Path, why: &str) -> String {
    format!("the passphrase file {} {why}", path.display())
}

/// Runs the command: only we read its stdout, its stderr goes to the user, and its stdin is empty,
/// because ours may belong to something else (`add --stdin`, the child of `exec`).
pub(super) fn from_command(command: &[String]) -> Result<Zeroizing<String>, StoreError> {
    let [program, arguments @ ..] = command else {
        return Err(StoreError::PassphraseCommand("the passphrase command is empty".to_owned()));
    };
    let failed =
        |why: &str| StoreError::PassphraseCommand(format!("the passphrase command `{program}` {why}"));
    if other_programs::depends_on_the_folder(program) {
        return Err(failed("is a relative path; write an absolute one"));
    }
    let mut child = other_programs::command(program);
    let child = child.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|why| failed(&format!("did not start: {}", reason(&why))))?;
    let output = child.stdout.take().map(|stdout| read_secret(stdout, LONGEST));
    let ended = child.wait().map_err(|why| failed(&reason(&why)))?;
    let output = output.unwrap_or_else(|| Ok(Zeroizing::default()));
    let output = output.map_err(|why| failed(&too_long_or(&why)))?;
    match ended.code() {
        Some(0) => text(&output).map_err(failed),
        Some(code) => Err(failed(&format!("ended with exit code {code}"))),
        None => Err(failed("was killed")),
    }
}

fn too_long_or(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::InvalidData => format!("holds more than {LONGEST} bytes"),
        _ => format!("cannot be read: {}", reason(why)),
    }
}

fn text(bytes: &[u8]) -> Result<Zeroizing<String>, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text")?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() { Err("contains no passphrase") } else { Ok(Zeroizing::new(text.to_owned())) }
}
