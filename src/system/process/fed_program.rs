//! Runs a program with a key on its standard input, and collects its answer.

use std::io::{self, PipeReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::call::{Call, Input};
use super::other_programs;
use crate::model::{ApiKey, KeyMask, Untrusted};
use crate::system::variables::PASSPHRASE_FILE;

/// How much of each output is kept; the rest is read and discarded.
const LARGEST: usize = 256 * 1024;
/// How often we check whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);
/// How long a program may take to end after it is told to, and its output to end after that.
const GRACE: Duration = Duration::from_secs(1);

/// The result of a program.
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output, which may hold the key.
    pub stdout: Zeroizing<Vec<u8>>,
    /// Whether that is the complete output.
    pub is_whole: bool,
    /// Whether it read its whole input.
    pub took_input: bool,
    /// Its message: standard error, or standard output if that is empty; without the key.
    pub said: Untrusted,
}

/// Why a program did not run to its end.
#[derive(Debug)]
pub enum NotRun {
    /// There is no such program.
    Missing,
    /// It could not be started.
    NotStarted(io::Error),
    /// It did not end in time and was killed.
    TooSlow(Duration),
}

impl NotRun {
    /// Why a program cannot be started.
    pub fn of(why: io::Error) -> Self {
        if why.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::NotStarted(why) }
    }
}

impl Ended {
    /// Whether it reports success.
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }
}

/// Runs a program to its end, within a time limit.
///
/// If the call says so, a key is written to its standard input and masked in its messages; its arguments and its
/// environment contain none. It does not read from our terminal.
///
/// # Errors
/// [`NotRun`].
pub fn run(call: &Call, key: Option<&ApiKey>, limit: Duration) -> Result<Ended, NotRun> {
    let letters = key.map(ApiKey::expose).unwrap_or_default();
    let given = filled(&text(&call.input, letters)).map_err(NotRun::NotStarted)?;
    let theirs = given.try_clone().map_err(NotRun::NotStarted)?;
    let mut child = prepared(call, theirs).spawn().map_err(NotRun::of)?;
    let (stdout, stderr) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let Some(code) = wait(&mut child, limit) else {
        return Err(NotRun::TooSlow(limit));
    };
    let (stdout, stderr) = (collected(&stdout), collected(&stderr));
    let words = if stderr.iter().all(u8::is_ascii_whitespace) { &stdout } else { &stderr };
    let said = without_key(words, letters);
    Ok(Ended { code, is_whole: stdout.len() < LARGEST, stdout, took_input: is_empty(&given), said })
}

fn prepared(call: &Call, stdin: PipeReader) -> Command {
    let mut command = other_programs::command(&call.program);
    command.args(&call.arguments).env_remove(PASSPHRASE_FILE).env("NO_COLOR", "1");
    for name in ["FORCE_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    for (name, value) in &call.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(input: &Input, letters: &str) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(4096 + 2 * letters.len()));
    match input {
        Input::Nothing => {}
        Input::Key => text.extend_from_slice(letters.as_bytes()),
        Input::Within(before, after) => {
            text.extend_from_slice(before.as_bytes());
            text.extend_from_slice(Zeroizing::new(STANDARD.encode(letters)).as_bytes());
            text.extend_from_slice(after.as_bytes());
        }
    }
    text
}

/// A pipe that contains the whole text and is closed for writing. It is filled before the program starts: if we are
/// killed, the program
/// has the whole key or was never started; it cannot take an empty input for the key.
fn filled(text: &[u8]) -> io::Result<PipeReader> {
    let (reader, mut writer) = io::pipe()?;
    // The smallest pipes hold this much; writing more would wait for a reader that does not exist yet.
    if text.len() > 4096 {
        return Err(io::Error::other("what it is to read is too long"));
    }
    writer.write_all(text)?;
    Ok(reader)
}

/// Whether a program has read everything in its pipe.
#[cfg(unix)]
fn is_empty(pipe: &PipeReader) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut watched = [PollFd::new(pipe, PollFlags::IN)];
    let looked = poll(&mut watched, Some(&Timespec::default()));
    looked.is_ok() && !watched[0].revents().contains(PollFlags::IN)
}

