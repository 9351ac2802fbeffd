//! Programs that are started without a key.

#![expect(clippy::disallowed_methods, reason = "this file is where they are started")]

use std::process::Command;

/// Opens an address in the person's browser; whether one was found.
pub fn open_browser(address: &str) -> bool {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    output(opener, &[address]).is_some()
}

/// What a program prints, trimmed, if it can be started and succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
