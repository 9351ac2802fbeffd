//! The files this program reads and writes, one kind a file.

pub mod config;
pub mod dotenv;
pub mod dotenv_clean;
pub mod log;
pub mod nudges;
pub mod pin;
pub mod places;
pub mod private_files;
pub mod public_files;
pub mod replacement;
pub mod shell_history;
pub mod whole_files;
