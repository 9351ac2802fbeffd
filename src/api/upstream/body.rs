//! Request and response bodies, streamed; no body is held in memory as a whole.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::api::answer::LONGEST_BODY;

/// The body of a request.
pub struct Upload(State);

/// Where a body is written piece by piece, as fast as the reader takes it.
pub struct Uploading(mpsc::Sender<Piece>);

/// The client went away in the middle of its request: this error tells the API so, instead of ending the body normally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the request was cut off")]
pub struct Cut;

enum State {
    /// All that is left.
    Whole(Bytes),
    /// A body that is still coming, and its length where it is known.
    Coming { pieces: mpsc::Receiver<Piece>, left: Option<u64> },
}

enum Piece {
    Bytes(Bytes),
    End,
}

impl Upload {
    /// No body.
    pub fn empty() -> Self {
        Self(State::Whole(Bytes::new()))
    }

    /// A body that was already read.
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self(State::Whole(bytes.into()))
    }

    /// A body that is still coming, with its length where it is known.
    pub fn coming(length: Option<u64>) -> (Uploading, Self) {
        let (pieces, receiver) = mpsc::channel(1);
        (Uploading(pieces), Self(State::Coming { pieces: receiver, left: length }))
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.is_end_stream()
    }
}

impl Uploading {
    /// Waits until there is room; `false` if nobody reads any more.
    pub async fn push(&self, bytes: Vec<u8>) -> bool {
        self.0.send(Piece::Bytes(bytes.into())).await.is_ok()
    }

    /// Marks the body as complete. Without this call it counts as cut off.
    pub async fn end(self) {
        // If nobody reads any more, the answer came before the end.
        let _ = self.0.send(Piece::End).await;
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let (pieces, left) = match &mut self.0 {
            State::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
            }
            State::Coming { left: Some(0), .. } => return Poll::Ready(None),
            State::Coming { pieces, left } => (pieces, left),
        };
        match ready!(pieces.poll_recv(context)) {
            Some(Piece::Bytes(bytes)) => {
                *left = left.map(|left| left.saturating_sub(bytes.len() as u64));
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Piece::End) => {
                *left = Some(0);
                Poll::Ready(None)
            }
            None => Poll::Ready(Some(Err(Cut))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Whole(bytes) => bytes.is_empty(),
            State::Coming { left, .. } => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            State::Coming { left, .. } => left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

/// The next bytes of an answer; `None` at its end.
///
/// # Errors
/// The connection was lost, or the answer was cut off.
pub async fn next(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await? {
            Err(e) => return Some(Err(e)),
            // Trailers belong to this connection only.
            Ok(frame) => match frame.into_data() {
                Ok(bytes) => return Some(Ok(bytes)),
                Err(_) => continue,
            },
        }
    }
}

/// A short answer, and whether it was longer than [`LONGEST_BODY`].
pub(super) async fn read(mut body: Incoming) -> Result<(Vec<u8>, bool), hyper::Error> {
    let mut read = Vec::new();
    while let Some(bytes) = next(&mut body).await.transpose()? {
        let room = LONGEST_BODY - read.len();
        read.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            return Ok((read, true));
        }
    }
    Ok((read, false))
}
