//! The demonstration: runs this program as a user would, in a temporary home and against a local server for the API.
//!
//! Nothing here knows how the commands work: they are run as programs, and judged by their exit codes and output.

mod home;
mod key;
mod play;
mod scenes;
mod stand_in;
mod steps;

pub use home::Home;
pub use play::{Moment, Told, play};
pub use stand_in::{Answers, StandIn, as_documented};
