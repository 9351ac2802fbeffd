//! A root certificate that only the tests trust, and a certificate of this machine.

use std::time::SystemTime;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The root as PEM, and what a server needs.
pub struct Certificates {
    pub root_pem: String,
    pub leaf: CertificateDer<'static>,
    pub leaf_key: PrivateKeyDer<'static>,
    /// Both as PEM, for a server that reads files.
    pub leaf_pem: String,
    pub leaf_key_pem: String,
}

impl Certificates {
    /// For this machine, valid for longer than any test moves the clock.
    pub fn make() -> Self {
        Self::of("localhost", (-18_000, 365_000))
    }

    /// For a host, valid from one day to another, counted from today.
    pub fn of(host: &str, days: (i64, i64)) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        root.distinguished_name.push(DnType::CommonName, "a root made for a test");
        let root_key = KeyPair::generate().unwrap();
        let root_pem = pem(root.self_signed(&root_key).unwrap().der());
        let issuer = Issuer::new(root, root_key);
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, host);
        leaf.not_before = in_days(days.0).into();
        leaf.not_after = in_days(days.1).into();
        leaf.use_authority_key_identifier_extension = true;
        let leaf_key = KeyPair::generate().unwrap();
        let signed = leaf.signed_by(&leaf_key, &issuer).unwrap();
        let leaf_pem = pem(signed.der());
        let leaf_key_pem = pem(&leaf_key.serialize_der()).replace("CERTIFICATE", "PRIVATE KEY");
        let leaf_key = leaf_key.serialize_der().try_into().unwrap();
        Self { root_pem, leaf: signed.der().clone(), leaf_key, leaf_pem, leaf_key_pem }
    }
}

fn in_days(days: i64) -> SystemTime {
    (chrono::Utc::now() + chrono::TimeDelta::days(days)).into()
}

fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let bits = three.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]);
            text.push(if place > three.len() { '=' } else { digit });
        }
    }
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
