//! What goes over the wire when all is well.

use std::sync::OnceLock;
use std::time::Instant;

use super::server::{Reply, reply, reply_with};
use super::*;

#[test]
fn a_balance_makes_a_key_valid_with_one_get() {
    let server = Server::http(|_, _| reply(200, BALANCE));
    let mut probe = probe_plainly(&server.endpoint(), options(5_000));
    assert!(probe.latency_ms.take().is_some());
    let whole = Probe {
        verdict: balance(),
        http_status: Some(200),
        code: None,
        latency_ms: None,
        host: "localhost".into(),
        message: None,
    };
    assert_eq!(probe, whole);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("GET", "/v2/billing/balance"));
    assert_eq!(seen[0].key, key(0).expose());
    assert_eq!(seen[0].agent, concat!("getimg-keys/", env!("CARGO_PKG_VERSION")));
}

#[test]
fn models_are_asked_where_no_balance_is_offered() {
    let server = Server::http(|seen, _| match seen.path.as_str() {
        "/v2/models" => reply(200, r#"[{"id":"a"}]"#),
        _ => reply(404, REFUSED),
    });
    let probe = probe_plainly(&server.endpoint(), options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (Verdict::Valid(Funds::NotOffered), Some(200)));

    let server = Server::http(|_, _| reply(404, ""));
    let probe = probe_plainly(&server.endpoint(), options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::NotFound), Some(404)));
}

#[test]
fn the_documented_refusal_rejects_and_the_echoed_key_is_masked() {
    let echo = |key: &str| {
        format!(r#"{{"error":{{"message":"Incorrect API key provided: {key}.","code":"invalid_api_key"}}}}"#)
    };
    let server = Server::http(move |seen, _| reply(401, &echo(&seen.key)));
    let probe = probe_plainly(&server.endpoint(), options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (Verdict::Rejected, Some(401)));
    assert_eq!(probe.code.as_deref(), Some("invalid_api_key"));
    let stars = "*".repeat(key(0).expose().len());
    let message = probe.message.unwrap();
    assert_eq!(message.as_it_came(), format!("Incorrect API key provided: {stars}."));

    let server = Server::http(|seen, _| reply(403, &format!(r#"{{"error":{{"code":"{}"}}}}"#, seen.key)));
    let probe = probe_plainly(&server.endpoint(), options(5_000));
    assert_eq!((probe.verdict, probe.code), (unknown(Reason::Forbidden), None));
}

#[test]
fn fifty_keys_share_one_connection_and_keep_their_order() {
    let server = Server::https(&["h2", "http/1.1"], |seen, _| {
        let Reply(_, response) = match &seen.key {
            key if key.ends_with("7") => reply(401, REFUSED),
            key if key.ends_with("8") => reply(403, "no"),
            _ => reply(200, BALANCE),
        };
        Reply(Duration::from_millis(50), response)
    });
    let keys: Vec<ApiKey> = (0..50).map(key).collect();
    let probes = probe(&server, &keys.iter().collect::<Vec<_>>(), options(5_000));
    for (number, probe) in probes.iter().enumerate() {
        let wanted = match number % 10 {
            7 => Verdict::Rejected,
            8 => unknown(Reason::Forbidden),
            _ => balance(),
        };
        assert_eq!(probe.verdict, wanted, "{number}");
    }
    assert_eq!((server.seen().len(), server.connections()), (50, 1));
}

#[test]
fn an_endpoint_without_http_2_is_not_flooded_with_connections() {
    let server =
        Server::https(&["http/1.1"], |_, _| Reply(Duration::from_millis(150), reply(200, BALANCE).1));
    let keys: Vec<ApiKey> = (0..50).map(key).collect();
    let probes = probe(&server, &keys.iter().collect::<Vec<_>>(), options(5_000));
    assert!(probes.iter().all(|p| p.verdict == balance()));
    assert!((2..=32).contains(&server.connections()), "{}", server.connections());
}

#[test]
fn an_endpoint_that_serves_one_connection_after_the_other_is_asked_over_one() {
    let connections = || {
        let server = Server::https(&["http/1.1"], |_, _| reply(200, BALANCE));
        let keys: Vec<ApiKey> = (0..3).map(key).collect();
        let probes = probe(&server, &keys.iter().collect::<Vec<_>>(), options(5_000));
        assert!(probes.iter().all(|p| p.verdict == balance()));
        server.connections()
    };
    // A machine under load may rarely be slow enough for a second connection.
    assert!((0..20).any(|_| connections() == 1));
}

#[test]
fn strict_sends_a_made_up_key_first_and_wants_it_refused() {
    let mine = key(0).expose().to_owned();
    let server = Server::http(move |seen, _| match seen.key == mine {
        true => reply(200, BALANCE),
        false => reply(401, REFUSED),
    });
    let strict = ProbeOptions { strict: true, ..options(5_000) };
    assert_eq!(probe_plainly(&server.endpoint(), strict).verdict, balance());
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].key.starts_with("sk_") && seen[0].key.len() == 43 && seen[0].key != seen[1].key);

    let credulous = Server::http(|_, _| reply(200, BALANCE));
    let probe = probe_plainly(&credulous.endpoint(), strict);
    assert_eq!(probe.verdict, unknown(Reason::EndpointIgnoresAuth));
    assert_eq!(
        probe.message.as_ref().map(Untrusted::as_it_came),
        Some("a made-up key was not refused: it was taken as valid")
    );
}

#[test]
fn costs_are_asked_for_with_both_times() {
    let server = Server::http(|_, _| {
        reply(200, r#"{"currency":"USD","total_cost":"1.5","data":[{"cost":"1.5","date":"2026-01-02"}]}"#)
    });
    let time = |text: &str| text.parse().unwrap();
    let (since, until) = (time("2026-01-01T00:00:00Z"), time("2026-01-31T12:00:00Z"));
    let costs = crate::api::costs(&server.endpoint(), &key(0), since, until, Duration::from_secs(5)).unwrap();
    assert_eq!((costs.total.as_str(), costs.days.len()), ("1.5", 1));
    assert_eq!(server.seen()[0].path, "/v2/billing/costs");
    assert_eq!(server.seen()[0].query, "start=2026-01-01T00%3A00%3A00Z&end=2026-01-31T12%3A00%3A00Z");
}

#[test]
fn a_rate_limit_is_waited_out_within_the_time() {
    let first = OnceLock::new();
    let server = Server::http(move |_, before| {
        match first.get_or_init(Instant::now).elapsed() >= Duration::from_secs(1) {
            true => reply(200, BALANCE),
            false if before == 0 => reply_with(429, ("Retry-After", "1"), ""),
            false => reply(400, "asked again too early"),
        }
    });
    assert_eq!(probe_plainly(&server.endpoint(), options(10_000)).verdict, balance());
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_rate_limit_longer_than_the_time_is_not_waited_for() {
    let server = Server::http(|_, _| reply_with(429, ("Retry-After", "60"), "{}"));
    let probe = probe_plainly(&server.endpoint(), options(10_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::RateLimited), Some(429)));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_server_error_is_tried_again_and_then_stands() {
    let server = Server::http(|_, before| reply(if before < 2 { 502 } else { 200 }, BALANCE));
    assert_eq!(probe_plainly(&server.endpoint(), options(10_000)).verdict, balance());

    let server = Server::http(|_, _| reply(500, "<html>"));
    let probe = probe_plainly(&server.endpoint(), options(1_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::ServerError), Some(500)));
    assert!(server.seen().len() > 1);
}
