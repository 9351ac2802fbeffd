//! The vault's errors: each with a message and the hints that help.

use std::path::PathBuf;

use thiserror::Error;

use crate::error::{Error, Kind};
use crate::hint::{Hint, quoted, suggest};
use crate::model::key_shape::without_keys;
use crate::model::{Clash, Fingerprint};
use crate::system::terminal::escape;

/// Why the vault could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// Nothing answers at the address, with the reason.
    #[error("the vault at {0} cannot be reached: {1}")]
    Unreachable(String, String),
    /// It did not answer in time.
    #[error("the vault at {0} did not answer within {1} s")]
    NoAnswer(String, u64),
    /// Its certificate is not trusted.
    #[error("the vault at {0} is not trusted: {1}")]
    Certificate(String, String),
    /// The configured certificates cannot be used.
    #[error("the certificates to trust the vault by cannot be used: {0}")]
    NoCertificates(String),
    /// It is sealed since it was started.
    #[error("the vault is sealed")]
    Sealed,
    /// It was never initialized.
    #[error("the vault is not initialized yet")]
    NotInitialized,
    /// There is no token; names the file that would hold it.
    #[error("there is no token for the vault{}", .0.as_ref().map(|path| format!(": {} is not there", path.display())).unwrap_or_default())]
    NoToken(Option<PathBuf>),
    /// The file with the token or the secret id was not used.
    #[error("{path} was not used: {1}", path = .0.display())]
    TokenFile(PathBuf, String),
    /// The vault does not know the token, with its source. The vault gives no reason.
    #[error("the vault does not accept the token of {0}: it expired, was revoked or is wrong")]
    TokenNotAccepted(String),
    /// The role and its secret id were refused, with the vault's words.
    #[error("the vault does not accept the role and the secret id of {0}")]
    RoleNotAccepted(String),
    /// The token's policies do not permit it, or the mount does not exist: the vault does not say which.
    #[error(
        "the vault does not permit it: the token has no right to {right} {path}, or nothing is mounted there"
    )]
    NotPermitted {
        /// The capability, as a policy names it.
        right: &'static str,
        /// The path, as a policy names it.
        path: String,
    },
    /// The mount does not exist.
    #[error("the vault has nothing mounted at {0}/")]
    NoMount(String),
    /// The mount is a KV engine of version 1, which loses simultaneous changes.
    #[error(
        "{0}/ in the vault is a KV engine of version 1, which cannot tell that somebody else changed an entry"
    )]
    OldEngine(String),
    /// The mount is not a KV engine.
    #[error("{0}/ in the vault is not a KV engine")]
    NoKv(String),
    /// The shared profiles nearly reach the size that the engine accepts in one entry; with the number of bytes.
    #[error(
        "the profiles take {0} bytes, and the vault takes about a million in one entry; nothing was changed"
    )]
    TooLarge(usize),
    /// An entry is larger than any of ours.
    #[error("the entry {0} is larger than any that was written by this program; it was not changed")]
    LargeEntry(String),
    /// The profiles there were written by a newer version.
    #[error("the profiles in the vault were written by a newer getimg-keys (schema {0})")]
    Newer(u64),
    /// The profiles there cannot be parsed, with the reason.
    #[error("the profiles in the vault cannot be parsed: {0}; they were not changed")]
    Damaged(String),
    /// Something else deleted the profiles there, with the entry's name.
    #[error("the profiles in the vault were deleted by something else: {0} has no current version")]
    Deleted(String),
    /// The vault has no profiles, but this machine has a copy of some.
    #[error(
        "the vault at {0} has no profiles at {1}, and this machine has a copy of some: is it another vault?"
    )]
    Gone(String, String),
    /// The vault has other profiles than the ones that this machine joined.
    #[error("the vault at {0} holds other profiles at {1} than the ones that this machine joined")]
    Another(String, String),
    /// A key's entry holds another key than its name says.
    #[error("the entry {entry} was changed by hand: it does not hold the key that it is named after")]
    Altered {
        /// The entry.
        entry: String,
        /// The key that it should hold.
        key: Fingerprint,
    },
    /// An answer that no vault gives, with the answer.
    #[error("the server at {0} is not a vault, or not one that this version knows: {1}")]
    NotUnderstood(String, String),
    /// A redirect that is not followed, with its target.
    #[error(
        "the vault sends on to {0}, which is not shown to be of the same cluster; nothing was sent there"
    )]
    Redirected(String),
    /// Any other refusal, with its status and words.
    #[error("the vault answered {0}: {1}")]
    Refused(u16, String),
    /// Somebody else changed the same profile meanwhile.
    #[error("{0}; nothing was changed")]
    Clash(Clash),
    /// Others changed the profiles so often that our change was never written.
    #[error("others keep changing the profiles in the vault; nothing was changed")]
    Busy,
}

