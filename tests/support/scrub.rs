//! Removes from a transcript what differs each time.

use super::Key;

/// Replaces times, days, latencies and ports.
pub fn times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((word, length)) = moving(rest, &out) {
            out.push_str(word);
            rest = &rest[length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Replaces every key, its mask and its fingerprint by words of the same width.
pub fn key(text: &str, name: &str, key: &Key) -> String {
    let print = key.fingerprint();
    let prefix = key.hint().split('…').next().unwrap().to_owned();
    text.replace(&key.0, &format!("<key of {name}>"))
        .replace(&key.hint(), &format!("{prefix}…last"))
        .replace(&print.to_hex(), &format!("<whole fingerprint of {name}>"))
        .replace(&print.to_string(), &format!("<fingerprint of {name}>"))
}

fn moving(text: &str, before: &str) -> Option<(&'static str, usize)> {
    let is_start = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !is_start || digits == 0 {
        return None;
    }
    if fits(text, "0000-00-00T00:00:00Z") {
        return Some(("<time>", 20));
    }
    if fits(text, "0000-00-00 00:00 UTC") {
        return Some(("<minute>", 20));
    }
    if fits(text, "0000-00-00") {
        return Some(("<day>", 10));
    }
    (before.ends_with("latency_ms\":") || text[digits..].starts_with(" ms")).then_some(("<n>", digits))
}

fn fits(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && shape.bytes().zip(text.bytes()).all(|(s, t)| if s == b'0' { t.is_ascii_digit() } else { s == t })
}

#[test]
fn only_what_moves_is_replaced() {
    let table = [
        ("at 2026-01-02T03:04:05Z, 12 d", "at <time>, 12 d"),
        ("since 2026-01-02.", "since <day>."),
        ("(changed 2026-01-02 03:04 UTC)", "(changed <minute>)"),
        ("valid  37 ms", "valid  <n> ms"),
        ("\"latency_ms\":37,", "\"latency_ms\":<n>,"),
        ("12-34", "12-34"),
    ];
    for (text, scrubbed) in table {
        assert_eq!(times(text), scrubbed);
    }
}
