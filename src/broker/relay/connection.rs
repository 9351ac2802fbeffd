//! One connection of a client, which sends one request after another.

use std::pin::{Pin, pin};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::Instant;

use crate::api::upstream::body::{self, Upload, Uploading};
use crate::broker::head::{Framing, Head};
use crate::broker::{Refusal, model_of, sizes};

use super::answer;
use super::inbound::{Body, Broken, Inbound};
use super::shared::{Shared, unreachable};

/// How much of a request that was answered before its end is read and discarded, and for how long.
const DRAINED: usize = 32 * 1024 * 1024;
const DRAINING: Duration = Duration::from_secs(1);
/// The most characters of a method or a path that are reported.
const LONGEST_TOLD: usize = 200;
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Serves a connection until it ends.
pub(super) async fn serve(stream: TcpStream, shared: &Shared) {
    // Small answers must not wait for an acknowledgement; if the option cannot be set, they do.
    let _ = stream.set_nodelay(true);
    let (read, write) = stream.into_split();
    let mut client = Client { inbound: Inbound::new(read), write };
    while client.serve_one(shared).await.is_some() {}
}

struct Client {
    inbound: Inbound,
    write: OwnedWriteHalf,
}

/// A body that is forwarded while it comes.
struct Rest {
    /// Its first piece; `None` if it has none.
    first: Option<Vec<u8>>,
    to: Uploading,
}

/// Why the API did not answer a request completely.
enum Unanswered {
    /// The relay answers instead; nothing was written yet.
    Refused(Refusal),
    /// The answer was begun and is cut off, or nobody reads it.
    Cut,
}

impl From<Broken> for Unanswered {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Gone => Self::Cut,
            Broken::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reports a request once it is over, also where the run ends before its connection does: a client that has its answer
/// may be gone at once.
struct Telling<'r> {
    shared: &'r Shared,
    head: &'r Head<'r>,
    began: Instant,
    /// Of the answer, once there is one; a request without the token is nobody's.
    status: Option<u16>,
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let Some(status) = self.status else { return };
        let path = self.head.target.split('?').next().unwrap_or_default();
        let short = |text: &str| text.chars().take(LONGEST_TOLD).collect();
        self.shared.tell(short(self.head.method), short(path), status, self.began.elapsed());
    }
}

impl Client {
    /// One request and its answer; `None` if the connection ends after it.
    async fn serve_one(&mut self, shared: &Shared) -> Option<()> {
        let head = match self.inbound.head().await {
            Ok(head) => head?,
            Err(Broken::Gone) => return None,
            Err(Broken::Refused(refusal)) => return self.refuse(&refusal, "", true).await,
        };
        let head = match Head::parse(&head) {
            Ok(head) => head,
            Err(refusal) => return self.refuse(&refusal, "", true).await,
        };
        let mut telling = Telling { shared, head: &head, began: Instant::now(), status: None };
        let mut body = Body::of(head.framing);
        match self.exchange(&head, &mut body, shared, &mut telling.status).await {
            Ok(true) => (!head.closes()).then_some(()),
            Ok(false) => {
                drop(telling);
                self.end().await
            }
            Err(Unanswered::Cut) => None,
            Err(Unanswered::Refused(refusal)) => {
                let is_token = !matches!(refusal, Refusal::Token);
                if is_token && !matches!(refusal, Refusal::Unreachable(_) | Refusal::Compressed) {
                    shared.count_refused();
                }
                telling.status = is_token.then(|| refusal.status());
                drop(telling);
                let closes = refusal.ends_the_connection() || head.closes() || body.left() != Some(0);
                self.refuse(&refusal, head.method, closes).await
            }
        }
    }

    /// Forwards a request and returns its answer, whose status is set before it is passed on; whether the request was
    /// read completely.
    async fn exchange(
        &mut self,
        head: &Head<'_>,
        body: &mut Body,
        shared: &Shared,
        status: &mut Option<u16>,
    ) -> Result<bool, Unanswered> {
        let passage = shared.admit(head)?;
        self.inbound.is_known = true;
        let upstream = shared.upstream()?;
        let address =
            upstream.address(head.target).ok_or(Refusal::Malformed("a target that is not a URI"))?;
        if head.expects_continue() && body.left() != Some(0) {
            self.write.write_all(CONTINUE).await.map_err(|_| Unanswered::Cut)?;
        }
        let (upload, rest) = self.begin_upload(head, body, passage.names_model, shared).await?;
        shared.take_place(passage).await?;
        let request = request(head, address, upload)?;
        let mut uploaded = pin!(self.inbound.send_rest(rest, body));
        let mut is_read = None;
        let answer = beside(&mut uploaded, &mut is_read, upstream.send(request)).await;
        let answer = answer.map_err(|e| unreachable(&e))?;
        *status = Some(answer.status().as_u16());
        let copying = copy(&mut self.write, head.method, answer, shared, head.closes());
        beside(&mut uploaded, &mut is_read, copying).await.map(|()| is_read == Some(true))
    }

