//! The types of this program's domain: keys, profiles, verdicts.
//!
//! Nothing here reads a file, a clock or the environment; every fact comes in as an argument.

pub mod agents;
pub mod amount;
pub mod api_key;
pub mod change;
pub mod date;
pub mod fingerprint;
pub mod following;
pub mod key_mask;
pub mod key_shape;
pub mod known_keys;
pub mod nudges;
pub mod paste;
pub mod pin;
pub mod policy;
pub mod profile;
pub mod profile_name;
pub mod profiles;
pub mod proposal;
pub mod pushed;
mod remembered;
pub mod retired;
pub mod review;
pub mod selection;
pub mod shared_copy;
pub mod shared_profiles;
pub mod slot;
pub mod store_kind;
pub mod time_limit;
pub mod transcripts;
pub mod untrusted;
pub mod verification;

#[cfg(test)]
pub(crate) mod test_support;

pub use agents::Agent;
pub use amount::Amount;
pub use api_key::{ApiKey, KeyKind, MalformedKey};
pub use change::{Change, Rotation};
pub use fingerprint::Fingerprint;
pub use key_mask::KeyMask;
pub use known_keys::KnownKeys;
pub use nudges::Nudges;
pub use pin::{Pin, Pins};
pub use policy::Policy;
pub use profile::{KeyRecord, PreviousKey, Profile};
pub use profile_name::ProfileName;
pub use profiles::{Known, Profiles};
pub use pushed::Pushed;
pub use retired::Retired;
pub use review::{Breach, Rule};
pub use selection::{Asked, Selection, SelectionSource};
pub use shared_copy::{SharedCopy, Untold};
pub use shared_profiles::{Clash, Deleting, SharedProfiles};
pub use slot::{Role, Slot};
pub use store_kind::StoreKind;
pub use untrusted::Untrusted;
pub use verification::{Attempt, Funds, Probe, Reason, Verdict, Verification};

/// The candidate nearest to a mistyped word, if one is near enough to be meant.
pub fn nearest<'a, T>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a T>,
    text: fn(&T) -> &str,
) -> Option<&'a T> {
    candidates
        .into_iter()
        .map(|c| (likeness(word, text(c)), c))
        .filter(|(likeness, _)| *likeness > 0.82)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, c)| c)
}

/// Two letters that changed places, or one that is wrong, make a short word unlike by Jaro and Winkler.
fn likeness(word: &str, other: &str) -> f64 {
    let by_a_slip = word.len() > 2 && strsim::osa_distance(word, other) == 1;
    strsim::jaro_winkler(word, other).max(if by_a_slip { 0.83 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_short_word_is_still_the_nearest() {
        let known = ["dev", "prod", "ci"];
        let table = [
            ("dve", Some("dev")),
            ("devv", Some("dev")),
            ("prdo", Some("prod")),
            ("xev", Some("dev")),
            ("cd", None),
            ("stage", None),
        ];
        for (word, meant) in table {
            assert_eq!(nearest(word, &known, |known| *known).copied(), meant, "{word}");
        }
    }
}
