//! The API as bytes, on this machine without TLS: for answers that no server library would send, and to see requests
//! byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A server that passes each connection to a function, with the first head on it.
pub struct RawApi {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

/// One connection after the head was read.
pub struct Asked<'a> {
    /// The head, with the empty line at its end.
    pub head: String,
    /// What comes after it, and where the answer goes.
    pub stream: &'a mut TcpStream,
}

impl Drop for RawApi {
    /// Ends the thread and closes its socket; the connection wakes it.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl RawApi {
    /// Starts one; each further request on a connection is handled like the first.
    pub fn start(answer: impl Fn(&mut Asked) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heads, ended) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (heard, over, answer) = (Arc::clone(&heads), Arc::clone(&ended), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &heard, answer.as_ref()));
            }
        });
        Self { port, heads, ended }
    }

    /// One that answers every request with the same JSON.
    pub fn saying(body: &'static str) -> Self {
        Self::start(move |asked| {
            asked.body();
            asked.say(&format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ));
        })
    }

    /// Its address, for `$GETIMG_KEYS_API_URL`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every head so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Asked<'_> {
    /// Writes a part of an answer; returns whether anybody still reads it.
    pub fn say(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    /// A field's value, in lower case.
    pub fn field(&self, name: &str) -> Option<String> {
        let line = |line: &str| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        self.head.lines().find_map(line)
    }

    /// Reads the body by its length or its chunks, including their framing.
    pub fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(length) = self.field("content-length") {
            body.resize(length.parse().unwrap(), 0);
            if self.stream.read_exact(&mut body).is_err() {
                body.clear();
            }
        } else if self.field("transfer-encoding").is_some() {
            let mut byte = [0];
            while !body.ends_with(b"0\r\n\r\n") && self.stream.read(&mut byte).is_ok_and(|read| read == 1) {
                body.push(byte[0]);
            }
        }
        body
    }
}

fn serve(mut stream: TcpStream, heard: &Mutex<Vec<String>>, answer: &dyn Fn(&mut Asked)) {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if !stream.read(&mut byte).is_ok_and(|read| read == 1) {
                return;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        heard.lock().unwrap().push(head.clone());
        let mut asked = Asked { head, stream: &mut stream };
        answer(&mut asked);
    }
}
