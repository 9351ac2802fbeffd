//! Branches, tags and remote-tracking branches, their reflogs, and which of them a remote has.

use std::collections::HashSet;
use std::io::ErrorKind;

use gix_hash::ObjectId;

use super::program::run;
use super::remotes::Remotes;
use super::{Repository, Skipped, Why, reflogs, shown, shown_bytes};
use crate::error::{Error, Result};
use crate::system::files::regular_file::{self, Trust};

/// What was fetched last, one line each; as long as there are branches.
const LONGEST: u64 = 64 << 20;

/// A ref, or the HEAD of a work tree that is on no branch.
pub(super) struct Tip {
    pub(super) id: ObjectId,
    pub(super) name: String,
    /// The full name.
    pub(super) raw: Vec<u8>,
    /// Whether it shows what a remote has.
    pub(super) at_remote: bool,
}

/// Every ref with its target, and every commit in a reflog.
#[derive(Default)]
pub(super) struct Refs {
    pub(super) tips: Vec<Tip>,
    /// The commits in any reflog.
    pub(super) logged: HashSet<ObjectId>,
    /// Commits that a remote is known to have had: an earlier state of its branch, and what was fetched.
    pub(super) once_pushed: HashSet<ObjectId>,
    /// Commits made here, as far as reflogs go back.
    pub(super) made_here: HashSet<ObjectId>,
    /// Whether there is a remote.
    pub(super) has_remote: bool,
    /// Refs that git ignores because it cannot read them.
    pub(super) broken: Vec<Skipped>,
    /// Whether all of this is known; false if git could not be asked.
    pub(super) is_whole: bool,
}

impl Refs {
    /// The refs of a repository, shared by all its work trees, and each work tree's HEAD.
    ///
    /// # Errors
    /// git is missing, or a reflog or a HEAD cannot be read.
    pub(super) fn of(repository: &Repository, remotes: &Remotes) -> Result<Self> {
        if repository.refused {
            return Ok(Self::default());
        }
        let format = "--format=%(objectname) %(refname) %(upstream)";
        let answer = run(repository.ask(&["for-each-ref", format]), b"")?;
        let broken = broken(repository, &answer.complaint);
        let listed = answer.good()?;
        let lines: Vec<_> = listed.split(|b| *b == b'\n').filter_map(line).collect();
        let names: HashSet<&str> = lines.iter().map(|(tip, _)| tip.name.as_str()).collect();
        // A branch that was pushed and then removed from the remote: its upstream stays in the configuration.
        let is_gone = |upstream: &str| remotes.has(upstream) && !names.contains(upstream);
        let came = |(tip, upstream): &(Tip, String)| {
            remotes.has(&tip.name) || !upstream.is_empty() && is_gone(upstream)
        };
        let at_remote: Vec<bool> = lines.iter().map(came).collect();
        let has_remote = remotes.any || remotes.untold || names.iter().any(|name| remotes.has(name));
        let tips = lines.into_iter().zip(at_remote).map(|((tip, _), at_remote)| Tip { at_remote, ..tip });
        let mut refs = Self {
            tips: tips.collect(),
            logged: HashSet::new(),
            once_pushed: HashSet::new(),
            made_here: HashSet::new(),
            has_remote,
            is_whole: broken.is_empty(),
            broken,
        };
        reflogs::each(repository, &mut |entry| refs.note(&entry, remotes))?;
        refs.heads(repository)?;
        Ok(refs)
    }

    fn note(&mut self, entry: &reflogs::Entry<'_>, remotes: &Remotes) {
        let [_, new] = entry.ids;
        self.logged.extend(entry.ids.into_iter().flatten());
        if remotes.has(entry.name) {
            self.once_pushed.extend(entry.ids.into_iter().flatten());
        } else if entry.came() {
            self.once_pushed.extend(new);
        } else if entry.was_made() {
            self.made_here.extend(new);
        }
    }

    /// What each work tree has checked out if that is not a branch, and what it has fetched last.
    ///
    /// # Errors
    /// It exists and cannot be read: then it is unknown what was fetched.
    fn heads(&mut self, repository: &Repository) -> Result<()> {
        for folder in reflogs::folders(&repository.common)? {
            let read = |name: &str| {
                let path = folder.join(name);
                match regular_file::read(&path, LONGEST, Trust::Anyones) {
                    Err(none) if matches!(none.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                        Ok(Vec::new())
                    }
                    read => read.map_err(|why| Error::unreadable("read", &path, &why)),
                }
            };
            // On a branch it contains the branch's name, and the branch is a ref of its own.
            if let Ok(id) = ObjectId::from_hex(read("HEAD")?.trim_ascii_end()) {
                self.tips.push(Tip { id, name: "HEAD".to_owned(), raw: b"HEAD".to_vec(), at_remote: false });
            }
            let fetched = read("FETCH_HEAD")?;
            let others = fetched.split(|b| *b == b'\n').filter(|line| !line.ends_with(b" of ."));
            let ids = others.filter_map(|line| ObjectId::from_hex(line.split(|b| *b == b'\t').next()?).ok());
            self.once_pushed.extend(ids);
        }
        Ok(())
    }
}

/// git reports that it ignores it and continues: an empty ref, left by a crash.
fn broken(repository: &Repository, complaint: &str) -> Vec<Skipped> {
    let named =
        complaint.lines().filter_map(|line| line.strip_prefix("warning: ignoring ")?.split_once("ref "));
    let skipped =
        |name: &str| Skipped::new(shown(&repository.common.join(name)), Why::Damaged, "the ref is damaged");
    named.map(|(_, name)| skipped(name)).collect()
}

/// A ref, and its upstream.
fn line(line: &[u8]) -> Option<(Tip, String)> {
    let mut words = line.split(|b| *b == b' ');
    let id = ObjectId::from_hex(words.next()?).ok()?;
    let raw = words.next()?.to_vec();
    let tip = Tip { id, name: shown_bytes(&raw), raw, at_remote: false };
    Some((tip, shown_bytes(words.next()?)))
}
