//! A relay in front of a real server. It counts the requests, and does to one of them what a network or a hostile
//! server could do.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::bao::exchange;

/// What happens to a request.
pub enum Fate {
    /// It is passed on to the server.
    Passes,
    /// It is passed on, and its answer is lost.
    LosesTheAnswer,
    /// The server never gets it; this is the answer: status line, headers and body.
    IsAnswered(String),
    /// There is no answer for this long.
    Waits(Duration),
}

/// A relay on this machine, until it is dropped.
pub struct Relay {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    has_ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// In front of a port of this machine; `decide` gets each request's method and path, and how many came before.
    pub fn before(port: u16, decide: impl Fn(&str, usize) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (record, decide) = (Arc::clone(&seen), Arc::new(decide));
        let has_ended = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&has_ended);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten().take_while(|_| !is_over.load(Ordering::SeqCst)) {
                let (record, decide) = (Arc::clone(&record), Arc::clone(&decide));
                std::thread::spawn(move || serve(stream, port, &record, &*decide));
            }
        });
        Self { port: own, seen, has_ended, thread: Some(thread) }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far, each as method and path.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }
}

/// Otherwise what `decide` holds, such as a home, would never be dropped.
impl Drop for Relay {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, port: u16, seen: &Mutex<Vec<String>>, decide: &dyn Fn(&str, usize) -> Fate) {
    let Some((head, body)) = request(&mut stream) else { return };
    let line = head.lines().next().unwrap_or_default();
    let asked = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(asked.clone());
        seen.len() - 1
    };
    let on = || {
        let lines = head.lines().skip(1).filter(|l| !l.to_lowercase().starts_with("connection:"));
        let headers: String = lines.map(|line| format!("{line}\r\n")).collect();
        let mut whole = format!("{asked} HTTP/1.0\r\n{headers}\r\n").into_bytes();
        whole.extend_from_slice(&body);
        exchange(port, &whole)
    };
    match decide(&asked, before) {
        Fate::Passes => {
            let _ = stream.write_all(&on());
        }
        Fate::LosesTheAnswer => drop(on()),
        Fate::IsAnswered(text) => {
            let text = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
            let _ = stream.write_all(text.as_bytes());
        }
        Fate::Waits(time) => std::thread::sleep(time),
    }
}

/// The head and the body of one request.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let whole = end + 4 + length.unwrap_or(0);
            if bytes.len() >= whole {
                return Some((head, bytes[end + 4..whole].to_vec()));
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
