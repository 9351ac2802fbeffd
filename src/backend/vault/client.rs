//! Requests to the vault, and what the status of an answer means.

use std::cell::{Cell, OnceCell, RefCell};

use reqwest::header::HeaderValue;
use reqwest::{Client as Http, Method, Url, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::LocalRuntime;
use zeroize::Zeroizing;

use super::answer::Answer;
use super::settings::{self, Credential, Settings};
use super::trouble::Trouble;
use crate::error::in_words;
use crate::system::cause;
use crate::system::files::regular_file::{self, Trust};

const USER_AGENT: &str = concat!("getimg-keys/", env!("CARGO_PKG_VERSION"));
/// The most bytes of a bundle of certificates.
const LARGEST_BUNDLE: u64 = 4 << 20;
/// The most bytes of an answer that only says that something was done, or why not.
pub(super) const BRIEF: usize = 64 << 10;

/// A connection to one vault, opened by the first request.
pub(super) struct Client {
    pub(super) settings: Settings,
    /// Where requests go: to another node of the same cluster, after the first one redirected us there.
    pub(super) base: RefCell<Url>,
    wire: OnceCell<(LocalRuntime, Http)>,
    token: OnceCell<HeaderValue>,
    /// Whether the mount was confirmed to be a KV engine of version 2.
    pub(super) is_checked: Cell<bool>,
}

/// A request that can be sent several times.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Option<&'a [u8]>,
    /// The most bytes of its answer that are read.
    pub(super) most: usize,
}

impl Client {
    /// Sends nothing yet.
    pub(super) fn new(settings: Settings) -> Self {
        let base = RefCell::new(settings.address.clone());
        Self { settings, base, wire: OnceCell::new(), token: OnceCell::new(), is_checked: Cell::new(false) }
    }

    /// Its address, as a person writes it.
    pub(super) fn address(&self) -> String {
        self.settings.address.as_str().trim_end_matches('/').to_owned()
    }

    /// Reads a path below `/v1/`, at most this many bytes of it.
    pub(super) fn get(&self, path: &str, most: usize) -> Result<Answer, Trouble> {
        self.run(&Request { method: Method::GET, path, body: None, most })
    }

    /// Reads several paths at once; the answers are in the same order.
    pub(super) fn get_all(&self, paths: &[String], most: usize) -> Vec<Result<Answer, Trouble>> {
        let all = || {
            let token = self.token()?;
            let (runtime, http) = self.wire()?;
            let sends = paths.iter().map(|path| {
                self.send(http, Some(token.clone()), Request { method: Method::GET, path, body: None, most })
            });
            Ok(runtime.block_on(at_once(sends.collect())))
        };
        all().unwrap_or_else(|why: Trouble| paths.iter().map(|_| Err(why.clone())).collect())
    }

    /// Writes to a path.
    pub(super) fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Trouble> {
        let body = written(body)?;
        self.run(&Request { method: Method::POST, path, body: Some(&body), most: BRIEF })
    }

    /// Reads a path that needs no token.
    pub(super) fn get_openly(&self, path: &str) -> Result<Answer, Trouble> {
        let (runtime, http) = self.wire()?;
        runtime.block_on(self.send(
            http,
            None,
            Request { method: Method::GET, path, body: None, most: BRIEF },
        ))
    }

    fn run(&self, request: &Request<'_>) -> Result<Answer, Trouble> {
        let token = self.token()?.clone();
        let (runtime, http) = self.wire()?;
        runtime.block_on(self.send(http, Some(token), request.clone()))
    }

    /// The token, which the first request that needs it reads or gets by logging in.
    fn token(&self) -> Result<&HeaderValue, Trouble> {
        if let Some(token) = self.token.get() {
            return Ok(token);
        }
        let token = match self.settings.credential.token()? {
            Some(token) => token,
            None => self.log_in()?,
        };
        let mut value = HeaderValue::from_bytes(token.as_bytes())
            .map_err(|_| Trouble::TokenNotAccepted(self.settings.credential.in_words()))?;
        value.set_sensitive(true);
        Ok(self.token.get_or_init(|| value))
    }

