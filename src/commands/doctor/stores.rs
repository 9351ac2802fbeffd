//! Checks the stores: which one is used, the state of each, and whether the keys are the recorded ones.

use crate::backend::local::encrypted_files;
use crate::backend::vault;
use crate::backend::{Backend, Health, Role, Slot, Store, StoreError, keys_in};
use crate::error::Kind;
use crate::flows::hand_out;
use crate::flows::open_store::{explain, explain_unread};
use crate::model::{Profiles, StoreKind};
use crate::output::checks::{Check, Outcome};
use crate::output::when::time_left;
use crate::system::World;

/// A token that expires within this many seconds causes a warning.
const SOON: i64 = 3600;

pub(super) fn checks(world: &World, backend: &dyn Backend) -> Vec<Check> {
    // Why they cannot be read is a check of its own.
    let profiles = backend.profiles().ok();
    let used = match world.wanted_store {
        Some(StoreKind::Env) => Some(StoreKind::Env),
        wanted => profiles.as_ref().and_then(|profiles| profiles.store).or(wanted),
    };
    let mut checks = vec![match used {
        Some(kind) => Check::pass("store", format!("keys are kept in {}", kind.in_words())),
        None => Check::skip("store", "no key was added yet"),
    }];
    let mut serves = None;
    let is_vault = used == Some(StoreKind::Vault);
    let mut kinds = vec![StoreKind::Keychain, StoreKind::File, StoreKind::Env];
    kinds.extend(is_vault.then_some(StoreKind::Vault));
    for kind in kinds {
        match keys_in(world, kind) {
            Ok(store) => {
                let health = store.health();
                let ready = health == Health::Ready;
                checks.push(health_check(kind, health, used, store.provider()));
                serves = serves.or((ready && used == Some(kind)).then_some(store));
            }
            Err(error) => checks.push(Check::of_error(id(kind), error)),
        }
    }
    let session = session(world);
    if is_vault {
        checks.extend(vault(world));
    }
    let opens_silently =
        matches!(used, Some(StoreKind::Keychain | StoreKind::Vault)) || session.outcome == Outcome::Pass;
    checks.push(session);
    if let (Some(profiles), Some(store)) = (profiles, serves) {
        checks.extend(entries(&profiles, &*store, opens_silently));
    }
    checks
}

fn id(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Keychain => "keychain",
        StoreKind::File => "encrypted-files",
        StoreKind::Env => "environment",
        StoreKind::Vault => "vault",
    }
}

/// A store that is not used may be missing.
fn health_check(kind: StoreKind, health: Health, used: Option<StoreKind>, provider: Option<String>) -> Check {
    match health {
        _ if kind == StoreKind::Env && used != Some(kind) => Check::skip(id(kind), "not used"),
        Health::Ready => {
            let who = provider.map(|program| format!("{program} ")).unwrap_or_default();
            Check::pass(id(kind), format!("{who}answers and is open"))
        }
        Health::Unwell(StoreError::NotSetUp) if used != Some(kind) => Check::skip(id(kind), "not used"),
        Health::Unwell(why) if used == Some(kind) => {
            Check { kind: Kind::Store, ..Check::of_error(id(kind), explain(&why, kind, None)) }
        }
        Health::Unwell(why) => Check::skip(id(kind), format!("not used; {why}")),
    }
}

/// What the vault says about the token: how long it is valid, and what it may not do.
fn vault(world: &World) -> Vec<Check> {
    // A vault that does not answer is told as a store that does not serve.
    let Ok(standing) = vault::standing(world) else { return Vec::new() };
    let Some(token) = standing.token else { return Vec::new() };
    let left = format!("{}; policies: {}", time_left(token.seconds_left), token.policies.join(", "));
    let mut checks = vec![match token.seconds_left {
        Some(seconds) if seconds < SOON => {
            Check::warn("vault-token", left).hint("bao token renew  # or bao login")
        }
        _ => Check::pass("vault-token", left),
    }];
    let Some(lacking) = &standing.lacking else {
        checks.push(Check::skip("vault-rights", "the vault does not tell this token what it may do"));
        return checks;
    };
    let lacking: Vec<_> = lacking
        .iter()
        .map(|right| format!("`{}` on {} ({})", right.capability, right.path, right.needed_for))
        .collect();
    checks.push(if lacking.is_empty() {
        Check::pass("vault-rights", "the token may do everything that there is a use for")
    } else {
        Check::warn("vault-rights", format!("the token lacks {}", lacking.join(", ")))
            .hint("bao policy write getimg-keys FILE  # by whoever runs the vault")
    });
    checks
}

fn session(world: &World) -> Check {
    match encrypted_files(world).map(|files| files.unlocked_until()) {
        Ok(Ok(Some(until))) => {
            Check::pass("unlocked", format!("until {} UTC", until.format("%Y-%m-%d %H:%M:%S")))
        }
        Ok(Ok(None)) => Check::skip("unlocked", "the encrypted files are not unlocked"),
        Ok(Err(why)) => Check::skip("unlocked", why.to_string()),
        Err(why) => Check::skip("unlocked", why.message),
    }
}

/// Whether the store has every key that the profiles name; it is only asked if that opens no dialog.
fn entries(profiles: &Profiles, store: &dyn Store, opens_silently: bool) -> Vec<Check> {
    let mut wrong = Vec::new();
    let slots: Vec<_> = profiles.all.iter().map(|profile| Slot::of(profile, Role::Current)).collect();
    let keys: Vec<_> = if opens_silently {
        store.get_all(&slots).into_iter().map(|key| key.map(|key| Some(key.fingerprint()))).collect()
    } else {
        slots.iter().map(|slot| store.look(slot).map(|()| None)).collect()
    };
    for (profile, fingerprint) in profiles.all.iter().zip(keys) {
        let name = &profile.name;
        match fingerprint {
            Ok(fingerprint) if fingerprint.is_none_or(|it| it == profile.key.fingerprint) => {}
            Ok(_) => {
                wrong.push(Check::of_error("entry", hand_out::changed_elsewhere(store.kind(), name)));
            }
            Err(why) => wrong.push(Check::of_error("entry", explain_unread(&why, store, name))),
        }
    }
    if opens_silently && wrong.is_empty() && !profiles.all.is_empty() {
        wrong.push(Check::pass("entry", "every profile's key is present and unchanged"));
    }
    wrong
}
