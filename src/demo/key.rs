//! Made-up keys that only the local server knows.

use std::path::Path;

use zeroize::Zeroizing;

use crate::model::Fingerprint;

/// The file names of the keys in the home's folder `keys`, as if a user had copied each there.
pub(super) const NAMES: [&str; 4] = ["dev", "prod", "dev-new", "spare"];

/// A key that never belonged to anybody: it differs each time, like the name of a temporary folder.
pub(super) fn made_up(folder: &Path, name: &str) -> Zeroizing<String> {
    let seed = [folder.as_os_str().as_encoded_bytes(), b"/", name.as_bytes()].concat();
    let digits = Fingerprint::of(&seed).to_hex();
    Zeroizing::new(["sk_", digits.get(..40).unwrap_or(&digits)].concat())
}
