//! The vault's address and credentials: from config.toml, else from the variables of the vault's own programs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use zeroize::Zeroizing;

use crate::error::{Error, Result, in_words};
use crate::hint::{Hint, suggest};
use crate::system::files::regular_file::{self, Trust};
use crate::system::{Network, World};

use super::trouble::Trouble;

/// No token and no secret id is nearly this large; a JSON Web Token is the longest.
const LONGEST_TOKEN: u64 = 16 << 10;
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for a shell prompt, which should not wait for a vault.
const AT_A_PROMPT: Duration = Duration::from_secs(2);

/// Everything that is known before the vault is asked.
pub(super) struct Settings {
    /// Its address, without a slash at the end.
    pub(super) address: Url,
    /// Where the engine is mounted, without slashes around it.
    pub(super) mount: String,
    /// The folder in it, the same way.
    pub(super) path: String,
    /// The namespace, if any.
    pub(super) namespace: Option<String>,
    /// The trusted certificates, if they are not the system's.
    pub(super) ca_file: Option<PathBuf>,
    /// The credentials.
    pub(super) credential: Credential,
    /// Certificates and proxies from the user's variables.
    pub(super) network: Network,
    /// How long one request may take.
    pub(super) patience: Duration,
}

/// The credentials for the vault.
pub(super) enum Credential {
    /// A token, and the variable it is from.
    Token(Zeroizing<String>, &'static str),
    /// A file with a token; a missing file is reported as "no token".
    File(PathBuf),
    /// A role and the file with its secret id.
    Role(String, PathBuf),
    /// None.
    None,
}

impl Settings {
    /// From the configuration, else from the variables: OpenBao's own before Vault's, in the order of OpenBao's
    /// program.
    ///
    /// # Errors
    /// No address, or an invalid one (2); a configuration that cannot be read (1).
    pub(super) fn of(world: &World) -> Result<Self> {
        let config = &world.config()?.vault;
        let address = match &config.address {
            Some(address) => {
                self::address(address).map_err(|why| of_config(world, &format!("`[vault] address` {why}")))?
            }
            None => address_of_variables(world)?,
        };
        let folder = |what: &str, text: Option<&str>, usual: &str| {
            folder(text.unwrap_or(usual))
                .ok_or_else(|| of_config(world, &format!("`[vault] {what}` is not a valid name")))
        };
        let of_variable = variable(world, ["BAO_NAMESPACE", "VAULT_NAMESPACE"])?.map(|(_, text)| text);
        let namespace =
            config.namespace.as_deref().or(of_variable).map(|text| text.trim_matches('/').to_owned());
        let path_of =
            |names: [&'static str; 2]| names.into_iter().find_map(|name| world.variables.path(name));
        Ok(Self {
            address,
            mount: folder("mount", config.mount.as_deref(), "secret")?,
            path: folder("path", config.path.as_deref(), "getimg-keys")?,
            namespace: namespace.filter(|name| !name.is_empty()),
            ca_file: config.ca_file.clone().or_else(|| path_of(["BAO_CACERT", "VAULT_CACERT"])),
            credential: credential(world)?,
            network: Network::of(&world.variables),
            patience: if world.terminal.unattended { AT_A_PROMPT } else { PATIENCE },
        })
    }

    /// Whether the vault is this machine, the only one that may be asked without TLS.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.address)
    }
}

impl Credential {
    /// This token, or the one in the file; `None` for a role, which has to log in.
    ///
    /// # Errors
    /// No token, or a file that cannot be read.
    pub(super) fn token(&self) -> Result<Option<Zeroizing<String>>, Trouble> {
        match self {
            Self::Token(token, _) => Ok(Some(token.clone())),
            Self::File(path) => secret(path).map(Some),
            Self::Role(..) => Ok(None),
            Self::None => Err(Trouble::NoToken(None)),
        }
    }

    /// Where it comes from, in a sentence.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Token(_, variable) => format!("${variable}"),
            Self::File(path) | Self::Role(_, path) => path.display().to_string(),
            Self::None => "nowhere".to_owned(),
        }
    }
}

/// Whether a variable or the configuration names a vault; an error of the configuration is reported by whatever uses
/// it.
pub(super) fn is_named(world: &World) -> bool {
    let variables = ["BAO_ADDR", "VAULT_ADDR"].iter().any(|name| world.variables.path(name).is_some());
    variables || world.config().is_ok_and(|config| config.vault.address.is_some())
}

