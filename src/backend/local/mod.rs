//! The stores of one machine: the operating system's keychain, or encrypted files.

pub mod encrypted_files;
pub mod keychain;
pub mod session;
