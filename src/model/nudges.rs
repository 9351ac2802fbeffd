//! When a warning was last shown, so that it is not repeated by every command.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Breach;

/// How long a breach is not shown again.
const REST: TimeDelta = TimeDelta::hours(12);

/// When each breach was last shown, by profile and rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nudges(BTreeMap<String, DateTime<Utc>>);

impl Nudges {
    /// The breaches to report now, in one line, which are then recorded as reported; `None` for silence.
    ///
    /// A time ahead of `now`, left by a clock that went backwards, counts as never.
    pub fn line(&mut self, breaches: &[Breach], now: DateTime<Utc>) -> Option<String> {
        self.forget(now);
        let id = |breach: &Breach| format!("{} {}", breach.profile, breach.rule.as_str());
        let due: Vec<_> = breaches.iter().filter(|breach| !self.0.contains_key(&id(breach))).collect();
        self.0.extend(due.iter().map(|breach| (id(breach), now)));
        let line = due.iter().map(|breach| format!("{}: {}", breach.message, breach.hint));
        (!due.is_empty()).then(|| line.collect::<Vec<_>>().join("; "))
    }

    /// Whether a notice about something else is to be printed now; records it as printed.
    pub fn is_due(&mut self, word: &str, now: DateTime<Utc>) -> bool {
        self.forget(now);
        let is_due = !self.0.contains_key(word);
        self.0.entry(word.to_owned()).or_insert(now);
        is_due
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        self.0.retain(|_, said| (TimeDelta::zero()..REST).contains(&(now - *said)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rule;
    use crate::model::test_support::{day, name};

    fn breach(profile: &str, rule: Rule) -> Breach {
        Breach {
            rule,
            message: format!("{} of {profile}", rule.as_str()),
            hint: "mend".into(),
            profile: name(profile),
            broken: false,
        }
    }

    #[test]
    fn a_breach_is_said_once_in_twelve_hours_and_each_profile_and_rule_is_one() {
        let (old, due) = (breach("dev", Rule::Overdue), breach("dev", Rule::Unverified));
        let other = breach("prod", Rule::Overdue);
        let mut nudges = Nudges::default();
        let table: [(&[&Breach], i64, Option<&str>); 8] = [
            (&[], 0, None),
            (&[&old, &due], 0, Some("overdue of dev: mend; unverified of dev: mend")),
            (&[&old, &due], 0, None),
            (&[&other, &old], 3600, Some("overdue of prod: mend")),
            (&[&old], 12 * 3600 - 1, None),
            (&[&old], 12 * 3600, Some("overdue of dev: mend")),
            (&[&other], 12 * 3600 + 3599, None),
            (&[&other], 13 * 3600, Some("overdue of prod: mend")),
        ];
        for (breaches, seconds, line) in table {
            let breaches: Vec<_> = breaches.iter().map(|b| (*b).clone()).collect();
            let now = day(0) + TimeDelta::seconds(seconds);
            assert_eq!(nudges.line(&breaches, now).as_deref(), line, "after {seconds} s");
        }
    }

    #[test]
    fn a_clock_that_went_backwards_silences_nothing_for_long() {
        let breaches = [breach("dev", Rule::Overdue)];
        let mut nudges = Nudges::default();
        assert!(nudges.line(&breaches, day(4000)).is_some());
        assert!(nudges.line(&breaches, day(0)).is_some());
        assert!(nudges.line(&breaches, day(0)).is_none());
        assert!(nudges.line(&breaches, DateTime::<Utc>::MIN_UTC).is_some());
        assert!(nudges.line(&breaches, DateTime::<Utc>::MAX_UTC).is_some());
    }

    #[test]
    fn another_notice_is_due_once_in_twelve_hours_too() {
        let mut nudges = Nudges::default();
        let due = |seconds| nudges.is_due("word", day(0) + TimeDelta::seconds(seconds));
        assert_eq!(
            [0, 1, 12 * 3600 - 1, 12 * 3600, 12 * 3600 + 1].map(due),
            [true, false, false, true, false]
        );
        assert!(nudges.is_due("another", day(0)));
    }
}
