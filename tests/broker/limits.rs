//! The limits of what a run may do with the key.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};

use insta::assert_snapshot;

use super::{before, behind, printed, with_an_api};
use crate::support::Home;
use crate::support::raw_api::RawApi;

/// An API with a balance; every request but GET costs 1.25.
pub(crate) fn billing() -> RawApi {
    let spent = AtomicU64::new(0);
    RawApi::start(move |asked| {
        asked.body();
        let cents = if asked.head.starts_with("GET") {
            spent.load(Ordering::SeqCst)
        } else {
            spent.fetch_add(125, Ordering::SeqCst)
        };
        let left = 1000 - cents;
        let body = format!(r#"{{"balance":"{}.{:02}","currency":"USD"}}"#, left / 100, left % 100);
        asked.say(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    })
}

#[test]
fn read_only_lets_get_pass_alone() {
    let (api, home) = with_an_api();
    let script = r#"
for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]:
    print(method, ask(method, "/v2/models", body="x" if method == "POST" else ""))"#;
    assert_snapshot!(printed(&home, &["--read-only"], script), @"
    GET 200 {}
    HEAD 403 
    POST 403 broker_denied no-retry
    PUT 403 broker_denied no-retry
    PATCH 403 broker_denied no-retry
    DELETE 403 broker_denied no-retry
    OPTIONS 403 broker_denied no-retry
    ");
    assert_eq!(api.heads().len(), 1);
}

#[test]
fn past_max_requests_nothing_is_asked_and_what_is_refused_does_not_count() {
    let (api, home) = with_an_api();
    let script = r#"
print(brief(talk("GET /v2/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")))
print(ask("GET", "/v1/x"))
for _ in range(3):
    print(ask("GET", "/v2/x"))"#;
    assert_snapshot!(printed(&home, &["--max-requests", "2"], script), @"
    401 invalid_api_key no-retry
    403 broker_denied no-retry
    200 {}
    200 {}
    429 broker_limit no-retry
    ");
    assert_eq!(api.heads().len(), 2);
    assert_snapshot!(printed(&home, &["--max-requests", "0"], r#"print(ask("GET", "/v2/x"))"#), @"429 broker_limit no-retry");
}

#[test]
fn many_at_once_are_no_more_than_max_requests() {
    let (api, home) = with_an_api();
    let script = r#"
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(32) as pool:
    answers = list(pool.map(lambda n: ask("GET", f"/v2/{n}"), range(64)))
print(answers.count("200 {}"), answers.count("429 broker_limit no-retry"))"#;
    assert_eq!(printed(&home, &["--max-requests", "10"], script), "10 54\n");
    assert_eq!(api.heads().len(), 10);
}

#[test]
fn one_allowed_model_passes_and_what_is_too_large_to_read_does_not() {
    let (api, home) = with_an_api();
    let script = r#"
for body in ['{"model":"seedream-4"}', '{"model":"other"}', '{}', '{"model":"seedream-4","model":"other"}', 'model=seedream-4', '']:
    print(body, ask("POST", "/v2/images/generations", body=body))
print("GET", ask("GET", "/v2/models"))
head = "POST /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n"
print("length", brief(talk(head + f"Content-Length: {33 * 1024 * 1024}\r\n\r\n")))
largest = '{"model":"flux","x":"' + "x" * ((32 << 20) - 23) + '"}'
for body in largest, largest + " ":
    chunks = "".join(f"100000\r\n{body[n << 20 : n + 1 << 20]}\r\n" for n in range(32)) + "1\r\n \r\n" * (body != largest)
    by_length, in_chunks = f"Content-Length: {len(body)}\r\n\r\n{body}", f"Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
    print(len(body) - (32 << 20), brief(talk(head + by_length)), brief(talk(head + in_chunks)))"#;
    let flags = ["--allow-model", "seedream-4", "--allow-model", "flux"];
    assert_snapshot!(printed(&home, &flags, script), @r#"
    {"model":"seedream-4"} 200 {}
    {"model":"other"} 403 broker_denied no-retry
    {} 403 broker_denied no-retry
    {"model":"seedream-4","model":"other"} 403 broker_denied no-retry
    model=seedream-4 403 broker_denied no-retry
     403 broker_denied no-retry
    GET 200 {}
    length 413 broker_too_large no-retry
    0 200 {} 200 {}
    1 413 broker_too_large no-retry 413 broker_too_large no-retry
    "#);
    assert_eq!(api.heads().len(), 4);
}

#[test]
fn past_max_spend_what_may_cost_is_refused_and_what_is_free_is_not() {
    let api = billing();
    let home = before(&api);
    let script = r#"
print(ask("POST", "/v2/images/generations", body="{}"))
time.sleep(2.1)
print(ask("POST", "/v2/images/generations", body="{}"))
time.sleep(2.1)
print(ask("POST", "/v2/images/generations", body="{}"))
print(ask("GET", "/v2/models"))"#;
    assert_snapshot!(printed(&home, &["--max-spend", "2"], script), @r#"
    200 {"balance":"10.00","currency":"USD"}
    200 {"balance":"8.75","currency":"USD"}
    402 quota_exceeded no-retry
    200 {"balance":"7.50","currency":"USD"}
    "#);
    let events = home.run(&["log", "--json"], "").stdout;
    let events: serde_json::Value = serde_json::from_str(&events).unwrap();
    let end = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&end["event"], &end["requests"], &end["refused"], &end["spent"]),
        (&"broker_end".into(), &3.into(), &1.into(), &"2.5".into())
    );
}

#[test]
fn without_a_balance_nothing_passes_that_may_cost() {
    for answer in [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let api = RawApi::start(move |asked| {
            asked.body();
            asked.say(answer);
        });
        let home = before(&api);
        let script = r#"print(ask("POST", "/v2/images/generations", body="{}"))"#;
        assert_eq!(printed(&home, &["--max-spend", "5"], script), "402 quota_exceeded no-retry\n");
        assert!(api.heads().iter().all(|head| head.starts_with("GET /v2/billing/balance ")));
    }
}

#[test]
fn requests_are_logged_where_that_is_asked_for_without_their_queries() {
    let (_api, home) = with_an_api();
    printed(&home, &["--log-requests"], r#"ask("GET", "/v2/models?q=private"); ask("POST", "/v1/x")"#);
    let events: serde_json::Value = serde_json::from_str(&home.run(&["log", "--json"], "").stdout).unwrap();
    let shown: Vec<String> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {} {} {}",
                e["event"],
                e["program"],
                e["method"],
                e["path"],
                e["status"],
                e["milliseconds"].is_u64()
            )
        })
        .collect();
    assert_snapshot!(shown.join("\n"), @r#"
    "add" null null null null false
    "broker" "python3" null null null false
    "broker_request" "python3" "GET" "/v2/models" 200 true
    "broker_request" "python3" "POST" "/v1/x" 403 true
    "broker_end" "python3" null null null false
    "#);
    assert!(!events.to_string().contains("private"));
    printed(&home, &["--log-requests"], r#"ask("GET", "/v2/" + "x" * 5000)"#);
    let events: serde_json::Value = serde_json::from_str(&home.run(&["log", "--json"], "").stdout).unwrap();
    let mut paths = events["events"].as_array().unwrap().iter().filter_map(|e| e["path"].as_str());
    assert!(paths.all(|path| path.len() <= 200));
}

#[test]
fn refused_are_the_requests_with_the_token_that_the_relay_refuses_itself() {
    let told = |home: &Home, script: &str| {
        printed(home, &["--log-requests"], script);
        let events: serde_json::Value =
            serde_json::from_str(&home.run(&["log", "--json"], "").stdout).unwrap();
        let events = events["events"].as_array().unwrap();
        let end = events.last().unwrap();
        let logged =
            events.iter().filter(|e| e["event"] == "broker_request").map(|e| e["status"].to_string());
        format!("{} {} {}", end["requests"], end["refused"], logged.collect::<Vec<_>>().join(" "))
    };
    let (_api, home) = with_an_api();
    let stranger =
        r#"talk("GET /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n")"#;
    assert_eq!(told(&home, &format!(r#"{stranger}; ask("GET", "/v1/x")"#)), "0 1 403");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = before(&RawApi::saying("{}")).with("GETIMG_KEYS_API_URL", &format!("http://{free}"));
    assert_eq!(told(&home, r#"ask("GET", "/v2/x")"#), "1 0 502");
    let api = RawApi::start(|asked| {
        asked.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
    });
    assert_eq!(told(&before(&api), r#"ask("GET", "/v2/x")"#), "1 0 502");
}

#[test]
fn limits_are_for_the_relay_and_amounts_are_numbers() {
    let (_api, home) = with_an_api();
    assert_snapshot!(home.play("
        exec dev --read-only -- true
        exec dev --broker --max-spend lots -- true
        exec dev --broker --max-spend=-1 -- true
    "), @"
    $ exec dev --read-only -- true
    ! error: --read-only needs --broker
    !
    ! hint: getimg-keys exec dev --broker --read-only -- CMD…
    → 2
    $ exec dev --broker --max-spend lots -- true
    ! error: --max-spend <AMOUNT>: an amount is a decimal number, such as 5 or 0.25
    !
    ! hint: getimg-keys help exec
    → 2
    $ exec dev --broker --max-spend=-1 -- true
    ! error: --max-spend <AMOUNT>: an amount that may be spent is not below 0
    !
    ! hint: getimg-keys help exec
    → 2
    ");
    assert_eq!(behind(&home, &["--max-spend", "0.5", "--max-requests", "1"], "").code, 0);
}

/// `RELAY_REQUESTS` sets how many.
#[test]
fn many_requests_leave_no_memory_behind() {
    let requests: usize = std::env::var("RELAY_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let home = Home::with_dev_and_prod();
    let script = format!(
        r#"
def memory():
    lines = open(f"/proc/{{os.getppid()}}/status")
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
client = connect()
answers = client.makefile("rb")
def ask():
    client.sendall(f"GET /v2/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {{TOKEN}}\r\n\r\n".encode())
    status, length = answers.readline().split()[1], 0
    while (line := answers.readline()) != b"\r\n":
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length": length = int(value)
    answers.read(length)
    return status
bad = 0
for n in range({requests}):
    bad += ask() != b"200"
    if n == {requests} // 10: before = memory()
print(bad, memory() - before)"#
    );
    let printed = printed(&home, &["--log-requests"], &script);
    let [bad, grown] = printed.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert_eq!(bad, "0");
    assert!(grown.parse::<i64>().unwrap() < 2048, "{grown} KiB");
}
