//! Times as people write them.

use chrono::{DateTime, Utc};

/// How long ago: `just now`, `5 min ago`, `3 h ago`, `12 d ago`; a future time is `in the future`.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - then;
    match passed.num_minutes() {
        ..-1 => "in the future".to_owned(),
        -1..1 => "just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes @ 60..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} d ago", passed.num_days()),
    }
}

/// How long something is still valid that ends after this many seconds, or never.
pub fn time_left(seconds: Option<i64>) -> String {
    match seconds {
        None => "never ends".to_owned(),
        Some(left) if left >= 2 * 86_400 => format!("{} days left", left / 86_400),
        Some(left) if left >= 2 * 3600 => format!("{} h left", left / 3600),
        Some(left) if left >= 120 => format!("{} min left", left / 60),
        Some(left) => format!("{left} s left"),
    }
}

/// A time as files and JSON hold it: RFC 3339, UTC, whole seconds.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distance_has_its_unit() {
        let now = DateTime::UNIX_EPOCH + chrono::Duration::days(100);
        let table = [
            (0, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (47 * 3600, "47 h ago"),
            (48 * 3600, "2 d ago"),
            (-3600, "in the future"),
        ];
        for (seconds, words) in table {
            assert_eq!(ago(now - chrono::Duration::seconds(seconds), now), words);
        }
    }
}
