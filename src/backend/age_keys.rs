//! Keys of people, from age or OpenSSH: a public key to encrypt to, a private one to decrypt with.

use std::fmt;
use std::str::FromStr;

use age::{ssh, x25519};
use thiserror::Error;

use super::local::encrypted_files::identity;

/// A recipient: `age1…`, or a public key as in `id_ed25519.pub`.
#[derive(Clone)]
pub struct Recipient(RecipientKey);

#[derive(Clone)]
enum RecipientKey {
    X25519(x25519::Recipient),
    Ssh(Box<ssh::Recipient>),
}

/// The text is not a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a recipient is `age1…` or `ssh-ed25519 …`")]
pub struct MalformedRecipient;

impl Recipient {
    /// What age encrypts to.
    pub(super) fn as_age(&self) -> &dyn age::Recipient {
        match &self.0 {
            RecipientKey::X25519(recipient) => recipient,
            RecipientKey::Ssh(recipient) => &**recipient,
        }
    }
}

impl FromStr for Recipient {
    type Err = MalformedRecipient;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(recipient) = text.parse() {
            return Ok(Self(RecipientKey::X25519(recipient)));
        }
        match text.parse() {
            Ok(recipient @ ssh::Recipient::SshEd25519(..)) => {
                Ok(Self(RecipientKey::Ssh(Box::new(recipient))))
            }
            _ => Err(MalformedRecipient),
        }
    }
}

/// As a file of recipients has it, without a comment.
impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            RecipientKey::X25519(recipient) => write!(f, "{recipient}"),
            RecipientKey::Ssh(recipient) => write!(f, "{recipient}"),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The private key: an age identity file or an OpenSSH private key without a passphrase.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn private_key(text: &str) -> Result<Box<dyn age::Identity>, &'static str> {
    if let Some(identity) = identity::from_text(text) {
        return Ok(Box::new(identity));
    }
    match ssh::Identity::from_buffer(text.as_bytes(), None) {
        Ok(key @ ssh::Identity::Unencrypted(_)) => Ok(Box::new(key)),
        Ok(ssh::Identity::Encrypted(_)) => Err("the SSH key has a passphrase; use a copy without one"),
        _ => Err("it contains neither an age identity nor an OpenSSH private key"),
    }
}
