//! What the next commit would contain.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use super::super::finding::{Finding, Part, Source};
use super::lfs::of_blob;
use super::{Search, at, in_none, meant, over_budget};
use crate::error::Result;
use crate::git::{Skipped, index, shown, unread};
use crate::system::World;

impl Search<'_> {
    /// Scans what is staged in this repository, including names of files and objects of git-lfs.
    pub(in super::super) fn staged(&self, paths: &[PathBuf]) -> Result<()> {
        let Some(repository) = self.meant()? else { return Ok(()) };
        self.texts.into.skip(unread::below(&repository.folder));
        // Asked only after a finding. If git cannot answer, the finding only lacks its list of known leaks.
        let top = LazyCell::new(|| repository.top().unwrap_or_default());
        let base = |finding: Finding| Finding { base: top.clone(), file: None, ..finding };
        let skipped = index::each_staged(&repository, paths, |path, bytes| {
            let is_whole = self
                .texts
                .matcher
                .scan(bytes, &mut |hit| self.texts.into.find(base(at(Source::Index, path, hit))));
            if !is_whole {
                self.texts.into.skip([over_budget(shown(path))]);
            }
            self.texts.in_name(path.as_os_str().as_encoded_bytes(), &mut |hit| {
                let finding = Finding { part: Part::FileName, ..at(Source::Index, path, hit) };
                self.texts.into.find(base(finding));
            });
            let mut found = |hit| self.texts.into.find(base(at(Source::Index, path, hit)));
            of_blob(&self.texts, &repository, &|| path.to_path_buf(), bytes, &mut found);
            self.texts.into.read(bytes.len() as u64);
        });
        self.texts.into.skip(skipped.unwrap_or_else(|error| vec![Skipped::told(&repository.common, &error)]));
        Ok(())
    }
}

/// Whether a missing path is in the index or the last commit; true if git cannot tell.
pub(in crate::commands::scan) fn is_known_to_git(path: &Path, world: &World) -> Result<bool> {
    match meant(world) {
        Ok(Some(repository)) => index::has(&repository, path),
        Ok(None) => Err(in_none(&world.places.working_directory)),
        Err(_) => Ok(true),
    }
}
