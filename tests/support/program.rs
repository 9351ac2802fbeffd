//! Programs that a test writes and then runs.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a program, and the folders for it.
///
/// Another process does that: if this one had the file open for writing, a child that another test is just starting
/// would have it open too, and it could not be run meanwhile ("text file busy").
pub fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut sh = Command::new("sh");
    sh.args(["-c", r#"cat >"$1" && chmod 755 "$1""#, "sh"]).arg(path).stdin(Stdio::piped());
    let mut child = sh.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{}", path.display());
}

/// Copies the program that is tested, by another process for the same reason.
pub fn copy(to: &Path) {
    let mut cp = Command::new("cp");
    assert!(
        cp.arg(env!("CARGO_BIN_EXE_getimg-keys")).arg(to).status().unwrap().success(),
        "{}",
        to.display()
    );
}
