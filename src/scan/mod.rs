//! From bytes to findings: which keys a text contains, and whose they are.
//!
//! Pure: nothing here opens a file, a store or a repository. A [`Matcher`] is built from the fingerprints
//! of every key that was ever in the profiles ([`KeyIndex`]) and judges buffers, or a [`Stream`] of chunks.
//!
//! Why it is fast: one pass looks for the few ways in which a key can begin ([`rules`], `anchors`), plain and
//! in base64 and URL-encoding; only there a candidate is cut out, and only a candidate with a known key's
//! length and last four characters is hashed. The number of known keys does not matter: those without the
//! vendor's prefix, which can begin with anything, are found by their last four characters (`tails`).

mod anchor;
mod anchors;
mod context;
mod decode;
mod decoded;
mod finding;
mod key_index;
mod matcher;
mod plausible;
mod redact;
pub mod rules;
mod same_length;
mod stream;
mod tails;
mod text;
mod utf16;
mod window;

pub use finding::{Hit, State};
pub use key_index::{KeyIndex, KnownKey};
pub use matcher::{Matcher, Scanned};
pub use plausible::is_placeholder;
pub use rules::{RULES, Rule, RuleId};
pub use same_length::{Obstinate, same_length};
pub use stream::Stream;

#[cfg(test)]
mod tests;
