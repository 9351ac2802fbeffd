//! Notices when the first connection is open, and whether it can carry many requests at once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::Connection;
use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

/// Set once: whether the first connection speaks HTTP/2.
pub(super) type Multiplexes = watch::Sender<Option<bool>>;

/// Watches the connections of a client.
#[derive(Clone)]
pub(super) struct Watch(pub(super) Multiplexes);

/// A connector whose connections are watched.
#[derive(Clone)]
pub(super) struct Watched<S> {
    connector: S,
    told: Multiplexes,
}

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched { connector, told: self.0.clone() }
    }
}

impl<S, To> Service<To> for Watched<S>
where
    S: Service<To>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, to: To) -> Self::Future {
        let (connecting, told) = (self.connector.call(to), self.told.clone());
        Box::pin(async move {
            let connection = connecting.await?;
            tell(&told, connection.connected().is_negotiated_h2());
            Ok(connection)
        })
    }
}

/// Reports the first connection, once.
pub(super) fn tell(told: &Multiplexes, multiplexes: bool) {
    told.send_if_modified(|known| known.is_none() && known.replace(multiplexes).is_none());
}
