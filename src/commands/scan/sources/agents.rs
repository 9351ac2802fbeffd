//! The session files of coding agents.

use std::path::{Path, PathBuf};

use super::super::collect::Collected;
use super::super::finding::Source;
use super::{LfsObjects, Search, Texts};
use crate::git::seen::Seen;
use crate::git::tree::each_file;
use crate::git::{Skipped, Why, shown};
use crate::model::transcripts::is_encrypted;
use crate::system::files::transcripts;

impl Search<'_> {
    /// The files that the listed agents keep, and the repositories without a work tree among them.
    pub(in super::super) fn agents(&self) {
        let found = transcripts::find(&self.world.variables, &self.world.places.working_directory);
        let own = Collected::default();
        own.skip(found.refused.iter().map(|(path, error)| Skipped::of(path, error)));
        let texts = Texts { matcher: self.texts.matcher, into: &own, lfs: LfsObjects::default() };
        let whose = |path: &Path| {
            let holding = found.kept.iter().filter(|(_, root)| path.starts_with(root));
            holding.max_by_key(|(_, root)| root.as_os_str().len()).map(|(agent, _)| *agent)
        };
        let roots: Vec<PathBuf> = found.kept.iter().map(|(_, root)| root.clone()).collect();
        let met = each_file(&roots, &|seen| match seen {
            Seen::File(path, ..)
                if whose(path).is_some_and(|agent| is_encrypted(agent, &path.to_string_lossy())) =>
            {
                own.skip([Skipped::new(shown(path), Why::Encrypted, "it is encrypted")]);
            }
            other => texts.seen(Source::File, other),
        });
        for finding in own.findings().iter_mut() {
            finding.agent = finding.file.as_deref().and_then(whose);
        }
        self.texts.into.absorb(own);
        met.bare.iter().for_each(|folder| self.bare(folder));
    }
}