#[cfg(windows)]
fn is_empty(_: &PipeReader) -> bool {
    true
}

/// Reads to the end on a thread of its own, so that the program never waits for us.
fn drain<R: Read + Send + 'static>(from: Option<R>) -> Receiver<Zeroizing<Vec<u8>>> {
    let (to, chunks) = channel();
    thread::spawn(move || {
        let Some(mut from) = from else { return };
        let mut chunk = Zeroizing::new(vec![0; 16 * 1024]);
        let mut room = LARGEST;
        loop {
            match from.read(&mut chunk) {
                Ok(0) => return,
                Ok(count) => {
                    let kept = &chunk[..count.min(room)];
                    room -= kept.len();
                    if !kept.is_empty() {
                        // Nobody receives it after the time limit.
                        let _ = to.send(Zeroizing::new(kept.to_vec()));
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // A key that is read back is compared with ours: half of one does not count.
                Err(_) => return,
            }
        }
    });
    chunks
}

/// What was read until the end of the output, or until the time limit for processes that the program left running.
fn collected(chunks: &Receiver<Zeroizing<Vec<u8>>>) -> Zeroizing<Vec<u8>> {
    // A buffer that never grows leaves no copies behind.
    let mut all = Zeroizing::new(Vec::with_capacity(LARGEST));
    let until = Instant::now() + GRACE;
    while let Ok(chunk) = chunks.recv_timeout(until.saturating_duration_since(Instant::now())) {
        all.extend_from_slice(&chunk);
    }
    all
}

/// The exit code; `None` if the time limit was reached and the program was killed.
fn wait(child: &mut Child, limit: Duration) -> Option<Option<i32>> {
    let until = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code()),
            Ok(None) if Instant::now() < until => thread::sleep(LOOK),
            Ok(None) | Err(_) => break,
        }
    }
    end(child);
    None
}

/// Asks a program to end, so that it can end its children; then kills it. If it has ended by itself, both fail.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(process) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
    let until = Instant::now() + GRACE;
    while cfg!(unix) && Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(LOOK);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// A program's message on one line, without colours, and with the key masked in every form.
fn without_key(words: &[u8], letters: &str) -> Untrusted {
    let mask = KeyMask::of(letters);
    let mut stream = mask.stream();
    let mut masked = stream.push(&without_colours(words)).to_vec();
    masked.extend_from_slice(&stream.finish());
    let text = String::from_utf8_lossy(&masked);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Untrusted::about(letters.as_bytes(), &lines.join("; "))
}

/// A text without colour sequences: a key with colours inside must be recognized.
fn without_colours(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let parameters = behind.strip_prefix(b"[").filter(|_| *first == 0x1b);
        let end = parameters.and_then(|p| p.iter().position(|b| !b.is_ascii_digit() && *b != b';'));
        match (parameters, end) {
            (Some(parameters), Some(end)) if parameters[end].is_ascii_alphabetic() => {
                rest = &parameters[end + 1..];
            }
            _ => {
                plain.push(*first);
                rest = behind;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_support::key;

    #[test]
    fn a_program_s_words_are_one_line_without_colours_and_without_the_key() {
        let letters = key("xyz").expose().to_owned();
        let (first, last) = letters.split_at(9);
        for (words, said) in [
            ("\x1b[31mError:\x1b[0m  no\n\n  way\n".to_owned(), "Error:  no; way"),
            (format!("got {letters}"), "got ********"),
            (format!("{first}\x1b[1;32m{last}."), "********."),
            (STANDARD.encode(&letters), "********"),
            ("\x1b[".to_owned(), "\x1b["),
            ("\x1b]52;c;x".to_owned(), "\x1b]52;c;x"),
        ] {
            assert_eq!(without_key(words.as_bytes(), &letters), Untrusted::new(said), "{words}");
        }
        assert_eq!(without_key(b"\xff\xfe", &letters), Untrusted::new("\u{fffd}\u{fffd}"));
    }
}
