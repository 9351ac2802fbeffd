//! `store migrate`: copies every key to another store and switches to it.

use serde_json::json;

use crate::backend::{Backend, Entry, Health, Slot, Store, StoreError, keys_in, vault};
use crate::error::{Error, Result};
use crate::flows::choose_store::NewKeyStore;
use crate::flows::every_key::{read, slots};
use crate::flows::open_store::{explain, explain_slot};
use crate::flows::{audit, recover};
use crate::hint::Hint;
use crate::model::{Profiles, StoreKind};
use crate::output::Change;
use crate::system::World;

#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    /// The new store
    #[arg(long, value_name = "STORE", value_parser = writable)]
    to: StoreKind,
    /// Delete the keys from the old store after reading them back from the new one
    #[arg(long)]
    delete_source: bool,
}

impl Migrate {
    /// Copies every key, then switches to the new store.
    ///
    /// # Errors
    /// There are none (3), a key is not the recorded one (6), a store cannot be used (7).
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Change> {
        let to = self.to;
        let Some(recorded) = backend.profiles()?.store else {
            return Err(Error::not_found("there are no keys to move yet")
                .hint(Hint::run("add dev --store").arg(to.as_str())));
        };
        let changed = recorded != to;
        if recorded == StoreKind::Vault && self.delete_source {
            return Err(others_may_use_them(to));
        }
        if to == StoreKind::File {
            NewKeyStore::encrypted_files(world, &Hint::run("store migrate --to file"))?
                .open(world, backend)?;
        }
        let target = keys_in(world, to)?;
        // Before asking for the passphrase of the encrypted files.
        if changed && to == StoreKind::Keychain {
            refuse_absent(&*target)?;
        }
        let mut edit = recover::edit(world, backend)?;
        let slots = slots(&edit.profiles);
        if changed {
            if to == StoreKind::Vault {
                edit = vault::bring(world, edit)?;
            }
            let source = keys_in(world, recorded)?;
            slots.iter().try_for_each(|slot| copy(&edit.profiles, &*source, &*target, slot))?;
            edit.profiles.store = Some(to);
            edit.save()?;
            for profile in &edit.profiles.all {
                audit::change(world, "migrate", &profile.name, profile.key.fingerprint);
            }
        }
        if self.delete_source {
            // Also after an interrupted earlier run: deletes no key unless the other store holds it.
            slots.iter().try_for_each(|slot| read(&edit.profiles, &*target, slot).map(drop))?;
            let source = keys_in(world, self.source(changed.then_some(recorded)))?;
            delete(&edit.profiles, &*source, &slots)?;
        }
        self.say(world, slots.len(), changed.then_some(recorded));
        let slots: Vec<_> = slots.iter().map(ToString::to_string).collect();
        Ok(Change(json!({
            "store": to.as_str(),
            "changed": changed,
            "keys": slots,
            "source_deleted": self.delete_source,
        })))
    }

    /// Where the keys were before; after an interrupted earlier run, the other store of this machine. When keys leave the
    /// vault, or go back into it, nothing is deleted.
    fn source(&self, before: Option<StoreKind>) -> StoreKind {
        match (before, self.to) {
            (Some(before), _) => before,
            (None, StoreKind::File) => StoreKind::Keychain,
            (None, StoreKind::Keychain | StoreKind::Vault | StoreKind::Env) => StoreKind::File,
        }
    }

    fn say(&self, world: &World, count: usize, before: Option<StoreKind>) {
        world.terminal.say(&self.in_words(count, before.is_some()));
        match before {
            Some(StoreKind::Vault) => {
                world.terminal.say("they stay in the vault too, for those who share it");
            }
            Some(before) if !self.delete_source => {
                let place = before.in_words();
                world.terminal.say(&format!("the keys are still in {place} too; to delete them there:"));
                let to = self.to.as_str();
                let again = Hint::run("store migrate --to").arg(to).flag("--delete-source");
                world.terminal.say(&format!("  {again}"));
            }
            _ => {}
        }
    }

    fn in_words(&self, count: usize, changed: bool) -> String {
        let place = self.to.in_words();
        let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
        match (changed, self.delete_source) {
            (true, false) => format!("copied {keys} to {place}, the store from now on"),
            (true, true) => format!("moved {keys} to {place}, the store from now on"),
            (false, true) => format!("kept {keys} in {place} alone"),
            (false, false) => format!("the keys are already in {place}"),
        }
    }
}

fn others_may_use_them(to: StoreKind) -> Error {
    Error::usage("others may use the keys in the vault: they are deleted one profile at a time")
        .hint(Hint::run("remove NAME").note("while the vault is the store"))
        .hint(Hint::run("store migrate --to").arg(to.as_str()))
}

fn refuse_absent(keychain: &dyn Store) -> Result<()> {
    match keychain.health() {
        Health::Unwell(why) if why.is_absence() => Err(explain(&why, StoreKind::Keychain, None)),
        _ => Ok(()),
    }
}

fn copy(profiles: &Profiles, source: &dyn Store, target: &dyn Store, slot: &Slot) -> Result<()> {
    let key = read(profiles, source, slot)?;
    // What an earlier migration left there is ours too.
    let there = slot.clone().holding(profiles.keys_of(&slot.profile));
    let explained = |why: StoreError| explain_slot(&why, target.kind(), slot);
    let entries = target.entries(&there).map_err(explained)?;
    let ours = |entry: &Entry| entry.fingerprint.is_some_and(|found| there.ours.contains(&found));
    if !entries.is_empty() && !entries.iter().any(ours) {
        return Err(explained(StoreError::Occupied(entries)));
    }
    target.put(&there, &key).map_err(explained)?;
    read(profiles, target, slot).map(drop)
}

fn writable(text: &str) -> Result<StoreKind, String> {
    match text {
        "keychain" => Ok(StoreKind::Keychain),
        "file" => Ok(StoreKind::File),
        "vault" => Ok(StoreKind::Vault),
        _ => Err("keys can be moved to `keychain`, `file` or `vault`".to_owned()),
    }
}

/// Deletes the keys of these entries from a store.
fn delete(profiles: &Profiles, source: &dyn Store, slots: &[Slot]) -> Result<()> {
    for slot in slots {
        let slot = slot.clone().holding(profiles.keys_of(&slot.profile));
        source.forget(&slot).map_err(|why| explain_slot(&why, source.kind(), &slot))?;
    }
    Ok(())
}
