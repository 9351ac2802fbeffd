//! What is staged: the blobs in git's index that the next commit would contain, not the files.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::program::{complaint, git, git_as_asked, run, stream};
use super::walk::{Fault, TOO_LARGE};
use super::{Repository, Skipped, Why, loose, path_of, waiting};
use crate::error::{Error, Result};

/// The most bytes of a staged file that is read.
const LARGEST: usize = 512 * 1024 * 1024;

const ABSENT: Fault = (Why::Missing, "git does not have what is staged");

/// Passes on every staged file that differs from the last commit: its path from the top, and its content.
///
/// In a hook, it uses the index that git names there. `within` limits it to some paths.
///
/// # Errors
/// git is missing, or cannot read its index.
pub fn each_staged(
    repository: &Repository,
    within: &[PathBuf],
    mut visit: impl FnMut(&Path, &[u8]),
) -> Result<Vec<Skipped>> {
    waiting::refuse_lists(&repository.folder)?;
    let staged = staged(repository, within)?;
    let mut skipped = Vec::new();
    if staged.is_empty() {
        return Ok(skipped);
    }
    // What `git add` has written is nearly always still a file of its own: git is only asked for the rest.
    let mut elsewhere = Vec::new();
    for (id, path) in staged {
        match loose::blob(&repository.common.join("objects"), &id) {
            Some(bytes) => visit(&path, &bytes),
            None => elsewhere.push((id, path)),
        }
    }
    if elsewhere.is_empty() {
        return Ok(skipped);
    }
    let wanted: String = elsewhere.iter().map(|(id, _)| format!("{id}\n")).collect();
    let mut paths = elsewhere.iter();
    let call = git_as_asked(&repository.folder, &["cat-file", "--batch"]);
    let (code, said) = stream(call, wanted.as_bytes(), |pipe| {
        let mut pipe = BufReader::with_capacity(1 << 16, pipe);
        paths.try_for_each(|(_, path)| match content(&mut pipe)? {
            Ok(bytes) => {
                visit(path, &bytes);
                Ok(())
            }
            Err((why, message)) => {
                skipped.push(Skipped::new(super::shown(path), why, message));
                Ok(())
            }
        })
    })?;
    if code == Some(0) { Ok(skipped) } else { Err(complaint(&said)) }
}

/// The files in the index below a folder whose names have a prefix, whether they exist or not.
///
/// # Errors
/// git is missing.
pub fn names_below(folder: &Path, start: &str) -> Result<Vec<PathBuf>> {
    let pattern = format!(":(glob)**/{start}*");
    let answer = run(git(folder, &["ls-files", "-z", "--cached", "--", &pattern]), b"")?;
    let names = answer.out.split(|b| *b == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| folder.join(path_of(name))).collect())
}

/// Whether the index or the last commit has anything at a path.
///
/// # Errors
/// git is missing.
pub fn has(repository: &Repository, path: &Path) -> Result<bool> {
    let lists = |of: &[&str]| -> Result<bool> {
        let mut call = git_as_asked(&repository.folder, &[&["ls-files"], of, &["--"]].concat());
        call.args(specs(&repository.folder, path));
        Ok(!run(call, b"")?.out.is_empty())
    };
    Ok(lists(&["--cached"])? || lists(&["--with-tree=HEAD"])?)
}

/// A path for git: literally and, if no file has that name, also as a pattern.
fn specs(folder: &Path, path: &Path) -> Vec<OsString> {
    let mut literal = OsString::from(":(literal)");
    literal.push(path);
    let is_there = folder.join(path).symlink_metadata().is_ok();
    std::iter::once(literal).chain((!is_there).then(|| path.into())).collect()
}

/// The id and path of every staged file that is new or changed.
fn staged(repository: &Repository, within: &[PathBuf]) -> Result<Vec<(String, PathBuf)>> {
    let changed_since = |base: &str| {
        let fixed =
            ["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--diff-filter=ACMTU"];
        let mut call = git_as_asked(&repository.folder, &[&fixed[..], &[base, "--"]].concat());
        call.args(within.iter().flat_map(|path| specs(&repository.folder, path)));
        run(call, b"")
    };
    let listed = match changed_since("HEAD")? {
        answer if answer.code == Some(0) => answer.out,
        // If the last commit is unknown, everything in the index is new.
        _ => changed_since(&gix_hash::ObjectId::empty_tree(repository.hash).to_string())?.good()?,
    };
    let mut parts = listed.split(|b| *b == 0);
    let mut staged = Vec::new();
    while let (Some(change), Some(path)) = (parts.next(), parts.next()) {
        let change = String::from_utf8_lossy(change);
        let fields: Vec<&str> = change.split(' ').collect();
        match fields[..] {
            [_, "160000", ..] => {}
            [_, _, _, _, "U"] => staged.extend(unmerged(repository, path)?),
            [_, _, _, id, _] => staged.push((id.to_owned(), path_of(path))),
            _ => return Err(not_understood()),
        }
    }
    Ok(staged)
}

/// The sides of an unfinished merge, for one file.
fn unmerged(repository: &Repository, path: &[u8]) -> Result<Vec<(String, PathBuf)>> {
    let arguments = ["--literal-pathspecs", "ls-files", "--unmerged", "-z", "--full-name", "--"];
    let mut call = git_as_asked(&repository.top()?.unwrap_or(repository.folder.clone()), &arguments);
    call.arg(path_of(path));
    let listed = run(call, b"")?.good()?;
    let sides = listed.split(|b| *b == 0).filter(|entry| !entry.is_empty()).map(|entry| {
        let mut words =
            std::str::from_utf8(&entry[..entry.iter().position(|b| *b == b'\t')?]).ok()?.split(' ');
        Some((words.next()?, words.next()?))
    });
    let sides: Vec<_> = sides.collect::<Option<_>>().ok_or_else(not_understood)?;
    let files = sides.iter().filter(|(mode, _)| *mode != "160000");
    Ok(files.map(|(_, id)| ((*id).to_owned(), path_of(path))).collect())
}

/// If a line of git were skipped, a commit's hook would not scan that file.
fn not_understood() -> Error {
    complaint("its list of staged files is not understood")
}

/// One answer of `cat-file --batch`: a line with the size, the content, a newline.
fn content(pipe: &mut impl BufRead) -> io::Result<Result<Vec<u8>, Fault>> {
    let mut line = String::new();
    pipe.read_line(&mut line)?;
    let Some(size) = line.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else {
        return Ok(Err(ABSENT));
    };
    if size > LARGEST {
        io::copy(&mut pipe.take(size as u64 + 1), &mut io::sink())?;
        return Ok(Err(TOO_LARGE));
    }
    let mut bytes = vec![0; size + 1];
    pipe.read_exact(&mut bytes)?;
    bytes.truncate(size);
    Ok(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_staged_and_too_large_is_passed_over_and_the_next_is_read() {
        let size = LARGEST + 1;
        let head = format!("{} blob {size}\n", "0".repeat(40));
        let large = io::repeat(b'x').take(size as u64);
        let rest = format!("\n{0} blob 3\nabc\n{0} missing\n", "1".repeat(40));
        let mut pipe = BufReader::new(head.as_bytes().chain(large).chain(rest.as_bytes()));
        assert_eq!(content(&mut pipe).unwrap(), Err(TOO_LARGE));
        assert_eq!(content(&mut pipe).unwrap(), Ok(b"abc".to_vec()));
        assert_eq!(content(&mut pipe).unwrap(), Err(ABSENT));
        assert!(content(&mut io::empty()).unwrap().is_err());
    }
}
