//! A profile, in JSON and as text.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::when::{ago, rfc3339};
use super::{Style, breaches};
use crate::model::review::{review_profile, rotate_in_days};
use crate::model::verification::Conclusive;
use crate::model::{Policy, Profile, ProfileName};

/// The contract's object `P`: a profile as it now is.
pub fn json(profile: &Profile, active: Option<&ProfileName>, policy: &Policy, now: DateTime<Utc>) -> Value {
    let rules = policy.rules(&profile.name);
    let (key, aged) = (&profile.key, !policy.ageless);
    json!({
        "name": profile.name,
        "active": active == Some(&profile.name),
        "protected": profile.protected,
        "kind": key.kind.as_str(),
        "hint": key.hint,
        "fingerprint": key.fingerprint.to_string(),
        "note": profile.note,
        "added_at": aged.then(|| rfc3339(profile.added_at)),
        "issued_at": key.issued_at.map(rfc3339),
        "rotated_at": profile.rotated_at.map(rfc3339),
        "age_days": aged.then(|| key.age_days(now)),
        "rotate_in_days": aged.then(|| rotate_in_days(profile, &rules, now)),
        "compromised_at": key.compromised_at.map(rfc3339),
        "previous": profile.previous.as_ref().map(|p| json!({
            "fingerprint": p.key.fingerprint.to_string(),
            "since": rfc3339(p.since),
        })),
        "verification": key.verification.as_ref().map(|v| json!({
            "verdict": v.verdict.as_str(),
            "checked_at": rfc3339(v.checked_at),
            "http_status": v.http_status,
            "code": v.code,
            "latency_ms": v.latency_ms,
            "host": v.host,
        })),
        "last_attempt": key.last_attempt.as_ref().map(|a| json!({
            "verdict": a.verdict.as_str(),
            "reason": a.reason.map(|r| r.as_str()),
            "at": rfc3339(a.at),
        })),
        "pushed": super::pushed::json(profile),
        "breaches": breaches::json(&review_profile(profile, policy, now)),
    })
}

/// The last verdict and when it was reached: `✓ valid, 3 d ago`.
pub fn verified(profile: &Profile, policy: &Policy, style: Style, now: DateTime<Utc>) -> String {
    match &profile.key.verification {
        None if policy.ageless => String::new(),
        None => style.warn("never"),
        Some(v) if v.verdict == Conclusive::Valid => {
            format!("{} {}", style.good("✓ valid"), ago(v.checked_at, now))
        }
        Some(v) => format!("{} {}", style.bad("✗ rejected"), ago(v.checked_at, now)),
    }
}

/// When the key is to be replaced: `in 47 d`, `overdue by 3 d`, `now` for a rejected one; or that the rotation is open.
pub fn rotation(profile: &Profile, policy: &Policy, style: Style, now: DateTime<Utc>) -> String {
    let rules = policy.rules(&profile.name);
    let left = rotate_in_days(profile, &rules, now);
    if profile.key.compromised_at.is_some() {
        return style.bad("✗ compromised");
    }
    if profile.key.verification.as_ref().is_some_and(|v| v.verdict == Conclusive::Rejected) {
        return style.bad("! now");
    }
    if policy.ageless {
        return String::new();
    }
    let text = if left < 0 { format!("overdue by {} d", -left) } else { format!("in {left} d") };
    let warned = profile.key.age_days(now) as f64 >= f64::from(rules.max_age_days) * rules.warn_from;
    match (left < 0, profile.previous.is_some()) {
        (true, _) => style.bad(&format!("! {text}")),
        (_, true) => style.warn("open: --finish"),
        _ if warned => style.warn(&text),
        _ => text,
    }
}
