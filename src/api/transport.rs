//! One HTTPS client for one endpoint: GET requests with a key, and nothing else.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Response, Url, redirect};

use super::Endpoint;
use super::answer::{LONGEST_BODY, rests_on_body, retry_after};
use super::connected::{Multiplexes, Watch, tell};
use super::credential::Credential;
use super::failure::{Failure, wants_http_1};

pub(super) const USER_AGENT: &str = concat!("getimg-keys/", env!("CARGO_PKG_VERSION"));
/// How long after a connection is open it is certainly shared.
pub(super) const FILING: Duration = Duration::from_millis(1);
/// How long reading a body may take that cannot change the verdict.
const BODY_PATIENCE: Duration = Duration::from_secs(1);

/// A client, the proxy in front of it, and what its first connection can do.
pub(super) struct Transport {
    client: Client,
    make: Box<dyn Fn() -> ClientBuilder + Send + Sync>,
    /// The client for a server that answers HTTP/2 with HTTP_1_1_REQUIRED.
    older: OnceLock<Client>,
    proxy: Option<String>,
    multiplexes: Multiplexes,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// How long to wait before the next try; `None` if that is useless.
    pub(super) retry_after: Option<Duration>,
    /// At most [`LONGEST_BODY`] bytes.
    pub(super) body: Vec<u8>,
    /// Whether the body was longer.
    pub(super) truncated: bool,
    /// From sending the request to the end of the body.
    pub(super) latency: Duration,
}

impl Transport {
    /// Makes the client; parses the machine's root certificates if the endpoint is https.
    ///
    /// # Errors
    /// [`Failure`] with [`crate::model::Reason::Tls`] if the machine has none.
    pub(super) fn new(endpoint: &Endpoint) -> Result<Self, Failure> {
        endpoint.check_proxy()?;
        #[cfg(all(unix, not(target_os = "macos")))]
        if endpoint.is_https() {
            let roots = endpoint.certificates()?;
            // Each was tried when it was read.
            let roots: Vec<_> =
                roots.iter().filter_map(|der| reqwest::Certificate::from_der(der).ok()).collect();
            let endpoint_too = endpoint.clone();
            let make = move || builder(&endpoint_too).tls_certs_only(roots.clone());
            return Self::build(make, proxy(endpoint));
        }
        let endpoint_too = endpoint.clone();
        Self::build(move || builder(&endpoint_too), proxy(endpoint))
    }

    /// As [`Transport::new`] with other settings; failures name `proxy`.
    pub(super) fn build(
        make: impl Fn() -> ClientBuilder + Send + Sync + 'static,
        proxy: Option<String>,
    ) -> Result<Self, Failure> {
        let multiplexes = Multiplexes::default();
        let client = make().connector_layer(Watch(multiplexes.clone())).build();
        let client = client.map_err(|e| Failure::of_client(&e))?;
        Ok(Self { client, make: Box::new(make), older: OnceLock::new(), proxy, multiplexes })
    }

    /// Sends a request; again over HTTP/1.1 if the server wants that (RFC 9113, section 7), as for all later requests.
    async fn send(&self, url: Url, key: &Credential) -> Result<Response, reqwest::Error> {
        let request = |client: &Client| {
            let request = client.get(url.clone()).header(AUTHORIZATION, key.header());
            request.header(ACCEPT, "application/json").send()
        };
        if let Some(older) = self.older.get() {
            return request(older).await;
        }
        match request(&self.client).await {
            Err(refused) if wants_http_1(&refused) => {
                let older = (self.make)().http1_only().build()?;
                request(self.older.get_or_init(|| older)).await
            }
            sent => sent,
        }
    }

    /// Waits for the first connection; returns whether it carries many requests at once.
    pub(super) async fn multiplexes(&self) -> bool {
        let stands =
            *self.multiplexes.subscribe().wait_for(Option::is_some).await.as_deref().unwrap_or(&None);
        // The client puts a connection into its pool just after opening it; only then other requests find it.
        tokio::time::sleep(FILING).await;
        stands.unwrap_or(true)
    }

    /// Stops the others from waiting for a connection that does not come.
    pub(super) fn give_up_waiting(&self) {
        tell(&self.multiplexes, true);
    }

    /// Sends one request; follows no redirect.
    pub(super) async fn get(&self, url: Url, key: &Credential) -> Result<Reply, Failure> {
        let sent = Instant::now();
        let failed = |e| Failure::of_request(&e, self.proxy.as_deref());
        let mut response = self.send(url, key).await.map_err(failed)?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
        let retry_after = retry_after(status, header(RETRY_AFTER), header(DATE));
        let (body, truncated) = if rests_on_body(status) {
            read(&mut response).await.map_err(failed)?
        } else {
            // The status decides; the body would only say it in words.
            let reading = tokio::time::timeout(BODY_PATIENCE, read(&mut response));
            reading.await.ok().and_then(Result::ok).unwrap_or_default()
        };
        Ok(Reply { status, retry_after, body, truncated, latency: sent.elapsed() })
    }
}

/// The client's settings, all but the trusted certificates.
pub(super) fn builder(endpoint: &Endpoint) -> ClientBuilder {
    // Fails only if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(USER_AGENT)
        .https_only(endpoint.is_https());
    if endpoint.is_loopback() {
        // This machine, whatever a proxy, a hosts file or a DNS server says about `localhost`.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        builder = builder.no_proxy().resolve_to_addrs("localhost", &here);
    }
    if !endpoint.is_https() {
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// The proxy that the machine's settings name for the endpoint; this machine never has one.
pub(super) fn intercepting(endpoint: &Endpoint) -> Option<Intercept> {
    // It was an URL already, so it is an address.
    let uri = endpoint.to_string().parse().ok().filter(|_| !endpoint.is_loopback())?;
    Matcher::from_system().intercept(&uri)
}

/// Its host and port, without a password.
pub(super) fn proxy(endpoint: &Endpoint) -> Option<String> {
    let proxy = intercepting(endpoint)?;
    let host = proxy.uri().host()?;
    Some(proxy.uri().port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Reads a body up to the limit; returns whether it was longer.
async fn read(response: &mut Response) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = LONGEST_BODY - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Ok((body, true));
        }
    }
    Ok((body, false))
}
