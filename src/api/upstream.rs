//! The relay's requests to the API: forwarded unchanged, with the key added.

pub mod body;
mod connector;
mod resolver;

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{sleep, timeout};
use tower_layer::Layer;

use crate::error::in_words;
use crate::model::{ApiKey, Funds, Verdict};

use self::body::Upload;
use self::connector::{Connector, connector};
use super::Endpoint;
use super::answer::{Answer, Next, Question};
use super::connected::{Multiplexes, Watch, Watched, tell};
use super::credential::Credential;
use super::failure::{Failure, wants_http_1};
use super::transport::{FILING, USER_AGENT, proxy};

/// How long other requests wait for the first one's connection, which they may be able to share.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long reading the balance may take.
const LOOK: Duration = Duration::from_secs(10);

/// The most characters of the reason in [`Unreachable`].
const LONGEST_REASON: usize = 300;

type Sender = Client<Watched<Connector>, Upload>;

/// One pool of connections to the API, and the key that is added to every request.
pub struct Upstream {
    endpoint: Endpoint,
    key: Credential,
    newest: Sender,
    /// For a server that answers HTTP/2 with HTTP_1_1_REQUIRED.
    older: OnceLock<Sender>,
    multiplexes: Multiplexes,
    is_warming: AtomicBool,
    proxy: Option<String>,
}

/// Why no answer came, in one line; never the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(String);

impl Unreachable {
    fn new(text: &str) -> Self {
        Self(text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_REASON).collect())
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Failure> for Unreachable {
    fn from(failure: Failure) -> Self {
        let sentence = failure.reason.sentence();
        Self::new(&failure.message.map_or_else(|| sentence.to_owned(), |m| format!("{sentence}: {m}")))
    }
}

impl Upstream {
    /// A pool for an endpoint; nothing is connected yet.
    ///
    /// # Errors
    /// [`Unreachable`] if the configured certificates or the proxy cannot be used.
    pub fn new(endpoint: &Endpoint, key: &ApiKey) -> Result<Self, Unreachable> {
        let multiplexes = Multiplexes::default();
        let newest = sender(endpoint, &multiplexes, true)?;
        Ok(Self {
            endpoint: endpoint.clone(),
            key: Credential::of(key),
            newest,
            older: OnceLock::new(),
            multiplexes,
            is_warming: AtomicBool::new(false),
            proxy: proxy(endpoint),
        })
    }

    /// The address of a target below the base URL, byte for byte.
    ///
    /// `None` if it is not a URI: `<`, `>` and back quotes are refused, because servers interpret them differently.
    pub fn address(&self, target: &str) -> Option<Uri> {
        let uri: Uri = format!("{}{target}", self.endpoint).parse().ok()?;
        uri.to_string().ends_with(target).then_some(uri)
    }

    /// Sends a request with the key; returns the head of the answer, whose body is streamed.
    ///
    /// # Errors
    /// [`Unreachable`]: no connection, failed TLS, or a connection that was lost before the answer.
    pub async fn send(&self, request: Request<Upload>) -> Result<Response<Incoming>, Unreachable> {
        self.wait_for_the_first_connection().await;
        let sent = self.try_newest(request).await;
        tell(&self.multiplexes, true);
        sent.map_err(|e| Failure::of_relayed(&e, self.proxy.as_deref()).into())
    }

    /// The workspace's balance, as the API writes it: a decimal number.
    ///
    /// # Errors
    /// No answer within ten seconds, or an answer without a balance.
    pub async fn balance(&self) -> Result<String, Unreachable> {
        timeout(LOOK, self.ask_for_balance()).await.unwrap_or_else(|_| Err(Failure::timeout().into()))
    }

    async fn ask_for_balance(&self) -> Result<String, Unreachable> {
        let question = Question::Balance;
        let mut request = Request::new(Upload::empty());
        *request.uri_mut() = self.address(question.path()).ok_or(Failure::timeout())?;
        request.headers_mut().insert(hyper::header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        let answer = self.send(request).await?;
        let status = answer.status().as_u16();
        let lost = |e: hyper::Error| Unreachable::new(&in_words(&e));
        let (body, truncated) = body::read(answer.into_body()).await.map_err(lost)?;
        match (Answer { question, status, body: &body, truncated }).judge().next {
            Next::Settled(Verdict::Valid(Funds::Balance { amount, .. })) => Ok(amount),
            _ => Err(Unreachable::new(&format!("its answer contains no balance (HTTP status {status})"))),
        }
    }

    /// Over HTTP/1.1 if the server wants that (RFC 9113, section 7), and for all later requests. A request with a body
    /// cannot be sent a second time.
    async fn try_newest(&self, mut request: Request<Upload>) -> Result<Response<Incoming>, legacy::Error> {
        request.headers_mut().insert(AUTHORIZATION, self.key.header());
        if let Some(older) = self.older.get() {
            return older.request(request).await;
        }
        let again = request.body().is_empty().then(|| without_body(&request));
        match self.newest.request(request).await {
            Err(refused) if wants_http_1(&refused) => {
                let Ok(older) = sender(&self.endpoint, &self.multiplexes, false) else { return Err(refused) };
                let older = self.older.get_or_init(|| older);
                match again {
                    Some(request) => older.request(request).await,
                    None => Err(refused),
                }
            }
            sent => sent,
        }
    }

    /// A new pool would open one connection for each of many simultaneous requests.
    async fn wait_for_the_first_connection(&self) {
        let mut told = self.multiplexes.subscribe();
        if told.borrow().is_some() || !self.is_warming.swap(true, Ordering::SeqCst) {
            return;
        }
        if timeout(WARM_UP, told.wait_for(Option::is_some)).await.is_ok() {
            sleep(FILING).await;
        }
    }
}

fn sender(endpoint: &Endpoint, told: &Multiplexes, may_be_http_2: bool) -> Result<Sender, Failure> {
    let connector = Watch(told.clone()).layer(connector(endpoint, may_be_http_2)?);
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).timer(TokioTimer::new());
    Ok(builder.build(connector))
}

fn without_body(request: &Request<Upload>) -> Request<Upload> {
    let mut copy = Request::new(Upload::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}
