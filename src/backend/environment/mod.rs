//! The backend of CI: the keys in its environment variables, read only.

mod profiles;
mod variables;

use std::cell::OnceCell;

use zeroize::Zeroizing;

pub use self::variables::EnvironmentKeys;
use super::{Backend, Capabilities, Edit, Local, Store};
use crate::error::Result;
use crate::model::{ProfileName, Profiles};
use crate::system::World;
use crate::system::variables::{API_KEY, Variables};

/// The profiles given by environment variables.
pub struct Environment<'a> {
    world: &'a World,
    keys: OnceCell<EnvironmentKeys>,
}

impl<'a> Environment<'a> {
    /// Touches nothing yet.
    pub fn of(world: &'a World) -> Self {
        Self { world, keys: OnceCell::new() }
    }
}

impl Backend for Environment<'_> {
    /// What profiles.toml records about the same keys, and about retired ones, still applies.
    fn profiles(&self) -> Result<Profiles> {
        let known = Local::of(self.world).profiles_if_any()?;
        let selected = selected(self.world)?;
        profiles::of(&self.world.variables, selected.as_ref(), &known, self.world.now)
    }

    /// The user's own file: the pins that they allowed are theirs wherever the keys are.
    fn edit(&self) -> Result<Edit<'_>> {
        super::local::edit(self.world)
    }

    fn keys(&self) -> Result<&dyn Store> {
        let opened = keys(self.world)?;
        Ok(self.keys.get_or_init(|| opened))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { writable: false, remembers: false, shared: false }
    }
}

/// The keys in the environment.
///
/// # Errors
/// A pin that cannot be read.
pub(super) fn keys(world: &World) -> Result<EnvironmentKeys> {
    let ours = world.variables.with_prefix(API_KEY);
    let ours = ours.filter_map(|(name, _)| Some((name.to_owned(), value(&world.variables, name)?)));
    Ok(EnvironmentKeys::new(ours, selected(world)?))
}

/// The value of a variable without one newline at its end, which a file pasted into a CI secret has; `None` for an
/// empty one.
fn value(variables: &Variables, name: &str) -> Option<Zeroizing<String>> {
    let text = variables.secret(name)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    (!line.is_empty()).then(|| Zeroizing::new(line.to_owned()))
}

/// The name of the profile for a plain `$GETIMG_API_KEY`; `env` if nothing selects a profile.
///
/// # Errors
/// `$GETIMG_KEYS_PROFILE` names no profile (2), a pin cannot be read (1): no other name may replace the intended
/// one.
fn selected(world: &World) -> Result<Option<ProfileName>> {
    if let Some(wanted) = &world.wanted_profile {
        return Ok(Some(wanted.clone()));
    }
    if let Some(named) = world.named_profile()? {
        return Ok(Some(named));
    }
    let pinned = world.pins()?.selecting().and_then(|pin| pin.profile.clone());
    Ok(pinned.or_else(profiles::unnamed))
}
