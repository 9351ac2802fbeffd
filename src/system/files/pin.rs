//! A repository's `.getimg-keys.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::atomic_file::{self, Access};
use super::config::explain;
use super::regular_file::{self, Trust};
use crate::error::{Error, Result};
use crate::hint::{Hint, quoted_path, suggest};
use crate::model::fingerprint::hex;
use crate::model::key_shape::without_keys;
use crate::model::pin::KnownLeak;
use crate::model::policy::PolicySection;
use crate::model::{Pin, ProfileName, nearest};

/// The file's name.
pub const NAME: &str = ".getimg-keys.toml";
/// The content of a pin.
const KEYS: [&str; 4] = ["allow", "policy", "profile", "scan"];
/// A pin is a few lines; a larger file is not one.
const LARGEST: u64 = 64 * 1024;

#[derive(Deserialize, Default)]
#[serde(default)]
struct PinFile {
    profile: Option<ProfileName>,
    allow: Option<Vec<ProfileName>>,
    policy: PolicySection,
    scan: ScanSection,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ScanSection {
    ignore: Vec<KnownLeak>,
}

/// Every pin from a folder upwards, the nearest first.
///
/// # Errors
/// A folder that no longer exists; a pin that exists and cannot be read or parsed. The search only goes on if the
/// system says that there is no such file.
pub fn upwards(from: &Path) -> Result<Vec<Pin>> {
    if !from.is_absolute() {
        return Err(Error::failure(format!(
            "this folder no longer exists, or has no path, so no {NAME} above it can be read"
        ))
        .hint(Hint::from("cd ..").and(&Hint::run("status"))));
    }
    from.ancestors().filter_map(|folder| found(&folder.join(NAME)).transpose()).collect()
}

/// Whether any pin from a folder upwards has more bytes than this; an unreadable one is reported by [`upwards`].
pub fn any_longer(from: &Path, bytes: u64) -> bool {
    from.ancestors().any(|folder| fs::metadata(folder.join(NAME)).is_ok_and(|found| found.len() > bytes))
}

/// Reads one pin.
///
/// # Errors
/// The errors of [`upwards`]; the file does not exist.
pub fn read(path: &Path) -> Result<Pin> {
    found(path)?.ok_or_else(|| Error::unreadable("read", path, &std::io::ErrorKind::NotFound.into()))
}

fn found(path: &Path) -> Result<Option<Pin>> {
    let text = match regular_file::read_text(path, LARGEST, Trust::Anyones) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| Error::unreadable("read", path, &e))?,
    };
    let foreign = is_foreign(path).map_err(|e| Error::unreadable("read", path, &e))?;
    let file: PinFile = toml::from_str(&text).map_err(|e| explain(path, &text, &e))?;
    // Other unknown keys are only reported; a misspelt `profile` would let another profile take the place of the
    // intended one.
    let misspelt = |key: &String| nearest(key, &KEYS, |known| known).map(|meant| (key.clone(), *meant));
    if let Some((key, meant)) = file.others.keys().find_map(misspelt) {
        let what =
            format!("{}: unknown key `{}`; did you mean `{meant}`?", path.display(), without_keys(&key));
        return Err(Error::failure(what).hint(suggest::edit(quoted_path(path))));
    }
    Ok(Some(Pin {
        path: path.to_path_buf(),
        foreign,
        sha256: hex(&Sha256::digest(text.as_bytes())),
        profile: file.profile,
        allow: file.allow,
        policy: file.policy,
        known_leaks: file.scan.ignore,
        ignored: file.others.keys().map(|key| without_keys(key)).collect(),
    }))
}

/// Whether a file, or the link to it, belongs to neither the caller nor root.
#[cfg(unix)]
fn is_foreign(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let me = rustix::process::geteuid().as_raw();
    let others = |found: fs::Metadata| found.uid() != me && found.uid() != 0;
    Ok(others(fs::symlink_metadata(path)?) || others(fs::metadata(path)?))
}

/// On Windows the access list of a folder keeps other users out.
#[cfg(not(unix))]
fn is_foreign(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}