impl Trouble {
    /// The name used in JSON.
    pub(in crate::backend) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(..) => "unreachable",
            Self::NoAnswer(..) => "no-answer",
            Self::Certificate(..) => "certificate",
            Self::NoCertificates(_) => "no-certificates",
            Self::Sealed => "sealed",
            Self::NotInitialized => "not-initialized",
            Self::NoToken(_) => "no-token",
            Self::TokenFile(..) => "token-file",
            Self::TokenNotAccepted(_) => "token-not-accepted",
            Self::RoleNotAccepted(_) => "role-not-accepted",
            Self::NotPermitted { .. } => "not-permitted",
            Self::NoMount(_) => "no-mount",
            Self::OldEngine(_) => "kv-version-1",
            Self::NoKv(_) => "not-kv",
            Self::TooLarge(_) => "too-large",
            Self::LargeEntry(_) => "large-entry",
            Self::Newer(_) => "newer",
            Self::Damaged(_) => "damaged",
            Self::Deleted(_) => "deleted",
            Self::Gone(..) => "gone",
            Self::Another(..) => "another",
            Self::Altered { .. } => "altered",
            Self::NotUnderstood(..) => "not-understood",
            Self::Redirected(_) => "redirected",
            Self::Refused(..) => "refused",
            Self::Clash(_) => "clash",
            Self::Busy => "busy",
        }
    }

    /// Whether the request may have been carried out all the same.
    pub(super) fn leaves_open(&self) -> bool {
        matches!(self, Self::Unreachable(..) | Self::NoAnswer(..) | Self::NotUnderstood(..))
            || matches!(self, Self::Refused(status, _) if *status >= 500)
    }

    /// The vault's own words, without what controls a terminal.
    pub(super) fn refused(status: u16, words: &str) -> Self {
        let words = if words.is_empty() { "nothing more" } else { words };
        let words: String =
            words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        // A server, or a proxy before it, may repeat what it was sent: the key or the token.
        Self::Refused(status, escape(&without_keys(&words)))
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Clash(_) | Self::Altered { .. } => Kind::Policy,
            _ => Kind::Store,
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let status = Hint::run("store status");
        let one = match self {
            Self::Unreachable(address, _) | Self::NoAnswer(address, _) => {
                Hint::from(format!("curl {}/v1/sys/seal-status", quoted(address)))
                    .note("does it answer at all?")
            }
            Self::Certificate(..) => return trusted_certificate(),
            Self::NoCertificates(_) => suggest::set("VAULT_CACERT", "ca.pem").into(),
            Self::Sealed => Hint::from("bao operator unseal").note("by those who hold its unseal keys"),
            Self::NotInitialized => "bao operator init".into(),
            Self::NoToken(_) | Self::TokenNotAccepted(_) | Self::TokenFile(..) => {
                Hint::from("bao login").note("or vault login; then the command again")
            }
            Self::RoleNotAccepted(file) => {
                let write = "bao write -f -field=secret_id auth/approle/role/NAME/secret-id";
                format!("{write} > {}", quoted(file)).into()
            }
            Self::NotPermitted { .. } | Self::NoMount(_) => {
                status.note("which rights the token has, and which it lacks")
            }
            Self::OldEngine(mount) | Self::NoKv(mount) => return second_version(mount),
            Self::TooLarge(_) => {
                Hint::run("list").note("which profiles can be removed, or go to another `[vault] path`")
            }
            Self::Newer(_) => Hint::from("cargo install --locked --path .").note("in a newer checkout"),
            Self::Deleted(entry) => Hint::from(format!("bao kv undelete -versions=N {}", quoted(entry)))
                .note("N: bao kv metadata get"),
            Self::Another(..) => Hint::run("store join vault").note("to use those from now on"),
            Self::Altered { entry, .. } => {
                Hint::from(format!("bao kv rollback -version=1 {}", quoted(entry)))
                    .note("restores the key that was added")
            }
            Self::Clash(_) | Self::Busy => Hint::run("list").note("then the command again"),
            Self::Damaged(_)
            | Self::LargeEntry(_)
            | Self::Gone(..)
            | Self::NotUnderstood(..)
            | Self::Redirected(_)
            | Self::Refused(..) => status,
        };
        vec![one]
    }
}

fn trusted_certificate() -> Vec<Hint> {
    let file = Hint::from(suggest::set("VAULT_CACERT", "ca.pem"));
    vec![file.note("or `[vault] ca_file` in config.toml"), "VAULT_SKIP_VERIFY is not honoured here".into()]
}

fn second_version(mount: &str) -> Vec<Hint> {
    let versions = Hint::from(format!("bao kv enable-versioning {mount}/"));
    let another = Hint::from("bao secrets enable -path=getimg -version=2 kv");
    vec![
        versions.note("by whoever runs the vault, if it is version 1"),
        another.note("then `[vault] mount = \"getimg\"`"),
    ]
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let error = Self::new(trouble.kind(), trouble.to_string());
        trouble.hints().into_iter().fold(error, Self::hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_vault_repeats_of_a_key_or_a_token_is_left_out() {
        let key = format!("sk_{}", "aB3".repeat(12));
        let told = Trouble::refused(
            400,
            &format!("1 error occurred:\n\t* no such field {key} of hvs.{}", "C4".repeat(20)),
        );
        assert!(told.to_string().contains("1 error occurred: * no such field … of …"), "{told}");
    }
}