/// Reads a file with a secret: the first line without its line ending.
///
/// # Errors
/// It does not exist, others can write to it, it is empty, or it has more than one line.
pub(super) fn secret(path: &Path) -> Result<Zeroizing<String>, Trouble> {
    let text = regular_file::read_text(path, LONGEST_TOKEN, Trust::Ours).map(Zeroizing::new);
    let text = text.map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => Trouble::NoToken(Some(path.to_owned())),
        _ => Trouble::TokenFile(path.to_owned(), in_words(&why)),
    })?;
    let line = text.trim();
    if line.is_empty() || line.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(Trouble::TokenFile(path.to_owned(), "it holds no token".to_owned()));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

fn credential(world: &World) -> Result<Credential> {
    let config = &world.config()?.vault;
    match (&config.role_id, &config.secret_id_file) {
        (Some(role), Some(file)) => return Ok(Credential::Role(role.clone(), file.clone())),
        (None, None) => {}
        _ => {
            return Err(of_config(world, "`[vault] role_id` and `secret_id_file` go together"));
        }
    }
    if let Some(file) = &config.token_file {
        return Ok(Credential::File(file.clone()));
    }
    for variable in ["BAO_TOKEN", "VAULT_TOKEN"] {
        let token = world.variables.secret(variable);
        if let Some(token) =
            token.map(|text| Zeroizing::new(text.trim().to_owned())).filter(|t| !t.is_empty())
        {
            if token.chars().any(|c| !c.is_ascii_graphic()) {
                return Err(
                    Error::usage(format!("${variable} holds no token")).hint(suggest::unset(variable))
                );
            }
            return Ok(Credential::Token(token, variable));
        }
    }
    Ok(world.places.in_home(".vault-token").map_or(Credential::None, Credential::File))
}

fn variable<'a>(world: &'a World, names: [&'static str; 2]) -> Result<Option<(&'static str, &'a str)>> {
    for name in names {
        if let Some(text) = world.variables.text(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

fn address_of_variables(world: &World) -> Result<Url> {
    match variable(world, ["BAO_ADDR", "VAULT_ADDR"])? {
        Some((name, text)) => address(text).map_err(|why| {
            Error::usage(format!("${name} {why}")).hint(suggest::set(name, "https://vault.example:8200"))
        }),
        None => Err(Error::usage("no vault address is configured")
            .hint(suggest::set("VAULT_ADDR", "https://vault.example:8200"))
            .hint(Hint::advice(format!(
                "or `[vault] address` in {}",
                world.places.shown(&world.places.config())
            )))),
    }
}

/// A base URL: https, or http to this machine; slashes at its end are dropped. Never repeats it: it may hold a
/// password.
fn address(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text.trim()).map_err(|_| "is not a URL")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err("must start with https:// (http:// is for this machine only)"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("ends with a query or a fragment");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// `localhost`, 127.0.0.0/8 or `[::1]`, and no name that only looks like it.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A mount or a folder in it, without the slashes around it: a vault redirects `//` and fails on a slash at the end.
fn folder(text: &str) -> Option<String> {
    let text = text.trim_matches('/');
    let is_name = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        !part.is_empty() && part != "." && part != ".." && part.chars().all(plain)
    };
    text.split('/').all(is_name).then(|| text.to_owned())
}

fn of_config(world: &World, what: &str) -> Error {
    let file = world.places.config();
    Error::failure(format!("{}: {what}", world.places.shown(&file)))
        .hint(suggest::edit(world.places.typed(&file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_be_asked_without_tls() {
        for text in
            ["https://vault.example:8200/", "http://127.0.0.1:8200", "http://localhost", "http://[::1]:1"]
        {
            assert!(address(text).is_ok(), "{text}");
        }
        for text in [
            "http://vault.example",
            "http://localhost.evil.example",
            "unix:///run/vault.sock",
            "vault.example:8200",
            "https://me:word@vault.example",
            "https://vault.example?x",
            "",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
        assert_eq!(address("https://a.example/vault//").unwrap().as_str(), "https://a.example/vault");
    }

    #[test]
    fn slashes_around_a_folder_are_dropped_and_none_leads_out_of_it() {
        for (text, plain) in [("secret/", "secret"), ("/team/kv/", "team/kv"), ("getimg-keys", "getimg-keys")]
        {
            assert_eq!(folder(text).as_deref(), Some(plain));
        }
        for text in ["", "/", "a//b", "../sys", "a/./b", "a?b", "a b", "a%2f", "a#b"] {
            assert_eq!(folder(text), None, "{text}");
        }
    }
}
