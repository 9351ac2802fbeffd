//! The client against servers on this machine, good ones and bad ones.

mod faults;
mod proxies;
mod server;
mod wire;

use std::time::Duration;

use zeroize::Zeroizing;

use crate::model::{ApiKey, Funds, Probe, Reason, Untrusted, Verdict};

use super::Endpoint;
use super::client::{ProbeOptions, probe_by};
use super::transport::{Transport, builder};
use server::Server;

const BALANCE: &str = r#"{"balance":"12.50","currency":"USD"}"#;
const REFUSED: &str = r#"{"error":{"message":"Incorrect API key provided.","code":"invalid_api_key"}}"#;

/// A key that nobody has, a different one for each number.
fn key(number: usize) -> ApiKey {
    ApiKey::parse(Zeroizing::new(format!("sk_{}{number:04}", "aB3".repeat(10)))).unwrap()
}

fn options(milliseconds: u64) -> ProbeOptions {
    ProbeOptions { timeout: Duration::from_millis(milliseconds), strict: false }
}

/// Probes with this server's certificate trusted, as if the machine knew it.
fn probe(server: &Server, keys: &[&ApiKey], options: ProbeOptions) -> Vec<Probe> {
    let endpoint = server.endpoint();
    let (to, trusted) = (endpoint.clone(), server.certificate.clone());
    let client = move || builder(&to).tls_certs_only(trusted.clone());
    let mut done = Vec::new();
    let mut on_done = |index| done.push(index);
    let probes = probe_by(Transport::build(client, None), &endpoint, keys, &options, &mut on_done);
    done.sort_unstable();
    assert_eq!(done, (0..keys.len()).collect::<Vec<_>>(), "each key's end is told once");
    probes
}

/// Probes one key just as a command would.
fn probe_plainly(endpoint: &Endpoint, options: ProbeOptions) -> Probe {
    let mut probes = super::probe(endpoint, &[&key(0)], &options, &mut |_| {});
    assert_eq!(probes.len(), 1);
    probes.remove(0)
}

fn balance() -> Verdict {
    Verdict::Valid(Funds::Balance { amount: "12.50".into(), currency: "USD".into() })
}

fn unknown(reason: Reason) -> Verdict {
    Verdict::Unknown(reason)
}
