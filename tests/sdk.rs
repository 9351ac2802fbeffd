//! A real client: the vendor's own SDK finds the key from `exec` and `env`.

use std::path::PathBuf;

use crate::support::{Behaviour, Home, Key, packages};

/// Lists models with the SDK and prints their names.
const SCRIPT: &str = include_str!("sdk/list_models.py");

/// A Python with the SDK and two other HTTP clients; `None`, with a message, if they cannot be installed.
pub(crate) fn python() -> Option<PathBuf> {
    packages::python("sdk", "aiohttp, getimg, httpx", &["aiohttp", "getimg", "httpx"])
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
