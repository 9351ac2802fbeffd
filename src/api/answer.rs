//! What an answer of the API means: from status and body to a verdict. Knows nothing of the network.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{Funds, Reason, Verdict};

/// The most bytes of a body that are read; a longer body is not an answer of this API.
pub const LONGEST_BODY: usize = 64 * 1024;
/// The most characters an error code may have; a longer one is dropped.
const LONGEST_CODE: usize = 64;
/// The most characters of an amount or a currency.
const LONGEST_AMOUNT: usize = 40;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The balance; a 404 means that the endpoint does not offer it.
    Balance,
    /// The list of models, asked for if there is no balance.
    Models,
}

impl Question {
    /// The path of the request. Both are free, read only, and outside the rate limits.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Balance => "/v2/billing/balance",
            Self::Models => "/v2/models",
        }
    }
}

/// The parts of an answer that matter.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What was asked.
    pub question: Question,
    /// The HTTP status.
    pub status: u16,
    /// The body, [`LONGEST_BODY`] bytes of it at most.
    pub body: &'a [u8],
    /// Whether the body was longer.
    pub truncated: bool,
}

/// The meaning of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What to do next.
    pub next: Next,
    /// The API's error code, unless it is long or holds unusual characters.
    pub code: Option<String>,
    /// The API's message as it came: not masked, cut or escaped.
    pub message: Option<String>,
}

/// What to do after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The answer is final.
    Settled(Verdict),
    /// The balance is not offered here: ask for the list of models.
    AskModels,
}

/// How long the API asks to wait before the next try.
///
/// `None` if trying again is useless; zero if the API gave no time. Only 429 and 5xx are tried again.
/// `Retry-After` is a number of seconds, as the API documents it, or a date, as HTTP allows: the date is compared
/// with the answer's own `Date`.
pub fn retry_after(status: u16, header: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let time = |text: &str| DateTime::parse_from_rfc2822(text.trim()).ok();
    let until = |then| (time(then)? - time(date?)?).to_std().ok();
    let seconds = |text: &str| text.trim().parse().ok().map(Duration::from_secs);
    let wait = header.and_then(|text| seconds(text).or_else(|| until(text)));
    matches!(status, 429 | 500..=599).then(|| wait.unwrap_or_default())
}

/// Whether the body matters for an answer with this status.
pub fn rests_on_body(status: u16) -> bool {
    !matches!(status, 300..=399 | 403 | 404 | 429 | 500..=599)
}

impl Answer<'_> {
    /// Judges the answer.
    ///
    /// **Valid** is 2xx with the documented shape, or 402 `quota_exceeded`; **rejected** is 401 with JSON
    /// `error.code = invalid_api_key`; everything else is unknown.
    pub fn judge(&self) -> Judgement {
        let error = self.error();
        let code = error.as_ref().and_then(|e| e.code.as_deref());
        let verdict = match (self.status, code) {
            (200..=299, _) => self.funds().map_or(Verdict::Unknown(Reason::UnexpectedBody), Verdict::Valid),
            (402, Some("quota_exceeded")) => Verdict::Valid(Funds::QuotaExceeded),
            (401, Some("invalid_api_key")) => Verdict::Rejected,
            _ => Verdict::Unknown(reason(self.status)),
        };
        let code = code.filter(|c| is_code(c)).map(str::to_owned);
        let next = match self.question {
            Question::Balance if self.status == 404 => Next::AskModels,
            _ => Next::Settled(verdict),
        };
        Judgement { next, code, message: error.and_then(|e| e.message) }
    }

    /// The documented error object.
    fn error(&self) -> Option<ApiError> {
        if self.truncated || self.status < 400 {
            return None;
        }
        serde_json::from_slice::<Envelope>(self.body).ok().map(|e| e.error)
    }

    /// The documented answer to the question.
    fn funds(&self) -> Option<Funds> {
        if self.truncated {
            return None;
        }
        match self.question {
            Question::Balance => {
                let Balance { balance, currency } = serde_json::from_slice(self.body).ok()?;
                (is_decimal(&balance) && is_currency(&currency))
                    .then_some(Funds::Balance { amount: balance, currency })
            }
            Question::Models => {
                serde_json::from_slice::<Vec<Model>>(self.body).ok().map(|_| Funds::NotOffered)
            }
        }
    }
}

fn reason(status: u16) -> Reason {
    match status {
        300..=399 => Reason::Redirect,
        403 => Reason::Forbidden,
        404 => Reason::NotFound,
        429 => Reason::RateLimited,
        500..=599 => Reason::ServerError,
        _ => Reason::UnexpectedBody,
    }
}

/// An optional minus, digits, and perhaps a point with digits after it.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= LONGEST_AMOUNT && digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction)
}

/// Letters and digits only, like `USD`.
pub(super) fn is_currency(text: &str) -> bool {
    (1..=LONGEST_AMOUNT).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (1..=LONGEST_CODE).contains(&text.len()) && text.bytes().all(plain)
}

#[derive(Deserialize)]
struct Envelope {
    error: ApiError,
}

#[derive(Deserialize)]
struct ApiError {
    code: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Balance {
    balance: String,
    currency: String,
}

/// What the API says about a model does not matter here.
type Model = BTreeMap<String, IgnoredAny>;

#[cfg(test)]
#[path = "tests/answer.rs"]
mod tests;
