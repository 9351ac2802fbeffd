//! A program beside this one, whose output passes through a mask.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use zeroize::Zeroizing;

use super::child::{ExitCode, code_of};
use crate::model::KeyMask;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// Runs a program with its output masked, to its end and the end of its output.
///
/// Standard input is left as it is. When nobody reads our output any more, the program is told as if it had
/// written there itself.
///
/// # Errors
/// The program could not be started.
pub(super) fn run(command: &mut Command, mask: &KeyMask) -> io::Result<ExitCode> {
    let passed_on = signals::Passed::listen()?;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|threads| {
        let passing = passed_on.begin(&child);
        threads.spawn(|| stdout.map(|from| pump(from, io::stdout(), mask)));
        threads.spawn(|| stderr.map(|from| pump(from, io::stderr(), mask)));
        passing.until_ended();
        child.wait().map(code_of)
    })
}

/// Copies to the end, or until one side is gone; then closes the program's side.
fn pump(mut from: impl Read, mut to: impl Write, mask: &KeyMask) -> io::Result<()> {
    let mut stream = mask.stream();
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    loop {
        let count = match from.read(&mut chunk) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
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

#[cfg(unix)]
mod signals {
    use std::io::{self, IsTerminal};
    use std::process::Child;
    use std::thread::{self, JoinHandle};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
    use signal_hook::iterator::{Handle, Signals};

    /// Signals to this process, kept from the start on.
    pub(super) struct Passed(Signals);

    /// Signals on their way to a program.
    pub(super) struct Passing {
        child: Option<Pid>,
        handle: Handle,
        thread: JoinHandle<()>,
    }

    impl Passed {
        pub(super) fn listen() -> io::Result<Self> {
            Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH]).map(Self)
        }

        pub(super) fn begin(self, child: &Child) -> Passing {
            let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            let mut signals = self.0;
            let handle = signals.handle();
            let thread = thread::spawn(move || {
                for number in signals.forever() {
                    // What is typed at a terminal reaches the whole group: once is enough.
                    let typed = matches!(number, SIGINT | SIGQUIT | SIGWINCH) && in_foreground();
                    if let (false, Some(pid), Some(signal)) = (typed, pid, Signal::from_named_raw(number)) {
                        let _ = kill_process(pid, signal);
                    }
                }
            });
            Passing { child: pid, handle, thread }
        }
    }

    impl Passing {
        /// Waits without taking the end: as long as it is not taken, no other process has the same number.
        pub(super) fn until_ended(self) {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            if let Some(pid) = self.child {
                while matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {}
            }
            self.handle.close();
            let _ = self.thread.join();
        }
    }

    fn in_foreground() -> bool {
        let ours = |at: &dyn Fn() -> rustix::io::Result<Pid>| at().is_ok_and(|group| group == getpgrp());
        let stdin = io::stdin();
        let stderr = io::stderr();
        stdin.is_terminal() && ours(&|| rustix::termios::tcgetpgrp(&stdin))
            || stderr.is_terminal() && ours(&|| rustix::termios::tcgetpgrp(&stderr))
    }
}

#[cfg(not(unix))]
mod signals {
    use std::io;
    use std::process::Child;

    pub(super) struct Passed;
    pub(super) struct Passing;

    impl Passed {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn begin(self, _: &Child) -> Passing {
            Passing
        }
    }

    impl Passing {
        pub(super) fn until_ended(self) {}
    }
}
