//! How the release is linked for Linux, where it runs at every prompt. What the program does is the same without it.
//!
//! - What the commands of a prompt run lies side by side, so that less of the program is mapped. `tests/bench/layout`
//!   writes the names down; one that is no longer there changes nothing.
//! - The unwinder is linked in: the libc is then the only library to be loaded at each start.
//! - The tables it would read are left out, a fifteenth of the program: a panic ends the process where it stands.
//!
//! All are left out where another linker is asked for, which might not know a script.

#![expect(clippy::disallowed_methods, clippy::disallowed_macros, reason = "cargo speaks through both")]

use std::env::var;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// One function a line, as the compiler calls it, with `*` for what changes from build to build.
const FUNCTIONS: &str = "tests/bench/hot_functions.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FUNCTIONS}");
    if !is_release_for_linux() {
        return Ok(());
    }
    let script = Path::new(&var("OUT_DIR")?).join("hot.ld");
    fs::write(&script, linker_script(&fs::read_to_string(FUNCTIONS)?))?;
    println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    if has_static_unwinder() {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    Ok(())
}

/// Whether rustc links with its own linker, which it does for this target alone.
fn is_release_for_linux() -> bool {
    let is = |name: &str, value: &str| var(name).is_ok_and(|v| v == value);
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    is("PROFILE", "release")
        && is("TARGET", "x86_64-unknown-linux-gnu")
        && env::var_os("RUSTC_LINKER").is_none()
        && !["linker", "fuse-ld"].iter().any(|flag| flags.contains(flag))
}

/// A linker script that adds one section before all other code, and takes out what only unwinding needs.
fn linker_script(functions: &str) -> String {
    let names = functions.lines().filter(|line| line.starts_with('_'));
    let sections: String = names.map(|name| format!("    *(.text*.{name})\n")).collect();
    format!(
        "SECTIONS {{\n  .text.hot : {{\n{sections}  }}\n\
        \x20 /DISCARD/ : {{ *(.eh_frame .gcc_except_table .gcc_except_table.*) }}\n}}\n\
        INSERT BEFORE .text;\n"
    )
}

/// The C compiler answers with a path where it has the library, and with the bare name where not.
fn has_static_unwinder() -> bool {
    let answer = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    answer.is_ok_and(|o| Path::new(String::from_utf8_lossy(&o.stdout).trim()).is_absolute())
}
