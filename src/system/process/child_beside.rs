//! Runs a program beside this process, with its output masked if asked for.

use std::io::{self, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use zeroize::Zeroizing;

use super::exit_code::{self, ExitCode};
use super::{Hardened, Masking, harden};
use crate::model::KeyMask;
use platform::{OutputPty, Passed};

#[cfg(unix)]
#[path = "child_beside/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "child_beside/windows.rs"]
mod platform;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// How a program beside this one ended.
pub struct Ended {
    /// The exit code.
    pub code: ExitCode,
    /// What kept some of its output from being written, unless it was that nobody reads it any more.
    pub lost: Option<io::Error>,
}

impl From<ExitCode> for Ended {
    fn from(code: ExitCode) -> Self {
        Self { code, lost: None }
    }
}

/// Runs a program to its end, and the end of its output where that is masked.
///
/// What is masked and goes to a terminal goes through one of its own; the rest through pipes.
/// Standard input is left as it is. When nobody reads our output any more, the program is told as if it had
/// written there itself.
///
/// # Errors
/// The program could not be started.
pub(super) fn run(
    mut command: Command,
    mask: Option<(&KeyMask, Masking)>,
    hardened: Hardened,
) -> io::Result<Ended> {
    let passed_on = Passed::listen()?;
    // A machine without pseudo-terminals still masks.
    let screen = match mask {
        Some((_, Masking::Everything)) => OutputPty::begin().unwrap_or_default(),
        _ => None,
    };
    let masking = mask.map(|(_, masking)| masking);
    let place = |is_terminal| place(screen.as_ref(), masking, is_terminal);
    let (to_stdout, to_stderr) = (place(io::stdout().is_terminal())?, place(io::stderr().is_terminal())?);
    hardened.soften();
    let spawned = command.stdout(to_stdout).stderr(to_stderr).spawn();
    // This process holds the key for as long as the program runs.
    let _ = harden();
    let mut child = spawned?;
    // Its ends of the screen are the program's alone from here on, so that they close with it; so is its environment.
    drop(command);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (screen, shown) = screen.map(OutputPty::split).unzip();
    let screen = screen.flatten();
    let passing = passed_on.begin(&child, screen);
    let ended = thread::scope(|threads| {
        let pumps = mask.map(|(mask, _)| {
            [
                threads.spawn(|| shown.map_or(Ok(()), |from| pump(from, terminal(), mask))),
                threads.spawn(|| stdout.map_or(Ok(()), |from| pump(from, io::stdout(), mask))),
                threads.spawn(|| stderr.map_or(Ok(()), |from| pump(from, io::stderr(), mask))),
            ]
        });
        passing.until_ended();
        let code = child.wait().map(exit_code::of)?;
        let written = pumps.into_iter().flatten().filter_map(|pump| pump.join().ok()?.err());
        Ok(Ended { code, lost: written.into_iter().find(|why| why.kind() != io::ErrorKind::BrokenPipe) })
    });
    passing.end();
    ended
}

/// Where one of the program's outputs goes: to its screen where ours goes to a terminal, if that is masked at all.
fn place(screen: Option<&OutputPty>, masking: Option<Masking>, is_terminal: bool) -> io::Result<Stdio> {
    match (screen, masking) {
        (_, None) => Ok(Stdio::inherit()),
        (Some(screen), _) if is_terminal => screen.stdio(),
        (None, Some(Masking::AllButTerminals)) if is_terminal => Ok(Stdio::inherit()),
        _ => Ok(Stdio::piped()),
    }
}

/// Our own terminal.
fn terminal() -> Box<dyn Write> {
    if io::stdout().is_terminal() { Box::new(io::stdout()) } else { Box::new(io::stderr()) }
}

/// Copies to the end, or until one side is gone; then closes the program's side.
fn pump(mut from: impl Read, mut to: impl Write, mask: &KeyMask) -> io::Result<()> {
    let mut stream = mask.stream();
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    loop {
        let count = match from.read(&mut chunk) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            // A screen that its programs have closed says so by an error.
            Err(_) => 0,
        };
        if count == 0 {
            to.write_all(&stream.finish())?;
            return to.flush();
        }
        to.write_all(&stream.push(&chunk[..count]))?;
        to.flush()?;
    }
}
