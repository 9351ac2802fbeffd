//! Everything that is tested from outside.

mod commands;
mod repositories;
mod scan;
