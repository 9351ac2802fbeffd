//! The rules for keys that the user and a repository set.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::ProfileName;

/// What happens when a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is said.
    Warn,
    /// The key is not handed out.
    Block,
}

/// The rules for one profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// How old a key may grow, in days.
    pub max_age_days: u32,
    /// The part of that age from which it is said, 0 to 1.
    pub warn_from: f64,
    /// What happens to a key older than that.
    pub overdue: Action,
    /// How long a verification counts as recent, in days.
    pub verify_within_days: u32,
    /// What happens when the environment would send an unprotected key to another host.
    pub redirects: Action,
}

/// Some rules, as a file gives them: each one that is there replaces, or tightens, another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTable {
    /// See [`Rules::max_age_days`].
    pub max_age_days: Option<u32>,
    /// See [`Rules::warn_from`].
    #[serde(default, deserialize_with = "share")]
    pub warn_from: Option<f64>,
    /// See [`Rules::overdue`].
    pub overdue: Option<Action>,
    /// See [`Rules::verify_within_days`].
    pub verify_within_days: Option<u32>,
    /// See [`Rules::redirects`].
    pub redirects: Option<Action>,
}

/// A `[policy]` section: rules for all profiles, and for single ones below `[policy.profiles.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicySection {
    max_age_days: Option<u32>,
    #[serde(deserialize_with = "share")]
    warn_from: Option<f64>,
    overdue: Option<Action>,
    verify_within_days: Option<u32>,
    redirects: Option<Action>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    profiles: BTreeMap<ProfileName, PolicyTable>,
}

/// The rules for every profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// What the person wants.
    pub person: PolicySection,
    /// What each pin of the repository wants; they only tighten.
    pub repository: Vec<PolicySection>,
    /// Where the keys are, nothing is remembered of them: they have no age, and nobody can have verified them.
    pub ageless: bool,
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let share = f64::deserialize(from)?;
    let whole = (0.0..=1.0).contains(&share).then_some(Some(share));
    whole.ok_or_else(|| D::Error::custom("a share of the age is 0 to 1, as 0.8"))
}

impl PolicySection {
    fn tables(&self, name: &ProfileName) -> impl Iterator<Item = PolicyTable> {
        let all = PolicyTable {
            max_age_days: self.max_age_days,
            warn_from: self.warn_from,
            overdue: self.overdue,
            verify_within_days: self.verify_within_days,
            redirects: self.redirects,
        };
        std::iter::once(all).chain(self.profiles.get(name).copied())
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_age_days: 90,
            warn_from: 0.8,
            overdue: Action::Warn,
            verify_within_days: 30,
            redirects: Action::Warn,
        }
    }
}

impl Rules {
    fn replaced_by(self, table: &PolicyTable) -> Self {
        Self {
            max_age_days: table.max_age_days.unwrap_or(self.max_age_days),
            warn_from: table.warn_from.unwrap_or(self.warn_from),
            overdue: table.overdue.unwrap_or(self.overdue),
            verify_within_days: table.verify_within_days.unwrap_or(self.verify_within_days),
            redirects: table.redirects.unwrap_or(self.redirects),
        }
    }

    fn tightened_by(self, table: &PolicyTable) -> Self {
        let wanted = self.replaced_by(table);
        Self {
            max_age_days: wanted.max_age_days.min(self.max_age_days),
            warn_from: wanted.warn_from.min(self.warn_from),
            overdue: wanted.overdue.max(self.overdue),
            verify_within_days: wanted.verify_within_days.min(self.verify_within_days),
            redirects: wanted.redirects.max(self.redirects),
        }
    }
}

impl Policy {
    /// The rules for one profile: the defaults, replaced by the person's, tightened by the repository's.
    pub fn rules(&self, name: &ProfileName) -> Rules {
        let own = self.person.tables(name).fold(Rules::default(), |rules, table| rules.replaced_by(&table));
        let pinned = self.repository.iter().flat_map(|section| section.tables(name));
        pinned.fold(own, |rules, table| rules.tightened_by(&table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> PolicySection {
        toml::from_str(text).unwrap()
    }

    fn dev() -> ProfileName {
        "dev".parse().unwrap()
    }

    #[test]
    fn the_person_may_loosen_for_one_profile() {
        let person = section("max_age_days = 30\n[profiles.prod]\nmax_age_days = 180\n");
        let policy = Policy { person, ..Policy::default() };
        assert_eq!(policy.rules(&"prod".parse().unwrap()).max_age_days, 180);
        assert_eq!(policy.rules(&dev()).max_age_days, 30);
    }

    #[test]
    fn a_repository_only_tightens() {
        let person = section("max_age_days = 60\noverdue = 'block'\n");
        let loose = section("max_age_days = 365\noverdue = 'warn'\nwarn_from = 1.0\n");
        let policy = Policy { person: person.clone(), repository: vec![loose], ageless: false };
        let rules = policy.rules(&dev());
        assert_eq!((rules.max_age_days, rules.overdue, rules.warn_from), (60, Action::Block, 0.8));
        let strict = section("[profiles.dev]\nmax_age_days = 7\nredirects = 'block'\n");
        let rules = Policy { person, repository: vec![strict], ageless: false }.rules(&dev());
        assert_eq!((rules.max_age_days, rules.overdue, rules.redirects), (7, Action::Block, Action::Block));
    }

    #[test]
    fn the_share_of_the_age_is_a_number_from_0_to_1() {
        let shares = ["0.0", "0.5", "1.0"].map(|share| {
            let person = section(&format!("warn_from = {share}\n[profiles.prod]\nwarn_from = 0.25\n"));
            let policy = Policy { person, ..Policy::default() };
            [policy.rules(&dev()).warn_from, policy.rules(&"prod".parse().unwrap()).warn_from]
        });
        assert_eq!(shares, [[0.0, 0.25], [0.5, 0.25], [1.0, 0.25]]);
        for odd in ["-0.1", "1.1", "80", "'0.8'"] {
            assert!(toml::from_str::<PolicySection>(&format!("warn_from = {odd}")).is_err(), "{odd}");
        }
    }
}
