//! The vault, with a real OpenBao: homes that share profiles, what goes wrong, which rights a token needs.

mod at_once;
mod by_hand;
mod everywhere;
mod policies;
mod sharing;
pub(crate) mod teams;
mod troubles;
mod writing;
