//! Which hooks may be run to try them: a repository from somebody else may contain any.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Hook, kept, language, lines, text_of};
use crate::error::Result;
use crate::git::program::{git, run};
use crate::model::fingerprint::hex;
use crate::model::profiles::AllowedPin;

impl Hook {
    /// The files that running it would run or read, as they are: what the user who installs it accepts. Empty if
    /// only our own lines would run, which need no permission.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn to_be_accepted(&self, program: &Path) -> Result<Vec<AllowedPin>> {
        if self.manager.is_none() && !self.is_husky && self.runs_ours_alone(program) {
            return Ok(Vec::new());
        }
        let helper = self.run.with_file_name("h");
        let files = [&self.run, &self.path].into_iter().chain(self.is_husky.then_some(&helper));
        let mut accepted: Vec<AllowedPin> = Vec::new();
        for file in files {
            // By the real path of the folder, whatever path leads to it.
            let path = AllowedPin::written(&real(file));
            if accepted.iter().all(|known| known.path != path) {
                accepted.push(AllowedPin { path, sha256: hex(&Sha256::digest(text_of(file)?)) });
            }
        }
        Ok(accepted)
    }

    /// Whether it begins with our lines as this program writes them: they end it before anything else runs.
    fn runs_ours_alone(&self, program: &Path) -> bool {
        let written = |chain| lines::of(program, self.name, chain);
        let chained = kept(&self.path).symlink_metadata().is_ok();
        lines::begin_it(&self.text, &written(chained))
            || lines::begin_it(&self.text, &written(!chained))
            || language::begin_it(&self.text, program, self.name)
    }
}

/// Whether git would run more than the hook's file: commands in the repository's configuration.
///
/// # Errors
/// git is missing.
pub(super) fn has_configured_hooks(top: &Path) -> Result<bool> {
    let found = run(git(top, &["config", "--get-regexp", r"^hook\..*\.command$"]), b"")?.found()?;
    Ok(!found.is_empty())
}

fn real(file: &Path) -> PathBuf {
    let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
    match (folder, file.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => file.to_path_buf(),
    }
}
