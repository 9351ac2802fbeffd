//! The `[[scan.ignore]]` lists of the searched repositories.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use crate::git::shown;
use crate::model::pin::KnownLeak;
use crate::scan::State;
use crate::system::World;
use crate::system::files::pin;

/// The lists of the folders that hold findings, each read once.
pub(super) struct KnownLeaks<'a> {
    world: &'a World,
    lists: HashMap<PathBuf, Vec<KnownLeak>>,
}

impl<'a> KnownLeaks<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, lists: HashMap::new() }
    }

    /// Whether a list declares a finding harmless; it cannot do so for a key that may still work.
    ///
    /// The lists from the file's folder upwards count; for a finding without a file, those from the repository's.
    pub(super) fn name(&mut self, finding: &Finding) -> bool {
        if matches!(finding.state, State::Current | State::Previous | State::Compromised) {
            return false;
        }
        let here = &self.world.places.working_directory;
        let folder = finding.file.as_deref().and_then(Path::parent);
        let folder = folder.or(finding.base.as_deref()).unwrap_or(here).to_path_buf();
        let world = self.world;
        let list = self.lists.entry(folder).or_insert_with_key(|folder| upwards(folder, world));
        list.iter().any(|leak| leak.names(&finding.fingerprint))
    }
}

fn upwards(folder: &Path, world: &World) -> Vec<KnownLeak> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    match pin::upwards(&folder) {
        Ok(pins) => world.composed(&pins).known_leaks(),
        Err(error) => {
            world.terminal.say(&format!("no key is left out below {}: {error}", shown(&folder)));
            Vec::new()
        }
    }
}
