//! Standard input that is not a terminal.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec};
#[cfg(unix)]
use rustix::stdio::stdin;
#[cfg(windows)]
use std::io::stdin;
use zeroize::Zeroizing;

use crate::error::in_words;

/// The most bytes a secret on standard input may have.
const LARGEST_SECRET: usize = 4096;

/// One line of at most 4096 bytes, with what arrives together with it.
///
/// # Errors
/// In words: more than that, or any error of the system.
pub(super) fn read_line() -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(vec![0; LARGEST_SECRET + 1]);
    let length = fill_from_stdin(&mut bytes)
        .map_err(|e| format!("standard input cannot be read: {}", in_words(&e)))?;
    if length > LARGEST_SECRET {
        return Err(format!("standard input is longer than {LARGEST_SECRET} bytes; a key is one line"));
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Reads a line and what arrives with it, so that a second line is noticed; does not wait for a writer that keeps
/// the pipe open after the line.
fn fill_from_stdin(bytes: &mut [u8]) -> io::Result<usize> {
    let mut stdin = unbuffered_stdin()?;
    let mut length = 0;
    while length < bytes.len() {
        match stdin.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
        if bytes[..length].contains(&b'\n') && !has_more(&stdin) {
            break;
        }
    }
    Ok(length)
}

/// Whether a read would return at once. If the system does not say, the line that arrived is used.
#[cfg(unix)]
fn has_more(file: &File) -> bool {
    let mut watched = [PollFd::new(file, PollFlags::IN)];
    rustix::event::poll(&mut watched, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

#[cfg(windows)]
fn has_more(_: &File) -> bool {
    false
}

/// Standard input without the buffer that `io::stdin` keeps until the process ends, and what was read.
fn unbuffered_stdin() -> io::Result<File> {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&stdin()).try_clone_to_owned()?;
    Ok(File::from(own))
}

/// All of standard input.
///
/// # Errors
/// Any error of the system; more than this many bytes.
pub fn all_of_stdin(most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unbuffered_stdin()?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::Error::other("it is too long")) } else { Ok(bytes) }
}

/// Standard input, to be read as a file.
///
/// # Errors
/// Any error of the system; it is closed.
pub fn open_stdin() -> io::Result<File> {
    refuse_closed()?;
    unbuffered_stdin()
}

/// Refuses a closed standard input, from which nothing can be read. Before `main`, Rust replaces it by the null device,
/// opened also for writing; `< /dev/null` opens it for reading only.
///
/// # Errors
/// It is closed.
#[cfg(unix)]
pub fn refuse_closed() -> io::Result<()> {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
    let is_for_both = fcntl_getfl(stdin())? & OFlags::ACCMODE == OFlags::RDWR;
    let found = fstat(stdin())?;
    let is_device = FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice;
    let is_null = is_device && stat("/dev/null").is_ok_and(|null| null.st_rdev == found.st_rdev);
    if is_for_both && is_null { Err(io::Error::other("it is closed, or the null device")) } else { Ok(()) }
}

/// Windows does not tell: a closed one is read as if it were empty.
///
/// # Errors
/// None there.
#[cfg(windows)]
pub fn refuse_closed() -> io::Result<()> {
    Ok(())
}

/// Whether standard input is a terminal.
pub fn stdin_is_terminal() -> bool {
    stdin().is_terminal()
}

/// Whether a path means standard input or output, as with age and tar; `./-` is a file.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}
