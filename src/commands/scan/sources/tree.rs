//! Every file below some paths; ignored ones are marked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::finding::Source;
use super::{Search, roots};
use crate::git::git_folder::{is_git_folder, top_of};
use crate::git::tree::each_file;
use crate::git::{Repository, Skipped, ignored, shown, submodules};

impl Search<'_> {
    /// Scans every file below the paths, and the history of the repositories without a work tree among them.
    pub(in super::super) fn tree(&self, paths: &[PathBuf]) {
        let (roots, inside): (Vec<_>, Vec<_>) =
            roots(paths, self.world).into_iter().partition(|root| holder_of_objects(root).is_none());
        let texts = &self.texts;
        let met = each_file(&roots, &|seen| texts.seen(Source::File, seen));
        self.absent_submodules(&roots, met.work_trees);
        self.mark_ignored();
        let inside: BTreeSet<PathBuf> = inside.iter().filter_map(|root| holder_of_objects(root)).collect();
        met.bare.iter().chain(&inside).for_each(|folder| self.bare(folder));
    }

    /// A folder that looks like a repository; if git does not accept it as one, its objects are read as ordinary files.
    pub(super) fn bare(&self, folder: &Path) {
        let real = |path: &Path| path.canonicalize().ok();
        match Repository::around(folder) {
            // git names a repository of its own choice if it is given no other.
            Ok(Some(found)) if real(&found.common) == real(folder) => self.objects(&self.in_hook(found)),
            Err(error) => {
                self.refused(folder, &error);
                Repository::refused(folder, None).iter().for_each(|found| self.objects(found));
            }
            Ok(_) => {
                let texts = &self.texts;
                each_file(&[folder.join("objects")], &|seen| texts.seen(Source::File, seen));
            }
        }
    }

    /// Submodules that are registered below a root but missing.
    fn absent_submodules(&self, roots: &[PathBuf], met: Vec<PathBuf>) {
        let around = roots.iter().filter_map(|root| top_of(&root.join("-")));
        let tops: BTreeSet<PathBuf> = around.chain(met).collect();
        let real: Vec<_> =
            roots.iter().map(|root| root.canonicalize().unwrap_or_else(|_| root.clone())).collect();
        let is_below = |path: &str| roots.iter().chain(&real).any(|root| Path::new(path).starts_with(root));
        for top in tops.iter().filter(|top| submodules::may_be_in(top)) {
            let absent = match Repository::around(top) {
                Ok(Some(found)) => submodules::of(&found).1,
                Ok(None) => Vec::new(),
                Err(error) => vec![Skipped::told(top, &error)],
            };
            self.texts.into.skip(absent.into_iter().filter(|part| is_below(&part.path)));
        }
    }

    /// Asks git which files with findings it ignores, and makes their paths relative to the working directory.
    fn mark_ignored(&self) {
        let found: Vec<PathBuf> = self.texts.into.findings().iter().filter_map(|f| f.file.clone()).collect();
        let asked = if found.is_empty() { Ok(BTreeSet::new()) } else { ignored::among(&found) };
        let ignored = asked.unwrap_or_else(|error| {
            let message = format!("which files git ignores is not known, so all of them count: {error}");
            self.world.terminal.say(&message);
            BTreeSet::new()
        });
        let here = &self.world.places.working_directory;
        for finding in self.texts.into.findings().iter_mut().filter(|finding| finding.kind == Source::File) {
            let Some(path) = &finding.file else { continue };
            finding.ignored = ignored.contains(path);
            let below = path.strip_prefix(here).ok().filter(|below| !below.as_os_str().is_empty());
            finding.path = Some(shown(below.unwrap_or(path)));
            finding.base = top_of(path).or_else(|| path.parent().map(Path::to_path_buf));
        }
    }
}

/// The folder of git whose objects a path is one of: objects are compressed and say nothing as files.
fn holder_of_objects(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let objects = real.ancestors().find(|part| {
        part.file_name().is_some_and(|name| name == "objects") && part.parent().is_some_and(is_git_folder)
    })?;
    objects.parent().map(Path::to_path_buf)
}
