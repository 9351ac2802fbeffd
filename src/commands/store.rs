//! `store`: where the keys are, moving them, and adopting what is there.

mod adopt;

use serde_json::{Value, json};

use crate::backend::{Backend, Entry, Health, Role, Slot, Store, StoreError, keys_in};
use crate::error::{Error, Kind, Result};
use crate::flows::choose_store::Place;
use crate::flows::open_store::{explain_slot, explain_unread};
use crate::flows::{record, settle};
use crate::model::{Profiles, StoreKind};
use crate::output::{Change, Page, Report};
use crate::system::World;

/// Show where keys are stored, or move them to another store
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys store status
  getimg-keys store migrate --to file")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show which store is used and why, and whether it can be read now
    #[command(after_help = "Examples:\n  getimg-keys store status\n  getimg-keys store status --json")]
    Status,
    /// Copy every key to another store and use that one from now on
    ///
    /// Each key is copied, read back and compared before anything else changes. The old store keeps its keys unless
    /// you pass --delete-source. If it is interrupted, run it again.
    #[command(after_help = "Examples:
  getimg-keys store migrate --to file
  getimg-keys store migrate --to keychain --delete-source")]
    Migrate(Migrate),
    /// Record entries of the store that no profile has as profiles
    ///
    /// For what is left in the keychain after profiles.toml was lost, or what another tool put there. The keychain is
    /// not changed. A key that `add` would refuse is not adopted either.
    #[command(after_help = "Examples:\n  getimg-keys store adopt\n  getimg-keys store adopt dev prod")]
    Adopt(adopt::Adopt),
}

#[derive(Debug, clap::Args)]
struct Migrate {
    /// The new store
    #[arg(long, value_name = "STORE", value_parser = writable)]
    to: StoreKind,
    /// Delete the keys from the old store once they are read back from the new one
    #[arg(long)]
    delete_source: bool,
}

/// Runs the command.
///
/// # Errors
/// A store that does not serve (7), a key that something else changed (6) or deleted (3).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
    match args.verb {
        Verb::Status => Ok(Box::new(Status::of(world, backend)?)),
        Verb::Migrate(migrate) => Ok(Box::new(migrate.run(world, backend)?)),
        Verb::Adopt(adopt) => Ok(Box::new(adopt.run(world, backend)?)),
    }
}

fn writable(text: &str) -> Result<StoreKind, String> {
    match text {
        "keychain" => Ok(StoreKind::Keychain),
        "file" => Ok(StoreKind::File),
        _ => Err("keys can be moved to `keychain` or `file`".to_owned()),
    }
}

/// Which store is used, and how each one is.
pub struct Status {
    /// The one in use; `None` before the first `add`.
    pub kind: Option<StoreKind>,
    /// What decided.
    pub because: &'static str,
    /// Every store, and how it is.
    pub stores: Vec<(StoreKind, Health)>,
}

impl Status {
    /// Looks at every store; opens no dialog and asks for nothing.
    ///
    /// # Errors
    /// The book or the configuration cannot be read.
    pub fn of(world: &World, backend: &dyn Backend) -> Result<Self> {
        let recorded = backend.profiles()?.store;
        let (kind, because) = match (recorded, world.wanted_store) {
            (_, Some(StoreKind::Env)) => (Some(StoreKind::Env), "asked for by --store or $GETIMG_KEYS_STORE"),
            (Some(recorded), _) => (Some(recorded), "recorded by the first `add` or by `store migrate`"),
            (None, Some(wanted)) => (Some(wanted), "asked for by --store or $GETIMG_KEYS_STORE"),
            (None, None) => (None, "nothing was added yet"),
        };
        let stores = [StoreKind::Keychain, StoreKind::File, StoreKind::Env];
        let stores = stores.into_iter().map(|kind| Ok((kind, keys_in(world, kind)?.health())));
        Ok(Self { kind, because, stores: stores.collect::<Result<_>>()? })
    }

    /// How the store in use is.
    pub fn health(&self) -> Option<&Health> {
        self.stores.iter().find(|(kind, _)| Some(*kind) == self.kind).map(|(_, health)| health)
    }
}

fn in_words(health: &Health) -> String {
    match health {
        Health::Ready => "ready".to_owned(),
        Health::Unwell(why) => why.to_string(),
    }
}

