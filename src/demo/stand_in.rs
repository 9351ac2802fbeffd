//! A local server that answers about keys as the API's documentation says, and costs nothing.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::broker::head::{self, Framing, Head};
use crate::model::Fingerprint;

/// How long a connection may be idle.
const PATIENCE: Duration = Duration::from_secs(30);

/// The answer to a request for a path with a key that is known or not: a status and JSON.
pub type Answers = fn(known: bool, path: &str) -> (u16, &'static str);

type Accepted = Arc<Mutex<BTreeSet<Fingerprint>>>;

/// The server; it ends with the process.
#[derive(Debug)]
pub struct StandIn {
    port: u16,
    known: Accepted,
}

impl StandIn {
    /// Listens on an unused port of 127.0.0.1; knows no key yet.
    ///
    /// # Errors
    /// There is no free port, or no thread.
    pub fn start(answers: Answers) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let known = Accepted::default();
        let shared = Arc::clone(&known);
        thread::Builder::new().spawn(move || accept(&listener, &shared, answers))?;
        Ok(Self { port, known })
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on this key is valid.
    pub fn knows(&self, key: &str) {
        self.keys().insert(Fingerprint::of(key.as_bytes()));
    }

    /// From now on this key is refused, as a revoked key is.
    pub fn revokes(&self, key: &str) {
        self.keys().remove(&Fingerprint::of(key.as_bytes()));
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, BTreeSet<Fingerprint>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The API's answers, as its documentation shows them.
pub fn as_documented(known: bool, path: &str) -> (u16, &'static str) {
    const BALANCE: &str = r#"{"balance":"12.50","currency":"USD"}"#;
    const MODELS: &str = r#"[{"id":"stand-in","name":"Stand-in","type":"image"}]"#;
    const REFUSED: &str = r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
    const ABSENT: &str = r#"{"error":{"message":"The stand-in does not offer this.","type":"invalid_request_error","code":"not_found"}}"#;
    match (known, path) {
        (false, _) => (401, REFUSED),
        (true, "/v2/billing/balance") => (200, BALANCE),
        (true, "/v2/models") => (200, MODELS),
        (true, _) => (404, ABSENT),
    }
}

fn accept(listener: &TcpListener, known: &Accepted, answers: Answers) {
    // A connection that broke at once is asked for again by whoever wants an answer.
    for stream in listener.incoming().flatten() {
        let known = Arc::clone(known);
        // A client that gets no thread gets no answer, and reports that the API cannot be reached.
        let _ = thread::Builder::new().spawn(move || serve(stream, &known, answers));
    }
}

/// Answers one request after another; anything that is not a simple request ends the connection.
fn serve(mut stream: TcpStream, known: &Accepted, answers: Answers) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let length = match head::length(&read) {
            Ok(Some(length)) => length,
            Ok(None) => {
                let mut chunk = [0; 4096];
                match stream.read(&mut chunk)? {
                    0 => return Ok(()),
                    count => read.extend_from_slice(&chunk[..count]),
                }
                continue;
            }
            Err(refusal) => return write(&mut stream, refusal.status(), "{}", true),
        };
        let request: Vec<u8> = read.drain(..length).collect();
        let (status, body, closes) = answer(&request, known, answers);
        write(&mut stream, status, body, closes)?;
        if closes {
            return Ok(());
        }
    }
}

/// The answer to a request's head, and whether it is the last one.
fn answer(request: &[u8], known: &Accepted, answers: Answers) -> (u16, &'static str, bool) {
    let head = match Head::parse(request) {
        Ok(head) => head,
        Err(refusal) => return (refusal.status(), "{}", true),
    };
    let is_known = head.token().is_some_and(|token| {
        known.lock().unwrap_or_else(PoisonError::into_inner).contains(&Fingerprint::of(token))
    });
    let path = head.target.split('?').next().unwrap_or_default();
    let (status, body) = if head.method == "GET" { answers(is_known, path) } else { answers(is_known, "") };
    // The body is not awaited: this server reads none.
    (status, body, head.closes() || head.framing != Framing::Empty)
}

fn write(stream: &mut TcpStream, status: u16, body: &str, closes: bool) -> io::Result<()> {
    let connection = if closes { "close" } else { "keep-alive" };
    let head = format!(
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n",
        body.len()
    );
    stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
}

#[cfg(test)]
#[path = "tests/stand_in.rs"]
mod tests;
