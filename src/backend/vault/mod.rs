//! The backend of a team: profiles and keys in OpenBao or HashiCorp Vault.
//!
//! The profiles are one entry of a KV engine of version 2, and its check-and-set is the only commit. A key's entry is
//! named by its fingerprint and never overwritten. profiles.toml is this machine's copy, together with what each user
//! has separately: the active profile and the allowed pins.

mod answer;
mod client;
mod commit;
mod engine;
mod keys;
mod profiles_entry;
mod sending;
mod settings;
mod standing;
mod trouble;

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use self::client::Client;
use self::commit::VaultCommit;
use self::keys::Keys;
use self::profiles_entry::{ENTRY, Edition};
use self::settings::Settings;
pub use self::standing::{Right, Standing, Token};
pub use self::trouble::Trouble;
use super::local::profiles_file;
use super::{Backend, Capabilities, Edit, Local, Store};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{Known, Profile, Profiles, SharedCopy, SharedProfiles, StoreKind, retired};
use crate::system::World;

/// A copy without changes is written again after this time, so that its age is right.
const FRESH_FOR: chrono::Duration = chrono::Duration::minutes(5);

/// The shared profiles of a team.
pub struct Vault<'a> {
    world: &'a World,
    copy: Local<'a>,
    client: OnceCell<Rc<Client>>,
    keys: OnceCell<Keys>,
}

impl<'a> Vault<'a> {
    /// Sends nothing yet.
    pub fn of(world: &'a World) -> Self {
        Self { world, copy: Local::of(world), client: OnceCell::new(), keys: OnceCell::new() }
    }

    fn client(&self) -> Result<&Rc<Client>> {
        if self.client.get().is_none() {
            let client = Rc::new(Client::new(Settings::of(self.world)?));
            return Ok(self.client.get_or_init(|| client));
        }
        self.client.get().ok_or_else(|| Trouble::Busy.into())
    }

    /// Makes the local profiles, opened for a change, a copy of the shared ones; creates those if there are none.
    ///
    /// # Errors
    /// The vault cannot be used, or holds other profiles than the ones that this is a copy of.
    fn over<'b>(&self, edit: Edit<'b>) -> Result<Edit<'b>> {
        let client = Rc::clone(self.client()?);
        let mut base = client.edition_or_new()?;
        let (mut profiles, here) = edit.into_parts();
        self.is_the_same(&client, &profiles, &base)?;
        // What cannot be destroyed now stays marked, and the next change tries again.
        if !base.profiles.deleting.is_empty() && client.sweep(&base.profiles.deleting).is_ok() {
            client.unmark(&base.profiles.deleting);
            base = client.edition_or_new()?;
        }
        profiles.share(&base.profiles);
        Ok(Edit::of_parts(profiles, Box::new(VaultCommit { client, here, base, now: self.world.now })))
    }

    /// Refuses shared profiles that are not those of this machine's copy: another address, or the entry was lost.
    fn is_the_same(&self, client: &Client, here: &Profiles, there: &Edition) -> Result<()> {
        let is_another = |copy: &&SharedCopy| copy.version > 0 && copy.of != there.profiles.id;
        if here.copy.as_ref().filter(is_another).is_none() {
            return Ok(());
        }
        let (address, entry) = (client.address(), client.shown(ENTRY));
        match there.version {
            0 => Err(Trouble::Gone(address, entry).into()),
            _ => Err(Trouble::Another(address, entry).into()),
        }
    }

    /// Updates this machine's copy if it is out of date and no other process has the lock. A failure does not matter
    /// to a command that only reads.
    fn refresh(&self, there: &Edition) {
        if self.world.places.must_be_ours().is_err() {
            return;
        }
        let Ok((mut edit, _)) = profiles_file::edit_within(&self.world.places, Duration::ZERO) else {
            return;
        };
        let is_recorded = edit.profiles.store == Some(StoreKind::Vault);
        if let Some(copy) =
            edit.profiles.copy.as_mut().filter(|copy| is_recorded && copy.of == there.profiles.id)
        {
            (copy.version, copy.at) = (there.version, self.world.now);
            edit.profiles.share(&there.profiles);
            let _ = edit.save();
        }
    }

    /// Tells the vault which keys were declared compromised here while it could not be reached.
    fn tell(&self) {
        let said = match self.edit().and_then(|mut edit| edit.save()) {
            Ok(()) => "the vault knows now which key was declared compromised here".to_owned(),
            Err(why) => {
                format!("warning: the vault does not know yet which key was declared compromised here: {why}")
            }
        };
        self.world.terminal.say(&said);
    }
}

