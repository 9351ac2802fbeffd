//! Runs a program as a child, with its output masked if requested.

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

/// The bytes of one read.
const CHUNK: usize = 16 * 1024;

/// How a child ended.
pub struct Ended {
    /// The exit code.
    pub code: ExitCode,
    /// The error that kept some of its output from being written, except that nobody reads it any more.
    pub lost: Option<io::Error>,
}

impl From<ExitCode> for Ended {
    fn from(code: ExitCode) -> Self {
        Self { code, lost: None }
    }
}

/// Runs a program until it ends and, if its output is masked, until the output ends.
///
/// Masked output to a terminal goes through a pseudo-terminal; other masked output goes through pipes.
/// Standard input is not changed. If nobody reads our output any more, the program gets the same error as if it had
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
    // From here on only the program holds its ends of the pseudo-terminal and its environment, so that they close with
    // it.
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

/// Where one of the program's outputs goes: to its pseudo-terminal if ours goes to a terminal and that is masked.
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
            // A pseudo-terminal that its programs have closed returns an error.
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
