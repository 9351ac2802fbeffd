//! `store join`: this machine uses the profiles of a team's vault, or the keys of a shared folder.

use serde_json::{Value, json};

use super::adopt::{Adopt, Adopted};
use crate::backend::local::encrypted_files;
use crate::backend::local::encrypted_files::{EncryptedFiles, keys_folder};
use crate::backend::{Backend, vault};
use crate::error::{Error, Kind, Result};
use crate::flows::open_store::explain;
use crate::flows::{audit, recover};
use crate::hint::{Hint, suggest};
use crate::model::{Profiles, StoreKind};
use crate::output::{Change, Render, Report};
use crate::system::World;

#[derive(Debug, clap::Args)]
pub(super) struct Join {
    /// The shared store
    #[arg(value_name = "STORE", value_parser = shared)]
    store: StoreKind,
}

fn shared(text: &str) -> Result<StoreKind, String> {
    match text {
        "vault" => Ok(StoreKind::Vault),
        "file" => Ok(StoreKind::File),
        _ => Err("only a `vault` and encrypted files (`file`) are shared".to_owned()),
    }
}

impl Join {
    /// Starts using the shared profiles.
    ///
    /// # Errors
    /// This machine has profiles of its own (2); the vault has none (3) or cannot be used (7); as [`files`].
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
        self.refuse_own(world, backend)?;
        match self.store {
            StoreKind::File => files(world, backend),
            _ => Ok(Box::new(self.vault(world)?)),
        }
    }

    fn refuse_own(&self, world: &World, backend: &dyn Backend) -> Result<()> {
        // Settles an interrupted change of the earlier store, while that store can still be found.
        let here = recover::edit_own(world, backend)?;
        if let Some(own) =
            here.profiles.store.filter(|own| *own != self.store && !here.profiles.all.is_empty())
        {
            let to = self.store.as_str();
            return Err(Error::usage(format!("this machine has profiles of its own, in {}", own.in_words()))
                .hint(Hint::run("store migrate --to").arg(to).note("moves them to those profiles")));
        }
        Ok(())
    }

    fn vault(&self, world: &World) -> Result<Change> {
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

/// Accepts the public key of the shared folder, and records each key of it that no profile has.
///
/// # Errors
/// No folder is configured (2); it cannot be opened (7), or one of its lists was edited by hand (1); as `store adopt`.
fn files(world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
    if world.config()?.file.folder.is_none() {
        let config = world.places.typed(&world.places.config());
        return Err(Error::usage("no shared folder is named: `[file] folder` in config.toml")
            .hint(suggest::edit(config)));
    }
    let folder = keys_folder(world)?;
    if !EncryptedFiles::exists(&folder) {
        let shown = world.places.shown(&folder);
        return Err(Error::store(format!("there are no encrypted files in {shown}"))
            .hint(suggest::look_at(folder.display())));
    }
    let files = encrypted_files(world)?;
    let (now, before) = files.join().map_err(|why| explain(&why, StoreKind::File, None))?;
    match before {
        Some(before) => {
            world.terminal.say(&format!("the folder's public key is {now} now, and was {before} before"))
        }
        None => world.terminal.say(&format!("the folder's public key is {now}")),
    }
    world.terminal.say("compare it with what the others see");
    let mut edit = backend.edit()?;
    edit.profiles.store = Some(StoreKind::File);
    edit.save()?;
    drop(edit);
    let adopted = Adopt::all(world, backend, &files);
    match adopted {
        Err(nothing) if nothing.kind == Kind::NotFound => Ok(Box::new(Change(
            json!({"store": "file", "public_key": now, "profiles": [], "refused": [], "changed": true}),
        ))),
        adopted => Ok(Box::new(Joined { public_key: now, adopted: adopted? })),
    }
}

/// What was found in a folder.
struct Joined {
    public_key: String,
    adopted: Adopted,
}

impl Report for Joined {
    fn text(&self, render: &Render) -> String {
        self.adopted.text(render)
    }

    fn json(&self) -> Value {
        let mut json = self.adopted.json();
        json["store"] = json!("file");
        json["public_key"] = json!(self.public_key);
        json["changed"] = json!(true);
        json
    }

    fn exit(&self) -> Option<Kind> {
        self.adopted.exit()
    }
}

/// The only profile that may become active without being chosen.
fn only_choice(profiles: &Profiles) -> Option<&crate::model::ProfileName> {
    let mut open = profiles.all.iter().filter(|profile| !profile.protected);
    match (open.next(), open.next()) {
        (Some(only), None) => Some(&only.name),
        _ => None,
    }
}
