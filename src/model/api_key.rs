//! An API key, and the only way to make one.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::Fingerprint;

/// The fewest characters a key may have.
pub const SHORTEST: usize = 16;
/// The most characters a key may have.
pub const LONGEST: usize = 1024;
/// Below this length a key is never shown in part: four characters would be too much of it.
pub const SHORTEST_WITH_HINT: usize = 20;

/// An API key; kept out of swap as far as the limit allows, wiped from memory when dropped, and never printed.
///
/// [`ApiKey::parse`] is the only way in. `Debug` shows `[redacted]`; there is no `Display`, `Clone`,
/// `Serialize` or `PartialEq` (compare fingerprints instead). [`ApiKey::expose`] is the only way out.
pub struct ApiKey(Zeroizing<String>);

/// Locks the pages that hold a key, to the process's end: another key on the same page must not lose its lock. Where
/// the limit on locked memory is reached, the key is held all the same.
fn keep_out_of_swap(text: &str) {
    let _ = region::lock(text.as_ptr(), text.len()).map(std::mem::forget);
}

/// Which API a key was made for, told from its shape alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// `sk_…`, the current API.
    V2,
    /// `key-` and 95 or 96 letters and digits, the legacy API.
    V1,
    /// Any other shape. The vendor publishes none, so it is not refused.
    Other,
}

/// Why a text cannot be a key; names positions, never the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedKey {
    /// There was nothing at all.
    #[error("the key is empty")]
    Empty,
    /// Fewer than [`SHORTEST`] characters.
    #[error("the key has {0} characters; one has at least {SHORTEST}")]
    TooShort(usize),
    /// More than [`LONGEST`] characters.
    #[error("the key has more than {LONGEST} characters")]
    TooLong,
    /// A character no Bearer token may hold, with its position counted from 1.
    #[error("the key has {what} at position {position}")]
    Character {
        /// What the character is, in words: `white space`, `a control character`.
        what: &'static str,
        /// Its place, counted in characters from 1.
        position: usize,
    },
    /// The bytes are not UTF-8; the first that is not, counted as a character from 1.
    #[error("the key is not text: position {0} is not valid UTF-8")]
    NotText(usize),
}

impl ApiKey {
    /// Takes a text as a key, if it can be one.
    ///
    /// A key is 16 to 1024 characters of a Bearer token's alphabet (RFC 6750, `b64token`): letters,
    /// digits, `- . _ ~ + /`, then any number of `=`. Nothing in it can glob or quote in a shell.
    ///
    /// # Errors
    /// [`MalformedKey`], which names a position and never repeats the text.
    pub fn parse(text: Zeroizing<String>) -> Result<Self, MalformedKey> {
        if text.is_empty() {
            return Err(MalformedKey::Empty);
        }
        let body = text.trim_end_matches('=');
        if let Some((place, c)) = body.chars().enumerate().find(|(_, c)| !is_token_character(*c)) {
            return Err(MalformedKey::Character { what: describe(c), position: place + 1 });
        }
        match text.len() {
            n if n < SHORTEST => Err(MalformedKey::TooShort(n)),
            n if n > LONGEST => Err(MalformedKey::TooLong),
            _ if body.is_empty() => Err(MalformedKey::Character { what: describe('='), position: 1 }),
            _ => {
                keep_out_of_swap(&text);
                Ok(Self(text))
            }
        }
    }

    /// Hands out the key itself; every use of this method is counted by a test.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its length in characters.
    #[expect(clippy::len_without_is_empty, reason = "no key is empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What the program stores about a key instead of the key.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.as_bytes())
    }

    /// A mask that lets a person recognise the key: its prefix and last four characters.
    ///
    /// `None` below [`SHORTEST_WITH_HINT`] characters. The width does not depend on the key's length.
    pub fn hint(&self) -> Option<String> {
        if self.0.len() < SHORTEST_WITH_HINT {
            return None;
        }
        let prefix = ["sk_", "key-"].into_iter().find(|p| self.0.starts_with(p)).unwrap_or("");
        let tail = self.0.get(self.0.len() - 4..)?;
        Some(format!("{prefix}…{tail}"))
    }

    /// Which API the key's shape belongs to.
    pub fn kind(&self) -> KeyKind {
        match (self.0.strip_prefix("sk_"), self.0.strip_prefix("key-")) {
            (Some(_), _) => KeyKind::V2,
            (_, Some(rest)) if is_v1_secret(rest) => KeyKind::V1,
            _ => KeyKind::Other,
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl KeyKind {
    /// The name used in files and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V1 => "v1",
            Self::Other => "other",
        }
    }
}

/// Whether a Bearer token may hold this character before its trailing `=` (RFC 6750, section 2.1).
pub fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/')
}

