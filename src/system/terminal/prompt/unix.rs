//! The prompt on Unix: the terminal's mode, and signals meanwhile.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::low_level::{emulate_default_handler, pipe, unregister};
use zeroize::Zeroizing;

use super::{Echo, LINE, unreadable};
use crate::error::{Error, Result};

const SIGNALS: [i32; 5] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP];

enum Heard {
    Line(Zeroizing<Vec<u8>>),
    Signal(i32),
    End,
}

/// Every terminal can switch its echo off.
pub(super) fn can_hide() -> bool {
    true
}

/// Asks for a line; returns it without its line ending.
pub(super) fn read(question: &str, echo: Echo) -> Result<Zeroizing<Vec<u8>>> {
    let signals = Signals::listen().map_err(|_| unreadable())?;
    loop {
        let mode = Mode::begin(question, echo).map_err(|_| unreadable())?;
        let heard = signals.line_or_signal();
        drop(mode);
        if echo == Echo::Hidden || !matches!(heard, Ok(Heard::Line(_))) {
            let _ = writeln!(io::stderr().lock());
        }
        match heard.map_err(|_| unreadable())? {
            Heard::Line(line) => return Ok(line),
            Heard::Signal(SIGINT) | Heard::End => return Err(Error::cancelled()),
            Heard::Signal(other) => emulate_default_handler(other).map_err(|_| unreadable())?,
        }
    }
}

/// Puts the terminal into line mode while this lives, without an echo for a secret.
struct Mode(Termios);

impl Mode {
    fn begin(question: &str, echo: Echo) -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut mode = before.clone();
        mode.local_modes.set(LocalModes::ECHO, echo == Echo::Shown);
        mode.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(io::stdin(), OptionalActions::Now, &mode)?;
        // A user who does not see the question can still cancel.
        let _ = write!(io::stderr().lock(), "{question} ");
        Ok(Self(before))
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        // Fails only if the terminal is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// One pipe for each signal: the readable one shows which signal came.
struct Signals(Vec<(i32, UnixStream, signal_hook::SigId)>);

impl Signals {
    fn listen() -> io::Result<Self> {
        let listen = |signal| {
            let (read, write) = UnixStream::pair()?;
            read.set_nonblocking(true)?;
            Ok((signal, read, pipe::register(signal, write)?))
        };
        SIGNALS.into_iter().map(listen).collect::<io::Result<_>>().map(Self)
    }

    fn line_or_signal(&self) -> io::Result<Heard> {
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        let stdin = io::stdin();
        loop {
            let mut watched: Vec<PollFd<'_>> =
                self.0.iter().map(|(_, pipe, _)| PollFd::new(pipe, PollFlags::IN)).collect();
            watched.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
            match poll(&mut watched, None) {
                Err(Errno::INTR) => {}
                other => _ = other?,
            }
            if let Some(signal) = self.caught() {
                return Ok(Heard::Signal(signal));
            }
            if watched.last().is_some_and(|fd| !fd.revents().is_empty()) && read_some(&mut line)? {
                let whole = line.strip_suffix(b"\n").unwrap_or(&line);
                return Ok(if line.is_empty() {
                    Heard::End
                } else {
                    Heard::Line(Zeroizing::new(whole.to_vec()))
                });
            }
        }
    }

    fn caught(&self) -> Option<i32> {
        let has_come = |pipe: &UnixStream| rustix::io::read(pipe, &mut [0; 16]).is_ok_and(|n| n > 0);
        self.0.iter().find(|(_, pipe, _)| has_come(pipe)).map(|(signal, _, _)| *signal)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.0.iter().for_each(|(_, _, id)| _ = unregister(*id));
    }
}

/// Reads the available input; returns whether the line, or the input, has ended.
fn read_some(line: &mut Zeroizing<Vec<u8>>) -> io::Result<bool> {
    let mut some = Zeroizing::new([0; LINE]);
    match rustix::io::read(io::stdin(), &mut *some) {
        Ok(count) => {
            line.extend_from_slice(&some[..count]);
            Ok(count == 0 || line.ends_with(b"\n"))
        }
        Err(Errno::INTR | Errno::AGAIN) => Ok(false),
        Err(other) => Err(other.into()),
    }
}
