//! What goes over the wire if something is wrong or hostile.

use std::net::{TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::server::{Reply, raw, reply, reply_with, write};
use super::*;
use crate::api::{Allow, Endpoint};

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::http(|_, _| reply(200, BALANCE));
    let location = other.endpoint().to_string();
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let server = Server::http(move |_, _| reply_with(status, ("Location", &location), ""));
        let probe = probe_plainly(&server.endpoint(), options(5_000));
        assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::Redirect), Some(status)));
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.seen().is_empty());
}

#[test]
fn an_untrusted_certificate_is_never_a_rejection() {
    let server = Server::https(&["h2"], |_, _| reply(401, REFUSED));
    let probe = probe_plainly(&server.endpoint(), options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::Tls), None));
    assert!(server.seen().is_empty(), "no request leaves before the certificate is trusted");
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let server = Server::https(&["h2"], |_, _| reply(200, BALANCE));
    let port = server.endpoint().to_string().rsplit_once(':').unwrap().1.to_owned();
    let elsewhere = Endpoint::parse(&format!("https://127.0.0.1:{port}"), Allow::Loopback).unwrap();
    let (to, trusted) = (elsewhere.clone(), server.certificate.clone());
    let client = move || builder(&to).tls_certs_only(trusted.clone());
    let transport = Transport::build(client, None);
    let probes = probe_by(transport, &elsewhere, &[&key(0)], &options(5_000), &mut |_| {});
    assert_eq!(probes[0].verdict, unknown(Reason::Tls));
    assert!(probes[0].message.as_ref().unwrap().as_it_came().contains("certificate"), "{probes:?}");
}

#[test]
fn a_machine_without_root_certificates_is_told_so() {
    let endpoint = Endpoint::official();
    let broken = reqwest::Certificate::from_der(b"no certificate").unwrap();
    let to = endpoint.clone();
    let transport = Transport::build(move || builder(&to).tls_certs_only([broken.clone()]), None);
    let keys = [key(0), key(1)];
    let mut done = Vec::new();
    let probes =
        probe_by(transport, &endpoint, &[&keys[0], &keys[1]], &options(5_000), &mut |i| done.push(i));
    assert_eq!(done, [0, 1]);
    for probe in probes {
        assert_eq!((probe.verdict, probe.host.as_str()), (unknown(Reason::Tls), "api.getimg.ai"));
        assert!(
            probe.message.unwrap().as_it_came().starts_with("this machine has no usable root certificates")
        );
    }
}

#[test]
fn plain_http_where_tls_was_wanted_is_a_tls_failure() {
    let server = Server::http(|_, _| reply(200, BALANCE));
    let text = server.endpoint().to_string().replace("http://", "https://");
    let probe = probe_plainly(&Endpoint::parse(&text, Allow::Loopback).unwrap(), options(5_000));
    assert_eq!(probe.verdict, unknown(Reason::Tls));
}

/// Looks up a name that fails without a DNS query: one of its labels has 64 characters.
struct NoSuchName;

impl reqwest::dns::Resolve for NoSuchName {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let found = (format!("{}.example", "a".repeat(64)), 443).to_socket_addrs();
        Box::pin(async { found.map(|all| Box::new(all) as reqwest::dns::Addrs).map_err(Into::into) })
    }
}

#[test]
fn a_name_that_does_not_exist_is_dns() {
    let endpoint = Endpoint::official();
    let to = endpoint.clone();
    let client = move || builder(&to).no_proxy().dns_resolver(NoSuchName);
    let transport = Transport::build(client, None);
    let probes = probe_by(transport, &endpoint, &[&key(0)], &options(5_000), &mut |_| {});
    assert_eq!((&probes[0].verdict, probes[0].http_status), (&unknown(Reason::Dns), None));
    assert!(probes[0].message.is_some(), "{probes:?}");
}

#[test]
fn a_refused_connection_is_connect() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}"), Allow::Loopback).unwrap();
    let probe = probe_plainly(&endpoint, options(1_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::Connect), None));
    assert!(probe.message.unwrap().as_it_came().contains("refused"));
}

#[test]
fn a_lost_connection_is_tried_again() {
    let endpoint = raw(|mut stream, _, number| {
        if number > 0 {
            let length = BALANCE.len();
            write(&mut stream, &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{BALANCE}"));
        }
    });
    assert_eq!(probe_plainly(&endpoint, options(5_000)).verdict, balance());

    let endpoint = raw(|mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"balance\":\"1");
    });
    assert_eq!(probe_plainly(&endpoint, options(1_000)).verdict, unknown(Reason::Connect));
}

#[test]
fn a_try_that_has_no_answer_in_time_leaves_the_answer_before_it() {
    let server = Server::http(|_, before| {
        let Reply(_, answer) = reply(503, "");
        Reply(if before == 0 { Duration::ZERO } else { Duration::from_secs(30) }, answer)
    });
    let probes = probe(&server, &[&key(0)], options(1500));
    assert_eq!((&probes[0].verdict, server.seen().len()), (&unknown(Reason::ServerError), 2));
}

