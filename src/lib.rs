//! Keeps getimg.ai API keys in the operating system's keychain, one per named environment.

pub mod api;
pub mod model;
pub mod store;
