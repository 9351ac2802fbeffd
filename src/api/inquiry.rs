//! One key's probe: ask, wait if the API says so, retry, conclude.

use std::time::Duration;

use reqwest::Url;
use tokio::time::{Instant, sleep, timeout_at};

use crate::model::{Probe, Reason, Untrusted, Verdict};

use super::Endpoint;
use super::answer::{Answer, Next, Question};
use super::credential::Credential;
use super::failure::Failure;
use super::transport::{Reply, Transport};

/// The wait before the second try; each later wait is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest wait that the API did not request.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// The longest time for one key; keeps sums of times from overflowing.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks about one key within `timeout`: its balance, or its models where the endpoint offers no balance.
pub(super) async fn inquire(
    transport: &Transport,
    endpoint: &Endpoint,
    key: &Credential,
    timeout: Duration,
) -> Probe {
    let deadline = deadline(timeout);
    let mut question = Question::Balance;
    loop {
        let url = endpoint.join(question.path());
        let reply = match settle(transport, &url, key, deadline).await {
            Ok(reply) => reply,
            Err(failure) => return failed(endpoint, failure),
        };
        let answer = Answer { question, status: reply.status, body: &reply.body, truncated: reply.truncated };
        let judgement = answer.judge();
        match judgement.next {
            Next::AskModels => question = Question::Models,
            Next::Settled(verdict) => {
                return Probe {
                    verdict,
                    http_status: Some(reply.status),
                    code: judgement.code.filter(|c| !key.is_in(c)),
                    latency_ms: u64::try_from(reply.latency.as_millis()).ok(),
                    host: endpoint.host().to_owned(),
                    message: judgement.message.map(|m| key.redact(&m)),
                };
            }
        }
    }
}

/// The probe of a key about which no answer came.
pub(super) fn failed(endpoint: &Endpoint, failure: Failure) -> Probe {
    Probe {
        verdict: Verdict::Unknown(failure.reason),
        http_status: None,
        code: None,
        latency_ms: None,
        host: endpoint.host().to_owned(),
        message: failure.message.map(Untrusted::new),
    }
}

/// When the time limit ends for a key that is asked about now.
pub(super) fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(LONGEST_TIMEOUT)
}

/// Asks one question until the answer is final: 429, 5xx and lost connections are tried again.
///
/// If no time is left for another try, the last answer is final, however little it says.
pub(super) async fn settle(
    transport: &Transport,
    url: &Url,
    key: &Credential,
    deadline: Instant,
) -> Result<Reply, Failure> {
    let mut standing = Err(Failure::timeout());
    let mut pause = FIRST_PAUSE;
    loop {
        let Ok(outcome) = timeout_at(deadline, transport.get(url.clone(), key)).await else {
            return standing;
        };
        let Some(wait) = wait_before_retry(&outcome).map(|asked| asked.max(pause)) else {
            return outcome;
        };
        if wait >= deadline.saturating_duration_since(Instant::now()) {
            return outcome;
        }
        sleep(wait).await;
        standing = outcome;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn wait_before_retry(outcome: &Result<Reply, Failure>) -> Option<Duration> {
    match outcome {
        Ok(reply) => reply.retry_after,
        Err(failure) => (failure.reason == Reason::Connect).then_some(Duration::ZERO),
    }
}
