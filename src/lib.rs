//! Keeps getimg.ai API keys in the operating system's keychain, one per named environment.

pub mod api;
pub mod backend;
pub mod broker;
pub mod cli;
pub mod commands;
pub mod demo;
pub mod error;
pub mod flows;
pub mod git;
pub mod hint;
pub mod model;
pub mod output;
pub mod push;
pub mod scan;
pub mod shell;
pub mod system;
