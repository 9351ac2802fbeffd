//! The sources of a scan, and how their texts are read.

mod agents;
mod history;
mod index;
mod lfs;
mod tree;

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::collect::Collected;
use super::finding::{Finding, Part, Source};
use crate::error::{Error, Result};
use crate::git::seen::{LARGEST, Seen, too_large};
use crate::git::tree::each_file;
use crate::git::{Repository, Skipped, shown, unread};
use crate::hint::Hint;
use crate::scan::{Hit, Matcher, RuleId, Stream};
use crate::system::World;
use crate::system::files::shell_history;
use crate::system::terminal::open_stdin;

pub(super) use index::is_known_to_git;
use lfs::LfsObjects;

/// How much of a file is read at once; smaller files are judged whole.
const CHUNK: usize = 4 * 1024 * 1024;

/// One scan: its texts, and its access to the outside.
pub(super) struct Search<'a> {
    world: &'a World,
    texts: Texts<'a>,
}

/// How texts are read, on any thread: with which matcher, and where findings go.
struct Texts<'a> {
    matcher: &'a Matcher,
    into: &'a Collected,
    lfs: LfsObjects,
}

impl<'a> Search<'a> {
    pub(super) fn new(matcher: &'a Matcher, world: &'a World, into: &'a Collected) -> Self {
        Self { world, texts: Texts { matcher, into, lfs: LfsObjects::default() } }
    }

    /// Scans standard input to its end.
    pub(super) fn stdin(&self) {
        let path = Path::new("<stdin>");
        match open_stdin() {
            Ok(mut content) => self.texts.file(Source::Stdin, path, CHUNK as u64, &mut content),
            Err(error) => self.texts.into.skip([Skipped::of(path, &error)]),
        }
    }

    /// The repository whose index git would use here; `None` if git cannot read it, which is reported.
    ///
    /// # Errors
    /// There is no repository (1).
    fn meant(&self) -> Result<Option<Repository>> {
        let here = &self.world.places.working_directory;
        match meant(self.world) {
            Ok(Some(repository)) => Ok(Some(repository)),
            Ok(None) => Err(in_none(here)),
            Err(error) => {
                self.refused(here, &error);
                Ok(None)
            }
        }
    }

    /// Reports why git could not read a repository: what is forbidden in it, else git's own message.
    fn refused(&self, folder: &Path, error: &Error) {
        let unread = unread::below(folder);
        let told = unread.is_empty().then(|| Skipped::told(folder, error));
        self.texts.into.skip(unread.into_iter().chain(told));
    }

    /// Scans the history files of the user's shells.
    pub(super) fn shell_history(&self) {
        let found = shell_history::find(&self.world.variables);
        let texts = &self.texts;
        texts.into.skip(found.unread.iter().map(|(path, why)| Skipped::of(path, why)));
        each_file(&found.files, &|seen| texts.seen(Source::ShellHistory, seen));
    }
}

impl Texts<'_> {
    fn seen(&self, kind: Source, seen: Seen<'_>) {
        match seen {
            Seen::Skipped(part) => self.into.skip([part]),
            Seen::File(path, size, content) => self.file(kind, path, size, content),
            Seen::Settings(path, size, content) => {
                if let Err(error) = self.read(path, size, content, &mut self.finding(kind, path)) {
                    self.into.skip([Skipped::of(path, &error)]);
                }
            }
            Seen::Name(path, name) => self.name(kind, path, name),
        }
    }

    fn file(&self, kind: Source, path: &Path, size: u64, content: &mut dyn Read) {
        match self.read(path, size, content, &mut self.finding(kind, path)) {
            Ok(bytes) => self.into.read(bytes),
            Err(error) => self.into.skip([Skipped::of(path, &error)]),
        }
    }

    fn finding(&self, kind: Source, path: &Path) -> impl FnMut(Hit) {
        move |hit| self.into.find(at(kind, path, hit))
    }

    fn read(
        &self,
        path: &Path,
        size: u64,
        content: &mut dyn Read,
        mut found: &mut dyn FnMut(Hit),
    ) -> io::Result<u64> {
        let expected = usize::try_from(size).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = vec![0; expected.saturating_add(1).min(CHUNK)];
        fill(&mut chunk, content, expected)?;
        let (mut bytes, mut is_cut) = (chunk.len() as u64, false);
        if chunk.len() < CHUNK {
            is_cut = !self.matcher.scan(&chunk, &mut found);
            self.lfs.of_file(self, path, &chunk, found);
        } else {
            let mut stream = Stream::new(self.matcher);
            while !chunk.is_empty() {
                stream.feed(&chunk, &mut found);
                if bytes > LARGEST {
                    self.into.skip([too_large(path)]);
                    break;
                }
                fill(&mut chunk, content, CHUNK)?;
                bytes += chunk.len() as u64;
            }
            is_cut |= !stream.finish(&mut found);
        }
        if is_cut {
            self.into.skip([over_budget(shown(path))]);
        }
        Ok(bytes)
    }

    /// Keys in the name of a file: known keys, and the legacy shape, which no other name has.
    fn name(&self, kind: Source, path: &Path, name: &Path) {
        let text = name.as_os_str().as_encoded_bytes();
        let last = name.file_name().map_or(0, |last| text.len() - last.len()) as u64;
        self.in_name(text, &mut |hit| {
            if hit.range.end > last {
                self.into.find(Finding { part: Part::FileName, ..at(kind, path, hit) });
            }
        });
    }

    fn in_name(&self, name: &[u8], found: &mut dyn FnMut(Hit)) {
        self.matcher.scan(name, &mut |hit| {
            if matches!(hit.rule, RuleId::KnownKey | RuleId::LegacyShape) {
                let redacted = self.matcher.masked(&String::from_utf8_lossy(name));
                found(Hit { line: 1, column: 1, redacted, ..hit });
            }
        });
    }
}

