//! Every integration test is in this one program.

mod backup;
mod encrypted_files;