impl Report for Status {
    fn text(&self, page: &Page) -> String {
        let used = self.kind.map_or("no store is used yet".to_owned(), |kind| {
            format!("keys are kept in {}", kind.in_words())
        });
        let mut lines = vec![page.prose(&format!("{used} ({})", self.because), 0)];
        for (kind, health) in &self.stores {
            let mark = if Some(*kind) == self.kind { "*" } else { " " };
            let words = page.prose(&in_words(health), 12);
            let words = if *health == Health::Ready { page.paint.good(&words) } else { words };
            lines.push(format!("{mark} {:<9} {words}", kind.as_str()));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let stores = self
            .stores
            .iter()
            .map(|(kind, health)| json!({"name": kind.as_str(), "health": in_words(health)}));
        json!({
            "store": self.kind.map(StoreKind::as_str),
            "because": self.because,
            "health": self.health().map(in_words),
            "stores": stores.collect::<Value>(),
        })
    }

    fn exit(&self) -> Option<Kind> {
        matches!(self.health(), Some(Health::Unwell(_))).then_some(Kind::Store)
    }
}

impl Migrate {
    fn run(self, world: &World, backend: &dyn Backend) -> Result<Change> {
        let to = self.to;
        let from = if to == StoreKind::File { StoreKind::Keychain } else { StoreKind::File };
        if backend.profiles()?.store.is_none() {
            return Err(Error::not_found("there are no keys to move yet")
                .hint(format!("getimg-keys add dev --store {}", to.as_str())));
        }
        if to == StoreKind::File {
            Place::encrypted_files(world, "getimg-keys store migrate --to file")?.open(world)?;
        }
        let mut edit = settle::edit(world, backend)?;
        let (source, target) = (keys_in(world, from)?, keys_in(world, to)?);
        let changed = edit.book.store != Some(to);
        let slots = slots(&edit.book);
        if changed {
            slots.iter().try_for_each(|slot| copy(&edit.book, &*source, &*target, slot))?;
            edit.book.store = Some(to);
            edit.save()?;
            for profile in &edit.book.profiles {
                record::change(world, "migrate", &profile.name, profile.key.fingerprint);
            }
        }
        if self.delete_source {
            // Also where an earlier run was cut short: never without the other store holding the key.
            slots.iter().try_for_each(|slot| read(&edit.book, &*target, slot).map(drop))?;
            edit.book.profiles.iter().try_for_each(|profile| {
                let keys = edit.book.keys_of(&profile.name);
                settle::forget(&*source, &profile.name, &keys, profile.previous.is_some())
            })?;
        }
        world.terminal.say(&self.in_words(slots.len(), changed));
        if changed && !self.delete_source {
            world
                .terminal
                .say(&format!("the keys are still in {} too; to delete them there:", from.in_words()));
            world.terminal.say(&format!("  getimg-keys store migrate --to {} --delete-source", to.as_str()));
        }
        let slots: Vec<_> = slots.iter().map(ToString::to_string).collect();
        Ok(Change(json!({
            "store": to.as_str(),
            "changed": changed,
            "keys": slots,
            "source_deleted": self.delete_source,
        })))
    }

    fn in_words(&self, count: usize, changed: bool) -> String {
        let place = self.to.in_words();
        let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
        match (changed, self.delete_source) {
            (true, false) => format!("copied {keys} to {place}, the store from now on"),
            (true, true) => format!("moved {keys} to {place}, the store from now on"),
            (false, true) => format!("kept {keys} in {place} alone"),
            (false, false) => format!("the keys are in {place} already"),
        }
    }
}

/// Every slot the book knows to hold a key.
pub fn slots(book: &Profiles) -> Vec<Slot> {
    let of = |profile: &crate::model::Profile| {
        let previous = profile.previous.as_ref().map(|_| Slot::of(profile, Role::Previous));
        [Some(Slot::of(profile, Role::Current)), previous]
    };
    book.profiles.iter().flat_map(of).flatten().collect()
}

fn copy(book: &Profiles, source: &dyn Store, target: &dyn Store, slot: &Slot) -> Result<()> {
    let key = read(book, source, slot)?;
    // What an earlier migration left there is ours too.
    let there = slot.clone().holding(book.keys_of(&slot.profile));
    let explained = |why: StoreError| explain_slot(&why, target.kind(), slot);
    let entries = target.entries(&there).map_err(explained)?;
    let ours = |entry: &Entry| entry.fingerprint.is_some_and(|found| there.ours.contains(&found));
    if !entries.is_empty() && !entries.iter().any(ours) {
        return Err(explained(StoreError::Occupied(entries)));
    }
    target.put(&there, &key).map_err(explained)?;
    read(book, target, slot).map(drop)
}

/// Reads a key and checks that it is the one the book knows.
///
/// # Errors
/// What the store says; a key that something else changed (6).
pub fn read(book: &Profiles, store: &dyn Store, slot: &Slot) -> Result<crate::model::ApiKey> {
    let name = &slot.profile;
    let key = store.get(slot).map_err(|e| explain_unread(&e, store, book, name))?;
    let expected = book.get(name).and_then(|profile| match slot.role {
        Role::Previous => profile.previous.as_ref().map(|previous| previous.key.fingerprint),
        Role::Current | Role::Next => Some(profile.key.fingerprint),
    });
    if expected == Some(key.fingerprint()) {
        Ok(key)
    } else {
        Err(Error::policy(format!(
            "{} holds another key for `{slot}` than the one that was added",
            store.kind().in_words()
        ))
        .hint(format!("getimg-keys verify {name} --adopt  # take it over, if the API accepts it")))
    }
}
