//! Faults on both sides of the relay.

use std::io::Read;
use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use insta::assert_snapshot;

use super::{before, behind, printed, with_an_api};
use crate::support::certificate::Certificates;
use crate::support::raw_api::RawApi;
use crate::support::{ApiServer, Behaviour, Home, Key};

#[test]
fn an_api_that_cannot_be_reached_or_trusted_is_502_which_may_be_tried_again() {
    let home = before(&RawApi::saying("{}"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = home.with("GETIMG_KEYS_API_URL", &format!("http://{free}"));
    let script = r#"print(talk("GET /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"))"#;
    assert_snapshot!(printed(&home, &[], script).replace('\r', ""), @r#"
    HTTP/1.1 502 Bad Gateway
    content-type: application/json
    content-length: 222
    connection: close

    {"error":{"code":"broker_bad_gateway","doc_url":null,"message":"getimg-keys exec --broker: the API gave no answer: no connection to the API, or it was lost: connection refused","param":null,"type":"invalid_request_error"}}
    "#);

    let stranger = ApiServer::with(Certificates::make());
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    let home = home.with("GETIMG_KEYS_API_URL", &stranger.url());
    assert_snapshot!(printed(&home, &[], r#"print(ask("GET", "/v2/models"))"#), @"502 broker_bad_gateway");
    assert!(stranger.seen().is_empty());

    let home = home.with("SSL_CERT_FILE", "/nowhere.pem");
    let script = r#"print(talk("GET /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n").split("\r\n\r\n")[1])"#;
    assert_snapshot!(printed(&home, &[], script), @r#"{"error":{"code":"broker_bad_gateway","doc_url":null,"message":"getimg-keys exec --broker: the API gave no answer: the certificate is not trusted, or this machine's clock is wrong: $SSL_CERT_FILE, /nowhere.pem, is not an existing file","param":null,"type":"invalid_request_error"}}"#);
}

#[test]
fn an_api_that_resets_before_an_answer_is_502_and_one_that_ends_within_it_is_cut_off() {
    let api = RawApi::start(|asked| {
        if asked.head.contains("/v2/reset") {
            let _ = asked.stream.shutdown(Shutdown::Both);
        } else if asked.head.contains("/v2/length") {
            asked.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            let _ = asked.stream.shutdown(Shutdown::Both);
        } else if asked.head.contains("/v2/chunks") {
            asked.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            let _ = asked.stream.shutdown(Shutdown::Both);
        } else {
            asked.say("nonsense\r\n\r\n");
            let _ = asked.stream.shutdown(Shutdown::Both);
        }
    });
    let script = r#"
for path in ["reset", "length", "chunks", "nonsense"]:
    print(path, repr(ask("GET", "/v2/" + path)))"#;
    assert_snapshot!(printed(&before(&api), &[], script), @r"
    reset '502 broker_bad_gateway'
    length '200 abc'
    chunks '200 3\r\nabc\r\n'
    nonsense '502 broker_bad_gateway'
    ");
}

#[test]
fn an_upload_that_is_cut_off_is_cut_off_for_the_api_too() {
    let (told, ended) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let api = RawApi::start(move |asked| {
        let mut body = Vec::new();
        let _ = asked.stream.read_to_end(&mut body);
        told.lock().unwrap().send(String::from_utf8_lossy(&body).replace("\r\n", "|")).unwrap();
    });
    let home = before(&api);
    let script = r#"
head = f"POST /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
for framing, parts in [("Content-Length: 100", ["abc"]), ("Transfer-Encoding: chunked", ["3\r\nabc\r\n"]),
                       ("Transfer-Encoding: chunked", ["3\r\nabc\r\n", "zz\r\n"])]:
    client = connect()
    client.sendall(f"{head}{framing}\r\n\r\n".encode())
    for part in parts:
        client.sendall(part.encode())
        time.sleep(0.3)
    client.close()
    time.sleep(0.3)"#;
    printed(&home, &[], script);
    let came = [0; 3].map(|_| ended.recv_timeout(Duration::from_secs(10)).unwrap());
    assert_eq!(came, ["abc", "3|abc|", "3|abc|"]);
}

#[test]
fn an_answer_that_comes_before_the_uploads_end_is_handed_on() {
    let api = RawApi::start(|asked| {
        let closes = asked.head.contains("/v2/closes");
        let field = if closes { "Connection: close\r\n" } else { "" };
        asked.say(&format!("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\n{field}\r\n{{}}"));
        if closes {
            let _ = asked.stream.shutdown(Shutdown::Write);
        }
        let _ = asked.stream.read_to_end(&mut Vec::new());
    });
    let script = r#"
head = f"HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
for path in "closes", "stays":
    client = connect()
    client.sendall(f"POST /v2/{path} {head}Content-Length: {8 << 20}\r\n\r\n".encode() + bytes(4 << 20))
    time.sleep(0.3)
    client.sendall(f"GET /v2/within {head}\r\n".encode() + bytes(1 << 20))
    print(brief(rest(client).decode()))"#;
    assert_eq!(printed(&before(&api), &[], script), "413 {}\n413 {}\n");
    assert_eq!(api.heads().len(), 2);
}

#[test]
fn what_a_refused_request_still_sends_is_read_so_that_its_client_sees_the_answer() {
    let (api, home) = with_an_api();
    let script = r#"
half = b"x" * 8_000_000
client = connect()
head = f"POST /v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {2 * len(half)}\r\n\r\n"
client.sendall(head.encode() + half)
time.sleep(0.3)
client.sendall(half)
print(brief(rest(client).decode()))"#;
    assert_snapshot!(printed(&home, &[], script), @"403 broker_denied no-retry");
    assert!(api.heads().is_empty());
}

#[test]
fn a_client_that_leaves_early_ends_what_the_api_still_sends() {
    let (told, ended) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let api = RawApi::start(move |asked| {
        asked.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let sent = (0..2000).take_while(|_| asked.say(&piece)).count();
        told.lock().unwrap().send(sent).unwrap();
    });
    let script = r#"
client = connect()
client.sendall(f"GET /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
client.recv(1000)
client.close()
time.sleep(1)"#;
    printed(&before(&api), &[], script);
    assert!(ended.recv_timeout(Duration::from_secs(10)).unwrap() < 2000);
}

#[test]
fn an_api_that_stalls_holds_up_its_own_request_alone_until_the_client_leaves() {
    let (gone, left) = std::sync::mpsc::channel();
    let gone = std::sync::Mutex::new(gone);
    let api = RawApi::start(move |asked| {
        if asked.head.contains("/v2/slow") {
            asked.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12");
            // Nothing more is sent; the relay closes the connection once nobody waits for it.
            let _ = asked.stream.read(&mut [0]);
            gone.lock().unwrap().send(()).unwrap();
        } else {
            asked.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    });
    let script = r#"
client = connect()
client.settimeout(1)
client.sendall(f"GET /v2/slow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
got = b""
try:
    while chunk := client.recv(1000): got += chunk
    print("closed")
except TimeoutError:
    print(got[-2:], ask("GET", "/v2/x"))
client.close()
time.sleep(1)"#;
    assert_eq!(printed(&before(&api), &[], script), "b'12' 200 {}\n");
    left.recv_timeout(Duration::from_secs(10)).unwrap();
}

#[test]
fn a_large_body_is_held_by_nobody_in_either_direction() {
    let api = RawApi::start(|asked| {
        if asked.head.starts_with("GET") {
            let piece = "x".repeat(1 << 20);
            asked.say("HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n");
            (0..200).for_each(|_| assert!(asked.say(&piece)));
        } else {
            let mut left: usize = asked.field("content-length").unwrap().parse().unwrap();
            let mut piece = vec![0; 1 << 16];
            while left > 0 {
                left -= asked.stream.read(&mut piece).unwrap();
            }
            asked.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        }
    });
    let script = r#"
def peak():
    return int(next(l for l in open(f"/proc/{os.getppid()}/status") if l.startswith("VmHWM")).split()[1])
def pid_of_relay():
    return os.getppid()
client = connect()
head = f"HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n"
client.sendall(f"GET /v2/x {head}\r\n".encode())
got, chunk = 0, b"x"
while chunk:
    chunk = client.recv(1 << 20)
    got += len(chunk)
    if got < 50 << 20: time.sleep(0.001)
print(got > 200 << 20)
client = connect()
client.sendall(f"POST /v2/x {head}Content-Length: {200 << 20}\r\n\r\n".encode())
piece = b"x" * (1 << 20)
for _ in range(200): client.sendall(piece)
print(rest(client).split(b"\r\n")[0])
print("MiB", peak() // 1024)"#;
    let printed = printed(&before(&api), &[], script);
    let [read, written, peak] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert_eq!((read, written), ("True", "b'HTTP/1.1 200 OK'"));
    let peak: u32 = peak.strip_prefix("MiB ").unwrap().parse().unwrap();
    assert!(peak < 48, "{peak} MiB");
}

#[test]
fn a_request_whose_program_ends_within_its_answer_is_logged() {
    let api = RawApi::start(|asked| {
        asked.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12");
        // Nothing more is sent; the relay closes the connection once the program has ended.
        let _ = asked.stream.read(&mut [0]);
    });
    let home = before(&api);
    let script = r#"
client = connect()
client.sendall(f"GET /v2/slow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
client.recv(1000)
os._exit(0)"#;
    printed(&home, &["--log-requests"], script);
    let events: serde_json::Value = serde_json::from_str(&home.run(&["log", "--json"], "").stdout).unwrap();
    let is_it = |event: &&serde_json::Value| event["event"] == "broker_request";
    let logged = events["events"].as_array().unwrap().iter().find(is_it).map(|e| (&e["path"], &e["status"]));
    assert_eq!(logged, Some((&"/v2/slow".into(), &200.into())));
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let (_api, home) = with_an_api();
    std::fs::remove_file(home.path().join("log.jsonl")).unwrap();
    std::fs::create_dir(home.path().join("log.jsonl")).unwrap();
    assert_eq!(printed(&home, &["--log-requests"], r#"print(ask("GET", "/v2/x"))"#), "200 {}\n");
}

#[test]
fn when_the_relay_is_killed_the_token_opens_nothing_and_when_the_program_is_it_ends() {
    let (_api, home) = with_an_api();
    let script = r#"
import signal
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(0.3)
try:
    print(ask("GET", "/v2/x"))
except OSError as e:
    open("told", "w").write(type(e).__name__)"#;
    let output = behind(&home, &[], script);
    assert_eq!(output.code, -1, "{}", output.stderr);
    let told = home.work().join("told");
    while !told.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = behind(&home, &[], "os.kill(os.getpid(), 9)");
    assert_eq!((output.code, output.stderr.as_str()), (137, ""));
}

#[test]
fn strangers_who_say_nothing_keep_nobody_out() {
    let (_api, home) = with_an_api();
    let script = r#"
silent = [connect() for _ in range(300)]
print(ask("GET", "/v2/x"))"#;
    assert_eq!(printed(&home, &[], script), "200 {}\n");
}

#[test]
fn a_connection_without_the_token_is_closed_after_a_while_and_one_that_sent_it_may_be_idle() {
    let (_api, home) = with_an_api();
    let script = r#"
head = f"GET /v2/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
known, stranger = connect(), connect()
known.sendall(f"{head}\r\n".encode())
got = b""
while not got.endswith(b"{}"): got += known.recv(65536)
print(stranger.recv(1))
time.sleep(1)
known.sendall(f"{head}Connection: close\r\n\r\n".encode())
print(brief(rest(known).decode()))"#;
    assert_eq!(printed(&home, &[], script), "b''\n200 {}\n");
}
