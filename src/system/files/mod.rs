//! The files that this program reads and writes.

#[cfg(any(test, windows))]
mod access_list;
pub mod atomic_file;
pub mod config;
pub mod dotenv;
pub mod dotenv_clean;
mod dotenv_text;
pub mod log;
pub mod nudges;
pub mod ownership;
pub mod patient_file;
pub mod pin;
pub mod places;
pub mod regular_file;
pub mod resolved_path;
pub mod shell_history;
pub mod transcripts;
