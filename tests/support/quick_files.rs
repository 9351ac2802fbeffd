//! Encrypted files whose passphrase takes no time: 2^2 rounds of scrypt, of which the program would take 2^17.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use age::secrecy::ExposeSecret;
use age::{scrypt, x25519};

/// Makes the folder of a store, without a key in it.
pub fn create(folder: &Path, passphrase: &str) {
    let identity = x25519::Identity::generate();
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    let recipient = format!("{}\n", identity.to_public());
    for (name, bytes) in [("identity", sealed(&identity, passphrase)), ("recipient", recipient.into_bytes())]
    {
        fs::write(folder.join(name), bytes).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// An identity under a passphrase.
pub fn sealed(identity: &x25519::Identity, passphrase: &str) -> Vec<u8> {
    let mut recipient = scrypt::Recipient::new(passphrase.to_owned().into());
    recipient.set_work_factor(2);
    age::encrypt(&recipient, identity.to_string().expose_secret().as_bytes()).unwrap()
}
