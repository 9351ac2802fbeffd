//! The getimg.ai API: whether a key works, and what it cost. Only ever read, never billed.

pub mod billing;
pub mod client;
pub mod endpoint;

pub use billing::{Costs, DayCost, costs};
pub use client::{ProbeOptions, probe};
pub use endpoint::{Allow, DEVELOPER_SETTINGS, Endpoint, MalformedEndpoint};
