//! The profiles, open for a change.

use crate::error::Result;
use crate::model::Profiles;

/// Profiles that are open to be changed; nothing changes unless saved.
pub struct Edit<'a> {
    /// The profiles; changes count once they are saved.
    pub profiles: Profiles,
    commit: Box<dyn Commit + 'a>,
}

/// Where changed profiles are written; holds whatever keeps others from changing them until it is dropped.
pub trait Commit {
    /// Writes all of them at one blow; where they are shared, they then are what everybody made of them.
    ///
    /// # Errors
    /// Whatever kept them from being written; they are then as they were.
    fn save(&mut self, profiles: &mut Profiles) -> Result<()>;
}

impl<'a> Edit<'a> {
    /// Profiles as they were read, and where they are written to.
    pub fn new(profiles: Profiles, commit: impl Commit + 'a) -> Self {
        Self { profiles, commit: Box::new(commit) }
    }

    /// The profiles as they are now, and what would write them.
    pub(super) fn into_parts(self) -> (Profiles, Box<dyn Commit + 'a>) {
        (self.profiles, self.commit)
    }

    /// The same by what was taken apart.
    pub(super) fn of_parts(profiles: Profiles, commit: Box<dyn Commit + 'a>) -> Self {
        Self { profiles, commit }
    }

    /// Writes the profiles as they are now; nobody else changes them yet.
    ///
    /// # Errors
    /// As [`Commit::save`].
    pub fn save(&mut self) -> Result<()> {
        self.commit.save(&mut self.profiles)
    }

    /// Writes the profiles as they are now and lets others change them.
    ///
    /// # Errors
    /// As [`Commit::save`].
    pub fn commit(mut self) -> Result<()> {
        self.save()
    }
}
