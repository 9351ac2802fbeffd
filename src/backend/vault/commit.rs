//! A change of the shared profiles: a check-and-set, applied again to what others changed meanwhile.

use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::client::Client;
use super::engine::Written;
use super::profiles_entry::Edition;
use super::trouble::Trouble;
use crate::backend::Commit;
use crate::error::Result;
use crate::model::{Deleting, Fingerprint, Profiles, SharedCopy, SharedProfiles, StoreKind};

/// How often a change is repeated.
const TRIES: u32 = 20;

/// Where a change is written: shared data into the vault, the rest and this machine's copy into profiles.toml.
pub(super) struct VaultCommit<'a> {
    pub(super) client: Rc<Client>,
    pub(super) here: Box<dyn Commit + 'a>,
    /// The profiles on which the change is based.
    pub(super) base: Edition,
    pub(super) now: DateTime<Utc>,
}

impl Commit for VaultCommit<'_> {
    fn save(&mut self, profiles: &mut Profiles) -> Result<()> {
        let marked = self.share(profiles)?;
        profiles.copy = (profiles.store == Some(StoreKind::Vault)).then(|| SharedCopy {
            of: self.base.profiles.id.clone(),
            version: self.base.version,
            at: self.now,
            untold: Vec::new(),
        });
        profiles.share(&self.base.profiles);
        let mut kept = profiles.clone();
        kept.keep_staged(&self.base.profiles);
        self.here.save(&mut kept)?;
        self.sweep(&marked)
    }
}

impl VaultCommit<'_> {
    /// Writes the changes to the vault if there are any, and marks keys that are being deleted.
    fn share(&mut self, profiles: &Profiles) -> Result<Vec<Deleting>, Trouble> {
        let mine = self.base.profiles.with(profiles);
        if mine == self.base.profiles {
            return Ok(Vec::new());
        }
        let before = self.base.clone();
        let mut theirs = before.clone();
        for turn in 0..TRIES {
            let mut next = before.profiles.merge(&mine, &theirs.profiles).map_err(Trouble::Clash)?;
            let held: Vec<Fingerprint> = next.held().collect();
            let gone: Vec<_> = theirs.profiles.held().filter(|key| !held.contains(key)).collect();
            self.client.mark(&mut next, &gone)?;
            match self.client.commit(&next, theirs.version)? {
                Written::Done(version) => {
                    let marked = next.deleting.clone();
                    self.base = Edition { profiles: next, version };
                    return Ok(marked);
                }
                Written::Conflict => {
                    std::thread::sleep(Duration::from_millis(u64::from(turn * 7)));
                    theirs = self.client.edition_or_new()?;
                }
            }
        }
        Err(Trouble::Busy)
    }

    /// Destroys the keys that no profile has any more; the marks keep everybody from using them again.
    fn sweep(&mut self, marked: &[Deleting]) -> Result<()> {
        if marked.is_empty() {
            return Ok(());
        }
        self.client.sweep(marked)?;
        self.client.unmark(marked);
        if let Some(now) = self.client.edition()? {
            // Only the marks: the next change's check-and-set sees whatever else is new there.
            let unmarked =
                SharedProfiles { deleting: now.profiles.deleting.clone(), ..self.base.profiles.clone() };
            if unmarked == now.profiles {
                self.base = now;
            }
        }
        Ok(())
    }
}
