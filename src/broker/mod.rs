//! The relay of `exec --broker`: a program uses a key without having it.
//!
//! What may pass, and what is taken out of what comes back, is decided by pure functions; `relay` and the files below
//! it are the wire.

pub mod chunks;
pub mod head;
pub mod limits;
pub mod model_of;
mod refusal;
pub mod relay;
pub mod scrub;
pub mod sizes;
pub mod target;
pub mod token;

pub use limits::Limits;
pub use refusal::Refusal;
pub use relay::{Passed, Relay, Setup, Totals};
