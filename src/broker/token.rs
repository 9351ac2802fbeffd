//! The token of one run, which a program gets instead of the key.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::model::ApiKey;

/// The token that requests are compared with.
pub struct Token(Zeroizing<Vec<u8>>);

impl Token {
    /// For a made-up key.
    pub fn of(made_up: &ApiKey) -> Self {
        Self(Zeroizing::new(made_up.expose().as_bytes().to_vec()))
    }

    /// Whether it was sent; the time of the comparison does not show where a wrong token differs.
    pub fn is(&self, sent: Option<&[u8]>) -> bool {
        sent.is_some_and(|sent| bool::from(self.0.ct_eq(sent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::key;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::of(&key("x"));
        let letters = key("x").expose().as_bytes().to_vec();
        assert!(token.is(Some(&letters)));
        assert!(!token.is(None) && !token.is(Some(b"")) && !token.is(Some(&letters[..letters.len() - 1])));
        assert!(!token.is(Some(&[&letters[..], b"="].concat())));
    }
}