impl Backend for Vault<'_> {
    /// This machine's copy.
    fn profiles(&self) -> Result<Profiles> {
        self.copy.profiles()
    }

    fn profiles_if_any(&self) -> Result<Profiles> {
        self.copy.profiles_if_any()
    }

    fn profiles_now(&self) -> Result<Profiles> {
        let mut profiles = self.profiles_if_any()?;
        let client = self.client()?;
        let there = client.edition_or_new()?;
        self.is_the_same(client, &profiles, &there)?;
        let copy = profiles.copy.clone();
        profiles.share(&there.profiles);
        profiles.store = Some(StoreKind::Vault);
        match &copy {
            Some(copy) if !copy.untold.is_empty() => self.tell(),
            Some(copy) if copy.version != there.version || self.world.now - copy.at > FRESH_FOR => {
                self.refresh(&there);
            }
            _ => {}
        }
        let untold = copy.map(|copy| copy.untold).unwrap_or_default();
        profiles.copy =
            Some(SharedCopy { of: there.profiles.id, version: there.version, at: self.world.now, untold });
        Ok(profiles)
    }

    fn edit(&self) -> Result<Edit<'_>> {
        self.over(super::local::edit(self.world)?)
    }

    fn edit_own(&self) -> Result<Edit<'_>> {
        super::local::edit(self.world)
    }

    fn keys(&self) -> Result<&dyn Store> {
        let client = Rc::clone(self.client()?);
        Ok(self.keys.get_or_init(|| Keys { client }))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { writable: true, remembers: true, shared: true }
    }
}

/// The keys in the vault.
///
/// # Errors
/// No vault is configured, or the configuration cannot be read.
pub(super) fn keys(world: &World) -> Result<Box<dyn Store>> {
    Ok(Box::new(Keys { client: Rc::new(Client::new(Settings::of(world)?)) }))
}

/// The state of the vault, and the rights of the token.
///
/// # Errors
/// No vault is configured, or the configuration cannot be read.
pub fn standing(world: &World) -> Result<Standing> {
    Ok(Client::new(Settings::of(world)?).standing())
}

/// Opens the local profiles, of which there are none yet, as a copy of the shared ones.
///
/// # Errors
/// The vault has none (3), or cannot be used (7).
pub fn join(world: &World) -> Result<Edit<'static>> {
    let (mut profiles, here) = super::local::edit(world)?.into_parts();
    profiles.copy = None;
    profiles.all.clear();
    let edit = Vault::of(world).over(Edit::of_parts(profiles, here))?;
    if edit.profiles.all.is_empty() {
        let client = Client::new(Settings::of(world)?);
        return Err(Error::not_found(format!(
            "the vault at {} has no profiles at {} yet",
            client.address(),
            client.shown(ENTRY)
        ))
        .hint(Hint::run("add dev --store vault").note("the first one")));
    }
    Ok(edit)
}

/// Opens the local profiles to move them to the vault, beside the profiles that are already there.
///
/// # Errors
/// One of their names or keys belongs to another profile there (6); the vault cannot be used (7).
pub fn bring<'b>(world: &World, edit: Edit<'b>) -> Result<Edit<'b>> {
    let client = Rc::new(Client::new(Settings::of(world)?));
    client.check_mount()?;
    let base = client.edition_or_new()?;
    let (mut profiles, here) = edit.into_parts();
    for profile in &profiles.all {
        refuse_other(&base.profiles, profile)?;
    }
    let mut both = SharedProfiles { deleting: Vec::new(), ..base.profiles.clone() };
    both.all.retain(|there| profiles.get(&there.name).is_none());
    both.all.extend(profiles.all.iter().map(|profile| {
        base.profiles.all.iter().find(|there| there.name == profile.name).unwrap_or(profile).clone()
    }));
    both.all.sort_by(|one, other| one.name.cmp(&other.name));
    let is_new = |gone: &&crate::model::Retired| {
        !both.retired.iter().any(|there| there.fingerprint == gone.fingerprint)
            && !both.holds(gone.fingerprint)
    };
    let new: Vec<_> = profiles.retired.iter().filter(is_new).cloned().collect();
    both.retired.extend(new);
    profiles.share(&both);
    Ok(Edit::of_parts(profiles, Box::new(VaultCommit { client, here, base, now: world.now })))
}

/// Refuses a profile whose name or key belongs to something else in the vault.
fn refuse_other(there: &SharedProfiles, profile: &Profile) -> Result<()> {
    let name = &profile.name;
    let mut known = Profiles::default();
    known.share(there);
    if known.get(name).is_some_and(|there| there.key.fingerprint != profile.key.fingerprint) {
        return Err(Error::policy(format!("the vault has a profile `{name}` already, with another key"))
            .hint(Hint::run("rename").arg(name).arg(format!("{name}-2")).note("then the command again")));
    }
    for key in profile.keys() {
        let what = match known.known(&key) {
            Some(Known::Current(other) | Known::Previous(other)) if other.name != *name => {
                format!("is the key of `{}` there", other.name)
            }
            Some(Known::Retired(gone)) if gone.reason != retired::Reason::Removed => {
                format!("{} `{}` there", gone.reason.past_tense(), gone.profile)
            }
            _ => continue,
        };
        return Err(Error::policy(format!("the key of `{name}` {what}")).hint(Hint::run("store status")));
    }
    Ok(())
}

/// Whether a vault is configured; asks none.
pub fn is_named(world: &World) -> bool {
    settings::is_named(world)
}
