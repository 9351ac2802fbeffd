//! The prompt at a console of Windows.

use std::io::{self, Read, Write};
use std::thread;

use tokio::runtime;
use tokio::signal::windows::{ctrl_break, ctrl_c};
use tokio::sync::oneshot;
use winapi_util::HandleRef;
use winapi_util::console::{mode, set_mode};
use zeroize::Zeroizing;

use super::{Echo, LINE, unreadable};
use crate::error::{Error, Result};

/// `ENABLE_PROCESSED_INPUT`: Ctrl-C is an event, and the keys that mend a line mend it.
const PROCESSED_INPUT: u32 = 0x0001;
/// `ENABLE_LINE_INPUT`: a read ends with a line.
const LINE_INPUT: u32 = 0x0002;
/// `ENABLE_ECHO_INPUT`: what is typed is shown.
const ECHO_INPUT: u32 = 0x0004;
/// `io::stdin` keeps what it reads ahead until the process ends; a read of more than it reads at once goes past that.
const PAST_THE_BUFFER: usize = 16 * 1024;

/// Whether standard input is a console: at another terminal, as that of MSYS, nothing hides what is typed.
pub(super) fn can_hide() -> bool {
    mode(HandleRef::stdin()).is_ok()
}

/// Asks for a line; it comes without its end.
pub(super) fn read(question: &str, echo: Echo) -> Result<Zeroizing<Vec<u8>>> {
    let heard = ask(question, echo).map_err(|_| unreadable())?;
    if echo == Echo::Hidden || heard.is_none() {
        let _ = writeln!(io::stderr().lock());
    }
    heard.ok_or_else(Error::cancelled)
}

/// A line; `None` for Ctrl-C, Ctrl-Break or the end of input. When it returns, the console is as it was.
fn ask(question: &str, echo: Echo) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let (mut interrupted, mut broken) = (ctrl_c()?, ctrl_break()?);
    let _mode = Mode::begin(echo)?;
    let _ = write!(io::stderr().lock(), "{question} ");
    let line = beside();
    runtime::Builder::new_current_thread().build()?.block_on(async {
        tokio::select! {
            line = line => line.unwrap_or_else(|gone| Err(io::Error::other(gone))),
            _ = interrupted.recv() => Ok(None),
            _ = broken.recv() => Ok(None),
        }
    })
}

/// Reads a line on a thread of its own. No read ends for a Ctrl-C: it is left behind then, and ends with the process.
fn beside() -> oneshot::Receiver<io::Result<Option<Zeroizing<Vec<u8>>>>> {
    let (to, line) = oneshot::channel();
    // Whoever was interrupted waits for no line any more.
    thread::spawn(move || drop(to.send(line_of_stdin())));
    line
}

/// What is typed, to the end of the line; `None` at the end of input. What a line has too much is read and forgotten, or it
/// would be the shell's.
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

/// The console reads line by line while this lives, without an echo where that is hidden.
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
        // Fails only where the console is gone.
        let _ = set_mode(HandleRef::stdin(), self.0);
    }
}
