//! The certificate and proxy settings of the environment, checked before anything is sent.

#[cfg(all(unix, not(target_os = "macos")))]
use std::io::ErrorKind;
use std::path::PathBuf;

use hyper_util::client::proxy::matcher::Matcher;
#[cfg(all(unix, not(target_os = "macos")))]
use rustls::pki_types::CertificateDer;

use super::Variables;
#[cfg(all(unix, not(target_os = "macos")))]
use super::files::regular_file;
#[cfg(all(unix, not(target_os = "macos")))]
use crate::error::in_words;
use crate::model::key_shape::holds_key;

/// The variables as they are set; an empty one counts as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// `$SSL_CERT_FILE`: a bundle of root certificates, in place of the system's.
    pub certificate_file: Option<PathBuf>,
    /// The folders of `$SSL_CERT_DIR`, in place of the system's.
    pub certificate_folders: Vec<PathBuf>,
    /// The proxy for https, with its variable's name: `HTTPS_PROXY`, else `ALL_PROXY`, each also in lower case.
    pub proxy: Option<(&'static str, String)>,
    /// `$NO_PROXY`.
    pub no_proxy: String,
}

impl Network {
    /// The certificate and proxy settings in the environment; an empty value counts as not set.
    pub fn of(variables: &Variables) -> Self {
        let text = |name| variables.secret(name).map(|text| text.to_string());
        // The first one that is set counts, even if it is empty, before the one for all schemes; the HTTP client does
        // the same.
        let first = |names: [&'static str; 2]| {
            let set = names.into_iter().find_map(|name| Some((name, text(name)?)));
            set.filter(|(_, value)| !value.is_empty())
        };
        Self {
            certificate_file: variables.path("SSL_CERT_FILE"),
            certificate_folders: variables
                .path("SSL_CERT_DIR")
                .map(|folders| {
                    std::env::split_paths(&folders).filter(|f| !f.as_os_str().is_empty()).collect()
                })
                .unwrap_or_default(),
            proxy: first(["HTTPS_PROXY", "https_proxy"]).or_else(|| first(["ALL_PROXY", "all_proxy"])),
            no_proxy: first(["NO_PROXY", "no_proxy"]).map(|(_, value)| value).unwrap_or_default(),
        }
    }

    /// Refuses a proxy setting that would be ignored for a URL, so that the key would be sent without it; never
    /// repeats its address, which may hold a password. This machine is reached without a proxy.
    ///
    /// # Errors
    /// What is wrong with it, and that nothing was sent.
    pub fn check_proxy(&self, url: &str) -> Result<(), String> {
        let Some((variable, address)) = self.proxy.as_ref() else { return Ok(()) };
        // Whatever its value: a host that is exempt from proxies is reached without one.
        let any = Matcher::builder().all("http://127.0.0.1:1").no(self.no_proxy.as_str()).build();
        // Nothing is sent to an invalid address.
        let goes_through = url.parse().is_ok_and(|uri| any.intercept(&uri).is_some());
        match what_is_wrong(address).filter(|_| goes_through) {
            None => Ok(()),
            Some(why) => Err(format!("${variable} {why}; nothing was sent")),
        }
    }

    /// The root certificates that the variables name, or the system's if they name none; each file is read once.
    ///
    /// # Errors
    /// Which file does not exist, or holds no certificate.
    #[cfg(all(unix, not(target_os = "macos")))]
    pub fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let load = rustls_native_certs::load_certs_from_paths;
        let (mut file, mut folders) = (self.certificate_file.clone(), self.certificate_folders.clone());
        if file.is_none() && folders.is_empty() {
            let system = openssl_probe::probe();
            // The folder holds the bundle's certificates again, each in its own file.
            (file, folders) = match system.cert_file {
                Some(bundle) => (Some(bundle), Vec::new()),
                None => (None, system.cert_dir),
            };
        }
        let mut roots = Vec::new();
        if let Some(file) = &file {
            match regular_file::open(file) {
                Err(why) if why.kind() == ErrorKind::PermissionDenied => {
                    return Err(format!(
                        "{} cannot be read: {}",
                        self.named(&file.display()),
                        in_words(&why)
                    ));
                }
                Err(_) => return Err(format!("{} is not an existing file", self.named(&file.display()))),
                Ok(_) => {}
            }
            roots = usable(load(Some(file), None).certs);
            if roots.is_empty() {
                return Err(format!("{} holds no certificate", self.named(&file.display())));
            }
        }
        roots.extend(folders.iter().flat_map(|folder| usable(load(None, Some(folder)).certs)));
        if !roots.is_empty() {
            return Ok(roots);
        }
        Err(match folders.first() {
            Some(_) if !self.certificate_folders.is_empty() => {
                "$SSL_CERT_DIR holds no certificate".to_owned()
            }
            _ => "this machine has no usable root certificates".to_owned(),
        })
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    fn named(&self, file: &dyn std::fmt::Display) -> String {
        match self.certificate_file {
            Some(_) => format!("$SSL_CERT_FILE, {file},"),
            None => file.to_string(),
        }
    }
}

