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

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    /// The framing and the lines of an answer with these fields.
    fn told(method: &str, status: u16, fields: &[(&str, &str)]) -> Result<(Framing, Vec<String>), Refusal> {
        let parsed = |(name, value): &(&str, &str)| {
            (name.parse::<hyper::header::HeaderName>().unwrap(), value.parse().unwrap())
        };
        let mut all = HeaderMap::new();
        for (name, value) in fields.iter().map(parsed) {
            all.append(name, value);
        }
        let scrub = Scrub::new(Zeroizing::new(b"secret".to_vec()));
        let head = head(method, StatusCode::from_u16(status).unwrap(), &all, &scrub, false)?;
        let text = String::from_utf8(head.bytes).unwrap();
        Ok((head.framing, text.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_owned).collect()))
    }

    #[test]
    fn an_answer_has_a_body_unless_its_request_or_its_status_says_otherwise() {
        let length = [("content-length", "3")];
        let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        let three = || lines(&["content-length: 3"]);
        let table = [
            ("GET", 200, &length[..], Framing::Length, three()),
            ("GET", 200, &[], Framing::Chunked, lines(&["transfer-encoding: chunked"])),
            ("HEAD", 200, &length, Framing::Empty, three()),
            ("GET", 304, &length, Framing::Empty, three()),
            ("GET", 204, &length, Framing::Empty, Vec::new()),
            ("HEAD", 200, &[], Framing::Empty, Vec::new()),
        ];
        for (method, status, fields, framing, lines) in table {
            assert_eq!(told(method, status, fields), Ok((framing, lines)), "{method} {status}");
        }
        assert!(matches!(told("GET", 101, &[]), Err(Refusal::Unreachable(_))));
    }

    #[test]
    fn what_is_of_one_connection_or_compressed_goes_no_further() {
        let fields =
            [("connection", "x-a, X-B"), ("x-a", "1"), ("x-b", "2"), ("x-c", "3"), ("content-length", "0")];
        let lines = vec!["x-c: 3".to_owned(), "content-length: 0".to_owned()];
        assert_eq!(told("GET", 200, &fields), Ok((Framing::Length, lines)));
        for (coding, passes) in [("identity", true), ("Identity", true), ("", true), ("gzip", false)] {
            assert_eq!(told("GET", 200, &[("content-encoding", coding)]).is_ok(), passes, "{coding}");
        }
    }
}
