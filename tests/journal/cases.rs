//! Every change, from the same beginning, and what must be true of profiles and keys.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use getimg_keys::backend::{Backend, Role, Slot, Store};
use getimg_keys::error::Result;
use getimg_keys::flows::journal::{self, Given};
use getimg_keys::model::change::{Change, NewProfile, Rotation};
use getimg_keys::model::{ApiKey, Fingerprint, KeyRecord, PreviousKey, Profile, ProfileName, Profiles};
use zeroize::Zeroizing;

/// A profile's name and its keys: the one in use, then the previous one.
pub(super) type Keys = BTreeMap<String, Vec<Fingerprint>>;

/// A change, and the keys that it needs.
pub(super) struct Case {
    pub(super) told: &'static str,
    pub(super) change: Change,
    keys: Vec<ApiKey>,
    new: Vec<Profile>,
}

/// The profiles before any change, and their keys.
const BEFORE: [(&str, &[&str]); 3] = [("dev", &["dev"]), ("open", &["open", "older"]), ("prod", &["prod"])];
/// Every name that a profile ever has.
const NAMES: [&str; 7] = ["ci", "dev", "eu", "laptop", "new", "open", "prod"];
/// Every key.
const SEEDS: [&str; 10] = ["dev", "open", "older", "prod", "fresh", "back", "backer", "more", "one", "two"];

pub(super) fn key(seed: &str) -> ApiKey {
    ApiKey::parse(Zeroizing::new(format!("sk_{}{seed}", "aB3".repeat(10)))).unwrap()
}

pub(super) fn name(text: &str) -> ProfileName {
    text.parse().unwrap()
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::Duration::days(20_000)
}

pub(super) fn profile(text: &str, seeds: &[&str]) -> Profile {
    let record = |seed: &&str| KeyRecord::of(&key(seed), now());
    Profile {
        name: name(text),
        protected: false,
        note: None,
        added_at: now(),
        rotated_at: None,
        key: record(&seeds[0]),
        previous: seeds.get(1).map(|seed| PreviousKey { since: now(), key: record(seed) }),
        pushed: Vec::new(),
    }
}

pub(super) fn all() -> Vec<Case> {
    let case = |told, change| Case { told, change, keys: Vec::new(), new: Vec::new() };
    let rotation = |of: &str, seed: &str| Rotation::new(name(of), KeyRecord::of(&key(seed), now()));
    let rename = |from: &str| Change::Rename { from: name(from), to: name("laptop") };
    let restore = |told, of: &str, seeds: &[&str]| {
        let change = Change::Restore { profile: Box::new(profile(of, seeds)), in_store: false };
        Case { keys: seeds.iter().map(|seed| key(seed)).collect(), ..case(told, change) }
    };
    let new = vec![profile("ci", &["fresh", "back"]), profile("new", &["backer", "more"])];
    vec![
        Case {
            keys: vec![key("fresh")],
            new: vec![profile("ci", &["fresh"])],
            ..case("add", Change::Add { name: name("ci"), fingerprint: key("fresh").fingerprint() })
        },
        case("remove", Change::Remove { name: name("dev") }),
        case("remove, of two keys", Change::Remove { name: name("open") }),
        case("rename", rename("dev")),
        case("rename, of two keys", rename("open")),
        Case { keys: vec![key("fresh")], ..case("rotate", Change::Rotate(rotation("dev", "fresh"))) },
        case("undo", Change::Undo(rotation("open", "older"))),
        case("finish", Change::Finish { name: name("open") }),
        restore("restore", "dev", &["back"]),
        restore("restore, of two keys", "dev", &["back", "backer"]),
        restore("restore, two for two", "open", &["back", "backer"]),
        restore("restore, of the key before", "dev", &["dev", "backer"]),
        Case {
            keys: ["fresh", "back", "backer", "more"].map(key).into(),
            new: new.clone(),
            ..case("restore new", Change::RestoreNew { profiles: new.iter().map(NewProfile::of).collect() })
        },
    ]
}

impl Case {
    pub(super) fn run(&self, backend: &dyn Backend) -> Result<()> {
        let mut edit = backend.edit()?;
        let given = Given { profiles: self.new.clone(), ..Given::keys(&self.keys) };
        journal::run(&mut edit, backend.keys()?, self.change.clone(), given, now())
    }
}

/// The keys of the profiles before any change.
pub(super) fn before() -> Keys {
    let prints = |seeds: &[&str]| seeds.iter().map(|seed| key(seed).fingerprint()).collect();
    BEFORE.iter().map(|(name, seeds)| ((*name).to_owned(), prints(seeds))).collect()
}

