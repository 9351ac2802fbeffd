//! The nouns: what a key, a profile and a verdict are.
//!
//! Nothing here reads a file, a clock or the environment; every fact comes in as an argument.

pub mod api_key;
pub mod fingerprint;
pub mod profile_name;
pub mod verification;

pub use api_key::{ApiKey, KeyKind, MalformedKey};
pub use fingerprint::Fingerprint;
pub use profile_name::ProfileName;
pub use verification::{Attempt, Conclusive, Funds, Probe, Reason, Verdict, VerdictName, Verification};
