//! The API's verdict on a key, and what is recorded of it.

use crate::hint::Hint;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Untrusted;

/// The result of one check of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The API knows the key.
    Valid(Funds),
    /// The API said, in its own documented words, that the key is not valid.
    Rejected,
    /// Nothing can be concluded; a recorded verdict stays as it was.
    Unknown(Reason),
}

/// What the answer for a valid key says about its workspace's balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Funds {
    /// The balance, as the API sent it.
    Balance {
        /// A decimal number as text: an optional minus, digits, at most one point.
        amount: String,
        /// The currency, letters and digits only: `USD`.
        currency: String,
    },
    /// 402 `quota_exceeded`: the key is known, but its balance or quota is used up.
    QuotaExceeded,
    /// The endpoint offers no balance; its list of models answered.
    NotOffered,
}

impl Funds {
    /// What is known of them, as the rest of a sentence.
    pub fn in_words(&self) -> String {
        match self {
            Self::Balance { amount, currency } => format!(", balance {amount} {currency}"),
            Self::QuotaExceeded => ", but its balance or quota is used up".to_owned(),
            Self::NotOffered => String::new(),
        }
    }
}

/// Why a check gave no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The time for this key was used up.
    Timeout,
    /// The API's host name was not found.
    Dns,
    /// No connection, or one that was lost.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The proxy refused, could not be reached, or is not one that can be used.
    Proxy,
    /// The API answered with a redirect, which is never followed.
    Redirect,
    /// 429, still so after every retry.
    RateLimited,
    /// 403.
    Forbidden,
    /// 5xx, still so after every retry.
    ServerError,
    /// 404 on every endpoint that was asked.
    NotFound,
    /// An answer that the API's documentation does not describe.
    UnexpectedBody,
    /// A made-up key was not refused either.
    EndpointIgnoresAuth,
    /// The store could not give the key.
    Store,
}

/// The name of a [`Verdict`], without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// [`Verdict::Valid`].
    Valid,
    /// [`Verdict::Rejected`].
    Rejected,
    /// [`Verdict::Unknown`].
    Unknown,
}

/// A verdict that settles something: the only kind that is recorded as a [`Verification`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusive {
    /// The API knew the key.
    Valid,
    /// The API refused it.
    Rejected,
}

/// The last conclusive verdict on a profile's key, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What it was.
    pub verdict: Conclusive,
    /// When the answer came.
    pub checked_at: DateTime<Utc>,
    /// The HTTP status that decided it.
    pub http_status: Option<u16>,
    /// The API's error code, where it sent one.
    pub code: Option<String>,
    /// Milliseconds from sending the deciding request to its answer.
    pub latency_ms: Option<u64>,
    /// The host that answered, without a port.
    pub host: String,
}

/// The last check of a profile's key, with any result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What it came to.
    pub verdict: VerdictName,
    /// Why, where it is unknown.
    pub reason: Option<Reason>,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// Everything that one check of a key returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it came to.
    pub verdict: Verdict,
    /// The HTTP status that decided it; `None` where no answer came.
    pub http_status: Option<u16>,
    /// The API's error code: at most 64 letters, digits, `_`, `-` and `.`; never the key.
    pub code: Option<String>,
    /// Milliseconds from sending the deciding request to its answer.
    pub latency_ms: Option<u64>,
    /// The host that was asked, without a port.
    pub host: String,
    /// Words from outside, for a person: the API's message, or the network's. The key is masked in it,
    /// control characters are not yet escaped.
    pub message: Option<Untrusted>,
}

impl Verdict {
    /// The verdict's name.
    pub fn name(&self) -> VerdictName {
        match self {
            Self::Valid(_) => VerdictName::Valid,
            Self::Rejected => VerdictName::Rejected,
            Self::Unknown(_) => VerdictName::Unknown,
        }
    }

    /// Why it is unknown; `None` for the others.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Unknown(reason) => Some(*reason),
            _ => None,
        }
    }

    /// The verdict as it is recorded; `None` for an unknown, which never overwrites one.
    pub fn conclusive(&self) -> Option<Conclusive> {
        match self {
            Self::Valid(_) => Some(Conclusive::Valid),
            Self::Rejected => Some(Conclusive::Rejected),
            Self::Unknown(_) => None,
        }
    }
}

impl Probe {
    /// The record of a conclusive verdict; `None` for an unknown.
    pub fn verification(&self, now: DateTime<Utc>) -> Option<Verification> {
        Some(Verification {
            verdict: self.verdict.conclusive()?,
            checked_at: now,
            http_status: self.http_status,
            code: self.code.clone(),
            latency_ms: self.latency_ms,
            host: self.host.clone(),
        })
    }

    /// The record that a check was made, whatever came of it.
    pub fn attempt(&self, now: DateTime<Utc>) -> Attempt {
        Attempt { verdict: self.verdict.name(), reason: self.verdict.reason(), at: now }
    }
}

impl VerdictName {
    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

impl Conclusive {
    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        VerdictName::from(self).as_str()
    }
}

impl From<Conclusive> for VerdictName {
    fn from(verdict: Conclusive) -> Self {
        match verdict {
            Conclusive::Valid => Self::Valid,
            Conclusive::Rejected => Self::Rejected,
        }
    }
}

impl Reason {
    /// Every reason, in the order of the command line's contract.
    pub const ALL: [Self; 13] = [
        Self::Timeout,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Proxy,
        Self::Redirect,
        Self::RateLimited,
        Self::Forbidden,
        Self::ServerError,
        Self::NotFound,
        Self::UnexpectedBody,
        Self::EndpointIgnoresAuth,
        Self::Store,
    ];

    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What it means, as the rest of a sentence for a person.
    pub fn sentence(self) -> &'static str {
        self.words().1
    }

    /// The command that tells more, where the cause is on this side of the network.
    pub fn way_on(self) -> Option<Hint> {
        matches!(self, Self::Tls | Self::Proxy).then(|| Hint::run("doctor"))
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Timeout => ("timeout", "the API did not answer in time"),
            Self::Dns => ("dns", "the API's host name was not found, as when this machine is offline"),
            Self::Connect => ("connect", "no connection to the API, or it was lost"),
            Self::Tls => ("tls", "the certificate is not trusted, or this machine's clock is wrong"),
            Self::Proxy => ("proxy", "the proxy refused, or cannot be reached or used"),
            Self::Redirect => ("redirect", "the answer was a redirect, and none is followed with a key"),
            Self::RateLimited => ("rate_limited", "the API asks to wait before it is asked again"),
            Self::Forbidden => ("forbidden", "access was forbidden, by the API or by a proxy before it"),
            Self::ServerError => ("server_error", "the API has an internal error"),
            Self::NotFound => ("not_found", "the host answered, but what was asked for is not there"),
            Self::UnexpectedBody => ("unexpected_body", "the answer is not one the API documents"),
            Self::EndpointIgnoresAuth => {
                ("endpoint_ignores_auth", "a made-up key was not refused either, so this proves nothing")
            }
            Self::Store => ("store", "the key could not be read from the store"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
#[path = "verification_tests.rs"]
mod tests;
