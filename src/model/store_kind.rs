//! The kinds of stores.

use serde::{Deserialize, Serialize};

/// Which store the keys of the profiles are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// The operating system's keychain.
    Keychain,
    /// Encrypted files, for machines without a keychain.
    File,
    /// Environment variables, read only, for CI.
    Env,
    /// OpenBao or HashiCorp Vault, for a team and many machines.
    Vault,
}

impl StoreKind {
    /// The name used in files, JSON and `--store`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
            Self::Env => "env",
            Self::Vault => "vault",
        }
    }

    /// What it is, in a sentence: "it is missing from …".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Keychain => "the keychain",
            Self::File => "the encrypted files",
            Self::Env => "the environment",
            Self::Vault => "the vault",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoreKind::{Env, File, Keychain, Vault};
    use super::*;

    #[test]
    fn each_store_has_a_name_for_files_and_one_for_sentences() {
        let all = [Keychain, File, Env, Vault];
        assert_eq!(all.map(StoreKind::as_str), ["keychain", "file", "env", "vault"]);
        let in_words = ["the keychain", "the encrypted files", "the environment", "the vault"];
        assert_eq!(all.map(StoreKind::in_words), in_words);
    }
}
