//! How many instructions a program takes, which no other load changes.

use std::process::Command;

use super::home::finish;
use super::{Home, skipped};

/// Whether callgrind is installed; prints a message if not.
pub fn can_be_counted(what: &str) -> bool {
    let there = Command::new("valgrind").arg("--version").output().is_ok();
    if !there {
        skipped(&format!("the instructions of {what}: there is no valgrind here"));
    }
    there
}

/// The instructions of one run of the tested program, and its exit code.
pub fn counted(home: &Home, arguments: &[&str]) -> (u64, i32) {
    counted_by(&mut home.program("valgrind"), arguments)
}

/// The same, with other arguments of `valgrind`.
pub fn counted_by(valgrind: &mut Command, arguments: &[&str]) -> (u64, i32) {
    let program = env!("CARGO_BIN_EXE_getimg-keys");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", program]);
    let output = finish(valgrind.args(arguments), "");
    let count = output.stderr.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, n)| n.trim());
    let count = count.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("no count: {}", output.stderr));
    (count, output.code)
}
