//! An amount of money, exact to a billionth.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Decimal places that count; further ones are dropped.
const PLACES: usize = 9;
const UNIT: i128 = 1_000_000_000;
/// The most characters of one.
const LONGEST: usize = 27;

/// An amount in the currency of the balance, which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an amount is a decimal number, such as 5 or 0.25")]
pub struct MalformedAmount;

impl Amount {
    /// The sum, as far as there is one.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// How much less `now` is; nothing where it is more.
    #[must_use]
    pub fn fallen_to(self, now: Self) -> Self {
        Self(self.0.saturating_sub(now.0).max(0))
    }

    /// Whether it is below nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl FromStr for Amount {
    type Err = MalformedAmount;

    fn from_str(text: &str) -> Result<Self, MalformedAmount> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || whole.len() > LONGEST {
            return Err(MalformedAmount);
        }
        let billionths: String = fraction.chars().chain("0".repeat(PLACES).chars()).take(PLACES).collect();
        let parse = |t: &str| t.parse::<i128>().map_err(|_| MalformedAmount);
        Ok(Self(sign * (parse(whole)? * UNIT + parse(&billionths)?)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let unit = UNIT.unsigned_abs();
        let fraction = format!("{:09}", size % unit);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{}", size / unit),
            fraction => write!(f, "{sign}{}.{fraction}", size / unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_read_and_written_exactly() {
        for (text, shown) in [
            ("12.50", "12.5"),
            ("0", "0"),
            ("-0.01", "-0.01"),
            ("007.0", "7"),
            ("0.1234567899", "0.123456789"),
            ("999999999999999999999999999", "999999999999999999999999999"),
        ] {
            assert_eq!(amount(text).to_string(), shown);
        }
        for text in ["", "-", ".", "1.", ".5", "+1", "1e3", "1,5", "$1", " 1", "nan", &"9".repeat(28)] {
            assert_eq!(text.parse::<Amount>(), Err(MalformedAmount), "{text}");
        }
    }

    #[test]
    fn a_fall_counts_and_a_rise_does_not() {
        assert_eq!(amount("0.3").fallen_to(amount("0.1")), amount("0.2"));
        assert_eq!(amount("0.1").fallen_to(amount("20")), amount("0"));
        assert_eq!(amount("0.5").fallen_to(amount("-0.5")), amount("1"));
        assert_eq!(amount("0.1").plus(amount("0.2")), amount("0.3"));
        assert!(amount("-0.1").is_negative() && !amount("0").is_negative());
    }
}
