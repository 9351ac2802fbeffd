//! Programs that a test writes, or finds, and then runs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
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

/// The file that a name stands for: the program that is tested, or one in our `PATH`. The name itself, if there is none
/// or if it is a path.
///
/// To look in the child's `PATH` itself, the system first copies the tables of this process's memory for it.
pub fn file(name: &str) -> PathBuf {
    if name.contains('/') {
        return name.into();
    }
    let tested = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap().to_owned();
    let folders = std::env::var_os("PATH").unwrap();
    std::iter::once(tested)
        .chain(std::env::split_paths(&folders))
        .map(|folder| folder.join(name))
        .find(|file| file.is_absolute() && file.is_file())
        .unwrap_or_else(|| name.into())
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
