//! The KV engine of version 2: entries with versions; a write fails if somebody else wrote first.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::client::{BRIEF, Client};
use super::trouble::Trouble;

/// The state of an entry.
pub(super) enum Found<T> {
    /// It never existed.
    Nothing,
    /// It exists, in this version.
    Live(T, u64),
    /// Its newest version was deleted, which can be undone, or destroyed.
    Dead {
        /// The number of that version.
        version: u64,
        /// Whether it was destroyed.
        destroyed: bool,
    },
}

/// The result of a write.
pub(super) enum Written {
    /// It is now the entry's newest version.
    Done(u64),
    /// Somebody else had written first.
    Conflict,
}

#[derive(Deserialize)]
struct Read<T> {
    data: Inner<T>,
}

#[derive(Deserialize)]
struct Inner<T> {
    data: Option<T>,
    metadata: Version,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
    #[serde(default)]
    destroyed: bool,
}

#[derive(Serialize)]
struct Write<'a, T> {
    options: Options,
    data: &'a T,
}

#[derive(Serialize)]
struct Options {
    cas: u64,
}

impl Client {
    /// An entry's name as a person passes it to the vault's own program: `secret/getimg-keys/profiles`.
    pub(super) fn shown(&self, entry: &str) -> String {
        format!("{}/{}/{entry}", self.settings.mount, self.settings.path)
    }

    /// The API's path of an entry.
    pub(super) fn data(&self, entry: &str) -> String {
        format!("{}/data/{}/{entry}", self.settings.mount, self.settings.path)
    }

    /// The API's path that destroys versions of an entry.
    pub(super) fn destroying(&self, entry: &str) -> String {
        format!("{}/destroy/{}/{entry}", self.settings.mount, self.settings.path)
    }

    /// Reads an entry's newest version.
    pub(super) fn entry<T: DeserializeOwned>(&self, entry: &str, most: usize) -> Result<Found<T>, Trouble> {
        let path = self.data(entry);
        self.found(entry, &self.get(&path, most)?)
    }

    /// Reads one version of an entry; `None` if it no longer exists.
    pub(super) fn version<T: DeserializeOwned>(
        &self,
        entry: &str,
        version: u64,
        most: usize,
    ) -> Result<Option<T>, Trouble> {
        let path = format!("{}?version={version}", self.data(entry));
        match self.found(entry, &self.get(&path, most)?)? {
            Found::Live(value, _) => Ok(Some(value)),
            Found::Dead { .. } | Found::Nothing => Ok(None),
        }
    }

    /// The result of reading an entry, from its answer.
    pub(super) fn found<T: DeserializeOwned>(
        &self,
        entry: &str,
        answer: &Answer,
    ) -> Result<Found<T>, Trouble> {
        match answer.status {
            _ if answer.is_cut => Err(Trouble::LargeEntry(self.shown(entry))),
            200 => {
                let read: Read<T> = self.parsed(answer)?;
                let version = read.data.metadata.version;
                let destroyed = read.data.metadata.destroyed;
                Ok(read
                    .data
                    .data
                    .map_or(Found::Dead { version, destroyed }, |data| Found::Live(data, version)))
            }
            404 if answer.is_empty_404() => Ok(Found::Nothing),
            404 => match self.parsed::<Read<serde_json::Value>>(answer) {
                Ok(Read { data: Inner { metadata: Version { version, destroyed }, .. } }) => {
                    Ok(Found::Dead { version, destroyed })
                }
                Err(_) => Err(self.refused(answer, "read", &self.data(entry))),
            },
            _ => Err(self.refused(answer, "read", &self.data(entry))),
        }
    }

    /// Writes an entry if its newest version is `cas`; 0 means that it must not exist.
    pub(super) fn write<T: Serialize>(&self, entry: &str, data: &T, cas: u64) -> Result<Written, Trouble> {
        self.check_mount()?;
        let path = self.data(entry);
        let answer = self.post(&path, &Write { options: Options { cas }, data })?;
        #[derive(Deserialize)]
        struct Done {
            data: Version,
        }
        match answer.status {
            200 => Ok(Written::Done(self.parsed::<Done>(&answer)?.data.version)),
            400 if answer.says("check-and-set") => Ok(Written::Conflict),
            413 => Err(Trouble::TooLarge(0)),
            500 if answer.says("too large") => Err(Trouble::TooLarge(0)),
            _ if cas == 0 => Err(self.refused(&answer, "create", &path)),
            _ => Err(self.refused(&answer, "update", &path)),
        }
    }

    /// Destroys an entry's versions up to one; undelete cannot restore them.
    pub(super) fn destroy(&self, entry: &str, up_to: u64) -> Result<(), Trouble> {
        #[derive(Serialize)]
        struct Versions {
            versions: Vec<u64>,
        }
        let path = self.destroying(entry);
        // An engine keeps ten versions of an entry by default; older ones are gone.
        let versions = (up_to.saturating_sub(99).max(1)..=up_to).collect();
        let answer = self.post(&path, &Versions { versions })?;
        match answer.status {
            200 | 204 => Ok(()),
            _ => Err(self.refused(&answer, "update", &path)),
        }
    }

    /// Refuses a mount that is not a KV engine of version 2, before the first write: version 1 accepts a write and
    /// loses what somebody else wrote.
    pub(super) fn check_mount(&self) -> Result<(), Trouble> {
        if self.is_checked.get() {
            return Ok(());
        }
        #[derive(Deserialize)]
        struct Mount {
            data: Kind,
        }
        #[derive(Deserialize)]
        struct Kind {
            r#type: String,
            options: Option<Engine>,
        }
        #[derive(Deserialize)]
        struct Engine {
            version: Option<String>,
        }
        let mount = &self.settings.mount;
        let answer = self.get(&format!("sys/internal/ui/mounts/{mount}"), BRIEF)?;
        if answer.status != 200 {
            return Err(self.refused(&answer, "read", &format!("{mount}/")));
        }
        let kind = self.parsed::<Mount>(&answer)?.data;
        match (kind.r#type.as_str(), kind.options.and_then(|engine| engine.version).as_deref()) {
            ("kv", Some("2")) => {
                self.is_checked.set(true);
                Ok(())
            }
            ("kv" | "generic", _) => Err(Trouble::OldEngine(mount.clone())),
            _ => Err(Trouble::NoKv(mount.clone())),
        }
    }
}
