//! Keeps getimg.ai API keys in the operating system's keychain, one per named environment.

pub mod model;
pub mod scan;
pub mod store;
