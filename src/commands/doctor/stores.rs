//! The stores: which one is used, how each one is, and whether the keys are the ones that were added.

use crate::backend::local::encrypted_files;
use crate::backend::{Backend, Health, Role, Slot, Store, StoreError, keys_in};
use crate::error::Kind;
use crate::flows::open_store::explain;
use crate::model::{Profiles, StoreKind};
use crate::output::checks::{Check, Outcome};
use crate::system::World;

pub(super) fn checks(world: &World, backend: &dyn Backend) -> Vec<Check> {
    let book = backend.profiles().ok();
    let used = match world.wanted_store {
        Some(StoreKind::Env) => Some(StoreKind::Env),
        wanted => book.as_ref().and_then(|book| book.store).or(wanted),
    };
    let mut checks = vec![match used {
        Some(kind) => Check::pass("store", format!("keys are kept in {}", kind.in_words())),
        None => Check::skip("store", "no key was added yet"),
    }];
    let mut serves = None;
    for kind in [StoreKind::Keychain, StoreKind::File, StoreKind::Env] {
        match keys_in(world, kind) {
            Ok(store) => {
                let health = store.health();
                let ready = health == Health::Ready;
                checks.push(health_check(kind, health, used));
                serves = serves.or((ready && used == Some(kind)).then_some(store));
            }
            Err(error) => checks.push(Check::of_error(id(kind), error)),
        }
    }
    let session = session(world);
    let opens_silently = used == Some(StoreKind::Keychain) || session.outcome == Outcome::Pass;
    checks.push(session);
    if let (Some(book), Some(store)) = (book, serves.filter(|_| opens_silently)) {
        checks.extend(entries(&book, &*store));
    }
    checks
}

fn id(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Keychain => "keychain",
        StoreKind::File => "encrypted-files",
        StoreKind::Env => "environment",
    }
}

/// A store that is not used may well be missing.
fn health_check(kind: StoreKind, health: Health, used: Option<StoreKind>) -> Check {
    match health {
        _ if kind == StoreKind::Env && used != Some(kind) => Check::skip(id(kind), "not used"),
        Health::Ready => Check::pass(id(kind), "answers and is open"),
        Health::Unwell(StoreError::NotSetUp) if used != Some(kind) => Check::skip(id(kind), "not used"),
        Health::Unwell(why) if used == Some(kind) => {
            Check { kind: Kind::Store, ..Check::of_error(id(kind), explain(&why, kind, None)) }
        }
        Health::Unwell(why) => Check::skip(id(kind), format!("not used; {why}")),
    }
}

fn session(world: &World) -> Check {
    match encrypted_files(world).map(|files| files.unlocked_until()) {
        Ok(Ok(Some(until))) => {
            Check::pass("unlocked", format!("until {} UTC", until.format("%Y-%m-%d %H:%M:%S")))
        }
        Ok(Ok(None)) => Check::skip("unlocked", "the encrypted files are not unlocked"),
        Ok(Err(why)) => Check::skip("unlocked", why.to_string()),
        Err(_) => Check::skip("unlocked", "the configuration cannot be read"),
    }
}

/// Whether the store has every key that the book names; only where that opens no dialog.
fn entries(book: &Profiles, store: &dyn Store) -> Vec<Check> {
    let mut wrong = Vec::new();
    for profile in &book.profiles {
        let name = &profile.name;
        match store.get(&Slot::of(profile, Role::Current)) {
            Ok(key) if key.fingerprint() == profile.key.fingerprint => {}
            Ok(_) => wrong.push(
                Check::fail(
                    "entry",
                    format!(
                        "{} holds another key for `{name}` than the one that was added",
                        store.kind().in_words()
                    ),
                )
                .hint(format!("getimg-keys verify {name} --adopt  # take it over, if the API accepts it")),
            ),
            Err(why) => wrong.push(Check::of_error("entry", explain(&why, store.kind(), Some(name)))),
        }
    }
    if wrong.is_empty() && !book.profiles.is_empty() {
        wrong.push(Check::pass("entry", "every profile's key is there and is the one that was added"));
    }
    wrong
}
