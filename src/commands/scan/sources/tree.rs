//! Every file below some paths; those that git ignores are marked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::finding::Kind;
use super::{Search, roots};
use crate::error::Result;
use crate::git::tree::each_file;
use crate::git::{Repository, ignored, shown, submodules};

impl Search<'_> {
    /// Every file below the paths, and the history of the repositories without a work tree among them.
    pub(in super::super) fn tree(&self, paths: &[PathBuf]) -> Result<()> {
        let roots = roots(paths, self.world);
        let texts = &self.texts;
        let bare = each_file(&roots, &|seen| texts.seen(Kind::File, seen));
        roots.iter().try_for_each(|root| self.absent_submodules(root))?;
        self.mark_ignored();
        for folder in bare {
            // git names a repository of its own where it is told no other.
            if let Some(repository) = Repository::around(&folder)? {
                self.objects(&self.in_hook(repository))?;
            }
        }
        Ok(())
    }

    /// Submodules that are named below a root and are not there.
    fn absent_submodules(&self, root: &Path) -> Result<()> {
        let Some(top) = ignored::top_of(&root.join("-")).filter(|top| top.join(".gitmodules").exists())
        else {
            return Ok(());
        };
        if let Some(repository) = Repository::around(&top)? {
            let (_, absent) = submodules::of(&repository)?;
            let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
            let is_below =
                |path: &str| Path::new(path).starts_with(&real) || Path::new(path).starts_with(root);
            self.texts.into.skip(absent.into_iter().filter(|part| is_below(&part.path)));
        }
        Ok(())
    }

    /// Asks git which of the files with findings it ignores, and tells their paths from the working directory.
    fn mark_ignored(&self) {
        let found: Vec<PathBuf> = self.texts.into.findings().iter().filter_map(|f| f.file.clone()).collect();
        let asked = if found.is_empty() { Ok(BTreeSet::new()) } else { ignored::among(&found) };
        let ignored = asked.unwrap_or_else(|error| {
            let message = format!("which files git ignores is not known, so all of them count: {error}");
            self.world.terminal.say(&message);
            BTreeSet::new()
        });
        let here = &self.world.places.working_directory;
        for finding in self.texts.into.findings().iter_mut().filter(|finding| finding.kind == Kind::File) {
            let Some(path) = &finding.file else { continue };
            finding.ignored = ignored.contains(path);
            let below = path.strip_prefix(here).ok().filter(|below| !below.as_os_str().is_empty());
            finding.path = Some(shown(below.unwrap_or(path)));
            finding.base = ignored::top_of(path).or_else(|| path.parent().map(Path::to_path_buf));
        }
    }
}
