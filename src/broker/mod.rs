//! The relay of `exec --broker`: what it lets pass, and what it takes out of what comes back.
//!
//! What is here is pure: bytes in, verdict out.

pub mod head;
pub mod model_of;
pub mod scrub;
pub mod target;

/// Why a request goes no further, with the HTTP status it is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The head is not strict HTTP/1.1.
    #[error("the request is not strict HTTP/1.1: {0}")]
    Malformed(&'static str),
    /// Another version of HTTP.
    #[error("only HTTP/1.1 is spoken here")]
    Version,
    /// The head is longer than [`head::LONGEST`], or has more than [`head::MOST_FIELDS`] fields.
    #[error("the request's head is too large")]
    TooLarge,
    /// The target is none that the relay lets pass.
    #[error("the relay lets only paths below /v2/ pass, without dot segments")]
    Target,
    /// The body names no model, two, or one that is not allowed.
    #[error("the relay lets only requests for one allowed model pass")]
    Model,
}

impl Refusal {
    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Version => 505,
            Self::TooLarge => 431,
            Self::Target | Self::Model => 403,
        }
    }
}
