//! The shared profiles: one entry, whose check-and-set is the only commit.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::Client;
use super::engine::{Found, Written};
use super::trouble::Trouble;
use crate::model::fingerprint::hex;
use crate::model::profiles::SCHEMA_VERSION;
use crate::model::{Profiles, SharedProfiles};

/// The entry's name below the folder.
pub(super) const ENTRY: &str = "profiles";
/// The most bytes that are read from it; an engine accepts about a million.
const LARGEST: usize = 1536 << 10;
/// The most bytes that are written to it; with what the engine adds, 1,048,576 is the limit of one entry.
const MOST: usize = 1_000_000;

/// What the entry holds: the profiles as one text. As an object, some eighty profiles would be more strings than OpenBao takes
/// in one request (a thousand).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    profiles: String,
}

impl Held {
    fn of(profiles: &SharedProfiles) -> Result<Self, Trouble> {
        let profiles = serde_json::to_string(profiles).map_err(|why| Trouble::Damaged(why.to_string()))?;
        Ok(Self { profiles })
    }
}

/// The shared profiles in one version; 0 if there are none yet.
#[derive(Clone, Debug)]
pub(super) struct Edition {
    pub(super) profiles: SharedProfiles,
    pub(super) version: u64,
}

impl Client {
    /// Reads the shared profiles; `None` if there never were any.
    pub(super) fn edition(&self) -> Result<Option<Edition>, Trouble> {
        match self.entry::<Value>(ENTRY, LARGEST)? {
            Found::Live(value, version) => Ok(Some(Edition { profiles: parsed(value)?, version })),
            Found::Nothing => {
                // An engine of version 1 answers the same.
                self.check_mount()?;
                Ok(None)
            }
            Found::Dead { .. } => Err(Trouble::Deleted(self.shown(ENTRY))),
        }
    }

    /// Reads the shared profiles, or creates new ones.
    pub(super) fn edition_or_new(&self) -> Result<Edition, Trouble> {
        let new = || Edition { profiles: SharedProfiles::new(new_id()), version: 0 };
        Ok(self.edition()?.unwrap_or_else(new))
    }

    /// Writes the shared profiles if they still have this version; after a lost answer, reads whether they were
    /// written.
    pub(super) fn commit(&self, profiles: &SharedProfiles, version: u64) -> Result<Written, Trouble> {
        let held = Held::of(profiles)?;
        let size = serde_json::to_vec(&held).map_or(usize::MAX, |text| text.len());
        if size > MOST {
            return Err(Trouble::TooLarge(size));
        }
        match self.write(ENTRY, &held, version) {
            Err(Trouble::TooLarge(_)) => Err(Trouble::TooLarge(size)),
            Err(lost) if lost.leaves_open() => match self.version::<Value>(ENTRY, version + 1, LARGEST) {
                Ok(Some(there)) => Ok(match parsed(there) {
                    Ok(there) if there == *profiles => Written::Done(version + 1),
                    _ => Written::Conflict,
                }),
                // The lost request may still arrive; then its check-and-set fails, because this one came first.
                Ok(None) => {
                    self.write(ENTRY, &held, version).and_then(|again| self.is_ours(again, profiles, version))
                }
                Err(_) => Err(lost),
            },
            written => written,
        }
    }

    /// A conflict with our own request is not a conflict.
    fn is_ours(&self, again: Written, profiles: &SharedProfiles, version: u64) -> Result<Written, Trouble> {
        let Written::Conflict = again else { return Ok(again) };
        let there = self.version::<Value>(ENTRY, version + 1, LARGEST)?.map(parsed).transpose()?;
        Ok(if there.as_ref() == Some(profiles) { Written::Done(version + 1) } else { Written::Conflict })
    }
}

/// An id that no other shared profiles have: 12 random hex digits.
fn new_id() -> String {
    let mut random = [0; 6];
    // If the machine gives no random numbers, the id is always the same; it only detects a wrong address.
    let _ = rustls::crypto::ring::default_provider().secure_random.fill(&mut random);
    hex(&random)
}

/// The profiles in an entry, checked like a profiles file.
fn parsed(value: Value) -> Result<SharedProfiles, Trouble> {
    let damaged = |why: serde_json::Error| {
        let why = why.to_string();
        Trouble::Damaged(crate::system::terminal::escape(why.split(" at line").next().unwrap_or_default()))
    };
    let held: Held = serde_json::from_value(value).map_err(damaged)?;
    let value: Value = serde_json::from_str(&held.profiles).map_err(damaged)?;
    let schema = value.get("schema_version").and_then(Value::as_u64).unwrap_or_default();
    if schema > u64::from(SCHEMA_VERSION) {
        return Err(Trouble::Newer(schema));
    }
    let profiles: SharedProfiles = serde_json::from_value(value).map_err(damaged)?;
    let mut whole = Profiles::default();
    whole.share(&profiles);
    whole.check().map_err(|why| Trouble::Damaged(why.to_string()))?;
    Ok(profiles)
}
