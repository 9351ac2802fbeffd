//! The places that are searched: tree, index, history, shells' histories, standard input.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::collect::Collected;
use super::finding::{Finding, Kind};
use crate::error::{Error, Result};
use crate::git::history::Progress;
use crate::git::tree::{Seen, each_file, in_words};
use crate::git::{self, ObjectId, ObjectKind, Origin, Repository, Skipped, ignored, index, origin};
use crate::scan::{Hit, Matcher, Stream};
use crate::system::World;
use crate::system::files::shell_history;

/// How much of a file is read at a time; smaller files are judged whole.
const CHUNK: usize = 4 * 1024 * 1024;

/// Every file below the paths; those that git ignores are marked.
pub(super) fn tree(matcher: &Matcher, paths: &[PathBuf], world: &World, into: &Collected) {
    let here = &world.places.working_directory;
    let roots =
        if paths.is_empty() { vec![here.clone()] } else { paths.iter().map(|p| here.join(p)).collect() };
    each_file(&roots, &|seen| match seen {
        Seen::Skipped(part) => into.skip([part]),
        Seen::File(path, size, content) => file(matcher, Kind::File, path, size, content, into),
    });
    let found: Vec<PathBuf> =
        into.findings().iter().filter_map(|f| f.path.as_ref().map(PathBuf::from)).collect();
    let asked = if found.is_empty() { Ok(BTreeSet::new()) } else { ignored::among(&found) };
    let ignored = asked.unwrap_or_else(|error| {
        world.terminal.say(&format!("which files git ignores is not known, so all of them count: {error}"));
        BTreeSet::new()
    });
    for finding in into.findings().iter_mut() {
        let path = finding.path.take().map(PathBuf::from).unwrap_or_default();
        finding.ignored = ignored.contains(&path);
        let shown = path.strip_prefix(here).unwrap_or(&path);
        finding.path = Some(if shown.as_os_str().is_empty() {
            path.display().to_string()
        } else {
            shown.display().to_string()
        });
    }
}

fn file(matcher: &Matcher, kind: Kind, path: &Path, size: u64, content: &mut dyn Read, into: &Collected) {
    let name = path.to_string_lossy();
    if let Err(error) = read(matcher, kind, &name, size, content, into) {
        into.skip([Skipped { path: name.into_owned(), why: in_words(&error) }]);
    }
}

fn read(
    matcher: &Matcher,
    kind: Kind,
    name: &str,
    size: u64,
    content: &mut dyn Read,
    into: &Collected,
) -> io::Result<()> {
    let path = (kind != Kind::Stdin).then(|| name.to_owned());
    let mut found = |hit: Hit| into.find(Finding::new(kind, path.clone(), hit));
    let expected = usize::try_from(size).unwrap_or(CHUNK).min(CHUNK);
    let mut chunk = Vec::with_capacity(expected + 1);
    content.take(CHUNK as u64).read_to_end(&mut chunk)?;
    let mut bytes = chunk.len();
    if bytes < CHUNK {
        matcher.scan(&chunk, &mut found);
    } else {
        let mut stream = Stream::new(matcher);
        while !chunk.is_empty() {
            stream.feed(&chunk, &mut found);
            chunk.clear();
            content.take(CHUNK as u64).read_to_end(&mut chunk)?;
            bytes += chunk.len();
        }
        stream.finish(&mut found);
    }
    into.read(bytes);
    Ok(())
}

/// Standard input, to its end.
pub(super) fn stdin(matcher: &Matcher, into: &Collected) {
    file(matcher, Kind::Stdin, Path::new("<stdin>"), CHUNK as u64, &mut io::stdin().lock(), into);
}

/// The history files of the person's shells.
pub(super) fn shell_history(matcher: &Matcher, world: &World, into: &Collected) {
    let files = shell_history::files(&world.variables);
    each_file(&files, &|seen| match seen {
        Seen::Skipped(part) => into.skip([part]),
        Seen::File(path, size, content) => file(matcher, Kind::ShellHistory, path, size, content, into),
    });
}

/// What the next commit of the repository here would bring.
pub(super) fn staged(matcher: &Matcher, paths: &[PathBuf], world: &World, into: &Collected) -> Result<()> {
    let repository = repository(&world.places.working_directory)?;
    let skipped = index::each_staged(&repository, paths, |path, bytes| {
        matcher.scan(bytes, &mut |hit| into.find(Finding::new(Kind::Index, Some(path.to_owned()), hit)));
        into.read(bytes.len());
    })?;
    into.skip(skipped);
    Ok(())
}

/// Whether a path that is not there is one of the index or of the last commit.
pub(super) fn is_known_to_git(path: &Path, world: &World) -> Result<bool> {
    index::has(&repository(&world.places.working_directory)?, path)
}

