//! The backend with only the profiles that an agent may see.

use crate::backend::{Backend, Capabilities, Edit, Store};
use crate::error::Result;
use crate::model::{ProfileName, Profiles};

/// Another backend, of which only some profiles are visible.
pub struct Shown<'a> {
    whole: &'a dyn Backend,
    names: &'a [ProfileName],
}

impl<'a> Shown<'a> {
    /// Shows only these profiles of a backend.
    pub fn of(whole: &'a dyn Backend, names: &'a [ProfileName]) -> Self {
        Self { whole, names }
    }

    fn only(&self, mut profiles: Profiles) -> Profiles {
        let is_shown = |name: &ProfileName| self.names.contains(name);
        profiles.all.retain(|profile| is_shown(&profile.name));
        profiles.retired.retain(|key| is_shown(&key.profile));
        profiles.active = profiles.active.filter(is_shown);
        profiles.previous = profiles.previous.filter(is_shown);
        profiles.without_change()
    }
}

impl Backend for Shown<'_> {
    fn profiles(&self) -> Result<Profiles> {
        self.whole.profiles().map(|profiles| self.only(profiles))
    }

    fn profiles_if_any(&self) -> Result<Profiles> {
        self.whole.profiles_if_any().map(|profiles| self.only(profiles))
    }

    fn profiles_now(&self) -> Result<Profiles> {
        self.whole.profiles_now().map(|profiles| self.only(profiles))
    }

    /// All of them, because saving would delete whatever is left out.
    fn edit(&self) -> Result<Edit<'_>> {
        self.whole.edit()
    }

    fn edit_own(&self) -> Result<Edit<'_>> {
        self.whole.edit_own()
    }

    fn keys(&self) -> Result<&dyn Store> {
        self.whole.keys()
    }

    fn capabilities(&self) -> Capabilities {
        self.whole.capabilities()
    }
}
