use super::*;

fn now() -> DateTime<Utc> {
    "2026-02-03T04:05:06Z".parse().unwrap()
}

fn probe(verdict: Verdict) -> Probe {
    Probe {
        verdict,
        http_status: Some(200),
        code: None,
        latency_ms: Some(38),
        host: "api.getimg.ai".into(),
        message: Some(Untrusted::new("never recorded")),
    }
}

#[test]
fn a_conclusive_verdict_is_recorded_whole() {
    let recorded = probe(Verdict::Valid(Funds::NotOffered)).verification(now()).unwrap();
    let text = toml::to_string(&recorded).unwrap();
    assert_eq!(
        text,
        "verdict = \"valid\"\nchecked_at = \"2026-02-03T04:05:06Z\"\nhttp_status = 200\n\
         latency_ms = 38\nhost = \"api.getimg.ai\"\n"
    );
    assert_eq!(toml::from_str::<Verification>(&text).unwrap(), recorded);
    assert_eq!(probe(Verdict::Rejected).verification(now()).unwrap().verdict, Conclusive::Rejected);
}

#[test]
fn an_unknown_is_an_attempt_and_never_a_verification() {
    let unknown = probe(Verdict::Unknown(Reason::RateLimited));
    assert_eq!(unknown.verification(now()), None);
    assert_eq!(
        serde_json::to_string(&unknown.attempt(now())).unwrap(),
        r#"{"verdict":"unknown","reason":"rate_limited","at":"2026-02-03T04:05:06Z"}"#
    );
    let attempt = probe(Verdict::Rejected).attempt(now());
    assert_eq!(toml::from_str::<Attempt>(&toml::to_string(&attempt).unwrap()).unwrap(), attempt);
}

#[test]
fn every_reason_has_one_name_in_files_and_in_json() {
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        assert_eq!(reason.to_string(), reason.as_str());
    }
    let verdicts = [VerdictName::Valid, VerdictName::Rejected, VerdictName::Unknown];
    assert_eq!(verdicts.map(VerdictName::as_str), ["valid", "rejected", "unknown"]);
    assert_eq!([Conclusive::Valid, Conclusive::Rejected].map(Conclusive::as_str), ["valid", "rejected"]);
    assert_eq!(
        Reason::ALL.map(Reason::as_str).join(", "),
        "timeout, dns, connect, tls, proxy, redirect, rate_limited, forbidden, server_error, not_found, \
         unexpected_body, endpoint_ignores_auth, store"
    );
}

#[test]
fn every_reason_has_a_sentence_of_its_own_and_tls_and_the_proxy_a_way_on() {
    let sentences: std::collections::BTreeSet<_> = Reason::ALL.map(Reason::sentence).into_iter().collect();
    assert_eq!(sentences.len(), Reason::ALL.len());
    assert_eq!(Reason::Tls.sentence(), "the certificate is not trusted, or this machine's clock is wrong");
    let with_way_on: Vec<_> = Reason::ALL.into_iter().filter(|reason| reason.way_on().is_some()).collect();
    assert_eq!(with_way_on, [Reason::Tls, Reason::Proxy]);
}
