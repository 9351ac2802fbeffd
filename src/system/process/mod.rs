//! Keeps other processes from reading this one's memory.

pub mod ancestors;
pub mod call;
pub mod child;
mod child_beside;
pub mod end_asked_for;
pub mod exit_code;
pub mod fed_program;
pub mod open_files;
pub mod other_programs;

use self::exit_code::ExitCode;
#[cfg(unix)]
use crate::system::files::regular_file::{self, Trust};
use crate::system::variables::Variables;

/// More than the arguments of a program may have by `execve(2)`: 6 MiB.
#[cfg(unix)]
const LONGEST_OF_KERNEL: u64 = 8 << 20;

/// The earlier soft limit of core dumps, to be restored for a child.
#[derive(Clone, Copy, Debug)]
pub struct Hardened {
    #[cfg(unix)]
    core: rustix::process::Rlimit,
}

/// What `exec` masks in a program's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// All of it; a terminal is replaced by a pseudo-terminal.
    Everything,
    /// All output that does not go to a terminal.
    AllButTerminals,
}

/// Turns core dumps off and, on Linux, prevents other processes of the same user from reading this process's memory.
///
/// Called first; if the system has no such limits, or refuses, the process is as safe as any other.
pub fn harden() -> Hardened {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let core = getrlimit(Resource::Core);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: core.maximum });
        Hardened { core }
    }
    #[cfg(not(unix))]
    Hardened {}
}

impl Hardened {
    /// Restores the limit just before a child replaces this process. The kept hard limit allows it.
    pub fn soften(self) {
        #[cfg(unix)]
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, self.core);
    }
}

/// The path of this program as it was called: links are not followed, because an upgrade changes their target.
///
/// # Errors
/// The system does not say.
pub fn this_program(variables: &Variables) -> std::io::Result<std::path::PathBuf> {
    let real = std::env::current_exe();
    let called = std::path::PathBuf::from(std::env::args_os().next().unwrap_or_default());
    let places: Vec<_> = match called.components().count() {
        1 => {
            let folders = variables.path("PATH").unwrap_or_default();
            let folders = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
            folders
                .map(|folder| folder.join(&called).with_extension(std::env::consts::EXE_EXTENSION))
                .collect()
        }
        _ => std::path::absolute(&called).into_iter().collect(),
    };
    // The parent process chooses the name by which a program is called.
    let is_this = |place: &std::path::PathBuf| match &real {
        Ok(real) => {
            place.canonicalize().is_ok_and(|found| real.canonicalize().is_ok_and(|real| real == found))
        }
        // Without /proc there is nothing to compare it with.
        Err(_) => place.is_file(),
    };
    places.into_iter().find(is_this).map_or(real, Ok)
}

/// Makes a panic end the process with exit code 1 and a fixed text: the panic's own message could contain a key.
pub fn say_nothing_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        use std::io::Write;
        let place = panic.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        // If standard error is closed, there is only the exit code.
        let _ = writeln!(
            std::io::stderr(),
            "error: internal error{place}; please report it\n\nhint: getimg-keys doctor"
        );
        end(1);
    }));
}

/// Ends the process. An exit code has 32 bits on Windows, Rust's `ExitCode` eight; a panic's abort would be a signal.
#[expect(clippy::disallowed_methods, reason = "this is the one place that ends the process")]
pub fn end(code: ExitCode) -> ! {
    std::process::exit(code)
}

/// What the kernel says of a process, `self` for this one; `None` where there is no `proc(5)` or it does not say.
#[cfg(unix)]
fn of_kernel(process: impl std::fmt::Display, file: &str) -> Option<Vec<u8>> {
    let path = format!("/proc/{process}/{file}");
    regular_file::read(path.as_ref(), LONGEST_OF_KERNEL, Trust::Anyones).ok()
}
