//! Compares every profile with the rules.

use crate::hint::Hint;
use chrono::{DateTime, Utc};

use super::policy::{Policy, Rules};
use super::verification::Conclusive;
use super::{KeyRecord, Profile, ProfileName, Profiles};

/// A rule that a profile does not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule that it is about.
    pub rule: Rule,
    /// What is the matter, in one sentence that names the profile.
    pub message: String,
    /// The exact command that mends it.
    pub hint: Hint,
    /// The profile.
    pub profile: ProfileName,
    /// Whether it is broken, and not only about to be.
    pub broken: bool,
}

/// What a profile's key is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It was not declared compromised.
    Compromised,
    /// The API did not reject it.
    Rejected,
    /// It is not older than the policy allows.
    Overdue,
    /// It will not be soon.
    DueSoon,
    /// It was verified recently.
    Unverified,
    /// Every place that it was pushed to has it.
    PushedBehind,
    /// The rotation that brought it is finished.
    RotationOpen,
    /// The store holds the one that is recorded.
    ChangedElsewhere,
}

impl Rule {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::Rejected => "rejected",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::Unverified => "unverified",
            Self::PushedBehind => "pushed_behind",
            Self::RotationOpen => "rotation_open",
            Self::ChangedElsewhere => "changed_elsewhere",
        }
    }
}

/// Every breach of every profile, profile by profile, the gravest first.
pub fn review(profiles: &Profiles, policy: &Policy, now: DateTime<Utc>) -> Vec<Breach> {
    profiles.all.iter().flat_map(|profile| review_profile(profile, policy, now)).collect()
}

/// Every breach of one profile, the gravest first.
pub fn review_profile(profile: &Profile, policy: &Policy, now: DateTime<Utc>) -> Vec<Breach> {
    let rules = policy.rules(&profile.name);
    [
        compromised(profile),
        rejected(profile),
        Some(()).filter(|()| !policy.ageless).and_then(|()| age(profile, &rules, now)),
        Some(()).filter(|()| !policy.ageless).and_then(|()| verified(profile, &rules, now)),
        pushed(profile),
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

/// The command that replaces a profile's key. While a rotation is open, that is the one before, if it may serve
/// where this one does not; else the rotation has to be finished first.
pub fn replacement(profile: &Profile) -> Hint {
    let rotate = Hint::run("rotate").arg(&profile.name);
    match &profile.previous {
        None => rotate,
        Some(_) if goes_back(profile) => rotate.flag("--undo"),
        Some(_) => rotate.clone().flag("--finish").note(format!("then: {rotate}")),
    }
}

/// Whether the previous key of an open rotation may serve, and the one in use may not.
pub fn goes_back(profile: &Profile) -> bool {
    let serves = |key: &KeyRecord| {
        key.compromised_at.is_none()
            && key.verification.as_ref().is_none_or(|v| v.verdict != Conclusive::Rejected)
    };
    !serves(&profile.key) && profile.previous.as_ref().is_some_and(|previous| serves(&previous.key))
}

/// The store holds another key of a profile than the one that is recorded.
pub fn changed_elsewhere(profile: &Profile) -> Breach {
    let name = &profile.name;
    let message = format!("the store holds another key for `{name}` than the recorded one");
    breach(profile, Rule::ChangedElsewhere, true, message, Hint::run("verify").arg(name).flag("--adopt"))
}

fn breach(profile: &Profile, rule: Rule, broken: bool, message: String, hint: Hint) -> Breach {
    Breach { rule, message, hint, profile: profile.name.clone(), broken }
}

fn compromised(profile: &Profile) -> Option<Breach> {
    let at = profile.key.compromised_at?.date_naive();
    let name = &profile.name;
    let message = format!("the key of `{name}` was declared compromised on {at}");
    Some(breach(profile, Rule::Compromised, true, message, replacement(profile)))
}

fn rejected(profile: &Profile) -> Option<Breach> {
    let last = profile.key.verification.as_ref().filter(|v| v.verdict == Conclusive::Rejected)?;
    let name = &profile.name;
    let message = format!("the API rejected the key of `{name}` on {}", last.checked_at.date_naive());
    Some(breach(profile, Rule::Rejected, true, message, replacement(profile)))
}

fn age(profile: &Profile, rules: &Rules, now: DateTime<Utc>) -> Option<Breach> {
    let name = &profile.name;
    let (age, left) = (profile.key.age_days(now), rotate_in_days(profile, rules, now));
    let hint = replacement(profile);
    if left < 0 {
        let message =
            format!("the key of `{name}` is {age} days old; it was due after {} days", rules.max_age_days);
        return Some(breach(profile, Rule::Overdue, true, message, hint));
    }
    let warned_from = f64::from(rules.max_age_days) * rules.warn_from;
    if (age as f64) < warned_from || age == 0 {
        return None;
    }
    let due = match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        left => format!("in {left} days"),
    };
    let message = format!("the key of `{name}` is due to be replaced {due}");
    Some(breach(profile, Rule::DueSoon, false, message, hint))
}

fn verified(profile: &Profile, rules: &Rules, now: DateTime<Utc>) -> Option<Breach> {
    let name = &profile.name;
    let hint = Hint::run("verify").arg(name);
    let Some(last) = &profile.key.verification else {
        let message = format!("the key of `{name}` was never verified");
        return Some(breach(profile, Rule::Unverified, false, message, hint));
    };
    let days = (now - last.checked_at).num_days();
    if days <= i64::from(rules.verify_within_days) {
        return None;
    }
    let message = format!("the key of `{name}` was last verified {days} days ago");
    Some(breach(profile, Rule::Unverified, false, message, hint))
}

fn pushed(profile: &Profile) -> Option<Breach> {
    let behind: Vec<_> = profile.behind().map(|pushed| pushed.target.as_str()).collect();
    let name = &profile.name;
    let have = if behind.len() == 1 { "has" } else { "have" };
    let message = format!("{} still {have} an older key of `{name}`", behind.join(", "));
    let hint = Hint::run("push --again").arg(name);
    (!behind.is_empty()).then(|| breach(profile, Rule::PushedBehind, false, message, hint))
}

fn open(profile: &Profile) -> Option<Breach> {
    let since = profile.previous.as_ref()?.since.date_naive();
    let name = &profile.name;
    let message = format!("the rotation of `{name}` is open since {since}: its old key may still work");
    Some(breach(profile, Rule::RotationOpen, false, message, Hint::run("rotate").arg(name).flag("--finish")))
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
