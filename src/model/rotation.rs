//! The steps by which a new key takes a profile over, each written down before it is taken.
//!
//! The new key is staged beside the one in use, the one in use is kept as the previous one, the new one is
//! switched to, the stage is swept. At every instant the slot in use holds the old key or the new one, and
//! both work: the new one was verified before the first step. `--undo` is the same walk with the previous
//! key as the new one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{KeyRecord, PreviousKey, ProfileName, Profiles};

/// A key on its way into a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The profile.
    pub name: ProfileName,
    /// The step that is about to be taken, or was interrupted.
    pub step: Step,
    /// What is known of the new key.
    pub new: KeyRecord,
}

/// One step; a run that is killed in one takes it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Puts the new key into `NAME~next`. Cut short, it is taken back.
    Stage,
    /// Copies the key in use to `NAME~previous`.
    Keep,
    /// Copies `NAME~next` over the key in use.
    Switch,
    /// The profiles have the new key; forgets `NAME~next`.
    Sweep,
}

impl Step {
    /// Where a rotation is before the step is seen to be taken, as the end of a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Stage => "before the old key was touched",
            Self::Keep => "while the old key, still in use, was copied aside",
            Self::Switch => "while the new key took the place of the old one, which is kept",
            Self::Sweep => "with the new key in use, before its spare copy was deleted",
        }
    }
}

impl Rotation {
    /// A rotation that has not begun.
    pub fn new(name: ProfileName, new: KeyRecord) -> Self {
        Self { name, step: Step::Stage, new }
    }

    /// Whether it can still be taken back without a trace: the slot in use has not been touched.
    pub fn is_staging(&self) -> bool {
        self.step == Step::Stage
    }

    /// The rotation after its step was taken; `None` after the last. Enters the new key into the profiles when
    /// the store has switched.
    pub fn advanced(mut self, profiles: &mut Profiles, now: DateTime<Utc>) -> Option<Self> {
        self.step = match self.step {
            Step::Stage => Step::Keep,
            Step::Keep => Step::Switch,
            Step::Switch => {
                enter(profiles, &self.name, self.new.clone(), now);
                Step::Sweep
            }
            Step::Sweep => return None,
        };
        Some(self)
    }
}

fn enter(profiles: &mut Profiles, name: &ProfileName, new: KeyRecord, now: DateTime<Utc>) {
    if let Some(profile) = profiles.get_mut(name) {
        let old = std::mem::replace(&mut profile.key, new);
        profile.previous = Some(PreviousKey { since: now, key: old });
        profile.rotated_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, key, name, profiles};

    #[test]
    fn the_book_changes_at_one_step_and_keeps_the_old_key() {
        let mut profiles = profiles(&["dev"]);
        let old = profiles.all[0].key.clone();
        let new = KeyRecord::of(&key("new"), day(9));
        let mut rotation = Some(Rotation::new(name("dev"), new.clone()));
        let mut seen = Vec::new();
        while let Some(now) = rotation {
            seen.push((now.step, now.is_staging(), profiles.all[0].key == new));
            rotation = now.advanced(&mut profiles, day(9));
        }
        assert_eq!(
            seen,
            [
                (Step::Stage, true, false),
                (Step::Keep, false, false),
                (Step::Switch, false, false),
                (Step::Sweep, false, true)
            ]
        );
        assert_eq!(profiles.all[0].previous, Some(PreviousKey { since: day(9), key: old }));
        assert_eq!(profiles.all[0].rotated_at, Some(day(9)));
    }
}
