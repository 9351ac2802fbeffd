//! Entries: found, read, written and deleted.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::DateTime;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zeroize::Zeroizing;

use super::bus::{Bus, or_later};
use super::{ROOT, SERVICE_INTERFACE};
use crate::backend::local::keychain::{Account, fingerprint, label};
use crate::backend::{Entry, StoreError};
use crate::system::terminal::escape;

const ITEM: &str = "org.freedesktop.Secret.Item";
/// How long a search may take before we check whether it waits for a lock.
const SUSPICIOUS: Duration = Duration::from_millis(400);

/// The most entries that are read: each needs calls of its own.
const MOST: usize = 4096;

/// A session, its parameters, the secret, and the type of its text.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// One open entry and its content.
pub(super) struct Item {
    path: OwnedObjectPath,
    pub(super) secret: Zeroizing<Vec<u8>>,
}

/// Some entries, read over one session.
pub(super) struct Found {
    session: Option<OwnedObjectPath>,
    pub(super) items: Vec<Item>,
    /// How many could not be opened.
    pub(super) locked: usize,
}

impl Found {
    /// The only entry, or of several the one with a key of ours.
    pub(super) fn ours<'a>(&'a self, account: &Account) -> Option<&'a Item> {
        match self.items.as_slice() {
            [only] if self.locked == 0 => Some(only),
            several => several.iter().find(|item| account.is_ours(&item.secret)),
        }
    }
}