fn is_v1_secret(text: &str) -> bool {
    matches!(text.len(), 95 | 96) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn describe(c: char) -> &'static str {
    match c {
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => "an invisible character",
        c if c.is_whitespace() => "white space",
        c if c.is_control() => "a control character",
        c if !c.is_ascii() => "a character outside ASCII",
        _ => "a character that keys do not contain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ApiKey, MalformedKey> {
        ApiKey::parse(Zeroizing::new(text.to_owned()))
    }

    fn v2(secret: usize) -> String {
        format!("sk_{}", "aB3".repeat(secret).get(..secret).unwrap())
    }

    #[test]
    #[cfg(target_os = "linux")]
    #[expect(clippy::disallowed_methods, reason = "the kernel's word on this process")]
    fn the_pages_that_hold_keys_are_locked() {
        let key = parse(&v2(40)).unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let may = limits.lines().find(|line| line.starts_with("Max locked memory")).unwrap();
        assert!(locked != "0 kB" || may.split_whitespace().nth(3) == Some("0"), "{locked}; {may}");
        drop(key);
    }

    #[test]
    fn a_bearer_tokens_alphabet_is_admitted() {
        for text in [v2(40), format!("key-{}", "a1".repeat(48)), format!("{}==", "a-._~+/".repeat(4))] {
            assert_eq!(parse(&text).unwrap().expose(), text);
        }
    }

    #[test]
    fn what_can_glob_quote_or_hide_is_refused_by_position() {
        let table = [
            (' ', "white space"),
            ('\u{a0}', "white space"),
            ('\u{200b}', "an invisible character"),
            ('\x1b', "a control character"),
            ('é', "a character outside ASCII"),
            ('*', "a character that keys do not contain"),
            ('\'', "a character that keys do not contain"),
            ('$', "a character that keys do not contain"),
        ];
        for (c, what) in table {
            let text = format!("{}{c}{}", v2(17), v2(10));
            assert_eq!(parse(&text).unwrap_err(), MalformedKey::Character { what, position: 21 });
        }
        assert_eq!(
            parse("sk_a=bcdefghijklmnop").unwrap_err().to_string(),
            "the key has a character that keys do not contain at position 5"
        );
    }

    #[test]
    fn length_is_bounded_on_both_sides() {
        assert_eq!(parse("").unwrap_err(), MalformedKey::Empty);
        assert_eq!(parse(&v2(12)).unwrap_err(), MalformedKey::TooShort(15));
        assert!(parse(&v2(13)).is_ok());
        assert_eq!(parse(&v2(1021)).unwrap().len(), 1024);
        assert_eq!(parse(&v2(1022)).unwrap_err(), MalformedKey::TooLong);
    }

    #[test]
    fn padding_alone_is_no_key() {
        let what = "a character that keys do not contain";
        assert_eq!(parse(&"=".repeat(20)).unwrap_err(), MalformedKey::Character { what, position: 1 });
    }

    #[test]
    fn a_hint_needs_twenty_characters_and_shows_four() {
        assert_eq!(parse(&format!("{}3f9a", v2(13))).unwrap().hint().unwrap(), "sk_…3f9a");
        assert_eq!(parse(&v2(16)).unwrap().hint(), None);
        assert_eq!(parse(&format!("{}3f9a", v2(16))).unwrap().hint().unwrap(), "sk_…3f9a");
    }

    #[test]
    fn the_kind_follows_the_shape() {
        assert_eq!(parse(&v2(40)).unwrap().kind(), KeyKind::V2);
        assert_eq!([KeyKind::V2, KeyKind::V1, KeyKind::Other].map(KeyKind::as_str), ["v2", "v1", "other"]);
        assert_eq!(parse(&format!("key-{}", "a".repeat(95))).unwrap().kind(), KeyKind::V1);
        assert_eq!(parse(&format!("key-{}", "a".repeat(94))).unwrap().kind(), KeyKind::Other);
        assert_eq!(parse(&"x".repeat(30)).unwrap().kind(), KeyKind::Other);
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", parse(&v2(40)).unwrap()), "[redacted]");
    }

    #[test]
    fn an_older_key_has_95_or_96_letters_and_digits() {
        let kind = |secret: &str| parse(&format!("key-{secret}")).unwrap().kind();
        let kinds = [94, 95, 96, 97].map(|length| kind(&"a".repeat(length)));
        assert_eq!(kinds.map(|kind| kind == KeyKind::V1), [false, true, true, false]);
        assert_ne!(kind(&format!("{}-", "a".repeat(95))), KeyKind::V1);
    }

    #[test]
    fn each_invisible_character_is_called_one() {
        for c in
            ['\u{200b}', '\u{200f}', '\u{2060}', '\u{feff}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}']
        {
            assert_eq!(describe(c), "an invisible character", "{c:?}");
        }
        assert_eq!(
            ["\u{2028}", "\u{7f}", "ä", "!"].map(|text| describe(text.chars().next().unwrap())),
            [
                "white space",
                "a control character",
                "a character outside ASCII",
                "a character that keys do not contain",
            ]
        );
    }
}
