//! Why a request is refused, and the answer in the API's error format.

use serde_json::json;

use super::sizes;

/// Why a request is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is not strict HTTP/1.1.
    #[error("the request is not strict HTTP/1.1: {0}")]
    Malformed(&'static str),
    /// Another version of HTTP.
    #[error("only HTTP/1.1 is spoken here")]
    Version,
    /// The head is longer than [`sizes::HEAD`], or has more than [`sizes::FIELDS`] fields.
    #[error("the request's head is larger than {} KiB, or has more than {} fields", sizes::HEAD / 1024, sizes::FIELDS)]
    TooLarge,
    /// The line before a chunk is longer than [`sizes::CHUNK_LINE`], or the trailer is.
    #[error("a chunk's line is longer than {} bytes", sizes::CHUNK_LINE)]
    ChunkLine,
    /// The token of this run is missing.
    #[error(
        "Incorrect API key provided. This is the relay of getimg-keys, which takes only the key in the GETIMG_API_KEY of the program that it was started for."
    )]
    Token,
    /// The relay does not let this target pass.
    #[error("only paths below /v2/ pass, without dot segments or backslashes")]
    Target,
    /// The API has no such method.
    #[error("the method is not one of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS")]
    Method,
    /// `--read-only`, and the method is not GET.
    #[error("only GET requests pass (--read-only)")]
    ReadOnly,
    /// `--allow-model`: the body names no model, two, or one that is not allowed.
    #[error("only requests whose body is JSON with one allowed model pass (--allow-model)")]
    Model,
    /// `--allow-model`: the body is longer than [`sizes::BODY`].
    #[error("the body is larger than {} MiB, and its model cannot be checked (--allow-model)", sizes::BODY / (1024 * 1024))]
    Body,
    /// `--max-requests` is reached.
    #[error("{0} requests were sent (--max-requests)")]
    Requests(u64),
    /// `--max-spend` is reached.
    #[error("{0} was spent (--max-spend)")]
    Spend(crate::model::Amount),
    /// `--max-spend` is given, and the balance cannot be read.
    #[error("the balance cannot be read, so what was spent is not known (--max-spend): {0}")]
    Balance(String),
    /// The API gave no answer.
    #[error("the API gave no answer: {0}")]
    Unreachable(String),
    /// The answer is compressed, although the relay asked for an uncompressed one: the key cannot be searched for in
    /// it.
    #[error("the API's answer is compressed, although a plain one was asked for; it is not passed on unread")]
    Compressed,
}

impl Refusal {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::ChunkLine => 400,
            Self::Token => 401,
            Self::Spend(_) | Self::Balance(_) => 402,
            Self::Target | Self::Method | Self::ReadOnly | Self::Model => 403,
            Self::Body => 413,
            Self::Requests(_) => 429,
            Self::TooLarge => 431,
            Self::Unreachable(_) | Self::Compressed => 502,
            Self::Version => 505,
        }
    }

    /// The code in the answer.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::ChunkLine | Self::Version => "broker_malformed",
            Self::Token => "invalid_api_key",
            Self::Spend(_) | Self::Balance(_) => "quota_exceeded",
            Self::Target | Self::Method | Self::ReadOnly | Self::Model => "broker_denied",
            Self::Body | Self::TooLarge => "broker_too_large",
            Self::Requests(_) => "broker_limit",
            Self::Unreachable(_) | Self::Compressed => "broker_bad_gateway",
        }
    }

    /// Whether sending the same request again can help: only if it was not the relay that refused it.
    pub fn may_be_retried(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }

    /// Whether the rest of the connection can no longer be separated from this request.
    pub fn ends_the_connection(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::ChunkLine | Self::Version | Self::TooLarge | Self::Body)
    }

    /// The answer's body, in the shape of the API's errors.
    pub fn body(&self) -> String {
        let message = match self {
            Self::Token => self.to_string(),
            _ => format!("getimg-keys exec --broker: {self}"),
        };
        let doc_url = (*self == Self::Token).then_some("https://docs.getimg.ai/guides/authentication");
        json!({"error": {
            "message": message, "type": "invalid_request_error", "param": null, "code": self.code(), "doc_url": doc_url,
        }})
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_name_the_limits() {
        assert_eq!(
            Refusal::TooLarge.to_string(),
            "the request's head is larger than 64 KiB, or has more than 100 fields"
        );
        assert_eq!(Refusal::ChunkLine.to_string(), "a chunk's line is longer than 4096 bytes");
        assert_eq!(
            Refusal::Body.to_string(),
            "the body is larger than 32 MiB, and its model cannot be checked (--allow-model)"
        );
    }

    #[test]
    fn each_has_a_status_and_a_code_and_ends_the_connection_where_its_end_is_not_known() {
        let table = [
            (Refusal::Malformed("x"), 400, "broker_malformed", true),
            (Refusal::ChunkLine, 400, "broker_malformed", true),
            (Refusal::Token, 401, "invalid_api_key", false),
            (Refusal::Spend(crate::model::Amount::default()), 402, "quota_exceeded", false),
            (Refusal::Balance(String::new()), 402, "quota_exceeded", false),
            (Refusal::Target, 403, "broker_denied", false),
            (Refusal::Method, 403, "broker_denied", false),
            (Refusal::ReadOnly, 403, "broker_denied", false),
            (Refusal::Model, 403, "broker_denied", false),
            (Refusal::Body, 413, "broker_too_large", true),
            (Refusal::Requests(1), 429, "broker_limit", false),
            (Refusal::TooLarge, 431, "broker_too_large", true),
            (Refusal::Unreachable(String::new()), 502, "broker_bad_gateway", false),
            (Refusal::Compressed, 502, "broker_bad_gateway", false),
            (Refusal::Version, 505, "broker_malformed", true),
        ];
        for (refusal, status, code, ends) in table {
            let told = (refusal.status(), refusal.code(), refusal.ends_the_connection());
            assert_eq!(told, (status, code, ends), "{refusal:?}");
            assert_eq!(refusal.may_be_retried(), matches!(refusal, Refusal::Unreachable(_)), "{refusal:?}");
            let body: serde_json::Value = serde_json::from_str(&refusal.body()).unwrap();
            assert_eq!(body["error"]["code"], code);
            // As the API answers to a wrong key.
            assert_eq!(body["error"]["doc_url"].is_string(), refusal == Refusal::Token, "{refusal:?}");
            let is_the_api_s = body["error"]["message"].as_str().unwrap().starts_with("Incorrect API key");
            assert_eq!(is_the_api_s, refusal == Refusal::Token, "{refusal:?}");
        }
    }
}
