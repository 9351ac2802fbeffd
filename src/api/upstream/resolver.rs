//! Resolves host names; `localhost` is always this machine.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::api::failure::NoSuchHost;

/// Resolves as the system does, except that `localhost` is this machine, whatever a hosts file or a DNS server says.
#[derive(Clone)]
pub(super) struct Resolver;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NoSuchHost;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoSuchHost>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoSuchHost>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            if name.as_str() == "localhost" {
                let here = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
                return Ok(Vec::from(here).into_iter());
            }
            let found = GaiResolver::new().call(name).await.map_err(NoSuchHost)?;
            Ok(found.collect::<Vec<_>>().into_iter())
        })
    }
}
