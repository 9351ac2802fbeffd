//! What tests use from PyPI and npm, installed once into the build folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::skipped;

/// Two tests must not install the same at once.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A Python with some packages, which provide a module; `None`, with a message, if they cannot be installed.
pub fn python(name: &str, module: &str, packages: &[&str]) -> Option<PathBuf> {
    let _alone = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let works = || {
        let call = Command::new(&python).args(["-c", &format!("import {module}")]).output();
        call.is_ok_and(|output| output.status.success())
    };
    if works() {
        return Some(python);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
    let installed = Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages).output();
    if works() {
        return Some(python);
    }
    skipped(&format!("{packages:?} cannot be installed from PyPI: {} {}", said(made), said(installed)));
    None
}

/// The folder of an npm package; `None`, with a message, if it cannot be installed.
pub fn npm(package: &str) -> Option<PathBuf> {
    let _alone = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
    let installed = folder.join("node_modules").join(package);
    if installed.join("package.json").is_file() {
        return Some(installed);
    }
    std::fs::create_dir_all(&folder).unwrap();
    let quietly = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
    let done = Command::new("npm").args(quietly).arg(&folder).arg(package).output();
    if installed.join("package.json").is_file() {
        return Some(installed);
    }
    skipped(&format!("{package} cannot be installed from npm: {}", said(done)));
    None
}

fn said(run: std::io::Result<std::process::Output>) -> String {
    match run {
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(e) => e.to_string(),
    }
}
