//! The relay of `exec --broker`: a program uses a key without having it.
//!
//! Pure functions decide what may pass and what is removed from answers; `relay` and the files below
//! it do the network input and output.

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
