//! What all connections of a run share: the limits, the totals, the connection to the API.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use crate::api::Endpoint;
use crate::api::upstream::{Unreachable, Upstream};
use crate::broker::head::Head;
use crate::broker::limits::{Limits, Passage, Spend};
use crate::broker::scrub::Scrub;
use crate::broker::token::Token;
use crate::broker::{Passed, Refusal, Setup, Totals};
use crate::model::{Amount, ApiKey};

use super::OnRequest;

/// How old a reading of the balance may be when something that may cost passes.
const FRESH: Duration = Duration::from_secs(2);
/// How long the last reading may delay a program's end.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// One run.
pub(super) struct Shared {
    pub(super) scrub: Scrub,
    limits: Limits,
    token: Token,
    endpoint: Endpoint,
    key: ApiKey,
    upstream: OnceLock<Result<Upstream, Unreachable>>,
    sent: AtomicU64,
    refused: AtomicU64,
    balance: Mutex<Balance>,
    on_request: Option<OnRequest>,
    began: Instant,
}

#[derive(Default)]
struct Balance {
    spend: Spend,
    looked_at: Option<Instant>,
    /// Something that may cost was forwarded since.
    is_stale: bool,
}

impl Shared {
    pub(super) fn new(setup: Setup) -> Self {
        let Setup { endpoint, key, token, limits, on_request } = setup;
        Self {
            scrub: Scrub::new(Zeroizing::new(key.expose().as_bytes().to_vec())),
            limits,
            token,
            endpoint,
            key,
            upstream: OnceLock::new(),
            sent: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            balance: Mutex::default(),
            on_request,
            began: Instant::now(),
        }
    }

    /// The connection to the API; certificates are read at its first use.
    pub(super) fn upstream(&self) -> Result<&Upstream, Refusal> {
        self.upstream.get_or_init(|| Upstream::new(&self.endpoint, &self.key)).as_ref().map_err(unreachable)
    }

    /// See [`Limits::admit`].
    pub(super) fn admit(&self, head: &Head<'_>) -> Result<Passage, Refusal> {
        self.limits.admit(head, &self.token, self.sent.load(Ordering::SeqCst))
    }

    /// The models that may be named.
    pub(super) fn models(&self) -> &[String] {
        &self.limits.models
    }

    /// Lets a request pass that may cost, and counts forwarded requests. The balance is read once at a time: waiting
    /// requests use the same reading.
    pub(super) async fn take_place(&self, passage: Passage) -> Result<(), Refusal> {
        if passage.may_cost && self.limits.max_spend.is_some() {
            let mut balance = self.balance.lock().await;
            if balance.looked_at.is_none_or(|at| at.elapsed() > FRESH) {
                self.look(&mut balance).await?;
            }
            self.limits.spend(balance.spend.spent())?;
            balance.is_stale = true;
        }
        let one_more = |sent| self.limits.count(sent).is_ok().then_some(sent + 1);
        match self.sent.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more) {
            Ok(_) => Ok(()),
            Err(sent) => self.limits.count(sent),
        }
    }

    async fn look(&self, balance: &mut Balance) -> Result<(), Refusal> {
        let unread = |why: String| Refusal::Balance(why);
        let text = self.upstream()?.balance().await.map_err(|e| unread(e.to_string()))?;
        let now: Amount = text.parse().map_err(|_| unread("it is not a number".to_owned()))?;
        balance.spend = balance.spend.after(now);
        balance.looked_at = Some(Instant::now());
        balance.is_stale = false;
        Ok(())
    }

    /// Reads the balance after the end, so that the last spending is included.
    pub(super) async fn look_once_more(&self) {
        let last = async {
            let mut balance = self.balance.lock().await;
            if balance.is_stale {
                // The sum is then as of the reading before.
                let _ = self.look(&mut balance).await;
            }
        };
        let _ = timeout(LAST_LOOK, last).await;
    }

    pub(super) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn tell(&self, method: String, path: String, status: u16, took: Duration) {
        if let Some(tell) = &self.on_request {
            tell(&Passed { method, path, status, took, at: self.began.elapsed() });
        }
    }

    pub(super) async fn totals(&self) -> Totals {
        let balance = self.balance.lock().await;
        Totals {
            requests: self.sent.load(Ordering::SeqCst),
            refused: self.refused.load(Ordering::SeqCst),
            spent: balance.looked_at.map(|_| balance.spend.spent()),
        }
    }
}

pub(super) fn unreachable(error: &Unreachable) -> Refusal {
    Refusal::Unreachable(error.to_string())
}
