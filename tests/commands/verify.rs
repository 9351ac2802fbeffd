//! `verify`: answers of the API, verdicts, exit codes, and what is recorded.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Behaviour, Home, Key};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What `list` shows of a profile: the recorded verdict, and the verdict and reason of the last attempt.
fn recorded(home: &Home, name: &str) -> String {
    let listed = json(&home.run(&["list", "--json"], "").stdout);
    let profile = listed["profiles"].as_array().unwrap().iter().find(|p| p["name"] == name).unwrap().clone();
    let verdict = profile["verification"]["verdict"].as_str().unwrap_or("none").to_owned();
    let attempt = &profile["last_attempt"];
    let word = |name| attempt[name].as_str().unwrap_or("-").to_owned();
    format!("recorded {verdict}, attempt {} {}", word("verdict"), word("reason"))
}

#[test]
fn each_behaviour_has_its_verdict_its_code_and_its_record() {
    use Behaviour::{
        Broken, Forbidden, GatewayLogin, Html, NoBalance, Quota, RateLimited, Redirect, Revoked, Valid,
    };
    let home = Home::with_dev_and_prod();
    let mut seen = String::new();
    let unknown = [Html, Redirect, Forbidden, GatewayLogin, RateLimited, Broken];
    for behaviour in [Html, Valid, NoBalance, Quota].into_iter().chain(unknown).chain([Revoked, Html]) {
        home.api.takes(home.key("dev"), behaviour);
        let run = home.run(&["verify", "dev", "--timeout", "1", "--json"], "");
        let result = json(&run.stdout)["results"][0].clone();
        let word = |name: &str| result[name].as_str().unwrap_or("-").to_owned();
        let status = &result["http_status"];
        let (verdict, reason) = (word("verdict"), word("reason"));
        let record = recorded(&home, "dev");
        seen.push_str(&format!("{behaviour:?}: {status} {verdict} {reason}, exit {}; {record}\n", run.code));
    }
    assert_snapshot!(seen, @"
    Html: 200 unknown unexpected_body, exit 5; recorded none, attempt unknown unexpected_body
    Valid: 200 valid -, exit 0; recorded valid, attempt valid -
    NoBalance: 200 valid -, exit 0; recorded valid, attempt valid -
    Quota: 402 valid -, exit 0; recorded valid, attempt valid -
    Html: 200 unknown unexpected_body, exit 5; recorded valid, attempt unknown unexpected_body
    Redirect: 302 unknown redirect, exit 5; recorded valid, attempt unknown redirect
    Forbidden: 403 unknown forbidden, exit 5; recorded valid, attempt unknown forbidden
    GatewayLogin: 401 unknown unexpected_body, exit 5; recorded valid, attempt unknown unexpected_body
    RateLimited: 429 unknown rate_limited, exit 5; recorded valid, attempt unknown rate_limited
    Broken: 500 unknown server_error, exit 5; recorded valid, attempt unknown server_error
    Revoked: 401 rejected -, exit 4; recorded rejected, attempt rejected -
    Html: 200 unknown unexpected_body, exit 4; recorded rejected, attempt unknown unexpected_body
    ");
    home.api.seen();
}

#[test]
fn all_profiles_are_asked_about_over_one_connection() {
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Revoked);
    home.add("ci");
    assert_snapshot!(home.play("
        verify --all
        verify --all --json
        verify dev prod dev
    "), @r#"
    $ verify --all
    name  verdict                                                                                                   answered in
    ci    ✗ rejected  the API does not accept it (Incorrect API key provided. You can find yours in the settings.)  <n> ms
    dev   ✓ valid     balance 12.50 USD                                                                             <n> ms
    prod  ✓ valid     balance 12.50 USD                                                                             <n> ms
    ✗ the API rejected the key of `ci` on <day>
      → getimg-keys rotate ci
    → 4
    $ verify --all --json
    {"breaches":[{"hint":"getimg-keys rotate ci","message":"the API rejected the key of `ci` on <day>","profile":"ci","rule":"rejected"}],"notices":[],"results":[{"balance":null,"checked_at":"<time>","code":"invalid_api_key","cost":null,"currency":null,"host":"localhost","http_status":401,"latency_ms":<n>,"message":"Incorrect API key provided. You can find yours in the settings.","profile":"ci","reason":null,"verdict":"rejected"},{"balance":"12.50","checked_at":"<time>","code":null,"cost":null,"currency":"USD","host":"localhost","http_status":200,"latency_ms":<n>,"message":null,"profile":"dev","reason":null,"verdict":"valid"},{"balance":"12.50","checked_at":"<time>","code":null,"cost":null,"currency":"USD","host":"localhost","http_status":200,"latency_ms":<n>,"message":null,"profile":"prod","reason":null,"verdict":"valid"}],"schema_version":1}
    → 4
    $ verify dev prod dev
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    prod  ✓ valid  balance 12.50 USD  <n> ms
    "#);
    assert_eq!((home.api.connections(), home.api.seen().len()), (3, 8));
}

#[test]
fn the_message_of_a_refusal_and_the_page_of_a_gateway() {
    let home = Home::with_dev_and_prod();
    home.api.takes(home.key("dev"), Behaviour::Revoked);
    home.api.takes(home.key("prod"), Behaviour::Html);
    assert_snapshot!(home.play("
        verify
        verify prod
        verify nobody
        verify dev --all
        verify dev --timeout 0
    "), @"
    $ verify
    name  verdict                                                                                                   answered in
    dev   ✗ rejected  the API does not accept it (Incorrect API key provided. You can find yours in the settings.)  <n> ms
    ✗ the API rejected the key of `dev` on <day>
      → getimg-keys rotate dev
    ! using dev, the active profile
    → 4
    $ verify prod
    name  verdict                                                               answered in
    prod  ? unknown (unexpected_body)  the answer is not one the API documents  <n> ms
    → 5
    $ verify nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ verify dev --all
    ! error: [NAMES]... cannot be used with --all
    !
    ! hint: getimg-keys help verify
    → 2
    $ verify dev --timeout 0
    ! error: --timeout <S>: a time is a number of seconds, 1 to 600
    !
    ! hint: getimg-keys help verify
    → 2
    ");
}

#[test]
fn an_api_that_is_not_there_or_not_trusted_is_no_verdict() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        GETIMG_KEYS_API_URL=https://localhost:1 verify dev --timeout 1
        SSL_CERT_FILE=/nonexistent verify dev --timeout 1
    "), @"
    $ GETIMG_KEYS_API_URL=https://localhost:1 verify dev --timeout 1
    name  verdict
    dev   ? unknown (connect)  no connection to the API, or it was lost (connection refused)
    → 5
    $ SSL_CERT_FILE=/nonexistent verify dev --timeout 1
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong ($SSL_CERT_FILE, /nonexistent, is not an existing file)
    → getimg-keys doctor
    → 5
    ");
}

#[test]
fn an_endpoint_that_accepts_anybody_is_told_by_strict() {
    let home = Home::with_dev_and_prod();
    let run = home.run(&["verify", "dev", "--strict"], "");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(home.api.seen().len(), 2);
    assert_ne!(home.api.seen()[0].key, home.key("dev").0);
}

#[test]
fn no_profiles_at_all() {
    assert_snapshot!(Home::new().play("
        verify --all
        verify --all --json
        verify
    "), @r#"
    $ verify --all
    ! there are no profiles yet; add the first one:
    !   getimg-keys add dev
    $ verify --all --json
    {"breaches":[],"notices":["there are no profiles yet; add the first one:","  getimg-keys add dev"],"results":[],"schema_version":1}
    $ verify
    ! error: there are no profiles yet
    !
    ! hint: getimg-keys add dev
    → 3
    "#);
}

#[test]
fn what_was_spent_is_drawn_where_the_api_tells() {
    let home = Home::with_dev_and_prod();
    home.api.takes(home.key("prod"), Behaviour::NoBalance);
    assert_snapshot!(home.play("verify dev prod --cost"), @"
    $ verify dev prod --cost
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    prod  ✓ valid                     <n> ms
    dev  ▁█ 2.50 USD in 30 days
    prod  this API does not report costs
    ");
    let run = json(&home.run(&["verify", "dev", "--cost", "--json"], "").stdout);
    assert_eq!(run["results"][0]["cost"]["total"], "2.50");
    assert_eq!(run["results"][0]["cost"]["days"][1]["date"], "2026-11-02");
}

#[test]
fn fifty_profiles_are_asked_about_at_once_over_one_connection() {
    let home = Home::new();
    for number in 0..50 {
        let key = Key::v2();
        home.api.takes(&key, Behaviour::Valid);
        assert_eq!(home.run(&["add", &format!("p{number}"), "--no-verify"], &key.0).code, 0);
    }
    let run = home.run(&["verify", "--all", "--json"], "");
    let verdicts = json(&run.stdout)["results"].as_array().unwrap().clone();
    assert_eq!((run.code, verdicts.len()), (0, 50), "{}", run.stdout);
    assert!(verdicts.iter().all(|result| result["verdict"] == "valid"));
    assert_eq!(home.api.connections(), 1);
    let keys: std::collections::HashSet<_> = home.api.seen().into_iter().map(|seen| seen.key).collect();
    assert_eq!(keys.len(), 50);
}
