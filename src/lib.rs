//! Keeps getimg.ai API keys in the operating system's keychain, one per named environment.

pub mod api;
pub mod cli;
pub mod commands;
pub mod error;
pub mod flows;
pub mod globals;
pub mod model;
pub mod output;
pub mod replacement;
pub mod scan;
pub mod shell;
pub mod store;
pub mod usage;
pub mod world;
