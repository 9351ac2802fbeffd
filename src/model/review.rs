//! Holds every profile against the rules.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::policy::{Policy, Rules};
use super::verification::Conclusive;
use super::{Profile, ProfileName, Profiles};

/// A rule that a profile does not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The rule's name, for scripts: `compromised`, `rejected`, `overdue`, `due_soon`, `unverified`.
    pub rule: &'static str,
    /// What is the matter, in one sentence that names the profile.
    pub message: String,
    /// The exact command that mends it.
    pub hint: String,
    /// The profile.
    pub profile: ProfileName,
    /// Whether it is broken, and not only about to be.
    pub broken: bool,
}

/// Every breach of every profile, profile by profile, the gravest first.
pub fn review(book: &Profiles, policy: &Policy, now: DateTime<Utc>) -> Vec<Breach> {
    book.profiles.iter().flat_map(|profile| review_profile(profile, policy, now)).collect()
}

/// Every breach of one profile, the gravest first.
pub fn review_profile(profile: &Profile, policy: &Policy, now: DateTime<Utc>) -> Vec<Breach> {
    let rules = policy.rules(&profile.name);
    [
        compromised(profile),
        rejected(profile),
        age(profile, &rules, now),
        verified(profile, &rules, now),
        open(profile),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Days until the key is due to be replaced; negative once it is overdue.
pub fn rotate_in_days(profile: &Profile, rules: &Rules, now: DateTime<Utc>) -> i64 {
    i64::from(rules.max_age_days) - profile.key.age_days(now)
}

fn breach(profile: &Profile, rule: &'static str, broken: bool, message: String, hint: String) -> Breach {
    Breach { rule, message, hint, profile: profile.name.clone(), broken }
}

fn compromised(profile: &Profile) -> Option<Breach> {
    let at = profile.key.compromised_at?.date_naive();
    let name = &profile.name;
    let message = format!("the key of `{name}` was declared compromised on {at}");
    Some(breach(profile, "compromised", true, message, format!("getimg-keys rotate {name}")))
}

fn rejected(profile: &Profile) -> Option<Breach> {
    let last = profile.key.verification.as_ref().filter(|v| v.verdict == Conclusive::Rejected)?;
    let name = &profile.name;
    let message = format!("the API rejected the key of `{name}` on {}", last.checked_at.date_naive());
    Some(breach(profile, "rejected", true, message, format!("getimg-keys rotate {name}")))
}

fn age(profile: &Profile, rules: &Rules, now: DateTime<Utc>) -> Option<Breach> {
    let name = &profile.name;
    let (age, left) = (profile.key.age_days(now), rotate_in_days(profile, rules, now));
    let hint = format!("getimg-keys rotate {name}");
    if left < 0 {
        let message =
            format!("the key of `{name}` is {age} days old; it was due after {} days", rules.max_age_days);
        return Some(breach(profile, "overdue", true, message, hint));
    }
    let warned_from = f64::from(rules.max_age_days) * rules.warn_from;
    if (age as f64) < warned_from || age == 0 {
        return None;
    }
    let message = format!("the key of `{name}` is due to be replaced in {left} days");
    Some(breach(profile, "due_soon", false, message, hint))
}

fn verified(profile: &Profile, rules: &Rules, now: DateTime<Utc>) -> Option<Breach> {
    let name = &profile.name;
    let hint = format!("getimg-keys verify {name}");
    let Some(last) = &profile.key.verification else {
        let message = format!("the key of `{name}` was never verified");
        return Some(breach(profile, "unverified", false, message, hint));
    };
    let days = (now - last.checked_at).num_days();
    if days <= i64::from(rules.verify_within_days) {
        return None;
    }
    let message = format!("the key of `{name}` was last verified {days} days ago");
    Some(breach(profile, "unverified", false, message, hint))
}

fn open(profile: &Profile) -> Option<Breach> {
    let since = profile.previous.as_ref()?.since.date_naive();
    let name = &profile.name;
    let message = format!("the rotation of `{name}` is open since {since}: its old key may still work");
    Some(breach(profile, "rotation_open", false, message, format!("getimg-keys rotate {name} --finish")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::{day, profile};

    #[test]
    fn a_record_from_the_future_is_new_and_nothing_of_it_is_negative() {
        let mut held = profile("dev");
        held.key.issued_at = Some(day(500));
        let rules = Policy::default().rules(&held.name);
        let new = i64::from(rules.max_age_days);
        let ends = [DateTime::<Utc>::MIN_UTC, day(-20_000), day(0), day(499), day(500)];
        for now in ends {
            assert_eq!((held.key.age_days(now), rotate_in_days(&held, &rules, now)), (0, new), "{now}");
            let rules: Vec<_> =
                review_profile(&held, &Policy::default(), now).iter().map(|b| b.rule).collect();
            assert_eq!(rules, ["unverified"], "{now}");
        }
        assert!(held.key.age_days(DateTime::<Utc>::MAX_UTC) > 0);
        assert_eq!(review_profile(&held, &Policy::default(), DateTime::<Utc>::MAX_UTC)[0].rule, "overdue");
    }

    #[test]
    fn an_hour_more_or_less_on_the_clock_on_the_wall_is_none_on_an_age() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // Central Europe's clocks go back at 01:00 UTC on 2026-10-25, and forward on 2026-03-29.
        let table = [
            ("2026-10-24T12:00:00+02:00", "2026-10-25T11:59:59+01:00", 1),
            ("2026-10-24T12:00:00+02:00", "2026-10-25T10:59:59+01:00", 0),
            ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", 0),
            ("2026-03-28T12:00:00+01:00", "2026-03-29T12:59:59+02:00", 0),
            ("2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00", 1),
        ];
        for (born, now, days) in table {
            let mut held = profile("dev");
            held.key.issued_at = Some(at(born));
            assert_eq!(held.key.age_days(at(now)), days, "{born} to {now}");
        }
    }
}