/// Every object of the repositories that the paths are in, and of their submodules.
pub(super) fn history(matcher: &Matcher, paths: &[PathBuf], world: &World, into: &Collected) -> Result<()> {
    let here = &world.places.working_directory;
    let folders =
        if paths.is_empty() { vec![here.clone()] } else { paths.iter().map(|p| here.join(p)).collect() };
    let mut repositories: Vec<Repository> = Vec::new();
    for folder in folders {
        let folder = if folder.is_dir() { folder.as_path() } else { folder.parent().unwrap_or(here) };
        let found = repository(folder)?;
        if repositories.iter().all(|known| known.common != found.common) {
            repositories.extend(found.submodules());
            repositories.push(found);
        }
    }
    repositories.iter().try_for_each(|repository| objects(matcher, repository, world, into))
}

fn repository(folder: &Path) -> Result<Repository> {
    Repository::around(folder)?.ok_or_else(|| {
        Error::failure(format!("{} is in no git repository", folder.display())).hint("getimg-keys scan PATH")
    })
}

/// A hit in an object, before it is known where the object came from.
type Found = (ObjectId, ObjectKind, u64, Hit);

fn objects(matcher: &Matcher, repository: &Repository, world: &World, into: &Collected) -> Result<()> {
    let (found, progress) = (Mutex::new(Vec::<Found>::new()), Progress::default());
    let visit = |object: git::Object<'_>| {
        matcher.scan(object.bytes, &mut |hit| {
            let header = if object.kind == ObjectKind::Blob { 0 } else { lines_of_header(object.bytes) };
            if let Ok(mut found) = found.lock() {
                found.push((object.id, object.kind, header, hit));
            }
        });
    };
    let walked = std::thread::scope(|scope| {
        let walk = scope.spawn(|| git::history::each_object(repository, &progress, &visit));
        while world.terminal.interactive && !walk.is_finished() {
            std::thread::sleep(Duration::from_millis(50));
            let objects = progress.objects.load(Ordering::Relaxed);
            world.terminal.progress(&format!("reading the history … {objects} objects"));
        }
        walk.join().map_err(|_| Error::failure("the history could not be read to its end"))
    })?;
    world.terminal.clear_progress();
    into.objects.fetch_add(progress.objects.into_inner(), Ordering::Relaxed);
    into.bytes.fetch_add(progress.bytes.into_inner(), Ordering::Relaxed);
    into.skip(walked.skipped);
    let found = found.into_inner().unwrap_or_default();
    if found.is_empty() {
        return Ok(());
    }
    world.terminal.progress("looking for the commits of the findings …");
    let wanted: HashMap<ObjectId, ObjectKind> = found.iter().map(|f| (f.0, f.1)).collect();
    let objects: Vec<_> = wanted.into_iter().collect();
    let origins = origin::of(repository, &objects, &walked.commits).unwrap_or_else(|error| {
        into.skip([Skipped { path: repository.common.display().to_string(), why: error.to_string() }]);
        HashMap::new()
    });
    world.terminal.clear_progress();
    earliest(found, &origins).into_iter().for_each(|finding| into.find(finding));
    Ok(())
}

fn lines_of_header(message: &[u8]) -> u64 {
    let end = message.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
    message[..end].iter().filter(|b| **b == b'\n').count() as u64
}

/// Of one key in many versions of one file the earliest; the commit that brought it in.
fn earliest(found: Vec<Found>, origins: &HashMap<ObjectId, Origin>) -> Vec<Finding> {
    let mut kept: HashMap<_, Finding> = HashMap::new();
    for (id, _, header, hit) in found {
        let mut finding = Finding::new(Kind::History, None, hit);
        finding.line = if finding.line > header { finding.line - header } else { finding.line };
        finding.object = Some(id.to_string());
        if let Some(origin) = origins.get(&id) {
            finding.path.clone_from(&origin.path);
            finding.commit = Some(origin.commit.clone());
            finding.author_date = Some(origin.author_date.clone());
            finding.refs.clone_from(&origin.refs);
            finding.pushed = origin.pushed;
        }
        let object = finding.path.is_none().then_some(id);
        let rank = |f: &Finding| (time(f), f.line, f.column, f.object.clone());
        match kept.entry((finding.fingerprint, finding.path.clone(), object)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(finding);
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let pushed = entry.get().pushed || finding.pushed;
                if rank(&finding) < rank(entry.get()) {
                    entry.insert(finding);
                }
                entry.get_mut().pushed = pushed;
            }
        }
    }
    kept.into_values().collect()
}

fn time(finding: &Finding) -> i64 {
    let date =
        finding.author_date.as_deref().and_then(|date| chrono::DateTime::parse_from_rfc3339(date).ok());
    date.map_or(i64::MAX, |date| date.timestamp())
}
