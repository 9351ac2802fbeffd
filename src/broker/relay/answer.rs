//! The answer to a client: the API's head without hop-by-hop headers, or the relay's own refusal.

use std::fmt::Write;

use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use hyper::{StatusCode, Version};

use crate::broker::Refusal;
use crate::broker::head::OF_ONE_CONNECTION;
use crate::broker::scrub::Scrub;

/// How the end of an answer's body is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is no body.
    Empty,
    /// By the length in the head.
    Length,
    /// In chunks.
    Chunked,
}

/// The head of an answer to the client.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) framing: Framing,
}

/// The API's head for the client.
///
/// [`Refusal::Compressed`]: the key cannot be searched for in the body. An answer of another protocol.
pub(super) fn head(
    method: &str,
    status: StatusCode,
    fields: &HeaderMap,
    scrub: &Scrub,
    closes: bool,
) -> Result<Head, Refusal> {
    if status.is_informational() {
        return Err(Refusal::Unreachable("it answered with another protocol".to_owned()));
    }
    let plain = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"identity") || coding.is_empty();
    if !fields.get_all(CONTENT_ENCODING).iter().all(|coding| plain(coding.as_bytes())) {
        return Err(Refusal::Compressed);
    }
    let length = fields.get(CONTENT_LENGTH).filter(|length| length.as_bytes().iter().all(u8::is_ascii_digit));
    let has_none = method == "HEAD" || [204, 304].contains(&status.as_u16());
    let framing = match length {
        _ if has_none => Framing::Empty,
        Some(_) => Framing::Length,
        None => Framing::Chunked,
    };
    let mut bytes = status_line(status);
    let named: Vec<String> = fields.get_all(CONNECTION).iter().flat_map(|v| words(v.as_bytes())).collect();
    for (name, value) in fields {
        if !OF_ONE_CONNECTION.contains(&name.as_str()) && !named.iter().any(|n| n == name.as_str()) {
            let mut value = value.as_bytes().to_vec();
            scrub.whole(&mut value);
            field(&mut bytes, name.as_str(), &value);
        }
    }
    if let Some(length) = length.filter(|_| status.as_u16() != 204) {
        field(&mut bytes, "content-length", length.as_bytes());
    }
    if framing == Framing::Chunked {
        field(&mut bytes, "transfer-encoding", b"chunked");
    }
    if closes {
        field(&mut bytes, "connection", b"close");
    }
    bytes.extend_from_slice(b"\r\n");
    Ok(Head { bytes, framing })
}

/// A complete answer by the relay itself.
pub(super) fn refusal(refusal: &Refusal, method: &str, closes: bool) -> Vec<u8> {
    let body = refusal.body();
    let mut bytes = status_line(StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_GATEWAY));
    field(&mut bytes, "content-type", b"application/json");
    field(&mut bytes, "content-length", body.len().to_string().as_bytes());
    if !refusal.may_be_retried() {
        field(&mut bytes, "x-should-retry", b"false");
    }
    if closes {
        field(&mut bytes, "connection", b"close");
    }
    bytes.extend_from_slice(b"\r\n");
    if method != "HEAD" {
        bytes.extend_from_slice(body.as_bytes());
    }
    bytes
}

/// A piece of a body, framed.
pub(super) fn piece(framing: Framing, bytes: Vec<u8>) -> Vec<u8> {
    if framing != Framing::Chunked || bytes.is_empty() {
        return bytes;
    }
    let mut chunk = String::new();
    // Writing into a string cannot fail.
    let _ = write!(chunk, "{:x}\r\n", bytes.len());
    [chunk.as_bytes(), &bytes, b"\r\n"].concat()
}

fn status_line(status: StatusCode) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("{:?} {} {reason}\r\n", Version::HTTP_11, status.as_u16()).into_bytes()
}

fn field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

/// The words of a comma-separated list, in lower case.
fn words(value: &[u8]) -> Vec<String> {
    let word = |word: &[u8]| String::from_utf8_lossy(word.trim_ascii()).to_ascii_lowercase();
    value.split(|b| *b == b',').map(word).collect()
}
