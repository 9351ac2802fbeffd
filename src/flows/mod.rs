//! What several commands do in the same way: select a profile, choose a store, take in a new key, hand one out.

pub mod add_profile;
pub mod admit;
pub mod agents;
pub mod audit;
pub mod choose_store;
pub mod commit_guard;
pub mod every_key;
pub mod first_key;
pub mod hand_out;
pub mod journal;
pub mod new_key;
pub mod open_store;
pub mod passphrase;
pub mod push;
pub mod recover;
pub mod relay;
pub mod select_profile;
pub mod shell_text;
pub mod shell_variable;
pub mod unset_secret;
pub mod usage_log;
