//! A date as a user gives it.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// A day, which begins at midnight UTC, or a moment.
///
/// # Errors
/// Neither of them.
pub fn date(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(time.to_utc()),
        Err(_) => Err("a date is YYYY-MM-DD, or RFC 3339".to_owned()),
    }
}
