//! The vault store by a real OpenBao: homes that share profiles, what goes wrong, what a token needs.

mod at_once;
mod by_hand;
mod everywhere;
mod policies;
mod sharing;
pub(crate) mod teams;
mod troubles;
mod writing;
