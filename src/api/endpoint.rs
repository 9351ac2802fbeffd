//! The base URL of the API: checked once, trusted from then on.

use std::fmt;

use reqwest::Url;
#[cfg(all(unix, not(target_os = "macos")))]
use rustls::pki_types::CertificateDer;
use thiserror::Error;

use super::failure::Failure;
use crate::model::Reason;
use crate::system::Network;

/// The API's base URL if nothing else is configured.
pub const OFFICIAL: &str = "https://api.getimg.ai";
/// The host of [`OFFICIAL`].
pub const OFFICIAL_HOST: &str = "api.getimg.ai";
/// Where a user creates and revokes keys; the API has no call for it.
pub const DEVELOPER_SETTINGS: &str = "https://getimg.ai/app/developer/api-keys";

/// Shown for a base URL that has no host.
pub const UNREADABLE: &str = "an address that cannot be read";

/// A base URL: https, or http to this machine; no user, query or fragment, and no `/v2` at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    network: Network,
}

/// Which hosts a URL may name, depending on where it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allow {
    /// Any host over https, and this machine over http too: for the user's own configuration.
    Https,
    /// This machine only: for the environment, which a repository or another program may have set.
    Loopback,
}

/// Why a text is not a base URL; never repeats the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedEndpoint {
    /// Not an absolute URL, or one that contains white space, a backslash or a control character.
    #[error("it is not a URL")]
    NotAUrl,
    /// A letter outside ASCII, which could make one host look like another.
    #[error("it is not ASCII; write the host as xn--…")]
    NotAscii,
    /// A scheme other than https; http is for this machine only.
    #[error("it must start with https:// (http:// is for loopback hosts only)")]
    NotHttps,
    /// A host other than this machine, where only this machine may be named.
    #[error("only a loopback host may be named here; others belong in config.toml")]
    NotLoopback,
    /// A user name or password.
    #[error("it holds a user name or a password")]
    UserInfo,
    /// A `?query` or `#fragment`.
    #[error("it ends with a query or a fragment")]
    Tail,
    /// The API version, which is added to every request anyway.
    #[error("it must not end with /v2: that is added to every request")]
    Version,
}

impl Endpoint {
    /// The vendor's own.
    pub fn official() -> Self {
        #[expect(clippy::expect_used, reason = "a constant, parsed by a test")]
        Self::parse(OFFICIAL, Allow::Https).expect("the official URL is well formed")
    }

    /// Parses a base URL; slashes at its end are dropped.
    ///
    /// # Errors
    /// [`MalformedEndpoint`], the first that applies.
    pub fn parse(text: &str, allow: Allow) -> Result<Self, MalformedEndpoint> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(MalformedEndpoint::NotAUrl);
        }
        if !text.is_ascii() {
            return Err(MalformedEndpoint::NotAscii);
        }
        let mut url = Url::parse(text).map_err(|_| MalformedEndpoint::NotAUrl)?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" if allow == Allow::Loopback => return Err(MalformedEndpoint::NotLoopback),
            _ => return Err(MalformedEndpoint::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(MalformedEndpoint::UserInfo);
        }
        if allow == Allow::Loopback && !loopback {
            return Err(MalformedEndpoint::NotLoopback);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(MalformedEndpoint::Tail);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        if path.ends_with("/v2") {
            return Err(MalformedEndpoint::Version);
        }
        url.set_path(&path);
        Ok(Self { url, network: Network::default() })
    }

    /// The same endpoint with other certificates and proxies.
    #[must_use]
    pub fn through(self, network: Network) -> Self {
        Self { network, ..self }
    }

    /// Refuses a proxy setting that would be ignored for this endpoint.
    pub(super) fn check_proxy(&self) -> Result<(), Failure> {
        if self.is_loopback() {
            return Ok(());
        }
        let refused = |why| Failure { reason: Reason::Proxy, message: Some(why) };
        self.network.check_proxy(&self.to_string()).map_err(refused)
    }

    /// The root certificates that decide whether it is trusted.
    #[cfg(all(unix, not(target_os = "macos")))]
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Failure> {
        let failed = |why| Failure { reason: Reason::Tls, message: Some(why) };
        self.network.certificates().map_err(failed)
    }

    /// The host to which an SDK's base URL would send a key, if it is neither the vendor's nor this machine.
    ///
    /// An address that this program would not accept also counts as foreign.
    pub fn foreign_host(text: &str) -> Option<String> {
        let bare = text.trim_end_matches('/');
        match Self::parse(bare.strip_suffix("/v2").unwrap_or(bare), Allow::Https) {
            Ok(home) if home.is_official() || home.is_loopback() => None,
            Ok(foreign) => Some(foreign.host().to_owned()),
            Err(_) => {
                let host = Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
                Some(host.unwrap_or_else(|| UNREADABLE.to_owned()))
            }
        }
    }

    /// The host without a port, as a verification records it.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it is this machine: `localhost`, 127.0.0.0/8 or `[::1]`, not a name that only looks like it.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether it is the vendor's own: https, exactly its host, the default port.
    pub fn is_official(&self) -> bool {
        self.is_https() && self.host() == OFFICIAL_HOST && self.url.port().is_none()
    }

    /// Whether requests are encrypted; only for this machine they may not be.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The URL of a path below the base: `/v2/models`.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }
}

