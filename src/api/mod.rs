//! The getimg.ai API: whether a key is valid, and what it cost. Requests only read, and cost nothing.

pub mod answer;
pub mod billing;
pub mod client;
mod connected;
mod credential;
pub mod endpoint;
mod failure;
mod inquiry;
mod transport;
pub mod upstream;

pub use billing::{Costs, DayCost, costs};
pub use client::{ProbeOptions, probe};
pub use credential::made_up_key;
pub use endpoint::{Allow, DEVELOPER_SETTINGS, Endpoint, MalformedEndpoint};

#[cfg(test)]
mod tests;
