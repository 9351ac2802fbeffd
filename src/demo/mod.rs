//! The demonstration: this program run as a user runs it, in a temporary home and with a stand-in for the API.
//!
//! Nothing here knows what the commands do: they are run as programs, and judged by their exit codes and what they say.

mod home;
mod key;
mod play;
mod scenes;
mod stand_in;
mod steps;

pub use home::Home;
pub use play::{Moment, Told, play};
pub use stand_in::{Answers, StandIn, as_documented};
