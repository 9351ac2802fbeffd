//! The user's `config.toml`.

mod encrypted_files;
mod push;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};
use crate::hint::{quoted_path, suggest};
use crate::model::key_shape::without_keys;
use crate::model::policy::{Policy, PolicySection};
use crate::model::{ProfileName, nearest, time_limit};
use crate::system::files::regular_file::{self, Trust};

pub use encrypted_files::EncryptedFiles;
pub use push::{Push, PushTarget};

/// No configuration is nearly this large.
const LARGEST: u64 = 1 << 20;

/// The user's settings, with defaults for what is not set.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[api]`.
    pub api: Api,
    /// `[policy]` and `[policy.profiles.NAME]`.
    pub policy: Policy,
    /// `[env]`.
    pub env: Env,
    /// `[file]`.
    pub file: EncryptedFiles,
    /// `[vault]`.
    pub vault: Vault,
    /// `[agents]`.
    pub agents: Agents,
    /// `[push]`.
    pub push: Push,
}

/// `[api]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Another base URL; https only.
    pub url: Option<String>,
    /// The time limit for everything about one key, 1 to 600 s; 10 by default.
    #[serde(default, deserialize_with = "seconds")]
    pub timeout_seconds: Option<u64>,
    /// Hosts to which `$GETIMG_AI_BASE_URL` may send a protected key.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
}

/// `[env]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Env {
    /// The variables that `env` and `exec` set; `status` reads the first.
    pub variables: Vec<String>,
}

/// `[vault]`: each setting takes precedence over the variables of the vault's own programs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vault {
    /// Its address; https, except for this machine.
    pub address: Option<String>,
    /// Where its KV engine of version 2 is mounted; `secret` by default.
    pub mount: Option<String>,
    /// The folder in it; `getimg-keys` by default.
    pub path: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The trusted certificates, in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// A file that holds a token.
    pub token_file: Option<PathBuf>,
    /// The role of an AppRole login, for machines.
    pub role_id: Option<String>,
    /// A file that holds that role's secret id.
    pub secret_id_file: Option<PathBuf>,
}

/// `[agents]`: the rules if a coding agent started this program. A repository cannot set them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agents {
    /// Whether `env` and the shell hook hand a key out.
    pub env: AgentEnv,
    /// What `exec` does.
    pub exec: AgentExec,
    /// The profiles that `mcp` shows; none by default.
    pub profiles: Vec<ProfileName>,
}

/// `[agents] env`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentEnv {
    /// Prints no key, because the agent's transcript would keep it.
    #[default]
    Refuse,
    /// As without an agent.
    Allow,
}

/// `[agents] exec`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentExec {
    /// Masks the key in all output that does not go to a terminal.
    #[default]
    Mask,
    /// Only the relay: the program never has the key.
    Broker,
    /// As without an agent.
    Allow,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    api: Api,
    policy: PolicySection,
    env: Env,
    file: EncryptedFiles,
    vault: Vault,
    agents: Agents,
    push: Push,
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    time_limit::timeout(Some(u64::deserialize(from)?)).map(Some).map_err(D::Error::custom)
}

impl Default for Env {
    fn default() -> Self {
        Self { variables: vec![crate::system::variables::API_KEY.to_owned()] }
    }
}

impl Config {
    /// The time limit for everything about one key.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.api.timeout_seconds.unwrap_or(10))
    }

    /// The variable in which programs expect the key: the first of `[env] variables`.
    pub fn variable(&self) -> &str {
        self.env.variables.first().map_or(crate::system::variables::API_KEY, String::as_str)
    }
}

/// Reads the configuration; returns the defaults if there is no file.
///
/// # Errors
/// A file that somebody else can write, that does not parse, or has an unknown key: with its name, line and nearest
/// known key.
pub fn read(path: &Path) -> Result<Config> {
    let text = match regular_file::read_text(path, LARGEST, Trust::Ours) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(e) => return Err(Error::unreadable("read", path, &e)),
    };
    let file: File = toml::from_str(&text).map_err(|e| explain(path, &text, &e))?;
    let policy = Policy { person: file.policy, ..Policy::default() };
    let File { api, env, file, vault, agents, push, .. } = file;
    Ok(Config { api, policy, env, file, vault, agents, push })
}

/// How much of the beginning and of the end of a message is shown.
const BRIEF: usize = 150;