/// Restores the state before any change.
pub(super) fn begin_anew(backend: &dyn Backend) {
    let mut edit = backend.edit().unwrap();
    let store = backend.keys().unwrap();
    // In a shared store an entry has the name of its key, whatever the slot.
    let slots = if backend.capabilities().shared { slots()[..1].to_vec() } else { slots() };
    slots.iter().for_each(|slot| store.forget(slot).unwrap());
    edit.profiles = Profiles::default();
    edit.profiles.store = Some(store.kind());
    for (name, seeds) in BEFORE {
        edit.profiles.insert(profile(name, seeds));
        fill(store, name, seeds);
    }
    edit.save().unwrap();
}

/// Puts keys into a profile's slots.
pub(super) fn fill(store: &dyn Store, of: &str, seeds: &[&str]) {
    for (slot, seed) in [Slot::current(&name(of)), Slot::previous(&name(of))].iter().zip(seeds) {
        store.put(slot, &key(seed)).unwrap();
    }
}

/// Every slot that a change could touch.
fn slots() -> Vec<Slot> {
    let of = |text: &&str| [Slot::current, Slot::previous, Slot::next].map(|slot| slot(&name(text)));
    NAMES.iter().flat_map(of).map(|slot| slot.holding(SEEDS.map(|seed| key(seed).fingerprint()))).collect()
}

/// What the store has, by slot; in a shared store, a key without a profile counts as a slot of its own.
pub(super) fn held(backend: &dyn Backend) -> BTreeMap<String, Fingerprint> {
    let (store, profiles) = (backend.keys().unwrap(), backend.profiles().unwrap());
    let slots: Vec<_> = if backend.capabilities().shared {
        let of = |profile: &Profile| {
            [Role::Current, Role::Previous]
                .into_iter()
                .map(|role| Slot::of(profile, role))
                .collect::<Vec<_>>()
        };
        let left = SEEDS.iter().filter(|seed| !profiles.holds(key(seed).fingerprint()));
        let left = left.map(|seed| Slot::current(&name(seed)).holding([key(seed).fingerprint()]));
        profiles.all.iter().flat_map(of).chain(left).collect()
    } else {
        slots()
    };
    let held = slots.iter().filter_map(|slot| Some((slot.to_string(), store.get(slot).ok()?.fingerprint())));
    held.collect()
}

/// Deletes what is in a slot, as another program would.
pub(super) fn delete(backend: &dyn Backend, slot: &str) {
    let found = slots().into_iter().find(|one| one.to_string() == slot).unwrap();
    backend.keys().unwrap().forget(&found).unwrap();
}

/// The profiles, each with its keys.
pub(super) fn known(backend: &dyn Backend) -> Keys {
    let profiles = backend.profiles().unwrap();
    profiles.all.iter().map(|profile| (profile.name.to_string(), profile.keys().collect())).collect()
}

/// No change is open, and the store has exactly the keys of the profiles.
pub(super) fn agree(backend: &dyn Backend, told: &str) {
    assert_eq!(backend.profiles().unwrap().unfinished(), None, "{told}");
    let slots = |(name, keys): (&String, &Vec<Fingerprint>)| {
        let slots = [name.clone(), format!("{name}~previous")];
        slots.into_iter().zip(keys.clone()).collect::<Vec<_>>()
    };
    let wanted: BTreeMap<_, _> = known(backend).iter().flat_map(slots).collect();
    assert_eq!(held(backend), wanted, "{told}");
}

/// Each profile that stays has a key in use that can be handed out, and no key is lost that is needed before and after.
pub(super) fn all_work(backend: &dyn Backend, old: &Keys, new: &Keys, told: &str) {
    let (profiles, held) = (backend.profiles().unwrap(), held(backend));
    let stays = |profile: &&Profile| new.contains_key(profile.name.as_str());
    for profile in profiles.all.iter().filter(stays) {
        let in_use = held.get(profile.name.as_str());
        let is_handed_out =
            |key: &Fingerprint| *key == profile.key.fingerprint || profiles.is_arriving(&profile.name, *key);
        assert!(in_use.is_some_and(is_handed_out), "{told}: {}", profile.name);
    }
    let keys = |of: &Keys| of.values().flatten().copied().collect::<BTreeSet<_>>();
    let there: BTreeSet<_> = held.values().copied().collect();
    let lost: Vec<_> =
        keys(old).intersection(&keys(new)).filter(|key| !there.contains(key)).copied().collect();
    assert_eq!(lost, [], "{told}");
}
