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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Profile;
    use crate::model::change::Rotation;
    use crate::model::test_support::{key, name, profile, profiles};

    #[test]
    fn of_a_shared_change_only_the_keys_that_no_profile_has_are_kept() {
        let fingerprint = key("ci").fingerprint();
        let kept = |change, names: &[&str]| {
            let shared = SharedProfiles::new("one".to_owned()).with(&profiles(names));
            let mut own = profiles(&["dev"]);
            own.begin(change);
            own.keep_staged(&shared);
            own.unfinished
        };
        let add = || Change::Add { name: name("ci"), fingerprint };
        let stage = Change::Stage { name: name("ci"), keys: vec![fingerprint] };
        assert_eq!(kept(add(), &["dev"]), Some(stage));
        assert_eq!(kept(add(), &["ci", "dev"]), None);
        assert_eq!(kept(Change::Remove { name: name("dev") }, &["dev"]), None);
    }

    #[test]
    fn an_interrupted_change_may_have_put_the_key_that_it_brings_and_no_other() {
        let mut own = profiles(&["dev"]);
        let arriving =
            |own: &Profiles, of: &str, seed: &str| own.is_arriving(&name(of), key(seed).fingerprint());
        assert!(!arriving(&own, "dev", "back"));
        let back = Profile { name: name("dev"), ..profile("back") };
        own.begin(Change::Restore { profile: Box::new(back), in_store: true });
        assert!(arriving(&own, "dev", "back"));
        assert!(!arriving(&own, "dev", "other") && !arriving(&own, "ci", "back"));
    }

    #[test]
    fn what_became_of_a_change_is_said_in_its_words() {
        let undone = || Rest::Back(Vec::new());
        let made = || Rest::On(vec![Step::Turn(Reached::Switch)]);
        let rotation = || Rotation::new(name("dev"), profile("new").key);
        let remove = || Change::Remove { name: name("dev") };
        let table = [
            (Change::Rotate(rotation()), undone(), "it was rolled back: the key is the one before"),
            (Change::Undo(rotation()), undone(), "it was rolled back: the key is the one before"),
            (remove(), undone(), "it was rolled back"),
            (Change::Rotate(rotation()), made(), "it went on: the new key is in use, the old one is kept"),
            (Change::Undo(rotation()), made(), "it went on: the key before is in use again"),
            (remove(), made(), "it is complete now"),
            (remove(), Rest::On(Vec::new()), "it was done"),
        ];
        for (change, rest, said) in table {
            assert_eq!(change.settled(&rest), said, "{change:?}");
        }
    }
}
