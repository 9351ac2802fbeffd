//! The state of the vault and the rights of the token, for `store status` and `doctor`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::client::{BRIEF, Client};
use super::profiles_entry::ENTRY;
use super::trouble::Trouble;
use crate::system::terminal::escape;

/// The state of the vault; what could not be determined is `None`.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Its address.
    pub address: String,
    /// The namespace, if one is set.
    pub namespace: Option<String>,
    /// The entry of the profiles: mount, folder and name.
    pub entry: String,
    /// Whether it is sealed.
    pub sealed: Option<bool>,
    /// Its version, in its own words.
    pub version: Option<String>,
    /// The token in use.
    pub token: Option<Token>,
    /// The rights that the token lacks, as policies name them, each with what needs it; `None` if the vault did
    /// not say, as for a token without the default policy.
    pub lacking: Option<Vec<Right>>,
}

/// A token as the vault knows it.
#[derive(Clone, Debug)]
pub struct Token {
    /// The seconds until it expires; `None` if it never does.
    pub seconds_left: Option<i64>,
    /// The policies it has.
    pub policies: Vec<String>,
}

/// A right, as a policy names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The path.
    pub path: String,
    /// The capability on it.
    pub capability: &'static str,
    /// What needs it.
    pub needed_for: &'static str,
}

#[derive(Deserialize)]
struct Seal {
    sealed: bool,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Lookup {
    data: Own,
}

#[derive(Deserialize)]
struct Own {
    #[serde(default)]
    ttl: i64,
    #[serde(default)]
    expire_time: Option<String>,
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    identity_policies: Option<Vec<String>>,
}

impl Client {
    /// Asks for the vault's state; what it does not say is left out.
    pub(super) fn standing(&self) -> Standing {
        let mut standing = Standing {
            address: self.address(),
            namespace: self.settings.namespace.as_deref().map(escape),
            entry: self.shown(ENTRY),
            ..Standing::default()
        };
        match self.get_openly("sys/seal-status").and_then(|answer| self.parsed::<Seal>(&answer)) {
            Ok(seal) => {
                standing.sealed = Some(seal.sealed);
                standing.version = Some(escape(&seal.version)).filter(|version| !version.is_empty());
            }
            Err(Trouble::Sealed) => standing.sealed = Some(true),
            Err(_) => return standing,
        }
        if standing.sealed == Some(true) {
            return standing;
        }
        let own = self.get("auth/token/lookup-self", BRIEF).and_then(|answer| self.parsed::<Lookup>(&answer));
        standing.token = own.ok().map(|own| Token {
            seconds_left: own.data.expire_time.map(|_| own.data.ttl),
            policies: own
                .data
                .policies
                .iter()
                .chain(own.data.identity_policies.iter().flatten())
                .map(|name| escape(name))
                .collect(),
        });
        standing.lacking = self.lacking().ok();
        standing
    }

    /// The rights that the token lacks.
    fn lacking(&self) -> Result<Vec<Right>, Trouble> {
        #[derive(Serialize)]
        struct Paths {
            paths: Vec<String>,
        }
        #[derive(Deserialize)]
        struct Said {
            data: BTreeMap<String, Vec<String>>,
        }
        let wanted = self.wanted();
        let mut paths: Vec<_> = wanted.iter().map(|(asked, _)| asked.clone()).collect();
        paths.dedup();
        let answer = self.post("sys/capabilities-self", &Paths { paths })?;
        let said = self.parsed::<Said>(&answer)?.data;
        let has = |path: &str, right: &str| {
            said.get(path).is_some_and(|has| has.iter().any(|one| one == right || one == "root"))
        };
        let lacking = wanted.into_iter().filter(|(asked, right)| !has(asked, right.capability));
        Ok(lacking.map(|(_, right)| right).collect())
    }

    /// Every right that is needed, with the path to ask about.
    fn wanted(&self) -> Vec<(String, Right)> {
        let any_key = format!("keys/{}", "0".repeat(64));
        let table = [
            (self.data(ENTRY), self.data(ENTRY), "read", "everything"),
            (self.data(ENTRY), self.data(ENTRY), "create", "the first `add`"),
            (self.data(ENTRY), self.data(ENTRY), "update", "every change"),
            (self.data(&any_key), self.data("keys/*"), "read", "env, exec and verify"),
            (self.data(&any_key), self.data("keys/*"), "create", "add and rotate"),
            (self.data(&any_key), self.data("keys/*"), "update", "adding a key again that was removed"),
            (self.destroying(&any_key), self.destroying("keys/*"), "update", "remove and rotate --finish"),
        ];
        table
            .into_iter()
            .map(|(asked, path, capability, needed_for)| (asked, Right { path, capability, needed_for }))
            .collect()
    }
}
