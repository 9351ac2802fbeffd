//! Unix: a pseudo-terminal for the program's output, and the signals that are passed on to it.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process, waitid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Winsize, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::emulate_default_handler;
use signal_hook::low_level::siginfo::Cause;

use crate::system::process::of_kernel;

/// The signals that are passed on; a terminal's stop signal reaches both processes anyway.
const SIGNALS: [i32; 8] = [SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// A pseudo-terminal as wide as our terminal, to which only the program writes.
///
/// The program keeps our terminal as its input and stays in our session: Ctrl-C, Ctrl-Z and `fg` work as
/// without a mask, and our terminal's settings are never changed.
pub(super) struct OutputPty {
    ours: OwnedFd,
    theirs: OwnedFd,
}

/// Our end of the pseudo-terminal, which follows the width of our terminal.
pub(super) struct Screen(OwnedFd);

impl OutputPty {
    /// One, if standard output or standard error is a terminal.
    pub(super) fn begin() -> io::Result<Option<Self>> {
        let Some(size) = window_size() else { return Ok(None) };
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        // Our terminal translates line endings, once.
        let mut settings = tcgetattr(&theirs)?;
        settings.make_raw();
        tcsetattr(&theirs, OptionalActions::Now, &settings)?;
        tcsetwinsize(&theirs, size)?;
        Ok(Some(Self { ours, theirs }))
    }

    /// One of the program's outputs.
    pub(super) fn stdio(&self) -> io::Result<Stdio> {
        self.theirs.try_clone().map(Stdio::from)
    }

    /// Our end twice: for following the width, and for reading. Closes the program's end here. Without a second one
    /// the width does not follow.
    pub(super) fn split(self) -> (Option<Screen>, File) {
        (self.ours.try_clone().ok().map(Screen), File::from(self.ours))
    }
}

impl Screen {
    fn follow(&self) {
        if let Some(size) = window_size() {
            // The program then draws for the earlier width.
            let _ = tcsetwinsize(&self.0, size);
        }
    }
}

/// The size of our terminal.
fn window_size() -> Option<Winsize> {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    if stdout.is_terminal() {
        return tcgetwinsize(stdout).ok();
    }
    if stderr.is_terminal() { tcgetwinsize(stderr).ok() } else { None }
}

/// Signals to this process, recorded from the start.
pub(super) struct Passed(SignalsInfo<WithOrigin>);

/// Passes signals on to a program; after it has ended they are for us again.
pub(super) struct Passing {
    child: Option<Pid>,
    has_ended: Arc<AtomicBool>,
    handle: Handle,
    thread: JoinHandle<()>,
}

impl Passed {
    pub(super) fn listen() -> io::Result<Self> {
        // Signals that `nohup`, or a shell for its background job, had ignored stay ignored, for the program too.
        let ignored = ignored();
        SignalsInfo::new(SIGNALS.iter().filter(|number| ignored >> (*number - 1) & 1 == 0)).map(Self)
    }

    pub(super) fn begin(self, child: &Child, screen: Option<Screen>) -> Passing {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut signals = self.0;
        let handle = signals.handle();
        let has_ended = Arc::new(AtomicBool::new(false));
        let is_ours = Arc::clone(&has_ended);
        let thread = thread::spawn(move || {
            for origin in signals.forever() {
                let number = origin.signal;
                // Processes that the program left running may still hold its output, and we only wait for that.
                if is_ours.load(Ordering::SeqCst) {
                    // Signals without a default action are not handled.
                    let _ = emulate_default_handler(number);
                    continue;
                }
                // The program may have read the size before its pseudo-terminal had the new one: it is told again.
                screen.iter().filter(|_| number == SIGWINCH).for_each(Screen::follow);
                // A signal typed at a terminal reaches the whole process group: once is enough.
                let was_sent = matches!(origin.cause, Cause::Sent(_));
                let typed = matches!(number, SIGINT | SIGQUIT) && !was_sent && in_foreground();
                if let (false, Some(pid), Some(signal)) = (typed, pid, Signal::from_named_raw(number)) {
                    // It has ended meanwhile, and was waited for.
                    let _ = kill_process(pid, signal);
                }
            }
        });
        Passing { child: pid, has_ended, handle, thread }
    }
}

impl Passing {
    /// Waits without reaping: until it is reaped, no other process can have the same number.
    pub(super) fn until_ended(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        if let Some(pid) = self.child {
            while matches!(waitid(WaitId::Pid(pid), options), Err(rustix::io::Errno::INTR)) {}
        }
        self.has_ended.store(true, Ordering::SeqCst);
    }

    /// Stops handling signals.
    pub(super) fn end(self) {
        self.handle.close();
        // The program has ended, so its signals no longer matter.
        let _ = self.thread.join();
    }
}

/// The signals that were ignored when this program started, one bit each; none if the system does not say.
fn ignored() -> u64 {
    let status =
        of_kernel("self", "status").and_then(|text| String::from_utf8(text).ok()).unwrap_or_default();
    let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0)
}

fn in_foreground() -> bool {
    let ours = |at: &dyn Fn() -> rustix::io::Result<Pid>| at().is_ok_and(|group| group == getpgrp());
    let stdin = io::stdin();
    let (stdout, stderr) = (io::stdout(), io::stderr());
    stdin.is_terminal() && ours(&|| rustix::termios::tcgetpgrp(&stdin))
        || stdout.is_terminal() && ours(&|| rustix::termios::tcgetpgrp(&stdout))
        || stderr.is_terminal() && ours(&|| rustix::termios::tcgetpgrp(&stderr))
}
