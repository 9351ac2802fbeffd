//! What is said of a key, and from which day on.

use super::*;
use crate::model::pushed::How;
use crate::model::test_support::{day, key, profile};
use crate::model::{KeyRecord, PreviousKey, Pushed, Verification};

#[test]
fn a_record_from_the_future_is_new_and_nothing_of_it_is_negative() {
    let mut held = profile("dev");
    (held.key.added_at, held.key.issued_at) = (day(500), Some(day(500)));
    let rules = Policy::default().rules(&held.name);
    let new = i64::from(rules.max_age_days);
    let ends = [DateTime::<Utc>::MIN_UTC, day(-20_000), day(0), day(499), day(500)];
    for now in ends {
        assert_eq!((held.key.age_days(now), rotate_in_days(&held, &rules, now)), (0, new), "{now}");
        let rules: Vec<_> = review_profile(&held, &Policy::default(), now).iter().map(|b| b.rule).collect();
        assert_eq!(rules, [Rule::Unverified], "{now}");
    }
    assert!(held.key.age_days(DateTime::<Utc>::MAX_UTC) > 0);
    assert_eq!(review_profile(&held, &Policy::default(), DateTime::<Utc>::MAX_UTC)[0].rule, Rule::Overdue);
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
        (held.key.issued_at, held.key.added_at) = (Some(at(born)), at(now));
        assert_eq!(held.key.age_days(at(now)), days, "{born} to {now}");
    }
}

#[test]
fn a_key_said_to_be_issued_after_it_came_ages_from_the_day_it_came() {
    let mut held = profile("dev");
    (held.key.added_at, held.key.issued_at) = (day(1), Some(day(20)));
    assert_eq!(held.key.age_days(day(11)), 10);
}

/// A profile whose key was verified on a day, and what the API said.
fn verified_on(on: i64, verdict: Conclusive) -> Profile {
    let mut held = profile("dev");
    held.key.verification = Some(Verification {
        verdict,
        checked_at: day(on),
        http_status: Some(200),
        code: None,
        latency_ms: Some(38),
        host: "api.getimg.ai".to_owned(),
    });
    held
}

/// Every breach as rule, gravity and sentence, and the command that mends it.
fn said(profile: &Profile, now: i64) -> Vec<String> {
    let sentence = |b: Breach| {
        let gravity = if b.broken { "broken" } else { "near" };
        format!("{} ({gravity}): {}; {}", b.rule.as_str(), b.message, b.hint)
    };
    review_profile(profile, &Policy::default(), day(now)).into_iter().map(sentence).collect()
}

#[test]
fn a_key_is_due_from_four_fifths_of_its_age_and_overdue_the_day_after_its_end() {
    let age = |days| said(&verified_on(days, Conclusive::Valid), days);
    assert_eq!(age(71), [""; 0]);
    let due = |when| {
        format!("due_soon (near): the key of `dev` is due to be replaced {when}; getimg-keys rotate dev")
    };
    assert_eq!([72, 89, 90].map(age), [[due("in 18 days")], [due("tomorrow")], [due("today")]]);
    assert_eq!(
        age(91),
        [
            "overdue (broken): the key of `dev` is 91 days old; it was due after 90 days; getimg-keys rotate dev"
        ]
    );
}

#[test]
fn a_key_of_today_is_not_due_however_early_it_is_said() {
    let rules = Rules { warn_from: 0.0, ..Policy::default().rules(&profile("dev").name) };
    let rule = |now| age(&profile("dev"), &rules, day(now)).map(|b| b.rule);
    assert_eq!([rule(0), rule(1)], [None, Some(Rule::DueSoon)]);
}

#[test]
fn a_verification_is_recent_for_thirty_days() {
    let after = |days| said(&verified_on(0, Conclusive::Valid), days);
    assert_eq!(after(30), [""; 0]);
    assert_eq!(
        after(31),
        ["unverified (near): the key of `dev` was last verified 31 days ago; getimg-keys verify dev"]
    );
    assert_eq!(
        said(&profile("dev"), 0),
        ["unverified (near): the key of `dev` was never verified; getimg-keys verify dev"]
    );
}

#[test]
fn what_is_grave_comes_first() {
    let mut held = verified_on(1, Conclusive::Rejected);
    held.key.compromised_at = Some(day(2));
    held.previous = Some(PreviousKey { since: day(3), key: KeyRecord::of(&key("old"), day(0)) });
    assert_eq!(
        said(&held, 4),
        [
            "compromised (broken): the key of `dev` was declared compromised on 2024-10-06; getimg-keys rotate dev --undo",
            "rejected (broken): the API rejected the key of `dev` on 2024-10-05; getimg-keys rotate dev --undo",
            "rotation_open (near): the rotation of `dev` is open since 2024-10-07: its old key may still work; \
             getimg-keys rotate dev --finish",
        ]
    );
    let all = Profiles { all: vec![profile("dev"), held.clone()], ..Profiles::default() };
    assert_eq!(review(&all, &Policy::default(), day(4)).len(), 4);
    let mut serves = Profile { key: profile("dev").key, ..held.clone() };
    let finish = "getimg-keys rotate dev --finish  # then: getimg-keys rotate dev";
    assert_eq!(replacement(&serves).to_string(), finish, "both serve");
    serves.key.verification.clone_from(&held.key.verification);
    if let Some(previous) = &mut serves.previous {
        previous.key.verification.clone_from(&held.key.verification);
    }
    assert_eq!(replacement(&serves).to_string(), finish, "neither serves");
    serves.key = KeyRecord { compromised_at: Some(day(2)), ..profile("dev").key };
    assert_eq!(replacement(&serves).to_string(), finish, "the one before was rejected");
    let mut valid = held.clone();
    if let Some(previous) = &mut valid.previous {
        previous.key.verification = verified_on(1, Conclusive::Valid).key.verification;
    }
    assert_eq!(replacement(&valid).to_string(), "getimg-keys rotate dev --undo");
    if let Some(previous) = &mut held.previous {
        previous.key.compromised_at = Some(day(1));
    }
    assert_eq!(
        replacement(&held).to_string(),
        "getimg-keys rotate dev --finish  # then: getimg-keys rotate dev"
    );
}

#[test]
fn a_place_with_an_older_key_is_named() {
    let pushed = |target: &str| Pushed {
        target: target.to_owned(),
        fingerprint: key("older").fingerprint(),
        at: day(0),
        how: How::Confirmed,
    };
    let mut held = verified_on(1, Conclusive::Valid);
    held.pushed = vec![pushed("a")];
    let one = "pushed_behind (near): a still has an older key of `dev`; getimg-keys push --again dev";
    assert_eq!(said(&held, 2), [one]);
    held.pushed.push(pushed("b"));
    let two = "pushed_behind (near): a, b still have an older key of `dev`; getimg-keys push --again dev";
    assert_eq!(said(&held, 2), [two]);
}
