//! A small API on this machine that records its requests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio_rustls::TlsAcceptor;

use crate::api::{Allow, Endpoint};

/// One request, as the server saw it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) key: String,
    pub(super) agent: String,
    pub(super) protocol: hyper::Version,
}

/// What to answer, and how long to wait before it; 505 over HTTP/2 resets the stream with HTTP_1_1_REQUIRED.
pub(super) struct Reply(pub(super) Duration, pub(super) Response<String>);

/// A running server; it ends, with its thread and every descriptor, when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    pub(super) certificate: Option<reqwest::Certificate>,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    _alive: tokio::sync::oneshot::Sender<()>,
}

pub(super) fn reply(status: u16, body: &str) -> Reply {
    Reply(Duration::ZERO, Response::builder().status(status).body(body.to_owned()).unwrap())
}

pub(super) fn reply_with(status: u16, header: (&str, &str), body: &str) -> Reply {
    let response = Response::builder().status(status).header(header.0, header.1);
    Reply(Duration::ZERO, response.body(body.to_owned()).unwrap())
}

impl Server {
    /// Plain HTTP/1; `answer` gets the request and the number of requests before it.
    pub(super) fn http(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, None, answer)
    }

    /// TLS with a certificate of its own for `localhost`; HTTP/2 where `alpn` offers `h2`.
    pub(super) fn https(
        alpn: &[&str],
        answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
        let certificate = reqwest::Certificate::from_der(made.cert.der()).unwrap();
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), Some(certificate), answer)
    }

    fn start(
        tls: Option<TlsAcceptor>,
        certificate: Option<reqwest::Certificate>,
        answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let state = Arc::new((Arc::clone(&seen), answer));
        let (alive, dropped) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::LocalRuntime::new().unwrap();
            runtime.spawn_local(accept(listener, tls, count, state));
            // Nothing is ever sent: dropping the sender ends the wait.
            let _ = runtime.block_on(dropped);
        });
        Self { address, certificate, seen, connections, _alive: alive }
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        let text = format!("{scheme}://localhost:{}", self.address.port());
        Endpoint::parse(&text, Allow::Loopback).unwrap()
    }

    /// The number of TCP connections that were opened, used or not.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Every request so far, in order; each must be a GET.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap().clone();
        assert!(seen.iter().all(|s| s.method == "GET"), "{seen:?}");
        seen
    }
}

type State<F> = Arc<(Arc<Mutex<Vec<Seen>>>, F)>;

async fn accept<F>(listener: TcpListener, tls: Option<TlsAcceptor>, count: Arc<AtomicUsize>, state: State<F>)
where
    F: Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
{
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        count.fetch_add(1, Ordering::Relaxed);
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| answer(request, Arc::clone(&state)));
        let tls = tls.clone();
        tokio::spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            match tls {
                None => drop(builder.serve_connection(TokioIo::new(stream), service).await),
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        drop(builder.serve_connection(TokioIo::new(stream), service).await);
                    }
                }
            }
        });
    }
}

async fn answer<F: Fn(&Seen, usize) -> Reply>(
    request: Request<Incoming>,
    state: State<F>,
) -> Result<Response<String>, h2::Error> {
    let header = |name: &str| {
        request.headers().get(name).map(|v| v.to_str().unwrap_or("?").to_owned()).unwrap_or_default()
    };
    let seen = Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        key: header("authorization").strip_prefix("Bearer ").unwrap_or("?").to_owned(),
        agent: header("user-agent"),
        protocol: request.version(),
    };
    let before = {
        let mut all = state.0.lock().unwrap();
        all.push(seen.clone());
        all.len() - 1
    };
    let Reply(delay, response) = state.1(&seen, before);
    if response.status() == 505 && request.version() == hyper::Version::HTTP_2 {
        return Err(h2::Reason::HTTP_1_1_REQUIRED.into());
    }
    tokio::time::sleep(delay).await;
    Ok(response)
}

/// A listener for what no HTTP server would do: it reads each connection's request, then calls `act`
/// with the connection and its number.
pub(super) fn raw(act: impl Fn(TcpStream, &str, usize) + Send + Sync + 'static) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let act = Arc::new(act);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (mut stream, act) = (stream.unwrap(), Arc::clone(&act));
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    request.push(byte[0]);
                }
                act(stream, &String::from_utf8_lossy(&request), number);
            });
        }
    });
    Endpoint::parse(&format!("http://127.0.0.1:{port}"), Allow::Loopback).unwrap()
}

/// Writes as much as the other side accepts.
pub(super) fn write(stream: &mut TcpStream, text: &str) -> bool {
    stream.write_all(text.as_bytes()).is_ok()
}
