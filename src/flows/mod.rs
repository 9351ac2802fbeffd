//! What several commands do alike: which profile, which store, a new key, a key handed out.

pub mod hand_out;
pub mod new_key;
pub mod open_store;
pub mod record;
pub mod settle;
pub mod which;
