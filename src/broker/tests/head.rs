use super::*;

fn parse(text: &str) -> Result<Head<'_>, Refusal> {
    Head::parse(text.as_bytes())
}

#[test]
fn a_head_is_read_as_it_came() {
    let text =
        "POST /v2/x?a='b' HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX-Odd:\t a b \r\ncontent-length: 12\r\n\r\n";
    let head = parse(text).unwrap();
    assert_eq!((head.method, head.target, head.framing), ("POST", "/v2/x?a='b'", Framing::Length(12)));
    assert_eq!(head.fields[1], Field { name: "X-Odd", value: b"a b" });
    let chunked = parse("PUT /v2/ HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").unwrap();
    assert_eq!(chunked.framing, Framing::Chunked);
    assert_eq!(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap().framing, Framing::Empty);
}

#[test]
fn what_two_programs_could_read_in_two_ways_is_refused() {
    let host = "Host: a\r\n";
    for fields in [
        format!("{host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
        format!("{host}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
        format!("{host}Content-Length: 1\r\nContent-Length: 1\r\n"),
        format!("{host}Content-Length: 1, 1\r\n"),
        format!("{host}Content-Length: +1\r\n"),
        format!("{host}Content-Length: 0x1\r\n"),
        format!("{host}Content-Length:\r\n"),
        format!("{host}Content-Length: 9999999999999999999\r\n"),
        format!("{host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        format!("{host}Transfer-Encoding: identity\r\n"),
        format!("{host}Transfer-Encoding: gzip, chunked\r\n"),
        format!("{host}Transfer-Encoding: \x0bchunked\r\n"),
        format!("{host}X: a\r\n b\r\n"),
        format!("{host}X: a\r\n\tb\r\n"),
        format!("{host}X: a\nY: b\r\n"),
        format!("{host}X: a\rY: b\r\n"),
        format!("{host}X: a\0\r\n"),
        format!("{host}X: a\x01\r\n"),
        format!("{host}X: a\x7f\r\n"),
        format!("{host}X : a\r\n"),
        format!("{host}Transfer-Encoding : chunked\r\n"),
        format!("{host}: a\r\n"),
        format!("{host}X\r\n"),
        format!("{host}É: a\r\n"),
        format!("{host}X[]: a\r\n"),
        format!(" {host}"),
        format!("{host}{host}"),
        "host: a\r\nHOST: b\r\n".to_owned(),
        "Host: a/b\r\n".to_owned(),
        "Host: a b\r\n".to_owned(),
        "Host: a@b\r\n".to_owned(),
        "Host:\r\n".to_owned(),
        String::new(),
    ] {
        let text = format!("GET /v2/x HTTP/1.1\r\n{fields}\r\n");
        assert!(matches!(parse(&text), Err(Refusal::Malformed(_))), "{text:?}: {:?}", parse(&text));
    }
}

#[test]
fn the_first_line_has_three_words_and_one_version() {
    for line in [
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/\tHTTP/1.1",
        "GET /",
        "GET  HTTP/1.1",
        "",
        "G(T / HTTP/1.1",
        "GET / http/1.1",
        "GET / HTTP/1.10",
        "GET /a b HTTP/1.1",
        "GET /é HTTP/1.1",
        "GET /#a HTTP/1.1",
    ] {
        let text = format!("{line}\r\nHost: a\r\n\r\n");
        assert!(matches!(parse(&text), Err(Refusal::Malformed(_))), "{text:?}");
    }
    for version in ["HTTP/1.0", "HTTP/2.0", "HTTP/0.9"] {
        assert_eq!(parse(&format!("GET / {version}\r\nHost: a\r\n\r\n")), Err(Refusal::Version));
    }
}

#[test]
fn a_bad_line_end_is_told_before_the_head_has_one() {
    assert_eq!(length(b"GET / HTTP/1.1\r\nHost"), Ok(None));
    assert_eq!(length(b"GET / HTTP/1.1\r"), Ok(None));
    assert!(matches!(length(b"GET / HTTP/1.1\n"), Err(Refusal::Malformed(_))));
    assert!(matches!(length(b"GET / HTTP/1.1\rX"), Err(Refusal::Malformed(_))));
    assert_eq!(length(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /"), Ok(Some(27)));
}

#[test]
fn what_does_not_begin_as_a_request_is_told_before_a_line_ends() {
    // A client that speaks TLS sends no line at all, and would wait.
    assert!(matches!(length(b"\x16\x03\x01\0"), Err(Refusal::Malformed(_))));
    assert!(matches!(length(b"\r\n"), Err(Refusal::Malformed(_))));
    assert!(matches!(length(b"\n"), Err(Refusal::Malformed(_))));
}

#[test]
fn a_head_is_64_kib_long_at_most_and_has_100_fields() {
    assert_eq!(length(&[b'a'; 65_535]), Ok(None));
    assert_eq!(length(&[b'a'; 65_536]), Err(Refusal::TooLarge));
    let begun = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    let long = |length: usize| format!("{begun}{}\r\n\r\n", "a".repeat(length - begun.len() - 4));
    assert_eq!(parse(&long(65_536)).unwrap().fields.len(), 2);
    assert_eq!(parse(&long(65_537)), Err(Refusal::TooLarge));
    let fields = |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(count - 1));
    assert_eq!(parse(&fields(100)).unwrap().fields.len(), 100);
    assert_eq!(parse(&fields(101)), Err(Refusal::TooLarge));
}

#[test]
fn only_a_whole_head_is_parsed() {
    for text in ["GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\nG"] {
        assert_eq!(parse(text), Err(Refusal::Malformed("no end")));
    }
}

#[test]
fn what_concerns_this_connection_goes_no_further() {
    let head = parse(
        "GET /v2/ HTTP/1.1\r\nHost: a\r\nAuthorization: bearer tok\r\nConnection: X-Mine, close\r\nx-mine: 1\r\nTE: a\r\n\
         Content_Length: 5\r\nAccept-Encoding: gzip\r\nX-Kept: \u{e9}\r\nCookie: b\r\n\r\n",
    )
    .unwrap();
    assert_eq!(head.passed_on().map(|f| f.name).collect::<Vec<_>>(), ["X-Kept", "Cookie"]);
    assert_eq!(head.token(), Some(&b"tok"[..]));
    assert!(head.closes());
    let two =
        parse("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nauthorization: Bearer a\r\n\r\n")
            .unwrap();
    assert_eq!((two.token(), two.closes()), (None, false));
}

#[test]
fn a_client_says_whether_it_closes_and_whether_it_waits() {
    let with = |fields: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    for (fields, closes, waits) in [
        ("", false, false),
        ("Connection: keep-alive\r\n", false, false),
        ("Connection: keep-alive, Close\r\n", true, false),
        ("Connection: closed\r\n", false, false),
        ("Expect: 100-Continue\r\n", false, true),
        ("Expect: 200-ok\r\n", false, false),
    ] {
        let text = with(fields);
        let head = parse(&text).unwrap();
        assert_eq!((head.closes(), head.expects_continue()), (closes, waits), "{fields:?}");
    }
}

#[test]
fn a_folded_line_is_called_one() {
    for fold in [" b: c", "\tb: c"] {
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n{fold}\r\n\r\n");
        assert_eq!(parse(&text), Err(Refusal::Malformed("a folded line")));
    }
}
