//! The commands, run as a person runs them: one file a command.

mod guard;
mod scan;
