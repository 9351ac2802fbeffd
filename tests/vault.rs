//! The vault store by a real OpenBao: homes that share profiles, what goes wrong, what a token needs.
#![expect(clippy::disallowed_methods, reason = "these tests look at files and start programs")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod at_once;
mod by_hand;
mod everywhere;
mod policies;
mod sharing;
pub(crate) mod teams;
mod troubles;
mod writing;
