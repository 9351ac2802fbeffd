//! An answer of the vault.

use zeroize::Zeroizing;

/// An answer; its body is wiped, because it may hold a key.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The body was longer than what was read.
    pub(super) is_cut: bool,
}

impl Answer {
    /// The vault's own words; `None` if it is not the answer of a vault.
    pub(super) fn errors(&self) -> Option<Vec<String>> {
        #[derive(serde::Deserialize)]
        struct Errors {
            errors: Vec<String>,
        }
        serde_json::from_slice::<Errors>(&self.body).ok().map(|said| said.errors)
    }

    /// Whether its errors contain these words.
    pub(super) fn says(&self, words: &str) -> bool {
        self.errors().is_some_and(|errors| errors.iter().any(|error| error.contains(words)))
    }

    /// Whether the token was refused, not the request.
    pub(super) fn is_plain_denial(&self) -> bool {
        self.errors().is_some_and(|errors| errors.iter().all(|error| error.trim() == "permission denied"))
    }

    /// Whether it says that the entry never existed.
    pub(super) fn is_empty_404(&self) -> bool {
        self.status == 404 && self.errors().is_some_and(|errors| errors.is_empty())
    }
}
