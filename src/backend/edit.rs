//! The profiles, opened for a change.

use crate::error::Result;
use crate::model::Profiles;

/// Profiles opened for a change; nothing changes until they are saved.
pub struct Edit<'a> {
    /// The profiles; changes take effect when they are saved.
    pub profiles: Profiles,
    commit: Box<dyn Commit + 'a>,
}

/// Where changed profiles are written; holds the lock that keeps others from changing them until it is dropped.
pub trait Commit {
    /// Writes all of them atomically; if they are shared, they then include the changes of others.
    ///
    /// # Errors
    /// Whatever prevented writing them; they are then unchanged.
    fn save(&mut self, profiles: &mut Profiles) -> Result<()>;
}

impl<'a> Edit<'a> {
    /// Profiles as they were read, and where to write them.
    pub fn new(profiles: Profiles, commit: impl Commit + 'a) -> Self {
        Self { profiles, commit: Box::new(commit) }
    }

    /// The profiles as they are now, and what writes them.
    pub(super) fn into_parts(self) -> (Profiles, Box<dyn Commit + 'a>) {
        (self.profiles, self.commit)
    }

    /// Puts the two parts together again.
    pub(super) fn of_parts(profiles: Profiles, commit: Box<dyn Commit + 'a>) -> Self {
        Self { profiles, commit }
    }

    /// Writes the profiles and keeps the lock.
    ///
    /// # Errors
    /// As [`Commit::save`].
    pub fn save(&mut self) -> Result<()> {
        self.commit.save(&mut self.profiles)
    }

    /// Writes the profiles and releases the lock.
    ///
    /// # Errors
    /// As [`Commit::save`].
    pub fn commit(mut self) -> Result<()> {
        self.save()
    }
}