/// The error about a user's file: its name, the line, and for an unknown key the nearest known one.
pub fn explain(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message().lines().next().unwrap_or_default();
    // Somebody else may have written a pin, with keys of any length; and an API key may stand where a name is expected.
    let message = without_keys(&brief(message));
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let edit = suggest::edit(quoted_path(path));
    match names.split_first() {
        Some((unknown, known)) if message.starts_with("unknown field") => {
            let text = format!("{}, line {line}: unknown key `{unknown}`", path.display());
            match nearest(unknown, known, |k| k) {
                Some(meant) => Error::failure(format!("{text}; did you mean `{meant}`?")).hint(edit),
                None => Error::failure(format!("{text}; known here: {}", known.join(", "))).hint(edit),
            }
        }
        _ => Error::failure(format!("{}, line {line}: {message}", path.display())).hint(edit),
    }
}

/// Leaves out the middle of a long text.
fn brief(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 2 * BRIEF {
        return text.to_owned();
    }
    let (first, last) = (&letters[..BRIEF], &letters[letters.len() - BRIEF..]);
    first.iter().chain(&['…']).chain(last).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the tests write the files")]

    use std::fs;

    use super::*;
    use crate::model::policy::Action;

    fn read_text(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        read(&path).map_err(|e| e.message.replace(path.to_str().unwrap(), "~/config.toml"))
    }

    #[test]
    fn every_setting_is_read() {
        let config = read_text(
            "[api]\nurl = 'https://a.example'\ntimeout_seconds = 3\nallowed_hosts = ['b.example']\n\
             [policy]\nmax_age_days = 30\nwarn_from = 0.5\noverdue = 'block'\nverify_within_days = 7\nredirects = 'block'\n\
             [policy.profiles.prod]\nmax_age_days = 10\n[env]\nvariables = ['A']\n\
             [file]\nfolder = '/f'\nidentity = '~/i'\npassphrase_command = ['pass']\nunlock_for = '1h'\n\
             [agents]\nenv = 'allow'\nexec = 'broker'\nprofiles = ['dev']\n\
             [vault]\naddress = 'https://vault.example'\nca_file = '/ca.pem'\n\
             [push]\ntimeout_seconds = 5\n[push.targets.site]\nput = ['kv', 'put']\nget = ['kv', 'get']\nvariable = 'A'\n",
        )
        .unwrap();
        let prod = config.policy.rules(&"prod".parse().unwrap());
        assert_eq!((prod.max_age_days, prod.warn_from, prod.overdue), (10, 0.5, Action::Block));
        assert_eq!((prod.verify_within_days, prod.redirects), (7, Action::Block));
        assert_eq!((config.timeout().as_secs(), config.env.variables), (3, vec!["A".to_owned()]));
        assert_eq!(config.api.url.as_deref(), Some("https://a.example"));
        assert_eq!(config.file.unlock_for, Some(Duration::from_secs(3600)));
        assert_eq!(config.vault.address.as_deref(), Some("https://vault.example"));
        assert_eq!(config.vault.ca_file.as_deref(), Some(Path::new("/ca.pem")));
        assert_eq!((config.agents.env, config.agents.exec), (AgentEnv::Allow, AgentExec::Broker));
        assert_eq!(config.agents.profiles, ["dev".parse().unwrap()]);
        let site = &config.push.targets["site"];
        assert_eq!((&site.put, site.get.as_ref().unwrap().len()), (&vec!["kv".into(), "put".into()], 2));
        assert_eq!((site.variable.as_deref(), config.push.timeout().as_secs()), (Some("A"), 5));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_the_nearest_known_key() {
        let table = [
            (
                "[api]\ntimeout_second = 3\n",
                "~/config.toml, line 2: unknown key `timeout_second`; did you mean `timeout_seconds`?",
            ),
            (
                "[api]\ntimeout_seconds = 0\n",
                "~/config.toml, line 2: a time is a number of seconds, 1 to 600",
            ),
            (
                "[file]\nunlock_for = '8w'\n",
                "~/config.toml, line 2: a time is a number and s, m, h or d, up to 365d: 90s, 30m, 8h, 2d",
            ),
            ("[policy]\nwarn_from = 80\n", "~/config.toml, line 2: a share of the age is 0 to 1, as 0.8"),
            (
                "[agents]\nenv = 'ask'\n",
                "~/config.toml, line 2: unknown variant `ask`, expected `refuse` or `allow`",
            ),
            ("[polcy]\n", "~/config.toml, line 1: unknown key `polcy`; did you mean `policy`?"),
            (
                "\n[policy.profiles.prod]\nmax_age = 3\n",
                "~/config.toml, line 3: unknown key `max_age`; did you mean `max_age_days`?",
            ),
        ];
        for (text, message) in table {
            assert_eq!(read_text(text).unwrap_err(), message);
        }
    }

    #[test]
    fn no_file_means_the_defaults() {
        let config = read(&tempfile::tempdir().unwrap().path().join("config.toml")).unwrap();
        assert_eq!(
            (config.timeout().as_secs(), config.env.variables),
            (10, vec!["GETIMG_API_KEY".to_owned()])
        );
    }
}