/// Makes the pin in a folder select a profile; keeps everything else in the file, comments too.
///
/// # Errors
/// A file that does not parse or is a link; a folder that no longer exists or cannot be written.
pub fn write(folder: &Path, profile: &ProfileName) -> Result<Pin> {
    let path = folder.join(NAME);
    if !folder.is_absolute() {
        upwards(folder)?;
    }
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        return Err(Error::failure(format!(
            "{} is a symbolic link, and what it leads to is not written to",
            path.display()
        ))
        .hint(suggest::look_at(path.display())));
    }
    let cannot = |e: std::io::Error| Error::unwritable("write", &path, &e);
    let before = match regular_file::read_text(&path, LARGEST, Trust::Anyones) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.map_err(cannot)?,
    };
    let mut document: toml_edit::DocumentMut = before.parse().map_err(|e: toml_edit::TomlError| {
        Error::failure(format!("cannot write {}: {}", path.display(), e.message()))
            .hint(suggest::edit(quoted_path(&path)))
    })?;
    let mut value = toml_edit::Value::from(profile.as_str());
    if let Some(before) = document.get("profile").and_then(toml_edit::Item::as_value) {
        *value.decor_mut() = before.decor().clone();
    }
    document["profile"] = toml_edit::Item::Value(value);
    atomic_file::replace(&path, document.to_string().as_bytes(), Access::Public).map_err(cannot)?;
    read(&path)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the tests write the files")]

    use super::*;

    fn pin_in(folder: &Path, text: &str) -> Result<Option<Pin>> {
        fs::write(folder.join(NAME), text).unwrap();
        let below = folder.join("a/b");
        fs::create_dir_all(&below).unwrap();
        upwards(&below).map(|pins| pins.into_iter().next())
    }

    #[test]
    fn the_nearest_one_upwards_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pin = pin_in(folder.path(), "profile = 'dev'\nallow = ['dev']\n[policy]\nmax_age_days = 7\n")
            .unwrap()
            .unwrap();
        assert_eq!(pin.path, folder.path().join(NAME));
        assert_eq!(pin.profile.unwrap().as_str(), "dev");
        assert_eq!((pin.allow.unwrap().len(), pin.policy != PolicySection::default()), (1, true));
    }

    #[test]
    fn a_misspelt_key_is_refused_with_the_one_that_is_meant() {
        for (wrong, meant) in [("profil", "profile"), ("alow", "allow"), ("Policy", "policy")] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(NAME);
            fs::write(&path, format!("{wrong} = 1")).unwrap();
            let told = read(&path).unwrap_err().to_string();
            assert!(told.ends_with(&format!("unknown key `{wrong}`; did you mean `{meant}`?")), "{told}");
        }
    }

    #[test]
    fn what_no_pin_may_say_is_ignored_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let pin = pin_in(folder.path(), "profile = 'dev'\n[api]\nurl = 'https://elsewhere.example'\n")
            .unwrap()
            .unwrap();
        assert_eq!(pin.ignored, ["api"]);
    }

    #[test]
    fn harmless_keys_are_listed_by_fingerprint_and_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let print = crate::model::Fingerprint::of(b"a key of the documentation");
        let entry = format!("[[scan.ignore]]\nfingerprint = '{print}'\n");
        let pin = pin_in(folder.path(), &format!("{entry}reason = 'never worked'\n")).unwrap().unwrap();
        assert_eq!(
            (pin.known_leaks[0].reason.as_str(), pin.known_leaks[0].names(&print)),
            ("never worked", true)
        );
        assert!(!pin.known_leaks[0].names(&crate::model::Fingerprint::of(b"another")));
        assert!(pin_in(folder.path(), &entry).is_err());
        assert!(pin_in(folder.path(), "[[scan.ignore]]\nfingerprint = 'abc'\nreason = 'x'\n").is_err());
        assert!(pin_in(folder.path(), "[[scan.ignore]]\npath = 'x'\nreason = 'x'\n").is_err());
    }

    #[test]
    fn a_broken_one_is_an_error_not_an_absence() {
        let folder = tempfile::tempdir().unwrap();
        assert!(pin_in(folder.path(), "profile = ").is_err());
        assert!(pin_in(folder.path(), "profile = 'No Such Name'").is_err());
    }

    #[test]
    fn writing_one_keeps_the_rest_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let text = "# ours\nprofile = 'dev' # this one\nallow = ['dev', 'ci']\n";
        fs::write(folder.path().join(NAME), text).unwrap();
        let pin = write(folder.path(), &"ci".parse().unwrap()).unwrap();
        assert_eq!(pin.profile.unwrap().as_str(), "ci");
        let after = fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert_eq!(after, text.replace("'dev' # this", "\"ci\" # this"));
    }
}
