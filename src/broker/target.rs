//! Which request targets pass: paths below `/v2/` that no server can read as another path.

use super::Refusal;

/// The beginning of every path of the API.
const ROOT: &str = "/v2/";
/// How often a path is decoded before it counts as hiding something.
const ROUNDS: usize = 4;

/// Lets a target in origin form pass that begins with `/v2/` and has no dot segment in any encoding.
///
/// Also refuses what some servers read as a separator or an end: a backslash, an encoded control
/// character, bytes that are not UTF-8 after decoding, and path parameters after dots (`..;x`).
///
/// # Errors
/// [`Refusal::Target`].
pub fn check(target: &str) -> Result<(), Refusal> {
    let path = target.split('?').next().unwrap_or_default();
    if !path.starts_with(ROOT) {
        return Err(Refusal::Target);
    }
    let mut path = path.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        if !is_plain(&path) {
            return Err(Refusal::Target);
        }
        let decoded = decoded(&path);
        if decoded == path {
            return Ok(());
        }
        path = decoded;
    }
    Err(Refusal::Target)
}

fn is_plain(path: &[u8]) -> bool {
    let hides = |b: &u8| *b < b' ' || matches!(*b, b'\\' | 0x7f);
    let is_dots = |segment: &[u8]| {
        let name = segment.split(|b| *b == b';').next().unwrap_or_default();
        matches!(name.trim_ascii(), b"." | b"..")
    };
    std::str::from_utf8(path).is_ok() && !path.iter().any(hides) && !path.split(|b| *b == b'/').any(is_dots)
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let digit = |at: usize| path.get(at).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(path.len()), 0);
    while at < path.len() {
        let byte = match (path[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        out.push(byte.unwrap_or(path[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_v2_pass_whatever_their_query_says() {
        for target in [
            "/v2/",
            "/v2/models",
            "/v2/models?type=image&x='a'%2e%2e/..",
            "/v2/a%2Fb",
            "/v2/a%20b",
            "/v2/x..y/...",
            "/v2//a",
        ] {
            assert_eq!(check(target), Ok(()), "{target}");
        }
    }

    #[test]
    fn nothing_leads_out_of_v2() {
        for target in [
            "*",
            "/",
            "/v2",
            "/v2?/v2/",
            "/V2/x",
            "//v2/x",
            "/v1/x",
            "v2/x",
            "http://a/v2/x",
            "a:443",
            "/v2/..",
            "/v2/./x",
            "/v2/../v1",
            "/v2/%2e%2e/v1",
            "/v2/.%2E/v1",
            "/v2/%252e%252e/v1",
            "/v2/a%2f..%2fb",
            "/v2/a\\..\\b",
            "/v2/a\\b",
            "/v2/a%5cb",
            "/v2/a%5C..%5Cb",
            "/v2/a%255c..",
            "/v2/..;x/v1",
            "/v2/..%3bx/v1",
            "/v2/%c0%ae%c0%ae/",
            "/v2/a%00",
            "/v2/a%7f",
            "/v2/..%09/",
            "/v2/%0d%0a",
            "/v2/%25252525252e%2e",
        ] {
            assert_eq!(check(target), Err(Refusal::Target), "{target}");
        }
    }
}