    /// The body to send, and what is still to come of it: all of it, unless a model may be named there.
    async fn begin_upload(
        &mut self,
        head: &Head<'_>,
        body: &mut Body,
        names_model: bool,
        shared: &Shared,
    ) -> Result<(Upload, Option<Rest>), Unanswered> {
        if names_model {
            let whole = self.read_whole(body).await?;
            model_of::check(&whole, shared.models())?;
            return Ok((Upload::whole(whole), None));
        }
        if head.framing == Framing::Empty {
            return Ok((Upload::empty(), None));
        }
        let length = body.left();
        // A body that begins malformed is not forwarded at all.
        let first = self.inbound.piece(body).await?;
        let (to, upload) = Upload::coming(length);
        Ok((upload, Some(Rest { first, to })))
    }

    /// Reads a body to its end.
    async fn read_whole(&mut self, body: &mut Body) -> Result<Vec<u8>, Unanswered> {
        let mut whole = Vec::new();
        if body.left().is_some_and(|left| left > sizes::BODY as u64) {
            return Err(Refusal::Body.into());
        }
        while let Some(piece) = self.inbound.piece(body).await? {
            if whole.len() + piece.len() > sizes::BODY {
                return Err(Refusal::Body.into());
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    async fn refuse(&mut self, refusal: &Refusal, method: &str, closes: bool) -> Option<()> {
        let answer = answer::refusal(refusal, method, closes);
        self.write.write_all(&answer).await.ok()?;
        if closes { self.end().await } else { Some(()) }
    }

    /// Ends the connection. A client that is still sending would lose its answer if it just ended.
    async fn end(&mut self) -> Option<()> {
        // Where it fails the client is gone, and nothing more comes.
        if self.write.shutdown().await.is_ok() {
            self.inbound.drain(DRAINED, DRAINING).await;
        }
        None
    }
}

impl Inbound {
    /// Forwards a body as fast as the API reads it; returns whether it was read completely.
    async fn send_rest(&mut self, rest: Option<Rest>, body: &mut Body) -> bool {
        let Some(Rest { first, to }) = rest else { return true };
        let mut next = Ok(first);
        loop {
            match next {
                Ok(Some(piece)) => {
                    if !to.push(piece).await {
                        return false;
                    }
                }
                Ok(None) => {
                    to.end().await;
                    return true;
                }
                // A body that is cut off here is cut off there too.
                Err(_) => return false,
            }
            next = self.piece(body).await;
        }
    }
}

/// Waits for something while a body is forwarded; remembers whether the body was read completely.
async fn beside<T>(
    uploaded: &mut Pin<&mut impl Future<Output = bool>>,
    is_read: &mut Option<bool>,
    what: impl Future<Output = T>,
) -> T {
    let mut what = pin!(what);
    loop {
        tokio::select! {
            done = &mut what => return done,
            read = &mut *uploaded, if is_read.is_none() => *is_read = Some(read),
        }
    }
}

fn request(head: &Head<'_>, address: Uri, upload: Upload) -> Result<Request<Upload>, Refusal> {
    let mut request = Request::new(upload);
    *request.method_mut() = Method::from_bytes(head.method.as_bytes()).map_err(|_| Refusal::Method)?;
    *request.uri_mut() = address;
    *request.headers_mut() = fields(head);
    Ok(request)
}

/// The fields that are forwarded; the body's length and the key are added later.
fn fields(head: &Head<'_>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for field in head.passed_on() {
        // A head that was parsed strictly has no others.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(field.name.as_bytes()), HeaderValue::from_bytes(field.value))
        {
            fields.append(name, value);
        }
    }
    fields.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    fields
}

/// Copies an answer as it comes, with the key removed.
async fn copy(
    to: &mut OwnedWriteHalf,
    method: &str,
    answer: Response<Incoming>,
    shared: &Shared,
    closes: bool,
) -> Result<(), Unanswered> {
    let (parts, mut incoming) = answer.into_parts();
    let head = answer::head(method, parts.status, &parts.headers, &shared.scrub, closes)?;
    to.write_all(&head.bytes).await.map_err(|_| Unanswered::Cut)?;
    if head.framing == answer::Framing::Empty {
        return Ok(());
    }
    let mut scrubbed = shared.scrub.body();
    while let Some(bytes) = body::next(&mut incoming).await {
        let clean = scrubbed.push(&bytes.map_err(|_| Unanswered::Cut)?);
        to.write_all(&answer::piece(head.framing, clean)).await.map_err(|_| Unanswered::Cut)?;
    }
    to.write_all(&answer::piece(head.framing, scrubbed.finish())).await.map_err(|_| Unanswered::Cut)?;
    if head.framing == answer::Framing::Chunked {
        to.write_all(b"0\r\n\r\n").await.map_err(|_| Unanswered::Cut)?;
    }
    Ok(())
}
