//! The getimg.ai API: whether a key works, and what it cost. Only ever read, never billed.

pub mod answer;
pub mod billing;
pub mod client;
mod connected;
mod credential;
pub mod endpoint;
mod failure;
mod inquiry;
pub mod network;
mod transport;

pub use billing::{Costs, DayCost, costs};
pub use client::{ProbeOptions, probe};
pub use endpoint::{Allow, DEVELOPER_SETTINGS, Endpoint, MalformedEndpoint};
pub use network::Network;

#[cfg(test)]
mod tests;
