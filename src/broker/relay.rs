//! The relay: a port on this machine, for as long as one program runs.

mod answer;
mod connection;
mod inbound;
mod shared;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::LocalRuntime;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;

use self::shared::Shared;
use super::limits::Limits;
use super::token::Token;
use crate::api::Endpoint;
use crate::model::{Amount, ApiKey};

/// The most simultaneous connections; further ones wait.
const CONNECTIONS: usize = 512;
/// How long to wait if the machine has no free descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// What a relay needs to start.
pub struct Setup {
    /// The API that requests go to.
    pub endpoint: Endpoint,
    /// The key that is added to each.
    pub key: ApiKey,
    /// The token that the program has instead.
    pub token: Token,
    /// What the program may do.
    pub limits: Limits,
    /// Called for each request with the token, after its answer.
    pub on_request: Option<OnRequest>,
}

/// Receives requests.
pub type OnRequest = Box<dyn Fn(&Passed) + Send + Sync>;

/// A request with the token, whether it was forwarded or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// From the end of its head to the end of its answer.
    pub took: Duration,
    /// From the relay's start to the request.
    pub at: Duration,
}

/// What a relay did with requests that had the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Forwarded to the API.
    pub requests: u64,
    /// Refused by the relay.
    pub refused: u64,
    /// What was spent, if there was a limit and the balance was read; as of the last reading.
    pub spent: Option<Amount>,
}

/// A running relay. If it is dropped, it ends with the process.
pub struct Relay {
    port: u16,
    end: oneshot::Sender<()>,
    thread: JoinHandle<Totals>,
}

impl Relay {
    /// Starts a relay on an unused port of 127.0.0.1. Before the first request it connects nowhere and reads no
    /// certificate.
    ///
    /// # Errors
    /// This machine gives no port, no thread or no event loop.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (end, ended) = oneshot::channel();
        let (started, is_started) = oneshot::channel();
        // `start` waits for this message, so each is received.
        let thread = thread::Builder::new().spawn(move || match listening(listener) {
            Ok((runtime, listener)) => {
                let _ = started.send(Ok(()));
                relayed(runtime, listener, setup, ended)
            }
            Err(why) => {
                let _ = started.send(Err(why));
                Totals::default()
            }
        })?;
        is_started.blocking_recv().map_err(io::Error::other)??;
        Ok(Self { port, end, thread })
    }

    /// The base URL for the program's SDK.
    pub fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Ends it with all its requests; `None` if it had ended already.
    pub fn end(self) -> Option<Totals> {
        // Where it has ended by itself, nobody waits for this.
        let _ = self.end.send(());
        self.thread.join().ok()
    }
}

/// The event loop, which stays on the thread that made it, and the port.
fn listening(listener: TcpListener) -> io::Result<(LocalRuntime, tokio::net::TcpListener)> {
    let runtime = LocalRuntime::new()?;
    let listener = runtime.block_on(async { tokio::net::TcpListener::from_std(listener) })?;
    Ok((runtime, listener))
}

/// Accepts connections until the end is asked for.
fn relayed(
    runtime: LocalRuntime,
    listener: tokio::net::TcpListener,
    setup: Setup,
    ended: oneshot::Receiver<()>,
) -> Totals {
    let shared = Arc::new(Shared::new(setup));
    runtime.block_on(async {
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        // Whether the stop was sent or the sender is gone: the relay ends.
        let _ = ended.await;
        accepting.abort();
        shared.look_once_more().await;
    });
    let totals = runtime.block_on(shared.totals());
    // A name lookup that hangs is abandoned.
    runtime.shutdown_background();
    totals
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // Nobody closes it.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    connection::serve(stream, &shared).await;
                    drop(place);
                });
            }
            Err(_) => sleep(OUT_OF_DESCRIPTORS).await,
        }
    }
}
