//! The only way to open a file for reading: regular files only, without ever waiting.

#![expect(clippy::disallowed_methods, reason = "this file is the one place that opens files")]

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::system::terminal::refuse_closed;

/// What else is required of a file before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing: the caller checks the content.
    Anyones,
    /// It belongs to the caller or to root, and others cannot write to it: its content is obeyed.
    Ours,
}

/// Opens a regular file, also through a link; anything else is named in the error and never waited for.
///
/// # Errors
/// [`ErrorKind::NotFound`] only if nothing exists there; a folder, pipe, device, socket or a link to nothing.
pub fn open(path: &Path) -> io::Result<File> {
    let missing = |why: io::Error| match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() && why.kind() == ErrorKind::NotFound => {
            io::Error::other("it is a link to nothing")
        }
        _ => why,
    };
    // Checked first: even opening a pipe or a device can have effects.
    regular(&fs::metadata(path).map_err(missing)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    flags(&mut options, rustix::fs::OFlags::empty());
    let file = options.open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Opens what the user names, whatever it is, and returns what was already read from it. A named pipe is only accepted
/// if something writes to it: otherwise reading would never end.
///
/// # Errors
/// Any error of the system; a pipe without a writer; a closed standard input.
pub fn open_named(path: &Path) -> io::Result<(Vec<u8>, File)> {
    if ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path == Path::new(name)) {
        refuse_closed()?;
    }
    // A pipe without a name was passed by a shell, and is open at both ends.
    #[cfg(unix)]
    if is_pipe(&fs::metadata(path)?) && path.canonicalize().is_ok_and(|real| !real.starts_with("/dev/fd")) {
        return written_pipe(path);
    }
    Ok((Vec::new(), File::open(path)?))
}

#[cfg(unix)]
fn is_pipe(found: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type())
}

/// Only a non-blocking read that finds the end shows that there is no writer; a writer that was started
/// beside this program may come a little later.
#[cfg(unix)]
fn written_pipe(path: &Path) -> io::Result<(Vec<u8>, File)> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::time::{Duration, Instant};
    const PATIENCE: Duration = Duration::from_secs(1);
    const GLANCE: Duration = Duration::from_millis(10);
    let mut options = OpenOptions::new();
    flags(options.read(true), OFlags::empty());
    let mut file = options.open(path)?;
    let (mut start, begin) = (vec![0; 4096], Instant::now());
    let length = loop {
        match file.read(&mut start) {
            Ok(0) if begin.elapsed() < PATIENCE => std::thread::sleep(GLANCE),
            Ok(0) => return Err(io::Error::other("it is a named pipe, and nothing writes to it")),
            Err(why) if why.kind() == ErrorKind::WouldBlock => break 0,
            read => break read?,
        }
    };
    start.truncate(length);
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok((start, file))
}

/// Whether nothing exists at a path; if its metadata cannot be read, it may exist.
pub fn is_absent(path: &Path) -> bool {
    let nothing = |why: &io::Error| matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    fs::symlink_metadata(path).is_err_and(|why| nothing(&why))
}

/// Reads a regular file of at most this many bytes.
///
/// # Errors
/// The errors of [`open`]; a file that is larger, or not trusted.
pub fn read(path: &Path, most: u64, trust: Trust) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let found = file.metadata()?;
    if trust == Trust::Ours {
        ours(&found)?;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(most)).unwrap_or(0) + 1);
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {}", size(most))));
    }
    Ok(bytes)
}

/// Reads a text like [`read`].
///
/// # Errors
/// The errors of [`read`]; bytes that are not UTF-8.
pub fn read_text(path: &Path, most: u64, trust: Trust) -> io::Result<String> {
    String::from_utf8(read(path, most, trust)?).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

/// Opens a private file for locking or appending; creates it if it does not exist, never through a link.
///
/// # Errors
/// Any error of the system; anything but a regular file.
pub fn open_to_write(path: &Path, append: bool) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Err(absent) if absent.kind() == ErrorKind::NotFound => {}
        found => regular(&found?)?,
    }
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(append).write(!append);
    #[cfg(unix)]
    {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        flags(&mut options, rustix::fs::OFlags::NOFOLLOW);
    }
    let file = options.open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

#[cfg(unix)]
fn flags(options: &mut OpenOptions, more: rustix::fs::OFlags) {
    use rustix::fs::OFlags;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | more;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits().cast_signed());
}

/// Refuses what is no regular file, and says what it is.
///
/// # Errors
/// A folder, a link, a pipe, a device, a socket.
pub fn regular(found: &Metadata) -> io::Result<()> {
    let kind = found.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(io::Error::other(format!("it is {}, not a regular file", in_words(kind))))
}

fn in_words(kind: fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    match (kind.is_dir(), kind.is_symlink()) {
        (true, _) => "a folder",
        (_, true) => "a symbolic link",
        _ => "something else",
    }
}

/// ssh and sudo require the same of their files: whoever may write one decides what is done.
#[cfg(unix)]
fn ours(found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let (me, mode) = (rustix::process::geteuid().as_raw(), found.mode() & 0o777);
    match found.uid() {
        uid if uid != me && uid != 0 => Err(io::Error::other("it belongs to another user")),
        _ if mode & 0o002 != 0 => {
            Err(io::Error::other(format!("everyone can write to it (mode {mode:04o})")))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn ours(_: &Metadata) -> io::Result<()> {
    Ok(())
}

fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn refused(path: &Path, trust: Trust) -> String {
        read(path, 1024, trust).unwrap_err().to_string()
    }

    #[test]
    fn nothing_but_a_regular_file_is_opened_and_what_it_is_instead_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("pipe", at("to-pipe")).unwrap();
        fs::write(at("large"), [b'x'; 1025]).unwrap();
        for (path, why) in [
            (at("pipe"), "it is a named pipe, not a regular file"),
            (at("to-pipe"), "it is a named pipe, not a regular file"),
            (at("socket"), "it is a socket, not a regular file"),
            (at(""), "it is a folder, not a regular file"),
            ("/dev/null".into(), "it is a device, not a regular file"),
            (at("dangling"), "it is a link to nothing"),
            (at("large"), "it is larger than 1 KiB"),
        ] {
            assert_eq!(refused(&path, Trust::Anyones), why, "{}", path.display());
        }
        for name in ["loop", "dangling"] {
            assert_ne!(open(&at(name)).unwrap_err().kind(), ErrorKind::NotFound, "{name}");
        }
        assert_eq!(open(&at("nothing")).unwrap_err().kind(), ErrorKind::NotFound);
        for name in ["pipe", "socket", "dangling", "to-pipe"] {
            assert!(open_to_write(&at(name), true).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_done_as_it_says_must_be_written_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "x").unwrap();
        for (mode, trusted) in [(0o600, true), (0o644, true), (0o664, true), (0o666, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path, 9, Trust::Ours).is_ok(), trusted, "{mode:o}");
        }
        assert_eq!(refused(&path, Trust::Ours), "everyone can write to it (mode 0666)");
        assert_eq!(read(&path, 9, Trust::Anyones).unwrap(), b"x");
    }
}
