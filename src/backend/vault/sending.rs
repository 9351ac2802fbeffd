//! Sends one request, and follows a standby's redirect to the active node.

use reqwest::header::{HeaderValue, LOCATION};
use reqwest::{Client as Http, Method, Response, Url};
use zeroize::Zeroizing;

use super::answer::Answer;
use super::client::{BRIEF, Client, Request};
use super::settings;
use super::trouble::Trouble;
use crate::system::terminal::escape;
use crate::system::{cause, causes, has_kind};

impl Client {
    /// Sends a request; if a standby redirects it, to that node if it belongs to the same cluster.
    pub(super) async fn send(
        &self,
        http: &Http,
        token: Option<HeaderValue>,
        request: Request<'_>,
    ) -> Result<Answer, Trouble> {
        let base = self.base.borrow().clone();
        let sent = self.once(http, &base, token.clone(), &request).await?;
        if sent.status().as_u16() != 307 {
            return self.read(sent, request.most).await;
        }
        let node = self.other_node(http, &base, &sent, request.path).await?;
        let again = self.once(http, &node, token, &request).await?;
        if again.status().as_u16() == 307 {
            return Err(Trouble::Redirected(host(&node)));
        }
        self.base.replace(node);
        self.read(again, request.most).await
    }

    async fn once(
        &self,
        http: &Http,
        base: &Url,
        token: Option<HeaderValue>,
        request: &Request<'_>,
    ) -> Result<Response, Trouble> {
        let mut sending = http.request(request.method.clone(), joined(base, request.path));
        sending = sending.header("X-Vault-Request", "true");
        if let Some(namespace) = &self.settings.namespace {
            sending = sending.header("X-Vault-Namespace", namespace);
        }
        if let Some(token) = token {
            sending = sending.header("X-Vault-Token", token);
        }
        if let Some(body) = request.body {
            sending = sending.header("Content-Type", "application/json").body(body.to_vec());
        }
        sending.send().await.map_err(|why| self.failed(&why))
    }

    /// The target of a standby's redirect: the same path, by https or on this machine, at a node that is proven to
    /// belong to the same cluster by an answer to a request without the token.
    async fn other_node(&self, http: &Http, base: &Url, sent: &Response, path: &str) -> Result<Url, Trouble> {
        let location = sent.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let refused = |to: &Url| Trouble::Redirected(host(to));
        let to = joined(base, path).join(location);
        let to = to.map_err(|_| Trouble::Redirected("no address".to_owned()))?;
        let suffix = format!("/v1/{}", path.split('?').next().unwrap_or_default());
        let is_safe = to.scheme() == "https" || (to.scheme() == "http" && settings::is_loopback(&to));
        let Some(before) = to.path().strip_suffix(suffix.as_str()).filter(|_| is_safe) else {
            return Err(refused(&to));
        };
        let mut node = to.clone();
        node.set_path(before);
        node.set_query(None);
        let (here, there) = (self.cluster(http, base).await?, self.cluster(http, &node).await?);
        if here.is_some() && here == there { Ok(node) } else { Err(refused(&to)) }
    }

    async fn cluster(&self, http: &Http, node: &Url) -> Result<Option<String>, Trouble> {
        let path = "sys/seal-status";
        let request = Request { method: Method::GET, path, body: None, most: BRIEF };
        let answer = self.once(http, node, None, &request).await?;
        let answer = self.read(answer, BRIEF).await?;
        let said: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
        Ok(said
            .and_then(|said| said.get("cluster_id")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)))
    }

    async fn read(&self, mut response: Response, most: usize) -> Result<Answer, Trouble> {
        let status = response.status().as_u16();
        let (mut body, mut is_cut) = (Zeroizing::new(Vec::new()), false);
        while let Some(chunk) = response.chunk().await.map_err(|why| self.failed(&why))? {
            let room = most - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                is_cut = true;
                break;
            }
        }
        let answer = Answer { status, body, is_cut };
        match answer.status {
            503 if answer.says("sealed") => Err(Trouble::Sealed),
            501 => Err(Trouble::NotInitialized),
            503 if answer.says("not initialized") => Err(Trouble::NotInitialized),
            _ => Ok(answer),
        }
    }

    fn failed(&self, error: &reqwest::Error) -> Trouble {
        let address = self.address();
        if error.is_timeout() || has_kind(error, std::io::ErrorKind::TimedOut) {
            Trouble::NoAnswer(address, self.settings.patience.as_secs())
        } else if causes(error).any(|cause| cause.is::<rustls::Error>()) {
            Trouble::Certificate(address, cause(error))
        } else if causes(error).filter_map(|e| e.downcast_ref::<hyper::Error>()).any(hyper::Error::is_parse) {
            Trouble::NotUnderstood(address, cause(error))
        } else {
            Trouble::Unreachable(address, cause(error))
        }
    }
}

/// The URL of a path below `/v1/`, with its query.
fn joined(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    url.set_path(&format!("{}/v1/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

fn host(url: &Url) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    escape(&format!("{}{port}", url.host_str().unwrap_or_default()))
}
