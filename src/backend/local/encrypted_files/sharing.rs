//! Sharing the identity: it is encrypted a second time, to the public key of each recipient.
//!
//! The list of recipients is stored in clear text for people to read, and again inside the encrypted file, beside the
//! identity itself:
//! only somebody who can open the keys can write that. Only the inner list counts.

use age::x25519;
use zeroize::Zeroizing;

use super::folder::Writer;
use super::identity;
use super::recipients::{Member, NotAdded, Recipients};
use super::{EncryptedFiles, IDENTITY, OwnKey, RECIPIENT, SHARED, missing, not_encrypted};
use crate::backend::{Recipient, StoreError};

/// The list in clear text.
const LIST: &str = "recipients";

/// A key's file and its content.
type Entry = (String, Zeroizing<Vec<u8>>);

/// The list in clear text, compared with the encrypted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// They are the same.
    Same,
    /// Something else changed the list in clear text.
    Changed,
    /// The identity was not opened, so it is unknown.
    NotCompared,
}

/// A removed recipient.
#[derive(Debug)]
pub struct Removed {
    /// Who.
    pub member: Member,
    /// The remaining recipients.
    pub left: Recipients,
    /// The accounts of the keys that they could read.
    pub accounts: Vec<String>,
}

impl EncryptedFiles<'_> {
    /// All recipients, as far as is known without asking for anything.
    ///
    /// # Errors
    /// A list that is malformed; what prevents reading the folder.
    pub fn recipients(&self) -> Result<(Recipients, Clear), StoreError> {
        self.recipient()?;
        let clear = self.listed()?;
        let opened = match self.session_identities() {
            Ok(Some((_, identities))) => Some(identities),
            _ => self.opened_silently()?,
        };
        match opened {
            Some(identities) => self.inner_list(&identities).map(|inner| {
                let same = clear.as_ref() == Some(&inner);
                (inner, if same { Clear::Same } else { Clear::Changed })
            }),
            None => match clear {
                Some(list) => Ok((list, Clear::NotCompared)),
                None => Err(StoreError::Damaged(format!(
                    "{} was changed by hand",
                    self.folder.path().join(LIST).display()
                ))),
            },
        }
    }

    /// What the user's own key opens without a question; `None` if it opens nothing.
    fn opened_silently(&self) -> Result<Option<Vec<x25519::Identity>>, StoreError> {
        let Some(own) = &self.unlocking.own_key else { return Ok(None) };
        match self.open_by(&OwnKey { path: own.path.clone(), prompt: None }) {
            Ok(identities) => Ok(Some(identities)),
            Err(StoreError::OwnKey(_) | StoreError::NotARecipient(_)) => Ok(None),
            Err(why) => Err(why),
        }
    }

    /// Adds a recipient; returns whether something else had changed the list in clear text.
    ///
    /// # Errors
    /// Why they are not added; what prevents opening the identity or writing the folder.
    pub fn share(&self, new: Member) -> Result<Result<(Recipients, bool), NotAdded>, StoreError> {
        let identities = self.identities()?;
        let writer = self.folder.writer()?;
        self.recipient()?;
        let before = self.inner_list(identities)?;
        let changed = self.listed()?.as_ref() != Some(&before);
        let list = match before.with(new) {
            Ok(list) => list,
            Err(why) => return Ok(Err(why)),
        };
        self.write_shared(&writer, &list, &list, identities)?;
        writer.replace(LIST, list.to_text().as_bytes())?;
        Ok(Ok((list, changed)))
    }

    /// Removes a recipient: makes a new identity and encrypts every key to it again. `None` if nobody has this name.
    ///
    /// If it is interrupted, every key can still be read, and repeating it completes it: until the end the identity's
    /// files hold the old identity beside the new one, and the list still has the removed recipient.
    ///
    /// # Errors
    /// Errors of the passphrase, with which the new identity is encrypted too; a key that cannot be read; what prevents
    /// writing the folder. Nothing is changed if a key cannot be read.
    pub fn unshare(&self, who: &str) -> Result<Option<Removed>, StoreError> {
        let writer = self.folder.writer()?;
        self.recipient()?;
        let (passphrase, before) = self.opened_by_passphrase(&self.unlocking)?;
        let list = self.inner_list(&before)?;
        let Some((member, left)) = list.without(who) else { return Ok(None) };
        let entries = self.opened_entries(&before)?;

        let new = identity::generate();
        let both: Vec<_> = [new.clone()].into_iter().chain(before).collect();
        self.trust_these(&both)?;
        self.write_sealed(&writer, &both, &passphrase)?;
        self.write_shared(&writer, &list, &left, &both)?;
        writer.replace(RECIPIENT, format!("{}\n", new.to_public()).as_bytes())?;
        for (name, plaintext) in &entries {
            let sealed = identity::seal(plaintext, &[&new.to_public()], false);
            writer.replace(name, &sealed.map_err(|_| not_encrypted())?)?;
        }
        let new = [new];
        self.write_sealed(&writer, &new, &passphrase)?;
        self.write_shared(&writer, &left, &left, &new)?;
        writer.replace(LIST, left.to_text().as_bytes())?;
        self.trust_these(&new)?;
        // The unlocked session has the old identity, which opens nothing any more.
        let _ = self.unlocking.session.end();
        let accounts = entries.iter().filter_map(|(name, _)| name.strip_suffix(".age")).map(str::to_owned);
        Ok(Some(Removed { member, left, accounts: accounts.collect() }))
    }

    /// Accepts the folder's present public key, only if its identity can be opened. Returns the key,
    /// and the earlier one if that was another.
    ///
    /// # Errors
    /// What prevents opening the identity; a list that was edited by hand.
    pub fn join(&self) -> Result<(String, Option<String>), StoreError> {
        let identities = self.open_identities()?;
        let now = self.named_recipient()?;
        if self.folder.has(SHARED) && self.listed()?.as_ref() != Some(&self.inner_list(&identities)?) {
            return Err(StoreError::Damaged(format!(
                "{} was changed by hand: it is not the list in {SHARED}",
                self.folder.path().join(LIST).display()
            )));
        }
        let before = match &self.trusted {
            Some(trusted) => trusted.read()?,
            None => Vec::new(),
        };
        if let Some(trusted) = &self.trusted {
            trusted.write(std::slice::from_ref(&now))?;
        }
        let other = before.into_iter().find(|known| *known != now);
        self.opened.get_or_init(|| Ok(identities));
        Ok((now.to_string(), other.map(|known| known.to_string())))
    }

    /// Accepts the folder's public key, which this process has just made.
    ///
    /// # Errors
    /// What prevents recording it.
    pub fn trust_own(&self) -> Result<(), StoreError> {
        match &self.trusted {
            Some(trusted) => trusted.write(&[self.named_recipient()?]),
            None => Ok(()),
        }
    }

    /// The list in clear text, which decides nothing; `None` if it is malformed.
    ///
    /// # Errors
    /// What prevents reading it.
    pub fn listed(&self) -> Result<Option<Recipients>, StoreError> {
        let text = self.folder.read(LIST)?.unwrap_or_default();
        Ok(String::from_utf8(text).ok().and_then(|text| Recipients::from_text(&text)))
    }

    /// The list that counts; empty if nothing was ever shared.
    fn inner_list(&self, identities: &[x25519::Identity]) -> Result<Recipients, StoreError> {
        let Some(sealed) = self.folder.read(SHARED)? else {
            return if self.folder.has(LIST) {
                Err(missing(&self.folder, SHARED))
            } else {
                Ok(Recipients::default())
            };
        };
        let text = self.decrypt(SHARED, &sealed, identities)?;
        // Whoever wrote it knew the identity, otherwise the identity would not be inside.
        self.ours(SHARED, &text)?;
        // It is text: an identity was found in it.
        let text = std::str::from_utf8(&text).unwrap_or_default();
        let list: String =
            text.lines().filter_map(|line| line.strip_prefix("# ")).map(|line| format!("{line}\n")).collect();
        Recipients::from_text(&list).ok_or_else(|| self.not_opened(SHARED, identity::NotOpened::Tampered))
    }

    /// Writes the list and the identities, encrypted to everybody in `readers` and to the newest identity itself.
    fn write_shared(
        &self,
        writer: &Writer<'_>,
        list: &Recipients,
        readers: &Recipients,
        identities: &[x25519::Identity],
    ) -> Result<(), StoreError> {
        let secrets = identity::to_text(identities);
        let list: String = list.to_text().lines().map(|line| format!("# {line}\n")).collect();
        let mut text = Zeroizing::new(String::with_capacity(list.len() + secrets.len() + 1));
        [&list, secrets.as_str(), "\n"].iter().for_each(|part| text.push_str(part));
        let (keys, own) = (readers.keys(), identities.first().map(x25519::Identity::to_public));
        let mut to: Vec<&dyn age::Recipient> = keys.iter().map(Recipient::as_age).collect();
        to.extend(own.as_ref().map(|own| own as &dyn age::Recipient));
        let sealed = identity::seal(text.as_bytes(), &to, true).map_err(|_| not_encrypted())?;
        writer.replace(SHARED, &sealed)
    }

    fn write_sealed(
        &self,
        writer: &Writer<'_>,
        identities: &[x25519::Identity],
        passphrase: &Zeroizing<String>,
    ) -> Result<(), StoreError> {
        let sealed = identity::seal_under(identity::to_text(identities).as_bytes(), passphrase);
        writer.replace(IDENTITY, &sealed.map_err(|_| not_encrypted())?)
    }

    /// Every key of the folder, decrypted.
    fn opened_entries(&self, identities: &[x25519::Identity]) -> Result<Vec<Entry>, StoreError> {
        let mut names = self.folder.names()?;
        names.retain(|name| name.ends_with(".age"));
        names.sort();
        let open = |name: String| {
            let sealed = self.folder.read(&name)?.ok_or(StoreError::Missing)?;
            let plaintext = self.decrypt(&name, &sealed, identities)?;
            Ok((name, plaintext))
        };
        names.into_iter().map(open).collect()
    }

    fn trust_these(&self, identities: &[x25519::Identity]) -> Result<(), StoreError> {
        let recipients: Vec<_> = identities.iter().map(x25519::Identity::to_public).collect();
        self.trusted.as_ref().map_or(Ok(()), |trusted| trusted.write(&recipients))
    }
}
