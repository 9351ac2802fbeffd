//! Time limits that a user may set, within bounds.

use std::ops::RangeInclusive;
use std::time::Duration;

/// How long one key may be asked about, in seconds.
const TIMEOUT: RangeInclusive<u64> = 1..=600;
/// How long the encrypted files may be kept unlocked, in seconds.
const UNLOCKED: RangeInclusive<u64> = 1..=365 * 86400;

/// The time for everything about one key: whole seconds, ten minutes at most.
///
/// # Errors
/// In words, for no number or another one.
pub fn timeout(seconds: Option<u64>) -> Result<u64, &'static str> {
    seconds.filter(|seconds| TIMEOUT.contains(seconds)).ok_or("a time is a number of seconds, 1 to 600")
}

/// How long the encrypted files stay unlocked: `90s`, `30m`, `8h`, `2d`; up to 365 days.
///
/// # Errors
/// In words, for anything else.
pub fn unlocked(text: &str) -> Result<Duration, &'static str> {
    let unit = |text: &str| match text {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86400),
        _ => None,
    };
    let parse = || {
        let split = text.len().checked_sub(1).filter(|at| text.is_char_boundary(*at))?;
        let (number, letter) = text.split_at(split);
        let seconds = number.parse::<u64>().ok()?.checked_mul(unit(letter)?)?;
        UNLOCKED.contains(&seconds).then(|| Duration::from_secs(seconds))
    };
    parse().ok_or("a time is a number and s, m, h or d, up to 365d: 90s, 30m, 8h, 2d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [("1s", 1), ("90s", 90), ("30m", 1800), ("8h", 28800), ("365d", 31_536_000)] {
            assert_eq!(unlocked(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "8", "h", "0h", "-1h", "8 h", "1w", "366d", "8é", "99999999999999999999s"] {
            assert!(unlocked(text).is_err(), "{text}");
        }
    }
}