/// Reads until a chunk is full, or there is no more. It asks for one byte more than is expected: if exactly this much
/// comes, it was all, which takes one call for a file.
fn fill(chunk: &mut Vec<u8>, content: &mut dyn Read, expected: usize) -> io::Result<()> {
    let mut filled = 0;
    loop {
        match content.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if filled == expected || filled == CHUNK {
            break;
        }
        if filled == chunk.len() {
            chunk.resize((filled * 2).min(CHUNK), 0);
        }
    }
    chunk.truncate(filled);
    Ok(())
}

/// A hit in a file, or in standard input.
pub(super) fn at(kind: Source, path: &Path, hit: Hit) -> Finding {
    let file = (kind != Source::Stdin).then(|| path.to_path_buf());
    Finding { file, ..Finding::new(kind, (kind != Source::Stdin).then(|| shown(path)), hit) }
}

/// The message about a text that would take too long to judge.
fn over_budget(path: impl ToString) -> Skipped {
    let message = "it has too many starts of keys; a part of it was not scanned";
    Skipped::new(path, crate::git::Why::OverBudget, message)
}

/// The paths to scan: the working directory if none is given.
fn roots(paths: &[PathBuf], world: &World) -> Vec<PathBuf> {
    let here = &world.places.working_directory;
    // A `.` within a path would be shown.
    let whole = |path: &PathBuf| here.join(path).components().collect();
    if paths.is_empty() { vec![here.clone()] } else { paths.iter().map(whole).collect() }
}

/// The repository that `GIT_DIR` names, as in a hook, else the one around the working directory.
fn meant(world: &World) -> Result<Option<Repository>> {
    named(world).map_or_else(|| Repository::around(&world.places.working_directory), |named| named.map(Some))
}

/// The repository that `GIT_DIR` names; `None` if it is not set.
fn named(world: &World) -> Option<Result<Repository>> {
    world.variables.is_set("GIT_DIR").then(|| Repository::named(&world.places.working_directory))
}

fn in_none(folder: &Path) -> Error {
    Error::failure(format!("{} is in no git repository", shown(folder))).hint(Hint::run("scan PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most so many bytes a call, and is interrupted before the first; counts the calls.
    struct Slow<'t>(&'t [u8], usize, usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.2 += 1;
            if self.2 == 1 {
                return Err(ErrorKind::Interrupted.into());
            }
            let most = self.1.min(into.len());
            self.0.read(&mut into[..most])
        }
    }

    #[test]
    fn what_is_as_long_as_expected_is_read_at_once_and_everything_else_to_its_end() {
        let text: Vec<u8> = (0..100).collect();
        for (expected, at_once, calls) in
            [(100, 200, 1), (100, 60, 2), (100, 100, 1), (99, 200, 2), (200, 200, 2), (0, 200, 9)]
        {
            let mut chunk = vec![0; expected + 1];
            let mut content = Slow(&text, at_once, 0);
            fill(&mut chunk, &mut content, expected).unwrap();
            assert_eq!((&chunk, content.2 - 1), (&text, calls), "{expected} {at_once}");
        }
    }
}