    fn log_in(&self) -> Result<Zeroizing<String>, Trouble> {
        #[derive(Serialize)]
        struct Login<'a> {
            role_id: &'a str,
            secret_id: &'a str,
        }
        #[derive(serde::Deserialize)]
        struct LoggedIn {
            auth: Auth,
        }
        #[derive(serde::Deserialize)]
        struct Auth {
            client_token: Zeroizing<String>,
        }
        let Credential::Role(role, file) = &self.settings.credential else {
            return Err(Trouble::NoToken(None));
        };
        let secret_id = settings::secret(file)?;
        let body = written(&Login { role_id: role, secret_id: &secret_id })?;
        let (runtime, http) = self.wire()?;
        let path = "auth/approle/login";
        let request = Request { method: Method::POST, path, body: Some(&body), most: BRIEF };
        let answer = runtime.block_on(self.send(http, None, request))?;
        match answer.status {
            200 => Ok(self.parsed::<LoggedIn>(&answer)?.auth.client_token),
            400 | 403 => Err(Trouble::RoleNotAccepted(file.display().to_string())),
            _ => Err(self.unexpected(&answer)),
        }
    }

    /// The data of an answer.
    ///
    /// # Errors
    /// An answer that a vault should not give.
    pub(super) fn parsed<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Trouble> {
        serde_json::from_slice(&answer.body)
            .map_err(|_| Trouble::NotUnderstood(self.address(), "an answer of another shape".to_owned()))
    }

    /// The meaning of a refusal of a right on a path, as policies name both.
    pub(super) fn refused(&self, answer: &Answer, right: &'static str, path: &str) -> Trouble {
        let not_permitted = || Trouble::NotPermitted { right, path: path.to_owned() };
        match answer.status {
            403 if answer.says("invalid token") => self.not_accepted(),
            // A vault gives the same answer for a token that it does not know and for one without a policy; this
            // distinguishes them.
            403 => match self.get("auth/token/lookup-self", BRIEF) {
                Ok(own) if own.status == 403 && own.is_plain_denial() => self.not_accepted(),
                _ => not_permitted(),
            },
            404 if answer.says("no handler for route") => Trouble::NoMount(self.settings.mount.clone()),
            413 => Trouble::TooLarge(0),
            _ => self.unexpected(answer),
        }
    }

    fn not_accepted(&self) -> Trouble {
        Trouble::TokenNotAccepted(self.settings.credential.in_words())
    }

    /// Any other answer.
    pub(super) fn unexpected(&self, answer: &Answer) -> Trouble {
        match answer.errors() {
            Some(words) => Trouble::refused(answer.status, &words.join(" ")),
            None => Trouble::NotUnderstood(self.address(), format!("status {}", answer.status)),
        }
    }

    /// The event loop and the client; reads the certificates.
    fn wire(&self) -> Result<&(LocalRuntime, Http), Trouble> {
        if self.wire.get().is_none() {
            let runtime = LocalRuntime::new().map_err(|why| {
                Trouble::Unreachable(
                    self.address(),
                    format!("the network client could not be started: {why}"),
                )
            })?;
            let made = (runtime, self.http()?);
            return Ok(self.wire.get_or_init(|| made));
        }
        self.wire.get().ok_or_else(|| Trouble::Unreachable(self.address(), "it was closed".to_owned()))
    }

    fn http(&self) -> Result<Http, Trouble> {
        let settings = &self.settings;
        // Fails only if a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let is_https = settings.address.scheme() == "https";
        let mut builder = Http::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT)
            .timeout(settings.patience);
        if settings.is_loopback() {
            builder = builder.no_proxy();
        } else {
            let refused = |why| Trouble::Unreachable(self.address(), why);
            settings.network.check_proxy(settings.address.as_str()).map_err(refused)?;
        }
        if let Some(file) = &settings.ca_file {
            builder = builder.tls_certs_only(bundle(file)?);
        } else if is_https {
            #[cfg(all(unix, not(target_os = "macos")))]
            {
                let roots = settings.network.certificates().map_err(Trouble::NoCertificates)?;
                // Each was tried when it was read.
                let roots = roots.iter().filter_map(|der| reqwest::Certificate::from_der(der).ok());
                builder = builder.tls_certs_only(roots.collect::<Vec<_>>());
            }
        } else {
            builder = builder.tls_certs_only([]);
        }
        builder.build().map_err(|why| Trouble::NoCertificates(cause(&why)))
    }
}

/// Waits for all of them; each continues meanwhile.
async fn at_once<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in waiting.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if waiting.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}

fn written(body: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    serde_json::to_vec(body).map(Zeroizing::new).map_err(|why| Trouble::Damaged(why.to_string()))
}

fn bundle(file: &std::path::Path) -> Result<Vec<reqwest::Certificate>, Trouble> {
    let refused = |why: String| Trouble::NoCertificates(format!("{} {why}", file.display()));
    let pem = regular_file::read(file, LARGEST_BUNDLE, Trust::Anyones)
        .map_err(|why| refused(format!("cannot be read: {}", in_words(&why))))?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(refused("holds no certificate".to_owned())),
    }
}