/// Those that TLS can use: old systems have one or two that it cannot use.
#[cfg(all(unix, not(target_os = "macos")))]
fn usable(certificates: Vec<CertificateDer<'static>>) -> Vec<CertificateDer<'static>> {
    let usable = |der: &CertificateDer<'static>| rustls::RootCertStore::empty().add(der.clone()).is_ok();
    certificates.into_iter().filter(usable).collect()
}

/// Why an address cannot be used as a proxy.
fn what_is_wrong(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let spoken = ["http", "https"].iter().any(|spoken| scheme.eq_ignore_ascii_case(spoken));
    if !spoken {
        let known = (1..=10).contains(&scheme.len()) && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        let scheme = if known { format!("the scheme `{scheme}`") } else { "a scheme".to_owned() };
        return Some(format!("names a proxy of {scheme}, and only http and https proxies are supported"));
    }
    let parsed = reqwest::Url::parse(&format!("http://{rest}")).ok();
    let understood = address.parse::<hyper::Uri>().is_ok_and(|uri| uri.host().is_some_and(|h| !h.is_empty()));
    // Of a key that was pasted there, name servers would be asked.
    let is_key = parsed.as_ref().and_then(reqwest::Url::host_str).is_some_and(holds_key);
    (parsed.is_none() || !understood || is_key)
        .then(|| "is not the address of a proxy, such as http://host:3128".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str, no_proxy: &str) -> Option<String> {
        let proxy = Some(("HTTPS_PROXY", address.to_owned()));
        let network = Network { proxy, no_proxy: no_proxy.to_owned(), ..Network::default() };
        network.check_proxy("https://api.getimg.ai").err()
    }

    #[test]
    fn a_proxy_that_would_be_passed_over_is_named_and_its_address_is_not_repeated() {
        for address in
            ["http://me:word@host:3128", "host:3128", "HTTP://host", "https://[::1]:8080/", "10.0.0.1"]
        {
            assert_eq!(refused(address, ""), None, "{address}");
        }
        for address in
            ["http://", "http://host:99999", "http://ho st", ":::", "http://me:word@", "http://host:x"]
        {
            let said = refused(address, "").unwrap();
            assert!(said.starts_with("$HTTPS_PROXY is not the address of a proxy"), "{address}: {said}");
            assert!(!said.contains("word"), "{said}");
        }
        let secret = "0a".repeat(20);
        for address in
            [format!("sk_{secret}"), format!("http://key-{secret}:80"), format!("https://me@sk_{secret}/")]
        {
            let said = refused(&address, "").unwrap();
            assert!(said.starts_with("$HTTPS_PROXY is not the address of a proxy"), "{said}");
            assert!(!said.contains(&secret), "{said}");
        }
        assert_eq!(refused(&format!("http://me:sk_{secret}@host:3128"), ""), None, "a password may be any");
        for scheme in ["socks5", "socks5h", "socks4", "ftp"] {
            let said = refused(&format!("{scheme}://me:word@host:1080"), "").unwrap();
            assert!(said.contains(&format!("the scheme `{scheme}`")) && !said.contains("word"), "{said}");
        }
    }

    #[test]
    fn what_is_exempt_goes_without_a_proxy_whatever_stands_there() {
        for no_proxy in ["getimg.ai", ".getimg.ai", "a.example, api.getimg.ai", "*"] {
            assert_eq!(refused("socks5://host", no_proxy), None, "{no_proxy}");
        }
        assert!(refused("socks5://host", "other.ai").is_some());
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    #[expect(clippy::disallowed_methods, reason = "the test writes the files")]
    fn a_certificate_variable_that_names_none_is_named_and_none_is_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let bad = folder.path().join("bad.pem");
        std::fs::write(&bad, "no certificate").unwrap();
        let said = |file: Option<&std::path::Path>, folders: &[&std::path::Path]| {
            let network = Network {
                certificate_file: file.map(Into::into),
                certificate_folders: folders.iter().map(|&folder| folder.into()).collect(),
                ..Network::default()
            };
            network.certificates().map(|found| found.len())
        };
        assert_eq!(
            said(Some(&bad), &[]),
            Err(format!("$SSL_CERT_FILE, {}, holds no certificate", bad.display()))
        );
        let absent = folder.path().join("absent");
        let told = format!("$SSL_CERT_FILE, {}, is not an existing file", absent.display());
        assert_eq!(said(Some(&absent), &[]), Err(told));
        assert_eq!(said(None, &[&absent]), Err("$SSL_CERT_DIR holds no certificate".to_owned()));
    }
}
