//! Collections: whether one exists and is unlocked, and unlocking it by the desktop's dialog.

use std::time::Duration;

use futures_lite::StreamExt;
use zbus::message::Type;
use zbus::names::OwnedBusName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{MatchRule, MessageStream};

use super::bus::{Bus, SERVICE, or_later, refused};
use super::{ROOT, SERVICE_INTERFACE};
use crate::backend::StoreError;

/// The path by which the Secret Service says that there is no such object.
const NOTHING: &str = "/";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
/// How long a prompt that asks nobody anything may take.
const UNASKED: Duration = Duration::from_secs(3);

impl Bus {
    /// The collection for new entries.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`] if there is none; never the session's collection, which is lost at logout.
    pub(super) async fn default_collection(&self) -> Result<OwnedObjectPath, StoreError> {
        let found: OwnedObjectPath = self.ask(ROOT, SERVICE_INTERFACE, "ReadAlias", &("default",)).await?;
        let is_session = found.as_str().ends_with("/collection/session");
        if found.as_str() == NOTHING || is_session { Err(StoreError::NoCollection) } else { Ok(found) }
    }

    /// Whether a collection is locked.
    pub(super) async fn is_locked(&self, collection: &OwnedObjectPath) -> Result<bool, StoreError> {
        let value = self.property(collection.as_str(), "org.freedesktop.Secret.Collection", "Locked").await?;
        bool::try_from(value)
            .map_err(|_| StoreError::Failed("it does not say whether it is locked".to_owned()))
    }

    /// One property of an object.
    pub(super) async fn property(
        &self,
        path: &str,
        interface: &str,
        name: &str,
    ) -> Result<OwnedValue, StoreError> {
        self.ask(path, "org.freedesktop.DBus.Properties", "Get", &(interface, name)).await
    }

    /// Whether a program provides the service, or can be started for it.
    pub(super) async fn has_provider(&self) -> Result<bool, StoreError> {
        if self.ask_bus("NameHasOwner", &(SERVICE,)).await? {
            return Ok(true);
        }
        let startable: Vec<OwnedBusName> = self.ask_bus("ListActivatableNames", &()).await?;
        Ok(startable.iter().any(|name| name.as_str() == SERVICE))
    }

    /// Opens locked entries, by a dialog of the desktop if one is needed.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if nobody could answer, or the dialog was dismissed. If their collection is open, the
    /// dialog was for confirming the access: [`StoreError::Unconfirmed`], [`StoreError::Denied`].
    pub(super) async fn open(
        &self,
        locked: Vec<OwnedObjectPath>,
    ) -> Result<Vec<OwnedObjectPath>, StoreError> {
        match self.unlock(locked).await {
            Err(StoreError::Locked) if !self.default_is_locked().await => {
                Err(if self.answerable { StoreError::Denied } else { StoreError::Unconfirmed })
            }
            opened => opened,
        }
    }

    async fn default_is_locked(&self) -> bool {
        match self.default_collection().await {
            // If the provider does not say, it does not count as open.
            Ok(collection) => self.is_locked(&collection).await.unwrap_or(true),
            Err(_) => true,
        }
    }

    /// Unlocks what is locked, by a dialog of the desktop if one is needed.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if nobody could answer, or the dialog was dismissed.
    pub(super) async fn unlock(
        &self,
        locked: Vec<OwnedObjectPath>,
    ) -> Result<Vec<OwnedObjectPath>, StoreError> {
        if !self.answerable {
            return Err(StoreError::Locked);
        }
        let wanted = locked.clone();
        let (opened, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.ask(ROOT, SERVICE_INTERFACE, "Unlock", &(wanted,)).await?;
        if prompt.as_str() == NOTHING {
            return if opened.is_empty() { Err(StoreError::Locked) } else { Ok(opened) };
        }
        match self.answered(&prompt).await? {
            true => Ok(locked),
            false => Err(StoreError::Locked),
        }
    }

    /// Completes the prompt of an answer, which is not always a dialog: KeePassXC creates each entry with a prompt
    /// that asks nobody anything. If nobody could answer, a prompt that stays open is dismissed.
    pub(super) async fn agreed(&self, prompt: &OwnedObjectPath) -> Result<(), StoreError> {
        if prompt.as_str() == NOTHING {
            return Ok(());
        }
        let asked = self.answered(prompt);
        let answer = if self.answerable {
            asked.await
        } else {
            or_later(asked, UNASKED, async {
                // Whether it could be dismissed changes nothing: nobody answers it.
                let _: Result<(), _> = self.ask(prompt.as_str(), PROMPT, "Dismiss", &()).await;
                Err(StoreError::Unconfirmed)
            })
            .await
        };
        if answer? { Ok(()) } else { Err(StoreError::Denied) }
    }

    async fn answered(&self, prompt: &OwnedObjectPath) -> Result<bool, StoreError> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .interface(PROMPT)
            .and_then(|rule| rule.member("Completed"))
            .and_then(|rule| rule.path(prompt.as_str()))
            .map_err(|e| refused(&e))?
            .build();
        let mut completed =
            MessageStream::for_match_rule(rule, self.connection(), None).await.map_err(|e| refused(&e))?;
        let () = self.ask(prompt.as_str(), PROMPT, "Prompt", &("",)).await?;
        let Some(signal) = completed.next().await else { return Ok(false) };
        let signal = signal.map_err(|e| refused(&e))?;
        let (dismissed, _): (bool, OwnedValue) = signal.body().deserialize().map_err(|e| refused(&e))?;
        Ok(!dismissed)
    }
}
