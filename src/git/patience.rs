//! How long to wait for git: as long as it works or answers, but not for ever if it does neither.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::system::files::regular_file::{self, Trust};

/// How long git may neither answer nor compute. Only waiting for something else takes that long.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same if it is unknown whether it computes.
const BLIND: Duration = Duration::from_secs(600);
const GLANCE: Duration = Duration::from_millis(100);

/// One call of git, watched while we wait for its answer.
pub(super) struct Watch {
    process: u32,
    begin: Instant,
    /// Since when we wait for its output, in milliseconds after `begin`; 0 while we do not.
    waiting: AtomicU64,
    is_over: AtomicBool,
    gave_up: AtomicBool,
}

/// Its output, watched.
pub(super) struct Watched<'a, R> {
    from: R,
    watch: &'a Watch,
}

impl Watch {
    pub(super) fn of(process: u32) -> Self {
        let never = || AtomicBool::new(false);
        Self {
            process,
            begin: Instant::now(),
            waiting: AtomicU64::new(0),
            is_over: never(),
            gave_up: never(),
        }
    }

    pub(super) fn output<R: Read>(&self, from: R) -> Watched<'_, R> {
        Watched { from, watch: self }
    }

    /// Watches until the call is over; ends git if it does nothing.
    pub(super) fn look_on(&self) {
        let (mut since, mut worked) = (0, None);
        while !self.is_over.load(Ordering::Relaxed) {
            std::thread::park_timeout(GLANCE);
            let (waiting, work) = (self.waiting.load(Ordering::Relaxed), Work::of(self.process));
            // Where others use all cores, it may get none for long.
            let would_work = work.is_some_and(|work| work.may_run);
            if waiting == 0 || would_work || worked != work {
                (since, worked) = (self.now(), work);
                continue;
            }
            let patience = if work.is_some() { PATIENCE } else { BLIND };
            let idle = Duration::from_millis(self.now().saturating_sub(since.max(waiting)));
            if idle > patience {
                self.gave_up.store(true, Ordering::Relaxed);
                end(self.process);
                return;
            }
        }
    }

    /// Says that the call is over.
    pub(super) fn over(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether git was ended because it did nothing.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.waiting.store(self.watch.now(), Ordering::Relaxed);
        let count = self.from.read(buffer);
        self.watch.waiting.store(0, Ordering::Relaxed);
        count
    }
}

/// What the system says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    /// Its processor time, in the system's ticks.
    time: u64,
    /// Whether it computes, or waits for nothing but a core.
    may_run: bool,
}

impl Work {
    /// `None` if the system does not say.
    fn of(process: u32) -> Option<Self> {
        let path = PathBuf::from(format!("/proc/{process}/stat"));
        Self::parse(&regular_file::read_text(&path, 4096, Trust::Anyones).ok()?)
    }

    fn parse(stat: &str) -> Option<Self> {
        // The program's name, in brackets, may hold spaces and brackets.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let time = |field: usize| fields.get(field)?.parse::<u64>().ok();
        Some(Self { time: time(11)? + time(12)?, may_run: *fields.first()? == "R" })
    }
}

#[cfg(unix)]
fn end(process: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    // It was not reaped yet, so the number is still its own; a process that has ended needs no signal.
    let _ = process.map(|process| kill_process(process, Signal::KILL));
}

/// On this system a file that is opened always answers.
#[cfg(not(unix))]
fn end(_: u32) {}

#[cfg(test)]
mod tests {
    use super::Work;

    #[test]
    fn a_process_that_waits_for_a_core_alone_may_run() {
        let stat = |name: &str, state: &str| {
            format!("7 ({name}) {state} 1 7 7 0 -1 4194560 90 0 0 0 3 4 0 0 20 0 1 0 9 9 9 9")
        };
        for (name, state, may_run) in [("git", "R", true), ("a) R (b", "S", false), ("git", "D", false)] {
            assert_eq!(Work::parse(&stat(name, state)), Some(Work { time: 7, may_run }), "{name} {state}");
        }
        assert_eq!(Work::parse("7 (git) R 1 2"), None);
    }
}
