//! What the tests from outside share: real keychains, a real TLS server, temporary homes, made-up keys.

pub mod api_server;
pub mod bao;
#[cfg(unix)]
pub mod bare_home;
pub mod canary;
pub mod certificate;
pub mod command_line;
pub mod home;
#[cfg(unix)]
pub mod instructions;
pub mod middle;
pub mod packages;
pub mod program;
#[cfg(unix)]
pub mod quick_files;
pub mod raw_api;
pub mod relay;
#[cfg(unix)]
pub mod repositories;
pub mod scrub;
pub mod session;
pub mod team;

use std::process::{Command, Stdio};

pub use api_server::{ApiServer, Behaviour};
pub use canary::Key;
pub use home::Home;
pub use session::Session;
pub use team::Team;

/// The value of `$COLUMNS` that keeps messages on one line; tests/commands/width.rs tests how they wrap.
pub const ONE_LINE: &str = "10000";

/// Prints, although the test's output is captured, that something was not tested.
pub fn skipped(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// Whether a program is installed; prints what is not tested without it.
pub fn have(program: &str) -> bool {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        skipped(&format!("`{program}` is not installed"));
    }
    found
}
