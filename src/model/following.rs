//! How a shell's variables follow the selection from prompt to prompt: the decisions of the hook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::fingerprint::hex;
use super::{Fingerprint, Profile, ProfileName, Selection, SelectionSource};

/// What a shell remembers between two prompts; kept by the shell, outside its environment.
///
/// Bounded, whatever a folder holds: names, hashes, and values of at most [`LONGEST_VALUE`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Following {
    /// The variables as they were before a directory's pin, or `$GETIMG_KEYS_PROFILE`, took them over.
    pub before: Option<Values>,
    /// The key that took them over, by its fingerprint.
    pub pinned: Option<String>,
    /// Whether what took them over has been left, and the variables held something else by then: another hook may
    /// yet give them the pinned key back.
    pub left: bool,
    /// What selects the profile here, except the active profile, and its key: a hash.
    pub holder: Option<String>,
    /// The active profile when it was last looked at.
    pub active: Option<ProfileName>,
    /// The key that `use` loaded here.
    pub loaded: Option<String>,
    /// The last complaint as a hash; it is printed once.
    pub complaint: Option<String>,
}

/// The longest value of a variable that is kept to be given back, in bytes.
pub const LONGEST_VALUE: usize = 4096;

/// Values of variables; `None` where one is not set.
pub type Values = BTreeMap<String, Option<Zeroizing<String>>>;

/// What happens to the variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step<'a> {
    /// They stay as they are.
    Keep,
    /// They get the profile's key; a pin's or a variable's word holds only for a while.
    Load(&'a Profile, Scope),
    /// They become what they were before they were taken over.
    Restore,
    /// What took them over is left, and they hold something else: looked at once more.
    Leave,
    /// They have a value that somebody chose; the earlier value is forgotten.
    Forget,
    /// They hold a key of a profile that is no longer selected, which is removed.
    Unset,
}

/// For how long a key is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Until the pinned directory is left, or the variable is unset.
    Pinned,
    /// Until another profile is made the active one.
    UntilSwitched,
}

/// The situation at a prompt.
#[derive(Clone, Debug)]
pub struct Prompt<'a> {
    /// Whether the shell had a prompt before.
    pub known: bool,
    /// The selection; `None` if it must not be loaded (protected, refused), or there is none.
    pub selection: Option<&'a Selection<'a>>,
    /// The active profile.
    pub active: Option<&'a ProfileName>,
    /// The key that the variables hold.
    pub held: Option<Fingerprint>,
    /// Whether that key was declared compromised.
    pub is_compromised: bool,
}

impl Following {
    /// Decides.
    ///
    /// At the first prompt the active profile is only noted: a key comes into a shell by a pin or by `use`,
    /// not by itself.
    pub fn step<'a>(&self, prompt: &Prompt<'a>) -> Step<'a> {
        let switched = prompt.known && self.active.as_ref() != prompt.active;
        let holds = |key: &Option<String>| prompt.held.is_some_and(|held| *key == Some(held.to_hex()));
        let ours = holds(&self.loaded);
        match prompt.selection {
            // Chosen already, by `exec` or by an outer shell's hook.
            Some(s) if s.because != SelectionSource::Active => {
                match self.holder == Some(holder(s)) || prompt.held == Some(s.profile.key.fingerprint) {
                    true => Step::Keep,
                    false => Step::Load(s.profile, Scope::Pinned),
                }
            }
            Some(s) if prompt.held == Some(s.profile.key.fingerprint) && self.before.is_none() => Step::Keep,
            // Another profile was made the active one, or the active one has another key by now.
            Some(s) if switched || (ours && self.before.is_none()) => {
                Step::Load(s.profile, Scope::UntilSwitched)
            }
            _ if self.before.is_some() => match (holds(&self.pinned), self.left) {
                (true, _) => Step::Restore,
                (false, false) => Step::Leave,
                (false, true) => Step::Forget,
            },
            None if ours && (switched || prompt.is_compromised) => Step::Unset,
            _ => Step::Keep,
        }
    }

    /// Takes over what a hook of an outer shell says of the key in the variables: it is then dropped where it would
    /// have been there. What was before is not known here.
    pub fn inherit(&mut self, marker: &str, held: Fingerprint, names: &[String]) {
        let is_it = |kind: &str| marker.strip_prefix(kind) == Some(held.to_string().as_str());
        if is_it(PINNED) {
            self.before = Some(names.iter().map(|name| (name.clone(), None)).collect());
            self.pinned = Some(held.to_hex());
        } else if is_it(USED) {
            self.loaded = Some(held.to_hex());
        }
    }

    /// What is exported to inner shells: why a hook loaded the key, and which, by its short fingerprint; never a secret.
    pub fn marker(&self) -> Option<String> {
        let short = |key: &String| key.chars().take(12).collect::<String>();
        let pinned = self.pinned.as_ref().filter(|_| self.before.is_some() && !self.left);
        let used = || self.loaded.as_ref().map(|key| format!("{USED}{}", short(key)));
        pinned.map(|key| format!("{PINNED}{}", short(key))).or_else(used)
    }
}

const PINNED: &str = "pin:";
const USED: &str = "use:";

/// So much of a hash as tells two texts apart.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))[..16].to_owned()
}

/// What took the variables over, and with which key.
pub fn holder(selection: &Selection<'_>) -> String {
    let by = selection.because.path().map_or_else(String::new, |path| path.display().to_string());
    hash(&format!("{}:{by}:{}", selection.because.as_str(), selection.profile.key.fingerprint.to_hex()))
}

#[cfg(test)]
#[path = "following_tests.rs"]
mod tests;
