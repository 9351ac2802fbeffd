//! Whether a text with a key's shape can be a secret, or is a placeholder.

use super::key_index::is_key_byte;

/// The fewest characters of an unknown key.
pub(super) const SHORTEST_UNKNOWN: usize = 20;

/// Words in a placeholder.
const PLACEHOLDERS: [&str; 16] = [
    "xxxx",
    "your",
    "example",
    "placeholder",
    "redacted",
    "dummy",
    "changeme",
    "change_me",
    "replace",
    "insert",
    "_here",
    "-here",
    "sample",
    "todo",
    "secret_key",
    "api_key",
];

/// The key-like run that starts at a place, without punctuation at its end.
pub(super) fn token_at(text: &[u8], at: usize) -> &[u8] {
    let run = text[at.min(text.len())..].iter().take(1025);
    let body = run.take_while(|b| is_key_byte(**b)).count();
    let token = &text[at.min(text.len())..][..body];
    let end = token.iter().rposition(|b| !matches!(b, b'.' | b'/' | b'-' | b'~' | b'+')).map_or(0, |n| n + 1);
    &token[..end]
}

/// Whether a prefix may begin here: not in the middle of a word such as `task_`, but after an escape.
pub(super) fn is_start(text: &[u8], at: usize) -> bool {
    match &text[at.saturating_sub(3)..at] {
        [] => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., before] => !before.is_ascii_alphanumeric() && *before != b'_',
    }
}

/// Whether `sk_…` can be a secret of getimg: long enough, not a placeholder, not of Stripe's form.
pub(super) fn is_v2_secret(token: &[u8]) -> bool {
    let other_vendor = [b"sk_live_".as_slice(), b"sk_test_"].iter().any(|p| token.starts_with(p));
    token.len() >= SHORTEST_UNKNOWN && token.len() <= 1024 && !other_vendor && !is_placeholder(token)
}

/// Whether a value in a key's place can be a secret of any shape.
pub(super) fn is_secret_value(token: &[u8]) -> bool {
    let text = String::from_utf8_lossy(token).to_ascii_lowercase();
    let code = ["getimg", "env.", "process.", "secrets.", "config.", "settings."];
    let digit = token.iter().any(u8::is_ascii_digit);
    let letter = token.iter().any(u8::is_ascii_alphabetic);
    let is_path = token.starts_with(b"/") || token.starts_with(b".") || token.starts_with(b"~");
    (SHORTEST_UNKNOWN..=1024).contains(&token.len())
        && digit
        && letter
        && !is_path
        && !code.iter().any(|word| text.contains(word))
        && !is_placeholder(token)
}

/// The legacy shape: `key-` and 95 or 96 letters and digits, and no more of them.
pub(super) fn v1_length(text: &[u8], at: usize) -> Option<usize> {
    let secret = text.get(at + 4..)?;
    let length = secret.iter().take(97).take_while(|b| b.is_ascii_alphanumeric()).count();
    let is_secret = matches!(length, 95 | 96) && !is_placeholder(&secret[..length]);
    is_secret.then_some(4 + length)
}

/// Whether a text is only a placeholder: `your-key-here`, `sk_xxx…`, words without a digit.
pub fn is_placeholder(token: &[u8]) -> bool {
    let text = String::from_utf8_lossy(token).to_ascii_lowercase();
    let body = text.strip_prefix("sk_").unwrap_or(&text);
    let mut characters: Vec<u8> = body.bytes().filter(u8::is_ascii_alphanumeric).collect();
    characters.sort_unstable();
    characters.dedup();
    let words_only = token.iter().all(|b| !b.is_ascii_digit())
        && body.contains(['_', '-', '.', '/'])
        && (token.iter().all(|b| !b.is_ascii_uppercase()) || token.iter().all(|b| !b.is_ascii_lowercase()));
    // A random key sometimes has such a word in its middle; a placeholder consists of little else.
    let is = |test: fn(&u8) -> bool| token.iter().any(test);
    let is_random = is(u8::is_ascii_digit) && is(u8::is_ascii_lowercase) && is(u8::is_ascii_uppercase);
    let names_a_place = |word: &str| match is_random {
        true => body.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word),
        false => body.match_indices(word).any(|(at, _)| !is_amid_random(body, at, word.len())),
    };
    characters.len() <= 2 || words_only || PLACEHOLDERS.iter().any(|word| names_a_place(word))
}

/// Whether a word is within a long run of letters and digits, with digits on both sides of it.
fn is_amid_random(text: &str, at: usize, length: usize) -> bool {
    let is_other = |c: char| !c.is_ascii_alphanumeric();
    let before = text[..at].rsplit(is_other).next().unwrap_or_default();
    let after = text[at + length..].split(is_other).next().unwrap_or_default();
    let has_digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    before.len() + length + after.len() >= SHORTEST_UNKNOWN && has_digit(before) && has_digit(after)
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn a_random_key_with_such_a_word_in_its_middle_is_none() {
        for random in
            ["9fyour3b1d7c2e8a40b6d1f93c5a7e", "7Qa1example0Zr5tBk2", "e71b90c4-8dtodo2f6a35c0e9b74d1f8"]
        {
            assert!(!is_placeholder(format!("sk_{random}").as_bytes()), "{random}");
        }
        for place in ["xxxxxxxxxxxxxxxx1234", "your_key_1_of_2", "yourkey0123456789", "0123456789placeholder"]
        {
            assert!(is_placeholder(format!("sk_{place}").as_bytes()), "{place}");
        }
        assert!(is_placeholder(b"your-key-here") && is_placeholder(b"example-key-0123456789"));
    }
}
