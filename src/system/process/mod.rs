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

use crate::system::variables::Variables;

/// The soft limit of core dumps as it was, to be given back to a child.
#[derive(Clone, Copy, Debug)]
pub struct Hardened {
    #[cfg(unix)]
    core: rustix::process::Rlimit,
}

/// What `exec` masks of a program's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// All of it; a terminal goes through one of its own.
    Everything,
    /// Whatever does not go to a terminal.
    AllButTerminals,
}

/// Turns core dumps off, and on Linux reading this process's memory by others of the same user.
///
/// Called first thing; where the system has no such limits, or refuses, the process is as safe as any other.
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
    /// Gives the limit back, just before a child takes this process's place. Within the hard limit, which was kept, it may.
    pub fn soften(self) {
        #[cfg(unix)]
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, self.core);
    }
}

/// Where this program is, as it was called: a link, which an upgrade leads elsewhere, is not followed.
///
/// # Errors
/// The system does not tell.
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
    // Whoever starts a program says what it is called.
    let is_this = |place: &std::path::PathBuf| match &real {
        Ok(real) => {
            place.canonicalize().is_ok_and(|found| real.canonicalize().is_ok_and(|real| real == found))
        }
        // Without /proc there is nothing to hold it against.
        Err(_) => place.is_file(),
    };
    places.into_iter().find(is_this).map_or(real, Ok)
}

/// Lets a panic end the process with exit code 1 and a fixed text: its own words could hold a key.
pub fn say_nothing_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        use std::io::Write;
        let place = panic.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        // With standard error closed, the exit code alone tells.
        let _ = writeln!(
            std::io::stderr(),
            "error: internal error{place}; please report it\n\nhint: getimg-keys doctor"
        );
        #[expect(clippy::disallowed_methods, reason = "an abort would end with a signal")]
        std::process::exit(1);
    }));
}
