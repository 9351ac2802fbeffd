//! `store join`: this machine uses the profiles that others share.

use serde_json::json;

use crate::backend::{Backend, vault};
use crate::error::{Error, Result};
use crate::flows::{audit, recover};
use crate::hint::Hint;
use crate::model::{Profiles, StoreKind};
use crate::output::Change;
use crate::system::World;

#[derive(Debug, clap::Args)]
pub(super) struct Join {
    /// The store that is shared
    #[arg(value_name = "STORE", value_parser = shared)]
    store: StoreKind,
}

fn shared(text: &str) -> Result<StoreKind, String> {
    if text == "vault" { Ok(StoreKind::Vault) } else { Err("only a `vault` is shared".to_owned()) }
}

impl Join {
    /// Takes the shared profiles over.
    ///
    /// # Errors
    /// This machine has profiles of its own (2); the vault has none (3), or does not serve (7).
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Change> {
        // What was left half done of the store before is settled there.
        let here = recover::edit_own(world, backend)?;
        if let Some(own) =
            here.profiles.store.filter(|own| *own != self.store && !here.profiles.all.is_empty())
        {
            return Err(Error::usage(format!("this machine has profiles of its own, in {}", own.in_words()))
                .hint(Hint::run("store migrate --to vault").note("brings them to those that are there")));
        }
        drop(here);
        let mut edit = vault::join(world)?;
        edit.profiles.store = Some(self.store);
        if edit.profiles.active.is_none() {
            edit.profiles.active = only_choice(&edit.profiles).cloned();
        }
        edit.save()?;
        let names: Vec<_> = edit.profiles.all.iter().map(|profile| profile.name.to_string()).collect();
        for profile in &edit.profiles.all {
            audit::change(world, "join", &profile.name, profile.key.fingerprint);
        }
        world.terminal.say(&format!("joined the vault: {}", names.join(", ")));
        match &edit.profiles.active {
            Some(active) => world.terminal.say(&format!("{active} is the active profile")),
            None => world.terminal.say(&format!("no profile is active yet: {}", Hint::run("use NAME"))),
        }
        Ok(Change(json!({"store": self.store.as_str(), "profiles": names, "changed": true})))
    }
}

/// The one profile that may be active without being chosen.
fn only_choice(profiles: &Profiles) -> Option<&crate::model::ProfileName> {
    let mut open = profiles.all.iter().filter(|profile| !profile.protected);
    match (open.next(), open.next()) {
        (Some(only), None) => Some(&only.name),
        _ => None,
    }
}
