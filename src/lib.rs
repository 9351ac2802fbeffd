//! Keeps getimg.ai API keys in the operating system's keychain, one per named environment.

pub mod api;
pub mod commands;
pub mod error;
pub mod flows;
pub mod model;
pub mod output;
pub mod store;
pub mod world;
