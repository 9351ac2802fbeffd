//! profiles.toml: read as a whole, replaced as a whole, under a lock.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::backend::{Commit, Edit};
use crate::error::{Error, Result, in_words};
use crate::hint::{Hint, quoted};
use crate::model::profiles::SCHEMA_VERSION;
use crate::model::{Fingerprint, Profiles};
use crate::system::Places;
use crate::system::files::atomic_file::{self, Access};
use crate::system::files::ownership;
use crate::system::files::regular_file::{self, Trust};

/// How long a process waits for another one to finish its change.
const PATIENCE: Duration = Duration::from_secs(15);
/// No profiles file is nearly this large: a profile takes a kilobyte.
const LARGEST: u64 = 64 << 20;
/// Everything before the first table fits into this.
const HEAD: usize = 1024;
/// Some beginnings of a TOML file are valid TOML: the last lines prove that the file is complete.
const END: &str = "\n[end]\ncomplete = true\n";

/// The file under its lock.
struct Locked {
    path: PathBuf,
    _lock: File,
}

impl Commit for Locked {
    fn save(&mut self, profiles: &mut Profiles) -> Result<()> {
        let text = toml::to_string(&*profiles)
            .map_err(|e| Error::failure(format!("cannot write the profiles: {e}")))?;
        let text = format!("{}{text}{END}", header(&text));
        atomic_file::replace(&self.path, text.as_bytes(), Access::Private)
            .map_err(|e| Error::unwritable("write", &self.path, &e))
    }
}

/// The first line. Shell hooks read no further: any change of the profiles must change it.
fn header(text: &str) -> String {
    let state = Fingerprint::of(text.as_bytes());
    format!(
        "# State {state}, written by getimg-keys, which holds the keys themselves elsewhere. Do not edit.\n"
    )
}

/// Reads the profiles; empty if there is no file.
///
/// # Errors
/// Profiles that cannot be read, are cut short, do not parse, contradict themselves or have a newer schema.
pub fn read(path: &Path) -> Result<Profiles> {
    match regular_file::read(path, LARGEST, Trust::Anyones) {
        Ok(bytes) => parse(path, bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Profiles::default()),
        Err(e) => Err(left_alone(path, &format!("cannot be read: {}", in_words(&e)))),
    }
}

/// Whether the file is a copy of shared profiles; reads only its beginning. An unreadable file is reported by whatever
/// reads all of it next.
pub fn is_a_copy(path: &Path) -> bool {
    let mut beginning = Vec::with_capacity(HEAD);
    let read = regular_file::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut beginning));
    let lines = beginning.split(|byte| *byte == b'\n');
    let mut settings = lines.take_while(|line| !line.starts_with(b"["));
    read.is_ok() && settings.any(|line| line == b"store = \"vault\"")
}

/// Opens the profiles for a change; also returns what was repaired, each as a sentence.
///
/// # Errors
/// The errors of [`read`]; a lock that is not released in time; a file or folder that must not be written to.
pub fn edit(places: &Places) -> Result<(Edit<'static>, Vec<String>)> {
    edit_within(places, PATIENCE)
}

/// The same with a time limit for waiting for another process.
///
/// # Errors
/// As [`edit`].
pub fn edit_within(places: &Places, patience: Duration) -> Result<(Edit<'static>, Vec<String>)> {
    let folder = &places.data_directory;
    ownership::folder(folder)?;
    let mut mended: Vec<String> = ownership::inspect(&places.lock())?.into_iter().collect();
    let lock = lock(&places.lock(), patience)?;
    let path = places.profiles();
    atomic_file::sweep(&path);
    mended.extend(ownership::inspect(&path)?);
    let profiles = read(&path)?;
    Ok((Edit::new(profiles, Locked { path, _lock: lock }), mended))
}

fn parse(path: &Path, bytes: Vec<u8>) -> Result<Profiles> {
    let text = String::from_utf8(bytes).map_err(|_| broken(path, "is not text"))?;
    let Some(whole) = text.strip_suffix(END) else {
        return Err(newer(path, &text).unwrap_or_else(|| broken(path, "is cut short")));
    };
    let profiles: Profiles = toml::from_str(whole).map_err(|e| {
        let what = || format!("cannot be understood: {}", first_line(&e, whole));
        newer(path, whole).unwrap_or_else(|| broken(path, what()))
    })?;
    if profiles.schema_version != SCHEMA_VERSION
        && let Some(refused) = newer(path, whole)
    {
        return Err(refused);
    }
    profiles.check().map_err(|e| broken(path, format!("is inconsistent: {e}")))?;
    Ok(profiles)
}

fn newer(path: &Path, text: &str) -> Option<Error> {
    #[derive(Deserialize)]
    struct Schema {
        schema_version: u32,
    }
    let schema = toml::from_str::<Schema>(text).ok()?.schema_version;
    (schema > SCHEMA_VERSION).then(|| {
        let message = format!("{} was written by a newer getimg-keys (schema {schema})", path.display());
        Error::failure(message).hint("cargo install --locked --path .  # in a newer checkout")
    })
}

fn first_line(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
    format!("line {line}: {}", error.message().lines().next().unwrap_or_default())
}

fn broken(path: &Path, what: impl AsRef<str>) -> Error {
    left_alone(path, what.as_ref()).hint(format!(
        "mv {} {}  # then getimg-keys store adopt records the keys again",
        quoted(path.display()),
        quoted(format!("{}.broken", path.display()))
    ))
}

fn left_alone(path: &Path, what: &str) -> Error {
    let error = Error::failure(format!("{} {what}; it was not changed", path.display()));
    error.hint(Hint::run("doctor"))
}

fn lock(path: &Path, patience: Duration) -> Result<File> {
    let cannot = |e: &std::io::Error| {
        Error::failure(format!("cannot lock {}: {}; nothing was changed", path.display(), in_words(e))).hint(
            format!(
                "df {}  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere",
                quoted(path.parent().unwrap_or(path).display())
            ),
        )
    };
    let mut file =
        regular_file::open_to_write(path, false).map_err(|e| Error::unwritable("write", path, &e))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(e)) => return Err(cannot(&e)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => return Err(held(path)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    let name = format!("process {}\n", std::process::id());
    // Only for the message of whoever waits: the lock holds without it.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(name.as_bytes()));
    Ok(file)
}

fn held(path: &Path) -> Error {
    let mut holder = String::new();
    // Whoever holds it may not have written its name yet.
    let _ = regular_file::open(path).and_then(|f| f.take(64).read_to_string(&mut holder));
    let holder = match holder.trim() {
        "" => "another run",
        named => named,
    };
    Error::failure(format!("{holder} has been changing the profiles for {} s", PATIENCE.as_secs()))
        .hint(Hint::advice("wait for it to finish, then run the command again"))
}

#[cfg(test)]
#[path = "profiles_file_tests.rs"]
mod tests;
