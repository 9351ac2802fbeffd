//! A real client: the vendor's own SDK finds the key that `exec` and `env` hand out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{Behaviour, Home, Key, skipped};

/// Lists models through the SDK and prints their names.
const SCRIPT: &str = include_str!("sdk/list_models.py");

/// A Python that has the SDK and two more clients of HTTP, installed once into the build folder; `None`, loudly, where they
/// cannot be had.
pub(crate) fn python() -> Option<PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON.get_or_init(install).clone()
}

fn install() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    let python = folder.join("bin/python");
    let works = |python: &Path| {
        Command::new(python)
            .args(["-c", "import aiohttp, getimg, httpx"])
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if works(&python) {
        return Some(python);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
    let installed = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "aiohttp", "getimg", "httpx"])
        .output();
    if works(&python) {
        return Some(python);
    }
    let said = |run: std::io::Result<std::process::Output>| match run {
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(e) => e.to_string(),
    };
    skipped(&format!("the SDK cannot be installed from PyPI: {} {}", said(made), said(installed)));
    None
}

#[test]
fn the_vendors_sdk_lists_models_with_the_key_that_exec_hands_out() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    let home_url = home.api.url();
    let home = home.with("GETIMG_AI_BASE_URL", &home_url);
    let output = home.run(&["exec", "dev", "--", python.to_str().unwrap(), "-c", SCRIPT], "");
    assert_eq!((output.stdout.as_str(), output.code), ("seedream-4\n", 0), "{}", output.stderr);
    let seen = home.api.seen();
    assert!(seen.iter().all(|s| s.path == "/v2/models" && s.key == home.key("dev").0) && !seen.is_empty());
}

#[test]
fn the_vendors_sdk_finds_the_key_in_a_shell_that_evaluated_env() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    let home_url = home.api.url();
    let home = home.with("GETIMG_AI_BASE_URL", &home_url).with("SCRIPT", SCRIPT);
    let script = format!("eval $(getimg-keys env prod); '{}' -c \"$SCRIPT\"", python.display());
    let output = home.shell("sh", &script);
    assert_eq!((output.stdout.as_str(), output.code), ("seedream-4\n", 0), "{}", output.stderr);
    assert_eq!(home.api.seen()[0].key, home.key("prod").0);
}

#[test]
fn a_key_that_the_api_refuses_is_refused_to_the_sdk_too() {
    let Some(python) = python() else { return };
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Revoked);
    home.add("dev");
    let home_url = home.api.url();
    let home = home.with("GETIMG_AI_BASE_URL", &home_url);
    let output = home.run(&["exec", "dev", "--", python.to_str().unwrap(), "-c", SCRIPT], "");
    assert!(output.stderr.contains("Incorrect API key provided"), "{}", output.stderr);
    assert_eq!(output.code, 1);
    assert_eq!(home.run(&["verify", "dev"], "").code, 4);
}
