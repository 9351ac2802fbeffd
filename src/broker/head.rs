//! Reads the head of an HTTP/1.1 request strictly (RFC 9112): what two programs could understand differently is
//! refused.

use super::{Refusal, sizes};

/// Fields of one connection, which are never forwarded (RFC 9110, section 7.6.1), and the length, which each side
/// writes.
pub const OF_ONE_CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Fields of a request that the relay writes itself, or that are meant for it.
const OF_THE_RELAY: &[&str] =
    &["accept-encoding", "authorization", "expect", "host", "http2-settings", "proxy-authorization"];

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    Empty,
    /// This many bytes.
    Length(u64),
    /// Chunks, until an empty one.
    Chunked,
}

/// A field as it came: the name with its original case, the value without surrounding spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a str,
    /// The value; visible characters, spaces, tabs, and bytes from 0x80 on.
    pub value: &'a [u8],
}

/// A request's head.
#[derive(Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a str,
    /// The target, in visible ASCII characters.
    pub target: &'a str,
    /// The fields in their order.
    pub fields: Vec<Field<'a>>,
    /// How long the body is.
    pub framing: Framing,
}

/// The length of the head at the beginning of what was read; `None` if more is to come.
///
/// # Errors
/// A line ending other than CR LF, as soon as it is seen, and a head that is too large.
pub fn length(read: &[u8]) -> Result<Option<usize>, Refusal> {
    for at in 0..read.len().min(sizes::HEAD) {
        match read[at] {
            b'\n' if at == 0 || read[at - 1] != b'\r' => return Err(Refusal::Malformed("a bare line feed")),
            b'\r' if read.get(at + 1).is_some_and(|next| *next != b'\n') => {
                return Err(Refusal::Malformed("a bare carriage return"));
            }
            b'\n' if read[..at].ends_with(b"\r\n\r") => return Ok(Some(at + 1)),
            b'\n' if at == 1 => return Err(Refusal::Malformed("an empty first line")),
            0 => return Err(Refusal::Malformed("a NUL")),
            _ => {}
        }
    }
    if read.len() >= sizes::HEAD { Err(Refusal::TooLarge) } else { Ok(None) }
}

impl<'a> Head<'a> {
    /// Parses a head, whose length [`length`] returned.
    ///
    /// # Errors
    /// Whatever RFC 9112 forbids a client to send, or allows a server to read in two ways.
    pub fn parse(head: &'a [u8]) -> Result<Self, Refusal> {
        if length(head)? != Some(head.len()) {
            return Err(Refusal::Malformed("no end"));
        }
        let mut lines =
            head[..head.len() - 4].split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
        let (method, target) = request_line(lines.next().unwrap_or_default())?;
        let fields = lines.map(field).collect::<Result<Vec<_>, _>>()?;
        if fields.len() > sizes::FIELDS {
            return Err(Refusal::TooLarge);
        }
        let head = Self { method, target, framing: framing(&fields)?, fields };
        head.check_host()?;
        Ok(head)
    }

    /// The values of every field of a name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        values(&self.fields, name)
    }

    /// The Bearer token, if there is exactly one.
    pub fn token(&self) -> Option<&'a [u8]> {
        let mut found = self.values("authorization");
        let (value, None) = (found.next()?, found.next()) else { return None };
        let (scheme, token) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
    }

    /// The fields that are forwarded: not those of this connection, nor those that its `Connection` names.
    ///
    /// A name with `_` instead of `-` counts as the same name, because gateways treat it so.
    pub fn passed_on(&self) -> impl Iterator<Item = Field<'a>> {
        let named: Vec<String> = self.values("connection").flat_map(words).collect();
        let dropped = move |name: &str| {
            let name = name.to_ascii_lowercase().replace('_', "-");
            OF_ONE_CONNECTION.contains(&name.as_str())
                || OF_THE_RELAY.contains(&name.as_str())
                || named.contains(&name)
        };
        self.fields.clone().into_iter().filter(move |field| !dropped(field.name))
    }

    /// Whether the client closes the connection after the answer.
    pub fn closes(&self) -> bool {
        self.values("connection").flat_map(words).any(|word| word == "close")
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    pub fn expects_continue(&self) -> bool {
        self.values("expect").any(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }

    fn check_host(&self) -> Result<(), Refusal> {
        let mut hosts = self.values("host");
        let of_host = |b: &u8| b.is_ascii_alphanumeric() || b"-._~[]:%".contains(b);
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if !host.is_empty() && host.iter().all(of_host) => Ok(()),
            (Some(_), None) => Err(Refusal::Malformed("no valid host")),
            (None, _) => Err(Refusal::Malformed("no Host field")),
            (Some(_), Some(_)) => Err(Refusal::Malformed("two Host fields")),
        }
    }
}

fn values<'a>(fields: &[Field<'a>], name: &str) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

/// The words of a comma-separated list, in lower case.
fn words(value: &[u8]) -> Vec<String> {
    let word = |word: &[u8]| String::from_utf8_lossy(word.trim_ascii()).to_ascii_lowercase();
    value.split(|b| *b == b',').map(word).collect()
}

fn request_line(line: &[u8]) -> Result<(&str, &str), Refusal> {
    let bad = || Refusal::Malformed("no request line");
    let line = std::str::from_utf8(line).map_err(|_| bad())?;
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = parts[..] else { return Err(bad()) };
    if !is_token(method) || target.is_empty() || !target.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
        return Err(bad());
    }
    match (version, version.as_bytes()) {
        ("HTTP/1.1", _) => Ok((method, target)),
        (_, [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']) => Err(Refusal::Version),
        _ => Err(bad()),
    }
}

fn field(line: &[u8]) -> Result<Field<'_>, Refusal> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Err(Refusal::Malformed("a folded line"));
    }
    let colon = line.iter().position(|b| *b == b':').ok_or(Refusal::Malformed("a line without a colon"))?;
    let name = std::str::from_utf8(&line[..colon]).ok().filter(|name| is_token(name));
    let name = name.ok_or(Refusal::Malformed("a field's name"))?;
    let value = &line[colon + 1..];
    if value.iter().any(|b| *b != b'\t' && (*b < b' ' || *b == 0x7f)) {
        return Err(Refusal::Malformed("a control character"));
    }
    Ok(Field { name, value: value.trim_ascii() })
}

fn is_token(text: &str) -> bool {
    let of_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(of_token)
}

/// The body's length, from exactly one field or none.
fn framing(fields: &[Field<'_>]) -> Result<Framing, Refusal> {
    let mut lengths = values(fields, "content-length");
    let mut codings = values(fields, "transfer-encoding");
    match (lengths.next(), lengths.next(), codings.next(), codings.next()) {
        (None, _, None, _) => Ok(Framing::Empty),
        (None, _, Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        (None, _, Some(_), _) => Err(Refusal::Malformed("a transfer coding other than chunked")),
        (Some(_), _, Some(_), _) => Err(Refusal::Malformed("a length and a transfer coding")),
        (Some(_), Some(_), ..) => Err(Refusal::Malformed("two lengths")),
        (Some(length), None, None, _) => decimal(length).map(Framing::Length),
    }
}

fn decimal(digits: &[u8]) -> Result<u64, Refusal> {
    let plain = (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain);
    text.and_then(|text| text.parse().ok()).ok_or(Refusal::Malformed("a length that is not a number"))
}

#[cfg(test)]
#[path = "tests/head.rs"]
mod tests;