impl Bus {
    /// The entries with these attributes: those that are open, and those that are locked.
    ///
    /// # Errors
    /// [`StoreError::Locked`] as soon as a lock is why it does not answer and nobody could unlock it (KeePassXC and
    /// KWallet delay the search until their dialog is answered).
    async fn search(
        &self,
        attributes: &HashMap<&str, &str>,
    ) -> Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>), StoreError> {
        let body = (attributes,);
        if self.silent {
            // Even a search makes KeePassXC and KWallet open their dialog, which nobody asked for here.
            let collection = self.default_collection().await?;
            if self.is_locked(&collection).await? {
                return Err(StoreError::Locked);
            }
        }
        let asked = self.ask(ROOT, SERVICE_INTERFACE, "SearchItems", &body);
        let lock = async {
            // What is not told here, the answer to the search tells.
            let locked = match self.default_collection().await {
                Ok(collection) => self.is_locked(&collection).await.unwrap_or(false),
                Err(_) => false,
            };
            if locked && !self.answerable { Err(StoreError::Locked) } else { std::future::pending().await }
        };
        let (open, locked): (Vec<_>, Vec<_>) = or_later(asked, SUSPICIOUS, lock).await?;
        if open.len() + locked.len() > MOST {
            return Err(StoreError::Failed(format!("it answers with more than {MOST} entries")));
        }
        Ok((open, locked))
    }

    /// The open entries of one account with their content.
    ///
    /// The search comes first and its answer is awaited. gnome-keyring-daemon aborts, which locks every other program's
    /// passwords, if `OpenSession` is a connection's first call or another call runs beside it
    /// (docs/decisions/secret-service.md).
    pub(super) async fn found(&self, service: &str, account: &Account) -> Result<Found, StoreError> {
        let attributes = HashMap::from([("service", service), ("username", account.name.as_str())]);
        let (mut open, mut locked) = self.search(&attributes).await?;
        if open.is_empty() && locked.is_empty() && self.opened().await? {
            (open, locked) = self.search(&attributes).await?;
        }
        let mut left = locked.len();
        if !locked.is_empty() && (open.is_empty() || self.answerable) {
            open.extend(self.open(locked).await?);
            left = 0;
        }
        if open.is_empty() {
            return Ok(Found { session: None, items: Vec::new(), locked: left });
        }
        let session = self.session().await?;
        let items = self.secrets(open, &session).await?;
        Ok(Found { session: Some(session), items, locked: left })
    }

    /// The same for several accounts over one session: the matching key for each, if it is unambiguous.
    pub(super) async fn found_at_once(
        &self,
        service: &str,
        accounts: &[Account],
    ) -> Result<HashMap<String, Zeroizing<Vec<u8>>>, StoreError> {
        let mut single = HashMap::new();
        for account in accounts {
            let attributes = HashMap::from([("service", service), ("username", account.name.as_str())]);
            let (mut open, locked) = self.search(&attributes).await?;
            if let (1, true, Some(item)) = (open.len(), locked.is_empty(), open.pop()) {
                single.insert(item, account.name.clone());
            }
        }
        if single.is_empty() {
            return Ok(HashMap::new());
        }
        let session = self.session().await?;
        let items = self.secrets(single.keys().cloned().collect(), &session).await?;
        let named = |item: Item| Some((single.get(&item.path)?.clone(), item.secret));
        Ok(items.into_iter().filter_map(named).collect())
    }

    /// That there is no entry is only certain if the default collection exists and is open: KeePassXC without an open
    /// database has none, and a locked one, as with KWallet after each login, may show none of its entries. Returns
    /// whether the user had to unlock it for that.
    async fn opened(&self) -> Result<bool, StoreError> {
        let collection = self.default_collection().await?;
        let locked = self.is_locked(&collection).await?;
        if locked {
            self.unlock(vec![collection]).await?;
        }
        Ok(locked)
    }

    async fn session(&self) -> Result<OwnedObjectPath, StoreError> {
        let plain = ("plain", Value::from(""));
        let (_, session): (OwnedValue, OwnedObjectPath) =
            self.ask(ROOT, SERVICE_INTERFACE, "OpenSession", &plain).await?;
        Ok(session)
    }

    async fn secrets(
        &self,
        items: Vec<OwnedObjectPath>,
        session: &OwnedObjectPath,
    ) -> Result<Vec<Item>, StoreError> {
        let (secrets,): (HashMap<OwnedObjectPath, Secret>,) =
            self.ask(ROOT, SERVICE_INTERFACE, "GetSecrets", &(&items, session)).await?;
        let item = |(path, (_, _, secret, _))| Item { path, secret: Zeroizing::new(secret) };
        let mut read: Vec<_> = secrets.into_iter().map(item).collect();
        // Entries that were not asked for are ignored.
        let asked: HashSet<_> = items.iter().collect();
        read.retain(|item| asked.contains(&item.path));
        // KeePassXC leaves out what the user does not allow us to read.
        if read.is_empty() && !items.is_empty() { Err(StoreError::Denied) } else { Ok(read) }
    }

    /// Writes a key over ours, or into a new entry of the default collection, and reads it back.
    pub(super) async fn write(
        &self,
        service: &str,
        account: &Account,
        key: &[u8],
    ) -> Result<bool, StoreError> {
        let found = self.found(service, account).await?;
        if found.locked > 0 {
            return Err(StoreError::Locked);
        }
        let (session, path) =
            match found.items.iter().find(|item| *item.secret == key || account.is_ours(&item.secret)) {
                Some(item) if *item.secret == key => return Ok(true),
                Some(item) => {
                    let session = self.session_of(&found).await?;
                    let secret = secret(&session, key);
                    let () = self.ask(item.path.as_str(), ITEM, "SetSecret", &(secret,)).await?;
                    (session, item.path.clone())
                }
                None if found.items.is_empty() => self.create(service, account, key).await?,
                None => return Err(StoreError::Occupied(self.described(&found.items).await)),
            };
        let kept = self.secrets(vec![path], &session).await?;
        Ok(kept.iter().any(|item| *item.secret == key))
    }

    async fn session_of(&self, found: &Found) -> Result<OwnedObjectPath, StoreError> {
        match &found.session {
            Some(session) => Ok(session.clone()),
            None => self.session().await,
        }
    }

    async fn create(
        &self,
        service: &str,
        account: &Account,
        key: &[u8],
    ) -> Result<(OwnedObjectPath, OwnedObjectPath), StoreError> {
        let collection = self.default_collection().await?;
        if self.is_locked(&collection).await? {
            self.unlock(vec![collection.clone()]).await?;
        }
        let session = self.session().await?;
        let attributes = HashMap::from([("service", service), ("username", account.name.as_str())]);
        let label = label(&account.name);
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Value::from(label.as_str())),
            ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes)),
        ]);
        let body = (properties, secret(&session, key), false);
        let interface = "org.freedesktop.Secret.Collection";
        let (item, prompt): (OwnedObjectPath, OwnedObjectPath) =
            self.ask(collection.as_str(), interface, "CreateItem", &body).await?;
        self.agreed(&prompt).await?;
        if item.as_str() != "/" {
            return Ok((session, item));
        }
        // The dialog created it, and returns its result but not its path.
        let made = self.found(service, account).await?;
        let item = made.items.iter().find(|item| *item.secret == key).ok_or(StoreError::NotKept)?;
        Ok((session, item.path.clone()))
    }

    /// Deletes the entry that holds a key of ours.
    pub(super) async fn delete(&self, service: &str, account: &Account) -> Result<(), StoreError> {
        let found = self.found(service, account).await?;
        let Some(item) = found.items.iter().find(|item| account.is_ours(&item.secret)) else {
            return if found.locked > 0 { Err(StoreError::Locked) } else { Ok(()) };
        };
        let prompt: OwnedObjectPath = self.ask(item.path.as_str(), ITEM, "Delete", &()).await?;
        self.agreed(&prompt).await
    }

    /// What distinguishes entries from each other; what the provider does not say is left out.
    pub(super) async fn described(&self, items: &[Item]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for item in items {
            let path = item.path.as_str();
            let label = self.property(path, ITEM, "Label").await.ok().and_then(|v| String::try_from(v).ok());
            let modified =
                self.property(path, ITEM, "Modified").await.ok().and_then(|v| u64::try_from(v).ok());
            entries.push(Entry {
                label: label.map(|label| escape(&label.chars().take(80).collect::<String>())),
                modified: modified
                    .and_then(|seconds| i64::try_from(seconds).ok())
                    .and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
                fingerprint: fingerprint(&item.secret),
            });
        }
        entries
    }

    /// The account of every entry of a service.
    pub(super) async fn accounts(&self, service: &str) -> Result<Vec<String>, StoreError> {
        let ours = HashMap::from([("service", service)]);
        let (mut open, mut locked) = self.search(&ours).await?;
        if open.is_empty() && locked.is_empty() && self.opened().await? {
            (open, locked) = self.search(&ours).await?;
        }
        let mut accounts = Vec::new();
        for item in open.iter().chain(&locked) {
            let value = self.property(item.as_str(), ITEM, "Attributes").await?;
            let attributes: HashMap<String, String> = HashMap::try_from(value)
                .map_err(|_| StoreError::Failed("it does not say whose entries they are".to_owned()))?;
            accounts.extend(attributes.get("username").cloned());
        }
        accounts.sort();
        accounts.dedup();
        Ok(accounts)
    }
}

/// A secret as it is sent: `text/plain`, which every password manager shows.
fn secret<'a>(
    session: &'a OwnedObjectPath,
    key: &'a [u8],
) -> (&'a OwnedObjectPath, &'a [u8], &'a [u8], &'a str) {
    (session, &[], key, "text/plain")
}
