//! What the keys' project spent, day by day.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{ApiKey, Reason, Verdict};

use super::Endpoint;
use super::answer::{Answer, Next, Question, is_currency, is_decimal};
use super::client::run;
use super::credential::Credential;
use super::failure::Failure;
use super::inquiry::{deadline, settle};
use super::transport::{Reply, Transport};

const COSTS: &str = "/v2/billing/costs";

/// What a project spent in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// The currency, letters and digits only: `USD`.
    pub currency: String,
    /// The sum, a decimal number as text, as the API sent it.
    pub total: String,
    /// One entry for each day that the API listed, in its order.
    pub days: Vec<DayCost>,
}

/// The cost of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayCost {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// Its cost, for the chart; sums come from the API.
    pub cost: f64,
}

/// Asks what the key's project spent from `since` to `until`, at most 180 days.
///
/// # Errors
/// The [`Reason`] why there is no answer: [`Reason::NotFound`] if the endpoint does not offer it,
/// [`Reason::Forbidden`] if it refuses the key.
pub fn costs(
    endpoint: &Endpoint,
    key: &ApiKey,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    timeout: Duration,
) -> Result<Costs, Reason> {
    let mut url = endpoint.join(COSTS);
    let time = |t: DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::Secs, true);
    url.query_pairs_mut().append_pair("start", &time(since)).append_pair("end", &time(until));
    let asked = Transport::new(endpoint).and_then(|transport| {
        run(async { settle(&transport, &url, &Credential::of(key), deadline(timeout)).await })
    });
    let reply = asked.and_then(|outcome| outcome).map_err(|f: Failure| f.reason)?;
    judge(&reply)
}

fn judge(reply: &Reply) -> Result<Costs, Reason> {
    if (200..300).contains(&reply.status) {
        return (!reply.truncated).then(|| parse(&reply.body)).flatten().ok_or(Reason::UnexpectedBody);
    }
    let Reply { status, truncated, .. } = *reply;
    let answer = Answer { question: Question::Models, status, body: &reply.body, truncated };
    Err(match answer.judge().next {
        Next::Settled(Verdict::Rejected) => Reason::Forbidden,
        Next::Settled(Verdict::Unknown(reason)) => reason,
        Next::Settled(Verdict::Valid(_)) | Next::AskModels => Reason::UnexpectedBody,
    })
}

fn parse(body: &[u8]) -> Option<Costs> {
    let Body { currency, total_cost, data } = serde_json::from_slice(body).ok()?;
    let days = data.into_iter().map(|day| day.parse()).collect::<Option<_>>()?;
    let total = decimal(&total_cost)?;
    is_currency(&currency).then_some(Costs { currency, total, days })
}

/// A decimal number, sent as text or as a number: the documentation names no type.
fn decimal(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    is_decimal(&text).then_some(text)
}

#[derive(Deserialize)]
struct Body {
    currency: String,
    total_cost: Value,
    data: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    cost: Value,
    date: String,
}

impl Day {
    /// The day as a number for the chart; its date may be followed by a time.
    fn parse(&self) -> Option<DayCost> {
        let date = self.date.get(..10)?.parse().ok()?;
        Some(DayCost { date, cost: decimal(&self.cost)?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        let body = body.as_bytes().to_vec();
        Reply { status, retry_after: None, body, truncated: false, latency: Duration::ZERO }
    }

    #[test]
    fn the_documented_answer_is_read_with_costs_as_text_or_as_numbers() {
        let body = r#"{"currency":"USD","total_cost":"1.50","start":"x","end":"y",
            "data":[{"cost":"1.25","date":"2026-01-02"},{"cost":0.25,"date":"2026-01-03T00:00:00Z"}]}"#;
        let day = |text: &str, cost| DayCost { date: text.parse().unwrap(), cost };
        let days = vec![day("2026-01-02", 1.25), day("2026-01-03", 0.25)];
        assert_eq!(
            judge(&reply(200, body)),
            Ok(Costs { currency: "USD".into(), total: "1.50".into(), days })
        );
    }

    #[test]
    fn everything_else_has_a_reason() {
        let refused = r#"{"error":{"code":"invalid_api_key"}}"#;
        let strange = r#"{"currency":"USD","total_cost":"1","data":[{"cost":null,"date":"2026-01-02"}]}"#;
        let undated = r#"{"currency":"USD","total_cost":"1","data":[{"cost":1,"date":"é2026-01-02"}]}"#;
        for (status, body, reason) in [
            (200, strange, Reason::UnexpectedBody),
            (200, undated, Reason::UnexpectedBody),
            (200, "<html>", Reason::UnexpectedBody),
            (401, refused, Reason::Forbidden),
            (402, r#"{"error":{"code":"quota_exceeded"}}"#, Reason::UnexpectedBody),
            (404, "", Reason::NotFound),
            (503, "", Reason::ServerError),
        ] {
            assert_eq!(judge(&reply(status, body)), Err(reason), "{status} {body}");
        }
    }
}
