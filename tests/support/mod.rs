//! What the tests from outside stand on: real keychains, a real TLS server, throw-away homes, made-up keys.

pub mod api_server;
pub mod canary;
pub mod certificate;
pub mod home;
pub mod scrub;
pub mod session;

pub use api_server::{ApiServer, Behaviour};
pub use canary::Key;
pub use home::Home;
pub use session::Session;
