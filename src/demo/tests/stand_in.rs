use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;

/// The answer to some bytes, until the connection ends.
fn said(api: &StandIn, sent: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, api.port)).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

fn get(path: &str, key: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n{more}\r\n")
}

#[test]
fn a_key_is_known_until_it_is_revoked() {
    let api = StandIn::start(as_documented).unwrap();
    let asked = get("/v2/billing/balance?x=1", "a-key", "Connection: close\r\n");
    assert!(said(&api, &asked).starts_with("HTTP/1.1 401 "));
    api.knows("a-key");
    assert!(said(&api, &asked).ends_with(r#"{"balance":"12.50","currency":"USD"}"#));
    api.revokes("a-key");
    assert!(said(&api, &asked).contains("invalid_api_key"));
}

#[test]
fn a_connection_serves_until_the_client_or_a_body_ends_it() {
    let api = StandIn::start(as_documented).unwrap();
    api.knows("a-key");
    let twice = get("/v2/models", "a-key", "") + &get("/v1/other", "a-key", "Content-Length: 1\r\n") + "x";
    let both = said(&api, &twice);
    assert_eq!(both.matches("HTTP/1.1 ").count(), 2, "{both}");
    assert!(both.starts_with("HTTP/1.1 200 ") && both.contains("HTTP/1.1 404 "), "{both}");
}

#[test]
fn what_is_no_request_is_answered_and_hung_up_on() {
    let api = StandIn::start(as_documented).unwrap();
    for (sent, status) in [
        ("nonsense\r\n\r\n", "400"),
        ("GET / HTTP/1.1\nHost: x\n\n", "400"),
        ("GET / HTTP/1.0\r\nHost: x\r\n\r\n", "505"),
        ("POST /v2/images/generations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "401"),
    ] {
        assert!(said(&api, sent).starts_with(&format!("HTTP/1.1 {status} ")), "{sent}");
    }
}
