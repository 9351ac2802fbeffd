//! Everything that is tested from outside: the real program, real keychains, real shells, a real server.

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
#[cfg(unix)]
mod backup;
mod docs;
#[cfg(unix)]
mod encrypted_files;
#[cfg(target_os = "linux")]
mod file_store;
#[cfg(unix)]
mod repositories;
#[cfg(unix)]
mod scan;

#[cfg(target_os = "linux")]
mod journeys;
#[cfg(target_os = "linux")]
mod commands {
    mod add;
    mod current;
    mod env;
    mod exec;
    mod guard;
    mod help;
    mod list;
    mod note;
    mod protect;
    mod remove;
    mod rename;
    mod scan;
    mod status;
    mod unset;
    mod r#use;
    mod verify;
}
