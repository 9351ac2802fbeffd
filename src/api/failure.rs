//! Why there was no answer: the network's errors, sorted.

use std::io;

use hyper_util::client::legacy;
use thiserror::Error;

use crate::model::Reason;
use crate::system::{cause, causes, has_kind};

/// A name without an address, in the system's words.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct NoSuchHost(pub(super) io::Error);

/// Why no answer came, in words for a person. Foreign errors do not leave this module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The reason that is recorded.
    pub(super) reason: Reason,
    /// The message of whatever failed; may hold text from outside, never the key.
    pub(super) message: Option<String>,
}

impl Failure {
    /// The time limit was reached.
    pub(super) fn timeout() -> Self {
        Self { reason: Reason::Timeout, message: None }
    }

    /// No client could be made: in practice, because this machine has no root certificates.
    pub(super) fn of_client(error: &reqwest::Error) -> Self {
        let cause = causes(error).last().map(ToString::to_string).unwrap_or_default();
        let message = format!("this machine has no usable root certificates: {cause}");
        Self { reason: Reason::Tls, message: Some(message) }
    }

    /// The error of a request, which went through `proxy` if there is one.
    pub(super) fn of_request(error: &reqwest::Error, proxy: Option<&str>) -> Self {
        let proxied = proxy.is_some() && error.is_connect();
        Self::of(error, if error.is_dns() { Some(Reason::Dns) } else { None }, proxied, proxy)
    }

    /// The same for a request of the relay.
    pub(super) fn of_relayed(error: &legacy::Error, proxy: Option<&str>) -> Self {
        let is_dns = causes(error).any(|e| e.is::<NoSuchHost>());
        let proxied = proxy.is_some() && error.is_connect();
        Self::of(error, if is_dns { Some(Reason::Dns) } else { None }, proxied, proxy)
    }

    fn of(
        error: &(dyn std::error::Error + 'static),
        dns: Option<Reason>,
        proxied: bool,
        proxy: Option<&str>,
    ) -> Self {
        let reason = reason(error, dns, proxied);
        let cause = cause(error);
        let message = match proxy {
            Some(proxy) => format!("through the proxy {proxy}: {cause}"),
            None => cause,
        };
        Self { reason, message: Some(message) }
    }
}

fn reason(error: &(dyn std::error::Error + 'static), dns: Option<Reason>, proxied: bool) -> Reason {
    if has_kind(error, io::ErrorKind::TimedOut) {
        Reason::Timeout
    } else if causes(error).any(|e| e.is::<rustls::Error>()) {
        Reason::Tls
    } else if proxied {
        Reason::Proxy
    } else if let Some(dns) = dns {
        dns
    } else if causes(error).filter_map(|e| e.downcast_ref::<hyper::Error>()).any(hyper::Error::is_parse) {
        Reason::UnexpectedBody
    } else {
        Reason::Connect
    }
}

/// Whether a server refused HTTP/2 for this request and accepts it over HTTP/1.1.
pub(super) fn wants_http_1(error: &(dyn std::error::Error + 'static)) -> bool {
    let reasons = causes(error).filter_map(|e| e.downcast_ref::<h2::Error>()?.reason());
    reasons.into_iter().any(|reason| reason == h2::Reason::HTTP_1_1_REQUIRED)
}
