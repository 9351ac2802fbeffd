//! The API on this machine: TLS with a root certificate of its own, HTTP/2, and a record of its requests.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::Key;
use super::certificate::Certificates;

/// How the API answers for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Valid,
    /// Valid, at an endpoint without a balance.
    NoBalance,
    Revoked,
    Quota,
    RateLimited,
    Forbidden,
    Broken,
    Html,
    Redirect,
    /// A redirect to the API at another port of this machine.
    RedirectTo(u16),
    /// A 401 that does not come from the API.
    GatewayLogin,
    /// The documented 401; its message has the key, its first 30 and last 10 characters, and control characters for the
    /// terminal.
    Echo,
}

/// One request: method, path, host and key.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub host: String,
    pub key: String,
}

#[derive(Default)]
struct State {
    keys: Mutex<HashMap<String, Behaviour>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
}

/// A running server. When it is dropped, its thread and every descriptor end too.
pub struct ApiServer {
    pub port: u16,
    folder: TempDir,
    state: Arc<State>,
    _alive: tokio::sync::oneshot::Sender<()>,
}

impl ApiServer {
    pub fn start() -> Self {
        Self::with(Certificates::make())
    }

    /// One with another certificate.
    pub fn with(certificates: Certificates) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("root.pem"), &certificates.root_pem).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificates.leaf], certificates.leaf_key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let (tls, shared) = (TlsAcceptor::from(Arc::new(config)), Arc::clone(&state));
        let (alive, dropped) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.spawn(accept(listener, tls, shared));
            // Nothing is sent: dropping the sender ends the wait.
            let _ = runtime.block_on(dropped);
        });
        Self { port, folder, state, _alive: alive }
    }

    /// Its address, for `$GETIMG_KEYS_API_URL` and `$GETIMG_AI_BASE_URL`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The root to trust, for `$SSL_CERT_FILE`.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// From now on a key gets this answer; a key that was never mentioned is rejected.
    pub fn takes(&self, key: &Key, behaviour: Behaviour) {
        self.state.keys.lock().unwrap().insert(key.0.clone(), behaviour);
    }

    /// Every request so far; each must be a GET for the right host.
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.state.seen.lock().unwrap().clone();
        let here = format!("localhost:{}", self.port);
        let is_ours = |host: &str| host == here || host == "api.getimg.ai";
        assert!(seen.iter().all(|s| s.method == "GET" && is_ours(&s.host)), "a request that must not be");
        seen
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, state: Arc<State>) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        state.connections.fetch_add(1, Ordering::Relaxed);
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            let service =
                service_fn(|request| std::future::ready(Ok::<_, Infallible>(state.answer(&request))));
            drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

impl State {
    fn answer(&self, request: &Request<Incoming>) -> Response<String> {
        let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let host = request.uri().authority().map_or_else(|| header("host"), |a| a.as_str()).to_owned();
        let key = header("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
        let behaviour = self.keys.lock().unwrap().get(&key).copied().unwrap_or(Behaviour::Revoked);
        let path = request.uri().path().to_owned();
        let mut response = respond(behaviour, &path);
        if behaviour == Behaviour::Echo {
            *response.body_mut() = response
                .body()
                .replace("API key provided", &format!("API key {key}\\u001b]52;c;eA==\\u0007 provided"))
                .replace("in the settings", &format!("as {}…{}", &key[..30], &key[key.len() - 10..]));
        }
        if let Behaviour::RedirectTo(port) = behaviour {
            let location = format!("https://localhost:{port}{path}").parse().unwrap();
            response.headers_mut().insert("location", location);
        }
        self.seen.lock().unwrap().push(Seen { method: request.method().to_string(), path, host, key });
        response
    }
}

fn respond(behaviour: Behaviour, path: &str) -> Response<String> {
    const REFUSED: &str = r#"{"error":{"message":"Incorrect API key provided. You can find yours in the settings.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
    const QUOTA: &str = r#"{"error":{"message":"You exceeded your quota.","type":"invalid_request_error","code":"quota_exceeded"}}"#;
    const SLOWER: &str = r#"{"error":{"message":"Rate limit reached.","code":"rate_limit"}}"#;
    const PAGE: &str = "<html><body>Please log in</body></html>";
    const MODELS: &str = r#"[{"id":"seedream-4","name":"Seedream 4","type":"image"}]"#;
    const COSTS: &str = r#"{"currency":"USD","data":[{"cost":"0","date":"2026-11-01"},{"cost":"2.5","date":"2026-11-02"}],"start":"2026-11-01T00:00:00Z","end":"2026-11-02T00:00:00Z","total_cost":"2.50"}"#;
    let (status, header, body) = match (behaviour, path) {
        (Behaviour::Valid, "/v2/billing/balance") => (200, None, r#"{"balance":"12.50","currency":"USD"}"#),
        (Behaviour::Valid, "/v2/billing/costs") => (200, None, COSTS),
        (Behaviour::NoBalance, "/v2/billing/balance") => (404, None, ""),
        (Behaviour::Valid | Behaviour::NoBalance, "/v2/models") => (200, None, MODELS),
        (Behaviour::Valid | Behaviour::NoBalance, _) => (404, None, ""),
        (Behaviour::Revoked | Behaviour::Echo, _) => (401, None, REFUSED),
        (Behaviour::Quota, _) => (402, None, QUOTA),
        (Behaviour::RateLimited, _) => (429, Some(("retry-after", "30")), SLOWER),
        (Behaviour::Forbidden, _) => (403, None, PAGE),
        (Behaviour::Broken, _) => (500, None, PAGE),
        (Behaviour::Html, _) => (200, None, PAGE),
        (Behaviour::RedirectTo(_), _) => (307, None, ""),
        (Behaviour::Redirect, _) => (302, Some(("location", "https://localhost:1/v2/models")), ""),
        (Behaviour::GatewayLogin, _) => (401, None, PAGE),
    };
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    let response = Response::builder().status(status).header("content-type", kind);
    let response = header.into_iter().fold(response, |r, (name, value)| r.header(name, value));
    response.body(body.to_owned()).unwrap()
}
