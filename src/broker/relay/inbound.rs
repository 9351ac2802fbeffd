//! Reads what a client sends: complete heads, and bodies in pieces.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::timeout;

use crate::broker::Refusal;
use crate::broker::chunks::{Chunks, Step};
use crate::broker::head::{self, Framing};

/// The most bytes of one read.
const PIECE: usize = 64 * 1024;
/// How long a connection may be idle before it has sent the token.
const UNKNOWN: Duration = Duration::from_secs(10);
/// How long a head may take after its first byte.
const HEAD: Duration = Duration::from_secs(30);

/// One side of a connection, with what was read and not used yet.
pub(super) struct Inbound {
    from: OwnedReadHalf,
    read: Vec<u8>,
    /// Whether this connection has sent the token: then it may be idle without limit.
    pub(super) is_known: bool,
}

/// How far a body was read.
pub(super) enum Body {
    Length(u64),
    Chunked(Chunks),
}

/// Why there is nothing more to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The client is gone.
    Gone,
    /// The input is refused.
    Refused(Refusal),
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Body {
    pub(super) fn of(framing: Framing) -> Self {
        match framing {
            Framing::Empty => Self::Length(0),
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Chunks::default()),
        }
    }

    /// What remains of the body, if that is known.
    pub(super) fn left(&self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(*left),
            Self::Chunked(_) => None,
        }
    }
}

impl Inbound {
    pub(super) fn new(from: OwnedReadHalf) -> Self {
        Self { from, read: Vec::new(), is_known: false }
    }

    /// The next complete head; `None` if the client closes the connection before one.
    pub(super) async fn head(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        if self.read.is_empty() {
            let is_known = self.is_known;
            let first = self.fill();
            let came = if is_known { Ok(first.await) } else { timeout(UNKNOWN, first).await };
            if came != Ok(Ok(())) {
                return Ok(None);
            }
        }
        let whole = timeout(HEAD, async {
            loop {
                match head::length(&self.read)? {
                    Some(length) => return Ok(Some(self.take(length))),
                    None => self.fill().await?,
                }
            }
        });
        whole.await.unwrap_or(Err(Broken::Gone))
    }

    /// The next piece of a body; `None` at its end.
    pub(super) async fn piece(&mut self, body: &mut Body) -> Result<Option<Vec<u8>>, Broken> {
        match body {
            Body::Length(0) => Ok(None),
            Body::Length(left) => {
                if self.read.is_empty() {
                    self.fill().await?;
                }
                let piece = self.take(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= piece.len() as u64;
                Ok(Some(piece))
            }
            Body::Chunked(chunks) => loop {
                match chunks.next(&self.read)? {
                    Step::Skip(length) => drop(self.take(length)),
                    Step::Data(length) => return Ok(Some(self.take(length))),
                    Step::More => self.fill().await?,
                    Step::End => return Ok(None),
                }
            },
        }
    }

    /// Reads and discards what is still coming, so that the client sees the answer before the end.
    pub(super) async fn drain(&mut self, most: usize, patience: Duration) {
        let reading = async {
            let mut drained = 0;
            while drained < most {
                self.read.clear();
                if self.fill().await.is_err() {
                    return;
                }
                drained += self.read.len();
            }
        };
        // A client that is still sending after that is not reading either.
        let _ = timeout(patience, reading).await;
    }

    /// Takes at most this much of what was read.
    fn take(&mut self, most: usize) -> Vec<u8> {
        if most >= self.read.len() {
            return std::mem::take(&mut self.read);
        }
        let rest = self.read.split_off(most);
        std::mem::replace(&mut self.read, rest)
    }

    async fn fill(&mut self) -> Result<(), Broken> {
        self.read.reserve(PIECE);
        match self.from.read_buf(&mut self.read).await {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(Broken::Gone),
        }
    }
}