/// The base URL as a person writes it, without a slash at its end.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_one_is_recognised_by_its_exact_host() {
        assert!(Endpoint::official().is_official());
        for text in ["https://API.getimg.ai/", "https://api.getimg.ai:443"] {
            assert!(Endpoint::parse(text, Allow::Https).unwrap().is_official(), "{text}");
        }
        for text in [
            "https://api.getimg.ai.evil.example",
            "https://evil-api.getimg.ai",
            "https://getimg.ai",
            "https://api.getimg.ai.",
            "https://api.getimg.ai:8443",
            "https://api.getimg.xn--a-iga",
        ] {
            assert!(!Endpoint::parse(text, Allow::Https).unwrap().is_official(), "{text}");
        }
    }

    #[test]
    fn a_base_url_of_an_sdk_is_home_only_where_it_is_exactly_so() {
        for text in [
            "https://api.getimg.ai",
            "https://api.getimg.ai/v2/",
            "http://127.0.0.1:8080",
            "https://localhost",
        ] {
            assert_eq!(Endpoint::foreign_host(text), None, "{text}");
        }
        let table = [
            ("https://evil.example/v2", "evil.example"),
            ("https://api.getimg.ai.evil.example", "api.getimg.ai.evil.example"),
            ("https://api.getimg.ai@evil.example", "evil.example"),
            ("http://api.getimg.ai", "api.getimg.ai"),
            ("https://api.getimg.aı", "an address that cannot be read"),
            ("nonsense", "an address that cannot be read"),
        ];
        for (text, host) in table {
            assert_eq!(Endpoint::foreign_host(text).as_deref(), Some(host), "{text}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        use MalformedEndpoint as No;
        let table = [
            ("", No::NotAUrl),
            ("api.getimg.ai", No::NotAUrl),
            ("https://", No::NotAUrl),
            ("https://api.getimg.ai ", No::NotAUrl),
            ("https://api.get\timg.ai", No::NotAUrl),
            ("https://api.getimg.ai\\@evil.example", No::NotAUrl),
            ("https://api.getimg.aı", No::NotAscii),
            ("https://аpi.getimg.ai", No::NotAscii),
            ("https://ａpi.getimg.ai", No::NotAscii),
            ("https://bücher.example", No::NotAscii),
            ("http://api.getimg.ai", No::NotHttps),
            ("http://localhost.evil.example", No::NotHttps),
            ("http://127.0.0.1.evil.example", No::NotHttps),
            ("http://api.localhost", No::NotHttps),
            ("http://[::ffff:127.0.0.1]", No::NotHttps),
            ("http://0.0.0.0", No::NotHttps),
            ("ftp://localhost", No::NotHttps),
            ("file:///etc/passwd", No::NotHttps),
            ("https://me@api.getimg.ai", No::UserInfo),
            ("https://me:secret@api.getimg.ai", No::UserInfo),
            ("https://api.getimg.ai@evil.example", No::UserInfo),
            ("https://@api.getimg.ai", No::UserInfo),
            ("http://localhost@evil.example", No::NotHttps),
            ("https://api.getimg.ai?x=1", No::Tail),
            ("https://api.getimg.ai#x", No::Tail),
            ("https://api.getimg.ai/v2", No::Version),
            ("https://api.getimg.ai/v2/", No::Version),
            ("https://gateway.example/getimg/v2//", No::Version),
        ];
        for (text, why) in table {
            assert_eq!(Endpoint::parse(text, Allow::Https), Err(why), "{text}");
        }
    }

    #[test]
    fn the_environment_may_name_this_machine_only() {
        for text in ["http://localhost:8080", "https://127.0.0.1:1", "http://127.8.9.1", "http://[::1]:80"] {
            let endpoint = Endpoint::parse(text, Allow::Loopback).unwrap();
            assert!(endpoint.is_loopback() && !endpoint.is_official(), "{text}");
        }
        for text in ["https://api.getimg.ai", "http://evil.example", "https://localhost.evil.example"] {
            assert_eq!(Endpoint::parse(text, Allow::Loopback), Err(MalformedEndpoint::NotLoopback), "{text}");
        }
    }

    #[test]
    fn a_path_is_kept_and_joined() {
        let gateway = Endpoint::parse("https://gateway.example:8443/getimg/", Allow::Https).unwrap();
        assert_eq!(gateway.to_string(), "https://gateway.example:8443/getimg");
        assert_eq!(gateway.host(), "gateway.example");
        assert_eq!(gateway.join("/v2/models").as_str(), "https://gateway.example:8443/getimg/v2/models");
        assert_eq!(Endpoint::official().to_string(), OFFICIAL);
        assert_eq!(Endpoint::official().join("/v2/models").as_str(), "https://api.getimg.ai/v2/models");
    }
}
