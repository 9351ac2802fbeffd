//! Tests from outside: the real program, real keychains, real shells, a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    missing_docs,
    unreachable_pub,
    reason = "a test may panic, start programs, read files and print"
)]
#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, unused_imports, reason = "no keychain of one's own there")
)]

mod support;

mod architecture;
#[cfg(target_os = "linux")]
mod attacks {
    mod backups;
    mod doors;
    mod forged;
    mod lazy_fetch;
    mod network;
    mod programs;
    mod repositories;
    mod rogue_keychain;
    mod words;
}
#[cfg(unix)]
mod backup;
#[cfg(target_os = "linux")]
mod broker;
mod docs;
#[cfg(unix)]
mod encrypted_files;
#[cfg(target_os = "linux")]
mod environment;
mod everywhere;
#[cfg(target_os = "linux")]
mod instructions;
#[cfg(unix)]
mod journal;
#[cfg(target_os = "linux")]
mod journeys;
#[cfg(target_os = "linux")]
mod commands {
    mod add;
    mod agents;
    mod allow;
    mod backup;
    mod check;
    mod completions;
    mod compromised;
    mod current;
    mod demo;
    mod doctor;
    mod env;
    mod exec;
    mod exec_mask;
    mod guard;
    mod help;
    mod import;
    mod list;
    mod log;
    mod man;
    mod mcp;
    mod note;
    mod protect;
    pub(crate) mod push;
    mod remove;
    mod rename;
    mod restore;
    mod rotate;
    pub mod scan;
    mod status;
    mod store;
    mod unlock;
    mod unset;
    mod r#use;
    mod verify;
    mod width;
}
#[cfg(target_os = "linux")]
mod faults {
    mod buses;
    mod certificates;
    mod clock;
    mod collections;
    mod crashes;
    mod entries;
    mod folders;
    mod hints;
    mod homeless;
    mod hostile_names;
    mod import;
    mod keychain;
    pub mod kills;
    mod locks;
    mod memory;
    mod middle;
    mod no_input;
    mod nudges;
    mod odd_bytes;
    mod panics;
    mod pasted;
    mod pin;
    mod pins;
    pub mod profile_file;
    mod prompt;
    mod quiet;
    mod scene;
    mod secrets;
    mod settings;
}
#[cfg(unix)]
mod fuzz {
    mod bodies;
    mod corpus;
}
#[cfg(target_os = "linux")]
mod reliability;
#[cfg(target_os = "linux")]
mod scan;
#[cfg(target_os = "linux")]
mod screens;
#[cfg(target_os = "linux")]
mod sdk;
#[cfg(unix)]
mod shells;
#[cfg(target_os = "linux")]
mod vault;
#[cfg(windows)]
mod windows;

#[cfg(not(target_os = "linux"))]
#[test]
fn what_needs_a_keychain_of_its_own_is_tested_on_linux() {
    support::skipped("journeys, commands, faults and the SDK need a keychain that a test may make and break");
}
