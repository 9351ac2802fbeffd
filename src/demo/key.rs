//! Made-up keys that only the stand-in knows.

use std::path::Path;

use zeroize::Zeroizing;

use crate::model::Fingerprint;

/// The names under which the keys lie in the home's folder `keys`: each as a person may have copied it.
pub(super) const NAMES: [&str; 4] = ["dev", "prod", "dev-new", "spare"];

/// A key that was never anybody's: a temporary folder's name is another each time.
pub(super) fn made_up(folder: &Path, name: &str) -> Zeroizing<String> {
    let seed = [folder.as_os_str().as_encoded_bytes(), b"/", name.as_bytes()].concat();
    let digits = Fingerprint::of(&seed).to_hex();
    Zeroizing::new(["sk_", digits.get(..40).unwrap_or(&digits)].concat())
}