#[test]
fn each_pause_is_twice_as_long_as_the_one_before() {
    let server = Server::http(|_, _| reply(503, ""));
    let probes = probe(&server, &[&key(0)], options(1600));
    assert_eq!(probes[0].verdict, unknown(Reason::ServerError));
    // After 0, 250 and 750 ms; the next try would be after 1750.
    assert!(server.seen().len() <= 3, "{}", server.seen().len());
}

#[test]
fn silence_ends_with_the_time() {
    let endpoint = raw(|stream, _, _| {
        std::thread::sleep(Duration::from_secs(60));
        drop(stream);
    });
    let probe = probe_plainly(&endpoint, options(200));
    assert_eq!((probe.verdict, probe.http_status, probe.latency_ms), (unknown(Reason::Timeout), None, None));
}

#[test]
fn a_body_that_drips_ends_with_the_time() {
    let endpoint = raw(|mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while write(&mut stream, " ") {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(probe_plainly(&endpoint, options(400)).verdict, unknown(Reason::Timeout));
}

#[test]
fn headers_that_drip_end_with_the_time() {
    let endpoint = raw(|mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 200 OK\r\nX-Slow: ");
        while write(&mut stream, "a") {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(probe_plainly(&endpoint, options(400)).verdict, unknown(Reason::Timeout));
}

#[test]
fn a_body_that_cannot_matter_is_not_waited_for() {
    let endpoint = raw(|mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n");
        std::thread::sleep(Duration::from_secs(60));
    });
    let probe = probe_plainly(&endpoint, options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::Forbidden), Some(403)));
}

#[test]
fn an_endless_body_is_read_no_further_than_64_kib() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let endpoint = raw(move |mut stream, _, _| {
        write(&mut stream, "HTTP/1.1 200 OK\r\n\r\n");
        while write(&mut stream, &"[".repeat(4096)) {
            count.fetch_add(4096, Ordering::Relaxed);
        }
    });
    let probe = probe_plainly(&endpoint, options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::UnexpectedBody), Some(200)));
    assert!(written.load(Ordering::Relaxed) < 64 << 20, "the rest stays unread");
}

#[test]
fn a_body_of_64_kib_is_read_and_one_byte_more_is_no_answer() {
    let judged = |length: usize| {
        let endpoint = raw(move |mut stream, _, _| {
            let space = " ".repeat(length - BALANCE.len());
            write(
                &mut stream,
                &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{BALANCE}{space}"),
            );
        });
        probe_plainly(&endpoint, options(5_000)).verdict
    };
    assert!(matches!(judged(65_536), Verdict::Valid(_)));
    assert_eq!(judged(65_537), unknown(Reason::UnexpectedBody));
}

#[test]
fn what_is_not_http_is_an_unexpected_body() {
    let endpoint = raw(|mut stream, _, _| {
        write(&mut stream, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    });
    let probe = probe_plainly(&endpoint, options(5_000));
    assert_eq!((probe.verdict, probe.http_status), (unknown(Reason::UnexpectedBody), None));
}

#[test]
fn a_server_that_wants_http_1_is_asked_by_it_once_it_has_said_so() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::https(&["h2", "http/1.1"], move |_, number| {
        count.fetch_add(1, Ordering::Relaxed);
        reply(if number == 0 { 505 } else { 200 }, BALANCE)
    });
    let keys = [key(0)];
    let probes = probe(&server, &[&keys[0]], options(5_000));
    assert_eq!(probes[0].verdict, balance(), "{probes:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let keys: Vec<ApiKey> = (0..5).map(key).collect();
    let server = Server::https(&["h2", "http/1.1"], move |seen, _| match seen.protocol {
        hyper::Version::HTTP_2 => reply(505, ""),
        _ => reply(200, BALANCE),
    });
    let probes = probe(&server, &keys.iter().collect::<Vec<_>>(), options(5_000));
    assert!(probes.iter().all(|p| p.verdict == balance()), "{probes:?}");
}

#[test]
fn one_keys_failure_is_not_anothers() {
    let server = Server::https(&["h2"], |seen, _| match seen.key.ends_with("0") {
        true => server::Reply(Duration::from_secs(60), reply(200, BALANCE).1),
        false => reply(200, BALANCE),
    });
    let keys: Vec<ApiKey> = (0..5).map(key).collect();
    let probes = probe(&server, &keys.iter().collect::<Vec<_>>(), options(2_000));
    assert_eq!(probes[0].verdict, unknown(Reason::Timeout));
    assert!(probes[1..].iter().all(|p| p.verdict == balance()), "{probes:?}");
}

#[test]
fn no_keys_need_no_network() {
    let endpoint = Endpoint::parse("https://api.getimg.invalid", Allow::Https).unwrap();
    assert_eq!(super::super::probe(&endpoint, &[], &options(1), &mut |_| {}), []);
}
