//! Which requests pass, byte by byte, and which are never forwarded.

use insta::assert_snapshot;

use super::{before, behind, printed, with_an_api};
use crate::support::raw_api::RawApi;

#[test]
fn the_target_goes_on_letter_by_letter_with_the_key_and_without_what_is_of_one_connection() {
    let (api, home) = with_an_api();
    let script = r#"print(talk(
        "GET /v2/a%2Fb/c~d;e?q='x'&r=%7e{}|^[]*&& HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: bearer TOKEN\r\n"
        "X-Odd: a\tb \xe9\r\nTE: trailers\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: x\r\n"
        "Keep-Alive: 5\r\nAccept-Encoding: gzip, br\r\nUser-Agent: me/1\r\nUpgrade: h2c\r\n\r\n"))"#;
    printed(&home, &[], script);
    let head =
        api.heads().pop().unwrap().replace(&home.key("dev").0, "<key>").replace(&api.url()[7..], "<api>");
    assert_snapshot!(head.replace('\r', "").replace('\t', "<tab>"), @"
    GET /v2/a%2Fb/c~d;e?q='x'&r=%7e{}|^[]*&& HTTP/1.1
    x-odd: a<tab>b �
    user-agent: me/1
    accept-encoding: identity
    authorization: Bearer <key>
    host: <api>
    ");
}

