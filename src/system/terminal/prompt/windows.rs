//! The prompt at a console of Windows.

use std::io::{self, Read, Write};
use std::thread;

use tokio::runtime::LocalRuntime;
use tokio::signal::windows::{ctrl_break, ctrl_c};
use tokio::sync::oneshot;
use winapi_util::HandleRef;
use winapi_util::console::{mode, set_mode};
use zeroize::Zeroizing;

use super::{Echo, LINE, unreadable};
use crate::error::{Error, Result};

/// `ENABLE_PROCESSED_INPUT`: Ctrl-C is an event, and the editing keys work.
const PROCESSED_INPUT: u32 = 0x0001;
/// `ENABLE_LINE_INPUT`: a read ends with a line.
const LINE_INPUT: u32 = 0x0002;
/// `ENABLE_ECHO_INPUT`: what is typed is shown.
const ECHO_INPUT: u32 = 0x0004;
/// `io::stdin` keeps what it reads ahead until the process ends; a read larger than its buffer bypasses it.
const PAST_THE_BUFFER: usize = 16 * 1024;

/// Whether standard input is a console: other terminals, such as that of MSYS, cannot switch the echo off.
pub(super) fn can_hide() -> bool {
    mode(HandleRef::stdin()).is_ok()
}

/// Asks for a line; returns it without its line ending.
pub(super) fn read(question: &str, echo: Echo) -> Result<Zeroizing<Vec<u8>>> {
    let heard = ask(question, echo).map_err(|_| unreadable())?;
    if echo == Echo::Hidden || heard.is_none() {
        let _ = writeln!(io::stderr().lock());
    }
    heard.ok_or_else(Error::cancelled)
}

/// A line; `None` for Ctrl-C, Ctrl-Break or the end of input. When it returns, the console's mode is restored.
fn ask(question: &str, echo: Echo) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let (mut interrupted, mut broken) = (ctrl_c()?, ctrl_break()?);
    let _mode = Mode::begin(echo)?;
    let _ = write!(io::stderr().lock(), "{question} ");
    let line = beside();
    LocalRuntime::new()?.block_on(async {
        tokio::select! {
            line = line => line.unwrap_or_else(|gone| Err(io::Error::other(gone))),
            _ = interrupted.recv() => Ok(None),
            _ = broken.recv() => Ok(None),
        }
    })
}

/// Reads a line on a thread of its own. Ctrl-C does not end the read: the thread is then left behind until the process
/// ends.
fn beside() -> oneshot::Receiver<io::Result<Option<Zeroizing<Vec<u8>>>>> {
    let (to, line) = oneshot::channel();
    // After Ctrl-C nobody waits for a line any more.
    thread::spawn(move || drop(to.send(line_of_stdin())));
    line
}

/// The typed text to the end of the line; `None` at the end of input. What is too long is read and discarded; otherwise
/// the shell would read it.
fn line_of_stdin() -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE));
    let mut some = Zeroizing::new(vec![0; PAST_THE_BUFFER]);
    loop {
        let count = io::stdin().lock().read(&mut some)?;
        if count == 0 {
            return Ok(None);
        }
        let room = LINE - line.len();
        line.extend_from_slice(&some[..count.min(room)]);
        if some[..count].ends_with(b"\n") {
            let whole = line.strip_suffix(b"\n").unwrap_or(&line);
            return Ok(Some(Zeroizing::new(whole.strip_suffix(b"\r").unwrap_or(whole).to_vec())));
        }
    }
}

/// Puts the console into line mode while this lives, without an echo for a secret.
struct Mode(u32);

impl Mode {
    fn begin(echo: Echo) -> io::Result<Self> {
        let before = mode(HandleRef::stdin())?;
        let shown = if echo == Echo::Shown { ECHO_INPUT } else { 0 };
        set_mode(HandleRef::stdin(), before & !ECHO_INPUT | PROCESSED_INPUT | LINE_INPUT | shown)?;
        Ok(Self(before))
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        // Fails only if the console is gone.
        let _ = set_mode(HandleRef::stdin(), self.0);
    }
}
