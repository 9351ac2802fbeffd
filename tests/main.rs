//! Everything that is tested from outside.

mod backup;
mod encrypted_files;
mod file_store;
