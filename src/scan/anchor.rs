//! A byte string that indicates a key, and how it may be encoded.

use super::decode::base64_forms;

/// What is at an anchor, and how it is encoded there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A prefix of the vendor's keys.
    Prefix(&'static str),
    /// The last four characters of a known key without such a prefix.
    Tail,
    /// The word `Bearer` and a space.
    Bearer,
    /// The vendor's name.
    Vendor,
    /// A prefix or tail in base64; its group of four begins this many characters before.
    Base64 {
        /// Whether it is a tail; else a prefix.
        tail: bool,
        /// Characters from the start of the group of four to the anchor.
        back: usize,
    },
    /// A prefix or tail in UTF-16, among other bytes.
    Wide {
        /// Whether it is a tail; else a prefix.
        tail: bool,
    },
    /// A prefix or tail that is URL-encoded.
    Url {
        /// Whether it is a tail; else a prefix.
        tail: bool,
    },
}

impl Anchor {
    /// Whether a key that it indicates begins with it, so that all of the key is in the run that goes on from there.
    pub(super) fn begins_a_key(self) -> bool {
        match self {
            Self::Prefix(_) => true,
            Self::Base64 { tail, .. } | Self::Wide { tail } | Self::Url { tail } => !tail,
            Self::Tail | Self::Bearer | Self::Vendor => false,
        }
    }
}

/// The encodings of a prefix or a tail, except the plain one.
pub(super) fn encoded(plain: &[u8], tail: bool, patterns: &mut Vec<(Vec<u8>, Anchor)>) {
    patterns.extend(
        base64_forms(plain).into_iter().map(|(pattern, back)| (pattern, Anchor::Base64 { tail, back })),
    );
    let wide: Vec<u8> = plain.iter().flat_map(|b| [*b, 0]).collect();
    patterns.push((wide[..wide.len() - 1].to_vec(), Anchor::Wide { tail }));
    let keep = |b: &u8| b.is_ascii_alphanumeric();
    let keep_unreserved = |b: &u8| keep(b) || matches!(b, b'-' | b'.' | b'_' | b'~');
    for upper in [true, false] {
        for pattern in [
            percent(plain, keep, upper),
            percent(plain, keep_unreserved, upper),
            percent(plain, |_| false, upper),
        ] {
            let is_new = pattern != plain && patterns.iter().all(|(known, _)| *known != pattern);
            if is_new {
                patterns.push((pattern, Anchor::Url { tail }));
            }
        }
    }
}

fn percent(plain: &[u8], keep: impl Fn(&u8) -> bool, upper: bool) -> Vec<u8> {
    let digits = |b: u8| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") };
    plain.iter().flat_map(|b| if keep(b) { vec![*b] } else { digits(*b).into_bytes() }).collect()
}
