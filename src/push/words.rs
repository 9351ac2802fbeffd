//! Helpers for names and answers of targets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::Listed;

/// Whether a word consists of letters, digits and these signs, and does not begin with a sign that looks like a flag.
pub(super) fn is_plain(word: &str, signs: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(good)
}

/// The key that a program prints, with or without a line ending.
pub(super) fn plain(printed: &[u8]) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(printed).ok()?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Some(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

/// The key that a program prints as base64.
pub(super) fn in_base64(printed: &[u8]) -> Option<Zeroizing<String>> {
    let bytes = Zeroizing::new(STANDARD.decode(printed.trim_ascii()).ok()?);
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// A name in a list of JSON objects, with the time from one of their members if there is one.
pub(super) fn in_json(printed: &[u8], name: &str, time: Option<&str>) -> Listed {
    let Ok(serde_json::Value::Array(items)) = serde_json::from_slice(printed) else {
        return Listed::Unreadable;
    };
    let is_named = |item: &&serde_json::Value| {
        item.get("name").and_then(|n| n.as_str()).is_some_and(|n| n.eq_ignore_ascii_case(name))
    };
    match (items.iter().find(is_named), time) {
        (None, _) => Listed::Absent,
        (Some(_), None) => Listed::Named,
        (Some(item), Some(member)) => item
            .get(member)
            .and_then(|at| at.as_str())
            .and_then(moment)
            .map_or(Listed::Unreadable, Listed::At),
    }
}

/// A time in RFC 3339.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}
