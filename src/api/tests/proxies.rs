//! A proxy in front of the API, and what the proxy sees.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::server::{raw, write};
use super::*;

/// Probes the vendor's own endpoint through a proxy at this address, as the machine's settings would.
fn probe_through(address: &str) -> Probe {
    let endpoint = Endpoint::official();
    let proxy = reqwest::Proxy::all(format!("http://me:secret@{address}")).unwrap();
    let to = endpoint.clone();
    let transport = Transport::build(move || builder(&to).proxy(proxy.clone()), Some(address.to_owned()));
    probe_by(transport, &endpoint, &[&key(0)], &options(5_000), &mut |_| {}).remove(0)
}

fn address(proxy: &Endpoint) -> String {
    proxy.to_string().trim_start_matches("http://").to_owned()
}

#[test]
fn a_proxy_that_refuses_is_named_and_sees_the_host_only() {
    let asked = Arc::new(Mutex::new(String::new()));
    for answer in ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"] {
        let seen = Arc::clone(&asked);
        let proxy = raw(move |mut stream, request, _| {
            request.clone_into(&mut seen.lock().unwrap());
            write(&mut stream, &format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"));
        });
        let probe = probe_through(&address(&proxy));
        assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::Proxy), None), "{answer}");
        let message = probe.message.as_ref().unwrap().as_it_came();
        assert!(message.starts_with(&format!("through the proxy {}: ", address(&proxy))), "{message}");
        assert!(!message.contains("secret"), "{message}");
        let asked = asked.lock().unwrap();
        assert!(asked.starts_with("CONNECT api.getimg.ai:443 HTTP/1.1\r\n"), "{asked}");
        assert!(!asked.contains("Bearer") && !asked.contains("/v2/"), "{asked}");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_the_reason() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(probe_through(&format!("127.0.0.1:{port}")).verdict, unknown(Reason::Proxy));
    let nowhere = format!("{}.example:3128", "a".repeat(64));
    assert_eq!(probe_through(&nowhere).verdict, unknown(Reason::Proxy));
}

#[test]
fn a_proxy_that_speaks_for_the_api_itself_is_not_trusted() {
    let upstream = Server::https(&["h2"], |_, _| panic!("no request may come this far"));
    let port = upstream.endpoint().to_string().rsplit_once(':').unwrap().1.to_owned();
    let proxy = raw(move |mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 200 OK\r\n\r\n");
        let mut api = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let (mut from, mut to) = (stream.try_clone().unwrap(), api.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut api, &mut stream);
    });
    assert_eq!(probe_through(&address(&proxy)).verdict, unknown(Reason::Tls));
    assert!(upstream.seen().is_empty());
}
