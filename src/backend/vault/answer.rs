//! An answer of the vault.

use zeroize::Zeroizing;

/// What came back; its body is wiped, for it may hold a key.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// There was more than was read.
    pub(super) is_cut: bool,
}

impl Answer {
    /// The vault's own words; `None` where it is no answer of a vault.
    pub(super) fn errors(&self) -> Option<Vec<String>> {
        #[derive(serde::Deserialize)]
        struct Errors {
            errors: Vec<String>,
        }
        serde_json::from_slice::<Errors>(&self.body).ok().map(|said| said.errors)
    }

    /// Whether its errors have these words.
    pub(super) fn says(&self, words: &str) -> bool {
        self.errors().is_some_and(|errors| errors.iter().any(|error| error.contains(words)))
    }

    /// Whether it is the way in which a token is refused, rather than a request of it.
    pub(super) fn is_plain_denial(&self) -> bool {
        self.errors().is_some_and(|errors| errors.iter().all(|error| error.trim() == "permission denied"))
    }

    /// Whether it says that nothing was ever there.
    pub(super) fn is_empty_404(&self) -> bool {
        self.status == 404 && self.errors().is_some_and(|errors| errors.is_empty())
    }
}