#[test]
fn a_head_that_is_not_strict_is_answered_400_and_reaches_nobody() {
    let (api, home) = with_an_api();
    let script = r#"
A = "Authorization: Bearer TOKEN\r\n"
H = "Host: x\r\n"
for text in [
    "GET /v2/a HTTP/1.1\r\n" + H + A + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /v2/b HTTP/1.1\r\n" + H + A + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "GET /v2/c HTTP/1.1\r\n" + H + A + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "GET /v2/d HTTP/1.1\r\n" + H + A + "Content-Length: 1, 1\r\n\r\nx",
    "GET /v2/e HTTP/1.1\r\n" + H + A + "Content-Length: +1\r\n\r\nx",
    "GET /v2/f HTTP/1.1\r\n" + H + A + "X: a\r\n b\r\n\r\n",
    "GET /v2/g HTTP/1.1\n" + H + A + "\r\n",
    "GET /v2/h HTTP/1.1\r\n" + H + A + "X: a\n\r\n",
    "GET /v2/i HTTP/1.1\r\n" + H + A + "X : a\r\n\r\n",
    "GET /v2/j HTTP/1.1\r\n" + H + H + A + "\r\n",
    "GET /v2/k HTTP/1.1\r\n" + A + "\r\n",
    "GET /v2/l HTTP/1.1\r\n" + H + A + "X: a\x00b\r\n\r\n",
    "GET /v2/m HTTP/1.1\r\n" + H + A + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "GET /v2/n HTTP/1.1\r\n" + H + A + "X\r\n\r\n",
    "GET  /v2/o HTTP/1.1\r\n" + H + A + "\r\n",
    "GET /v2/p HTTP/1.0\r\n" + H + A + "\r\n",
    "GET /v2/q#x HTTP/1.1\r\n" + H + A + "\r\n",
    "GET /v2/r<s> HTTP/1.1\r\n" + H + A + "\r\n",
    "POST /v2/s HTTP/1.1\r\n" + H + A + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /v2/t HTTP/1.1\r\n" + H + A + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
    "GET /v2/u HTTP/1.1\r\n" + H + A + "X: " + "a" * 70000 + "\r\n\r\n",
    "\r\nGET /v2/v HTTP/1.1\r\n" + H + A + "\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
]:
    answer = talk(text)
    print(text.split("\r\n")[0][:12].encode(), brief(answer), "connection: close" in answer)
"#;
    assert_snapshot!(printed(&home, &[], script), @r"
    b'GET /v2/a HT' 400 broker_malformed no-retry True
    b'GET /v2/b HT' 400 broker_malformed no-retry True
    b'GET /v2/c HT' 400 broker_malformed no-retry True
    b'GET /v2/d HT' 400 broker_malformed no-retry True
    b'GET /v2/e HT' 400 broker_malformed no-retry True
    b'GET /v2/f HT' 400 broker_malformed no-retry True
    b'GET /v2/g HT' 400 broker_malformed no-retry True
    b'GET /v2/h HT' 400 broker_malformed no-retry True
    b'GET /v2/i HT' 400 broker_malformed no-retry True
    b'GET /v2/j HT' 400 broker_malformed no-retry True
    b'GET /v2/k HT' 400 broker_malformed no-retry True
    b'GET /v2/l HT' 400 broker_malformed no-retry True
    b'GET /v2/m HT' 400 broker_malformed no-retry True
    b'GET /v2/n HT' 400 broker_malformed no-retry True
    b'GET  /v2/o H' 400 broker_malformed no-retry True
    b'GET /v2/p HT' 505 broker_malformed no-retry True
    b'GET /v2/q#x ' 400 broker_malformed no-retry True
    b'GET /v2/r<s>' 400 broker_malformed no-retry True
    b'POST /v2/s H' 400 broker_malformed no-retry True
    b'POST /v2/t H' 400 broker_malformed no-retry True
    b'GET /v2/u HT' 431 broker_too_large no-retry True
    b'' 400 broker_malformed no-retry True
    b'PRI * HTTP/2' 505 broker_malformed no-retry True
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xc3\xbc\x03\x03' 400 broker_malformed no-retry True
    ");
    assert_eq!(api.heads(), [""; 0]);
}

#[test]
fn only_the_token_opens_and_only_what_is_below_v2() {
    let (api, home) = with_an_api();
    let script = r#"
for authorization in ["", "Authorization: Bearer x\r\n", "Authorization: Bearer TOKENx\r\n", "Authorization: Basic TOKEN\r\n",
                      "Authorization: Bearer TOKEN\r\nAuthorization: Bearer TOKEN\r\n"]:
    print(repr(authorization), brief(talk("GET /v2/models HTTP/1.1\r\nHost: x\r\n" + authorization + "Connection: close\r\n\r\n")))
for target in ["/v1/models", "/v2", "/", "*", "http://api.getimg.ai/v2/models", "/v2/../v1/x", "/v2/%2e%2E/v1", "/v2/./x",
               "/v2/a\\..\\b", "/v2/a%5c..%5Cb", "/v2/%252e%252e/x", "//v2/x", "/V2/x"]:
    print(target, ask("GET", target))
print("TRACE", ask("TRACE", "/v2/models"))
print("CONNECT", ask("CONNECT", "api.getimg.ai:443"))
print("good", ask("GET", "/v2/models"))
"#;
    assert_snapshot!(printed(&home, &[], script), @r"
    '' 401 invalid_api_key no-retry
    'Authorization: Bearer x\r\n' 401 invalid_api_key no-retry
    'Authorization: Bearer TOKENx\r\n' 401 invalid_api_key no-retry
    'Authorization: Basic TOKEN\r\n' 401 invalid_api_key no-retry
    'Authorization: Bearer TOKEN\r\nAuthorization: Bearer TOKEN\r\n' 401 invalid_api_key no-retry
    /v1/models 403 broker_denied no-retry
    /v2 403 broker_denied no-retry
    / 403 broker_denied no-retry
    * 403 broker_denied no-retry
    http://api.getimg.ai/v2/models 403 broker_denied no-retry
    /v2/../v1/x 403 broker_denied no-retry
    /v2/%2e%2E/v1 403 broker_denied no-retry
    /v2/./x 403 broker_denied no-retry
    /v2/a\..\b 403 broker_denied no-retry
    /v2/a%5c..%5Cb 403 broker_denied no-retry
    /v2/%252e%252e/x 403 broker_denied no-retry
    //v2/x 403 broker_denied no-retry
    /V2/x 403 broker_denied no-retry
    TRACE 403 broker_denied no-retry
    CONNECT 403 broker_denied no-retry
    good 200 {}
    ");
    assert_eq!(api.heads().len(), 1);
}

#[test]
fn the_refusal_has_the_shape_of_the_apis_errors() {
    let (_api, home) = with_an_api();
    let script = r#"print(talk("GET /v2/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
print(talk("GET /v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"))"#;
    assert_snapshot!(printed(&home, &[], script).replace('\r', ""), @r#"
    HTTP/1.1 401 Unauthorized
    content-type: application/json
    content-length: 298
    x-should-retry: false
    connection: close

    {"error":{"code":"invalid_api_key","doc_url":"https://docs.getimg.ai/guides/authentication","message":"Incorrect API key provided. This is the relay of getimg-keys, which takes only the key in the GETIMG_API_KEY of the program that it was started for.","param":null,"type":"invalid_request_error"}}
    HTTP/1.1 403 Forbidden
    content-type: application/json
    content-length: 196
    x-should-retry: false
    connection: close

    {"error":{"code":"broker_denied","doc_url":null,"message":"getimg-keys exec --broker: only paths below /v2/ pass, without dot segments or backslashes","param":null,"type":"invalid_request_error"}}
    "#);
}

#[test]
fn one_connection_carries_many_requests_also_after_a_refusal() {
    let api = RawApi::saying("{\"ok\":1}");
    let home = before(&api);
    let script = r#"
one = "GET /v2/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n\r\n"
bad = "GET /v1/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n\r\n"
post = "POST /v2/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 3\r\n\r\nabc"
last = "GET /v2/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"
answer = talk(one.format(1) + bad.format(2) + post.format(3) + last.format(4) + one.format(5))
import re
print(re.findall(r"HTTP/1.1 (\d+)", answer))"#;
    assert_snapshot!(printed(&home, &[], script), @"['200', '403', '200', '200']");
    let targets: Vec<_> = api.heads().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(targets, ["GET /v2/1 HTTP/1.1", "POST /v2/3 HTTP/1.1", "GET /v2/4 HTTP/1.1"]);
}

#[test]
fn a_body_goes_on_as_it_comes_by_length_in_chunks_and_after_a_word() {
    let api = RawApi::start(|asked| {
        let body = String::from_utf8(asked.body()).unwrap().replace("\r\n", "|");
        let text =
            format!("{} {body}", if asked.field("content-length").is_some() { "length" } else { "chunks" });
        asked.say(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()));
    });
    let home = before(&api);
    let script = r#"
print(ask("POST", "/v2/x", body="hello"))
head = "POST /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n"
print(brief(talk(head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n")))
client = connect()
client.sendall((head.replace("TOKEN", TOKEN) + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n").encode())
print(client.recv(100))
client.sendall(b"later")
print(brief(rest(client).decode()))"#;
    assert_snapshot!(printed(&home, &[], script), @r"
    200 length hello
    200 chunks 3|abc|2|de|0||
    b'HTTP/1.1 100 Continue\r\n\r\n'
    200 length later
    ");
}

#[test]
fn events_come_as_they_are_sent_and_what_is_said_of_the_connection_stays() {
    let api = RawApi::start(|asked| {
        asked.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nX-Id: 7\r\nKeep-Alive: 9\r\n\r\n");
        for number in 0..3 {
            asked.say(&format!("9\r\ndata: {number}\n\n\r\n"));
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        asked.say("0\r\n\r\n");
    });
    let home = before(&api);
    let script = r#"
client = connect()
client.sendall(f"GET /v2/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode())
seen, parts = b"", 0
while chunk := client.recv(65536):
    parts += b"data:" in chunk
    seen += chunk
print(seen.decode().replace("\r", ""), "in several parts:", parts >= 2)"#;
    assert_snapshot!(printed(&home, &[], script), @"
    HTTP/1.1 200 OK
    content-type: text/event-stream
    x-id: 7
    transfer-encoding: chunked
    connection: close

    9
    data: 0


    9
    data: 1


    9
    data: 2


    0

     in several parts: True
    ");
}

#[test]
fn the_key_in_an_answer_comes_as_as_many_stars_and_a_redirect_is_handed_on() {
    let api = RawApi::start(|asked| {
        let key = asked.field("authorization").unwrap().replace("Bearer ", "");
        let (front, back) = key.split_at(9);
        if asked.head.contains("/v2/moved") {
            asked.say(&format!("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/?k={key}\r\nContent-Length: 0\r\n\r\n"));
            return;
        }
        asked.say(&format!("HTTP/1.1 200 OK\r\nX-Echo: {key}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        asked.say(&format!("{:x}\r\n<{front}\r\n", front.len() + 1));
        std::thread::sleep(std::time::Duration::from_millis(100));
        asked.say(&format!("{:x}\r\n{back}>{front}\r\n0\r\n\r\n", back.len() + 1 + front.len()));
    });
    let home = before(&api);
    let script = r#"
get = "GET /v2/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"
print(talk(get.format("echo")))
print(talk(get.format("moved")))"#;
    let output = behind(&home, &[], script);
    let stars = "*".repeat(home.key("dev").0.len());
    assert!(!output.stdout.contains(&home.key("dev").0), "{}", output.stdout);
    assert!(output.stdout.contains(&format!("x-echo: {stars}\r\n")), "{}", output.stdout);
    assert!(output.stdout.contains(&format!("{stars}>")), "{}", output.stdout);
    assert!(output.stdout.contains("HTTP/1.1 302 Found"), "{}", output.stdout);
    assert!(
        output.stdout.contains(&format!("location: https://elsewhere.example/?k={stars}")),
        "{}",
        output.stdout
    );
}

#[test]
fn an_answer_that_is_compressed_all_the_same_is_not_passed_on_unread() {
    let api = RawApi::start(|asked| {
        asked.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
    });
    assert_snapshot!(printed(&before(&api), &[], r#"print(ask("GET", "/v2/x"))"#), @"502 broker_bad_gateway no-retry");
}
