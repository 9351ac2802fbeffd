//! Text from outside, on its way to the screen.

use std::collections::HashSet;

/// So many characters of a key in a row are masked, and no fewer.
pub const RUN: usize = 8;

/// Text from outside: the API's message, a provider's words. It cannot be printed but through `output::untrusted`,
/// which shows what would act on a terminal and cuts what is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untrusted(String);

impl Untrusted {
    /// Text as it was received.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Text as it came, but for any run of [`RUN`] characters of a key.
    pub fn about(key: &[u8], text: &str) -> Self {
        Self(masked(key, text))
    }

    /// The text as it is: for `output::untrusted` alone.
    pub fn as_it_came(&self) -> &str {
        &self.0
    }
}

/// A text with as many `*` for each run of eight or more characters of a key, in any case, wholly or partly
/// URL-encoded. In time that grows with the text alone.
pub fn masked(key: &[u8], text: &str) -> String {
    let marks = marks(key, text);
    let mut bytes = Vec::with_capacity(text.len());
    for ((_, width, at), marked) in decoded(text).zip(&marks) {
        match marked {
            true => bytes.push(b'*'),
            false => bytes.extend_from_slice(&text.as_bytes()[at..at + width]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether eight characters of a key stand in a text in a row, in any of those spellings.
pub fn holds_a_run(key: &[u8], text: &str) -> bool {
    marks(key, text).contains(&true)
}

fn marks(key: &[u8], text: &str) -> Vec<bool> {
    let key = key.to_ascii_lowercase();
    let runs: HashSet<&[u8]> = key.windows(RUN).collect();
    let letters: Vec<u8> = decoded(text).map(|(byte, ..)| byte.to_ascii_lowercase()).collect();
    let mut marks = vec![false; letters.len()];
    for (at, window) in letters.windows(RUN).enumerate() {
        if runs.contains(window) {
            marks[at..at + RUN].fill(true);
        }
    }
    marks
}

/// The text's bytes, `%2B` read as `+`; each with how many bytes it took, and where.
fn decoded(text: &str) -> impl Iterator<Item = (u8, usize, usize)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = at;
        let (byte, width) = match (bytes.get(here)?, digit(here + 1), digit(here + 2)) {
            (b'%', Some(high), Some(low)) => (u8::try_from(high * 16 + low).ok()?, 3),
            (byte, ..) => (*byte, 1),
        };
        at += width;
        Some((byte, width, here))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        format!("sk_{}+/==", "aB3xY9qLmN".repeat(3))
    }

    #[test]
    fn every_run_of_eight_is_masked_in_every_spelling_and_seven_are_none() {
        let key = key();
        let stars = |n: usize| "*".repeat(n);
        let wholly: String = key.bytes().map(|b| format!("%{b:02x}")).collect();
        for (text, shown) in [
            (format!("é{key}{key}, 100% wrong"), format!("é{}, 100% wrong", stars(74))),
            (key.to_uppercase(), stars(37)),
            (wholly, stars(37)),
            (format!("{}…{}", &key[..30], &key[27..]), format!("{}…{}", stars(30), stars(10))),
            (format!("<{}>", &key[5..13]), format!("<{}>", stars(8))),
            (format!("<{}>", &key[5..12]), format!("<{}>", &key[5..12])),
        ] {
            assert_eq!(masked(key.as_bytes(), &text), shown);
            assert_eq!(holds_a_run(key.as_bytes(), &text), text != shown);
        }
    }

    #[test]
    fn no_text_upsets_it_and_nothing_else_is_changed() {
        proptest::proptest!(|(text: String)| {
            proptest::prop_assert_eq!(masked(key().as_bytes(), &text), text);
        });
    }
}
