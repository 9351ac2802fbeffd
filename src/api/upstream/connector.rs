//! Connections to the API: TLS, directly or through the proxy of the machine's settings.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::api::Endpoint;
use crate::api::failure::Failure;
use crate::api::transport::intercepting;
use crate::model::Reason;

use super::resolver::Resolver;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

type Plain = HttpConnector<Resolver>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// TLS to the API, directly or through a proxy.
pub(super) type Connector = HttpsConnector<Way>;

/// The way to the API: straight, or through a proxy.
#[derive(Clone)]
pub(super) enum Way {
    Straight(Plain),
    Through(Box<Tunnel<HttpsConnector<Plain>>>),
}

/// A connector for an endpoint, for HTTP/2 where the server offers it or for HTTP/1.1 alone.
pub(super) fn connector(endpoint: &Endpoint, may_be_http_2: bool) -> Result<Connector, Failure> {
    endpoint.check_proxy()?;
    let mut plain = Plain::new_with_resolver(Resolver);
    plain.enforce_http(false);
    plain.set_nodelay(true);
    plain.set_connect_timeout(Some(CONNECT));
    let tls = if endpoint.is_https() { tls(endpoint)? } else { without_certificates()? };
    let way = match intercepting(endpoint) {
        None => Way::Straight(plain),
        Some(proxy) => {
            let to_proxy = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
            let tunnel = Tunnel::new(proxy.uri().clone(), to_proxy.enable_http1().wrap_connector(plain));
            Way::Through(Box::new(match proxy.basic_auth() {
                Some(password) => tunnel.with_auth(password.clone()),
                None => tunnel,
            }))
        }
    };
    let over = HttpsConnectorBuilder::new().with_tls_config(tls);
    // A request over plain http goes to this machine: `Endpoint` accepts no other host for it.
    let over = if endpoint.is_https() { over.https_only() } else { over.https_or_http() };
    Ok(match may_be_http_2 {
        true => over.enable_all_versions().wrap_connector(way),
        false => over.enable_http1().wrap_connector(way),
    })
}

#[cfg(all(unix, not(target_os = "macos")))]
fn tls(endpoint: &Endpoint) -> Result<ClientConfig, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(endpoint.certificates()?);
    Ok(versions()?.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn tls(_: &Endpoint) -> Result<ClientConfig, Failure> {
    use rustls_platform_verifier::BuilderVerifierExt;
    Ok(versions()?.with_platform_verifier().map_err(|e| unusable(&e))?.with_no_client_auth())
}

fn without_certificates() -> Result<ClientConfig, Failure> {
    Ok(versions()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn versions() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Failure> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|e| unusable(&e))
}

fn unusable(error: &rustls::Error) -> Failure {
    Failure { reason: Reason::Tls, message: Some(error.to_string()) }
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        match self {
            Self::Straight(plain) => Service::poll_ready(plain, context).map_err(Into::into),
            Self::Through(tunnel) => tunnel.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self {
            Self::Straight(plain) => {
                let connecting = plain.call(to);
                Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) })
            }
            Self::Through(tunnel) => {
                let connecting = tunnel.call(to);
                Box::pin(async move { Ok(connecting.await?) })
            }
        }
    }
}
