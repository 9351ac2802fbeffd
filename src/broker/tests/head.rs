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
    assert_eq!(length(&vec![b'a'; sizes::HEAD]), Err(Refusal::TooLarge));
    let many = "X: a\r\n".repeat(sizes::FIELDS + 1);
    assert_eq!(parse(&format!("GET / HTTP/1.1\r\n{many}\r\n")), Err(Refusal::TooLarge));
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
