//! The unfinished change in the profiles: the one place that sets, advances and clears it.

use super::steps::{Rest, Step};
use super::{Change, Reached};
use crate::model::{Fingerprint, ProfileName, Profiles, SharedProfiles};

impl Profiles {
    /// A change that has begun and is not yet done.
    pub fn unfinished(&self) -> Option<&Change> {
        self.unfinished.as_ref()
    }

    /// A change begins.
    pub fn begin(&mut self, change: Change) {
        self.unfinished = Some(change);
    }

    /// The change came so far.
    pub fn reach(&mut self, reached: Reached) {
        if let Some(change) = &mut self.unfinished {
            change.reach(reached);
        }
    }

    /// The change is done, or was taken back.
    pub fn end(&mut self) {
        self.unfinished = None;
    }

    /// Whether a change that was interrupted may have put this key in the place of a profile's.
    pub fn is_arriving(&self, name: &ProfileName, key: Fingerprint) -> bool {
        self.unfinished.as_ref().is_some_and(|change| change.brings(self, name, key))
    }

    /// The same for somebody who is not to go on with a change: in a backup, or as an agent is shown them.
    #[must_use]
    pub fn without_change(self) -> Self {
        Self { unfinished: None, ..self }
    }

    /// Where they are shared: of a change this machine keeps only which keys it put there that no profile has. Everything
    /// else of it is done or not done by the store's check-and-set.
    pub fn keep_staged(&mut self, shared: &SharedProfiles) {
        let steps = self.unfinished.as_ref().map(|change| change.steps(self)).unwrap_or_default();
        let put = steps.iter().filter_map(|step| match step {
            Step::Put(slot, key) if !shared.holds(*key) => Some((&slot.profile, *key)),
            _ => None,
        });
        let (names, keys): (Vec<_>, Vec<_>) = put.unzip();
        let stage = names.first().map(|name| Change::Stage { name: (*name).clone(), keys });
        self.unfinished = stage;
    }
}

impl Change {
    /// The result, after all steps are taken.
    pub fn settled(&self, rest: &Rest) -> &'static str {
        match (self, rest) {
            (Self::Rotate(_) | Self::Undo(_), Rest::Back(_)) => {
                "it was rolled back: the key is the one before"
            }
            (_, Rest::Back(_)) => "it was rolled back",
            (Self::Rotate(_), Rest::On(_)) => "it went on: the new key is in use, the old one is kept",
            (Self::Undo(_), Rest::On(_)) => "it went on: the key before is in use again",
            (_, Rest::On(steps)) if steps.is_empty() => "it was done",
            (_, Rest::On(_)) => "it is complete now",
        }
    }
}
