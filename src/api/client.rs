//! Asks about many keys at once over one connection.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::LocalRuntime;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::model::{ApiKey, Probe, Reason, Untrusted, Verdict};

use super::Endpoint;
use super::credential::Credential;
use super::failure::Failure;
use super::inquiry::{failed, inquire};
use super::transport::Transport;

/// The most simultaneous requests over one HTTP/2 connection.
const STREAMS: usize = 100;
/// The most simultaneous connections to an endpoint that speaks only HTTP/1.
const CONNECTIONS: usize = 32;
/// How long all keys share one connection to an endpoint that speaks only HTTP/1; after that more are opened.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long the other keys wait for the first one's connection.
const WARM_UP: Duration = Duration::from_secs(2);

/// How keys are probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeOptions {
    /// The time limit for one key: connecting, retries and the whole body.
    pub timeout: Duration,
    /// Sends a made-up key first; unless the API refuses it, no key counts as valid.
    pub strict: bool,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), strict: false }
    }
}

/// Asks the API about all keys at once over one connection; the answers are in the order of the keys.
///
/// `on_done` gets the index of each key when its probe ends. This never fails: whatever goes wrong
/// is a [`Verdict::Unknown`] of the key concerned. Must not be called inside a tokio runtime.
pub fn probe(
    endpoint: &Endpoint,
    keys: &[&ApiKey],
    options: &ProbeOptions,
    on_done: &mut dyn FnMut(usize),
) -> Vec<Probe> {
    if keys.is_empty() {
        return Vec::new();
    }
    probe_by(Transport::new(endpoint), endpoint, keys, options, on_done)
}

/// As [`probe`], with a client whose creation may have failed.
pub(super) fn probe_by(
    transport: Result<Transport, Failure>,
    endpoint: &Endpoint,
    keys: &[&ApiKey],
    options: &ProbeOptions,
    on_done: &mut dyn FnMut(usize),
) -> Vec<Probe> {
    let outcome = transport.and_then(|transport| {
        let round = Round { transport: Arc::new(transport), endpoint: endpoint.clone(), options: *options };
        run(round.probe(keys.iter().map(|key| Credential::of(key)).collect(), on_done))
    });
    outcome.unwrap_or_else(|failure| {
        (0..keys.len()).for_each(on_done);
        vec![failed(endpoint, failure); keys.len()]
    })
}

/// Runs requests to their end on this thread. A name lookup that hangs is abandoned.
pub(super) fn run<T>(requests: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = LocalRuntime::new().map_err(|e| Failure {
        reason: Reason::Connect,
        message: Some(format!("the network client could not be started: {e}")),
    })?;
    let outcome = runtime.block_on(requests);
    runtime.shutdown_background();
    Ok(outcome)
}

/// Many keys, one endpoint.
struct Round {
    transport: Arc<Transport>,
    endpoint: Endpoint,
    options: ProbeOptions,
}

impl Round {
    async fn probe(&self, keys: Vec<Credential>, on_done: &mut dyn FnMut(usize)) -> Vec<Probe> {
        let made_up = if self.options.strict { Some(self.made_up().await) } else { None };
        let interrupted = Failure { reason: Reason::Connect, message: None };
        let mut probes = vec![failed(&self.endpoint, interrupted); keys.len()];
        let mut running = JoinSet::new();
        let mut waiting = keys.into_iter().enumerate();
        let (mut width, mut stands) = (None, Instant::now());
        loop {
            for (index, key) in waiting.by_ref().take(width.unwrap_or(1) - running.len()) {
                running.spawn(self.one(index, key));
            }
            if width.is_none() {
                width = Some(self.width().await);
                stands = Instant::now();
                continue;
            }
            let wait =
                if width == Some(1) { PATIENCE.saturating_sub(stands.elapsed()) } else { Duration::MAX };
            let Ok(next) = timeout(wait, running.join_next()).await else {
                width = Some(CONNECTIONS);
                continue;
            };
            match next {
                Some(Ok((index, probe))) => {
                    probes[index] = probe;
                    on_done(index);
                }
                // Its verdict stays the unknown that it began with.
                Some(Err(_)) => {}
                None => break,
            }
        }
        if let Some(made_up) = made_up {
            probes.iter_mut().for_each(|probe| doubt(probe, &made_up));
        }
        probes
    }

    /// One key's probe, with its index.
    fn one(&self, index: usize, key: Credential) -> impl Future<Output = (usize, Probe)> + use<> {
        let (transport, endpoint) = (Arc::clone(&self.transport), self.endpoint.clone());
        let timeout = self.options.timeout;
        async move {
            let probe = inquire(&transport, &endpoint, &key, timeout).await;
            transport.give_up_waiting();
            (index, probe)
        }
    }

    /// The endpoint's answer about a key that nobody has.
    async fn made_up(&self) -> Verdict {
        match Credential::made_up() {
            Some(key) => self.one(0, key).await.1.verdict,
            None => Verdict::Unknown(Reason::EndpointIgnoresAuth),
        }
    }

    /// How many keys may be asked about at once, after the first key's connection is open.
    ///
    /// Otherwise a new client would open one connection for each key. If none is open soon, there is nothing to
    /// share, and the others stop waiting. Over HTTP/1 the keys follow one another while the endpoint answers quickly.
    async fn width(&self) -> usize {
        match timeout(WARM_UP.min(self.options.timeout), self.transport.multiplexes()).await {
            Ok(false) => 1,
            _ => STREAMS,
        }
    }
}

/// Changes a valid verdict to unknown if the endpoint did not refuse a made-up key.
fn doubt(probe: &mut Probe, made_up: &Verdict) {
    if !matches!(probe.verdict, Verdict::Valid(_)) || *made_up == Verdict::Rejected {
        return;
    }
    let instead = made_up.reason().map_or("it was taken as valid", Reason::sentence);
    probe.message = Some(Untrusted::new(format!("a made-up key was not refused: {instead}")));
    probe.verdict = Verdict::Unknown(Reason::EndpointIgnoresAuth);
}
