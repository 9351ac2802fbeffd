//! The parent processes, each with its program.

/// An ancestor process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Its process number.
    pub id: u32,
    /// The program it runs, never the name of a script. `None` if the system does not say.
    pub program: Option<String>,
}

/// How many ancestors are read.
const FURTHEST: usize = 64;

/// The parent, its parent, and so on, as far as the system says.
pub fn ancestors() -> impl Iterator<Item = Ancestor> {
    platform::ancestors()
}

/// The name by which a process' program was called, for a person to recognize; `None` if the system does not say.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn called(id: u32) -> Option<String> {
    let line = super::of_kernel(id, "cmdline")?;
    let first = line.split(|byte| *byte == 0).next()?;
    let name = String::from_utf8_lossy(first).rsplit('/').next()?.to_owned();
    (!name.is_empty()).then_some(name)
}

/// A multi-call program, such as busybox, is chosen by the name that it is called by; any other is its own file.
#[cfg(any(target_os = "linux", test))]
fn chosen(program: &str, arguments: impl FnOnce() -> Vec<u8>) -> String {
    let file = |path: &str| path.rsplit('/').next().unwrap_or_default().trim_start_matches('-').to_owned();
    let program = file(program.strip_suffix(" (deleted)").unwrap_or(program));
    let is_many = |name: &str| name.starts_with("busybox") || name.starts_with("toybox");
    if !is_many(&program) {
        return program;
    }
    let arguments = arguments();
    let mut words = arguments.split(|byte| *byte == 0).map(|word| file(&String::from_utf8_lossy(word)));
    words.find(|word| !is_many(word)).unwrap_or(program)
}

#[cfg(target_os = "linux")]
mod platform {
    use super::{Ancestor, FURTHEST, chosen};
    use crate::system::process::of_kernel;

    /// `proc(5)`: `exe` is a link to the program, `stat` has the parent's number in the second field after the name.
    pub(super) fn ancestors() -> impl Iterator<Item = Ancestor> {
        let parent = rustix::process::getppid().map(|id| id.as_raw_nonzero().get().unsigned_abs());
        let above = |id: &u32| {
            let stat = String::from_utf8(of_kernel(id, "stat")?).ok()?;
            let (_, rest) = stat.rsplit_once(')')?;
            rest.split_whitespace().nth(1)?.parse().ok().filter(|id| *id != 0)
        };
        std::iter::successors(parent, above).take(FURTHEST).map(|id| Ancestor { id, program: program(id) })
    }

    /// For another user's program this is unknown; the name by which it was called could be anything, so it is not
    /// used.
    fn program(id: u32) -> Option<String> {
        let program = std::fs::read_link(format!("/proc/{id}/exe")).ok()?;
        // Without them it counts as busybox itself.
        let arguments = || of_kernel(id, "cmdline").unwrap_or_default();
        Some(chosen(&program.to_string_lossy(), arguments))
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod platform {
    use std::collections::HashMap;

    use super::{Ancestor, FURTHEST};
    use crate::system::process::other_programs;

    /// `ps` of macOS and the BSDs prints a program's path as `comm`: for a script, its interpreter's. Without its
    /// answer no parent shell is known.
    pub(super) fn ancestors() -> impl Iterator<Item = Ancestor> {
        let listed = other_programs::output("/bin/ps", &["-axo", "pid=,ppid=,comm="]).unwrap_or_default();
        let process = |line: &str| {
            let (id, rest) = line.trim_start().split_once(' ')?;
            let (above, program) = rest.trim_start().split_once(' ')?;
            Some((id.parse().ok()?, (above.parse().ok()?, program.trim().to_owned())))
        };
        let all: HashMap<u32, (u32, String)> = listed.lines().filter_map(process).collect();
        let parent = rustix::process::getppid().map(|id| id.as_raw_nonzero().get().unsigned_abs());
        std::iter::successors(parent, |id| all.get(id).map(|(above, _)| *above).filter(|id| *id != 0))
            .take(FURTHEST)
            .map(|id| Ancestor { id, program: all.get(&id).map(|(_, program)| program.clone()) })
            .collect::<Vec<_>>()
            .into_iter()
    }
}

#[cfg(windows)]
mod platform {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, get_current_pid};

    use super::{Ancestor, FURTHEST};

    /// One snapshot of all processes. A parent that started after its child is not the parent: its number was reused.
    pub(super) fn ancestors() -> impl Iterator<Item = Ancestor> {
        let mut system = System::new_with_specifics(RefreshKind::nothing());
        system.refresh_processes_specifics(ProcessesToUpdate::All, false, ProcessRefreshKind::nothing());
        let own = get_current_pid().ok().and_then(|id| system.process(id));
        std::iter::successors(own, |below| {
            let above = system.process(below.parent()?)?;
            (above.start_time() <= below.start_time()).then_some(above)
        })
        .skip(1)
        .take(FURTHEST)
        .map(|process| Ancestor {
            id: process.pid().as_u32(),
            program: Some(process.name().to_string_lossy().into_owned()),
        })
        .collect::<Vec<_>>()
        .into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_what_it_runs_and_one_that_is_many_what_it_is_called_by() {
        let table: [(&str, &[u8], &str); 7] = [
            ("/usr/bin/bash", b"/bin/sh\0./fish\0", "bash"),
            ("/usr/bin/zsh (deleted)", b"-zsh\0", "zsh"),
            ("/bin/busybox", b"-ash\0", "ash"),
            ("/bin/busybox", b"/bin/busybox\0sh\0x\0", "sh"),
            ("/bin/busybox.static", b"busybox\0timeout\x005\0", "timeout"),
            ("/bin/busybox", b"", ""),
            ("/opt/a b/fish", b"fish\0", "fish"),
        ];
        for (program, arguments, chosen_one) in table {
            assert_eq!(chosen(program, || arguments.to_vec()), chosen_one, "{program}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_parent_is_the_first() {
        let parent = rustix::process::getppid().map(|id| id.as_raw_nonzero().get().unsigned_abs());
        assert_eq!(ancestors().next().map(|ancestor| ancestor.id), parent);
    }
}
