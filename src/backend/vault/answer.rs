//! What the vault answered, and what its refusals mean.

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::client::{BRIEF, Client};
use super::trouble::Trouble;

/// What came back; its body is wiped, for it may hold a key.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// There was more than was read.
    pub(super) is_cut: bool,
}

impl Client {
    /// What an answer holds.
    ///
    /// # Errors
    /// Anything but what is expected of a vault.
    pub(super) fn parsed<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Trouble> {
        serde_json::from_slice(&answer.body)
            .map_err(|_| Trouble::NotUnderstood(self.address(), "an answer of another shape".to_owned()))
    }

    /// What a refusal means that was asked for a right on a path, as policies name both.
    pub(super) fn refused(&self, answer: &Answer, right: &'static str, path: &str) -> Trouble {
        let not_permitted = || Trouble::NotPermitted { right, path: path.to_owned() };
        match answer.status {
            403 if answer.says("invalid token") => self.not_accepted(),
            // A vault says the same of a token that it does not know and of one that has no policy for it; this tells.
            403 => match self.get("auth/token/lookup-self", BRIEF) {
                Ok(own) if own.status == 403 && own.is_plain_denial() => self.not_accepted(),
                _ => not_permitted(),
            },
            404 if answer.says("no handler for route") => Trouble::NoMount(self.settings.mount.clone()),
            413 => Trouble::TooLarge(0),
            _ => self.unexpected(answer),
        }
    }

    fn not_accepted(&self) -> Trouble {
        Trouble::TokenNotAccepted(self.settings.credential.in_words())
    }

    /// Any other answer.
    pub(super) fn unexpected(&self, answer: &Answer) -> Trouble {
        match answer.errors() {
            Some(words) => Trouble::refused(answer.status, &words.join(" ")),
            None => Trouble::NotUnderstood(self.address(), format!("status {}", answer.status)),
        }
    }
}

impl Answer {
    /// The vault's own words; `None` where it is no answer of a vault.
    fn errors(&self) -> Option<Vec<String>> {
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
    fn is_plain_denial(&self) -> bool {
        self.errors().is_some_and(|errors| errors.iter().all(|error| error.trim() == "permission denied"))
    }

    /// Whether it says that nothing was ever there.
    pub(super) fn is_empty_404(&self) -> bool {
        self.status == 404 && self.errors().is_some_and(|errors| errors.is_empty())
    }
}
