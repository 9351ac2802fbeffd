use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use zeroize::Zeroizing;

use super::*;
use crate::model::test_support::{book, day, key, name};
use crate::model::{Profiles, StoreKind};
use crate::store::Health;
use crate::world::variables::{HOME, Variables};
use crate::world::{Places, profile_file};

/// Keeps keys in memory and fails, like a killed process, from a given call on.
struct Failing {
    keys: RefCell<HashMap<String, String>>,
    calls_left: Cell<usize>,
}

impl Failing {
    fn spend(&self) -> Result<(), StoreError> {
        match self.calls_left.get() {
            0 => Err(StoreError::Locked),
            left => {
                self.calls_left.set(left - 1);
                Ok(())
            }
        }
    }
}

impl Store for Failing {
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        self.spend()?;
        let text = self.keys.borrow().get(&slot.to_string()).cloned().ok_or(StoreError::Missing)?;
        ApiKey::parse(Zeroizing::new(text)).map_err(|_| StoreError::NotAKey)
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.spend()?;
        self.keys.borrow_mut().insert(slot.to_string(), key.expose().to_owned());
        Ok(())
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        self.spend()?;
        self.keys.borrow_mut().remove(&slot.to_string());
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}

struct Scene {
    _home: tempfile::TempDir,
    places: Places,
    store: Failing,
}

/// A profile whose key is `dev`, before a rotation in which the store fails at its n-th call.
fn scene(calls: usize) -> Scene {
    let home = tempfile::tempdir().unwrap();
    let places = Places::find(&Variables::from_iter([(HOME, home.path().to_str().unwrap())])).unwrap();
    let (mut edit, _) = profile_file::edit(&places).unwrap();
    edit.book = book(&["dev"]);
    edit.commit().unwrap();
    let keys = HashMap::from([("dev".to_owned(), key("dev").expose().to_owned())]);
    Scene { _home: home, places, store: Failing { keys: RefCell::new(keys), calls_left: Cell::new(calls) } }
}

impl Scene {
    fn rotate(&self, origin: &Origin<'_>, new: &ApiKey) -> Result<()> {
        let (mut edit, _) = profile_file::edit(&self.places).unwrap();
        let record = KeyRecord::of(new, day(1));
        run(&mut edit, &self.store, &name("dev"), origin, record, day(1))
    }

    /// What the next run does with what is left, the store being well again.
    fn settle(&self) -> Profiles {
        self.store.calls_left.set(usize::MAX);
        let (mut edit, _) = profile_file::edit(&self.places).unwrap();
        match edit.book.unfinished.clone() {
            Some(Unfinished::Rotate(cut_short)) if cut_short.is_staging() => {
                take_back(&self.store, &name("dev")).unwrap();
            }
            Some(Unfinished::Rotate(cut_short)) => go_on(&mut edit, &self.store, cut_short, day(2)).unwrap(),
            _ => {}
        }
        edit.book.unfinished = None;
        edit.save().unwrap();
        edit.book.clone()
    }

    fn held(&self, slot: &str) -> Option<String> {
        self.store.keys.borrow().get(slot).cloned()
    }
}

#[test]
fn whichever_call_fails_the_profile_has_a_working_key_and_the_book_knows_it() {
    let (old, new) = (key("dev"), key("new"));
    for calls in 0..12 {
        let scene = scene(calls);
        let outcome = scene.rotate(&Origin::Given(&new), &new);
        let in_use = scene.held("dev").unwrap();
        assert!(in_use == old.expose() || in_use == new.expose(), "after {calls} calls");
        let book = scene.settle();
        let profile = book.get(&name("dev")).unwrap();
        let in_use = scene.held("dev").unwrap();
        let known = if in_use == new.expose() { new.fingerprint() } else { old.fingerprint() };
        assert_eq!(profile.key.fingerprint, known, "after {calls} calls");
        assert_eq!(scene.held("dev~next"), None, "after {calls} calls");
        let rotated = profile.previous.as_ref().map(|p| p.key.fingerprint) == Some(old.fingerprint());
        assert_eq!(rotated, in_use == new.expose(), "after {calls} calls");
        if rotated {
            assert_eq!(scene.held("dev~previous").as_deref(), Some(old.expose()), "after {calls} calls");
        }
        assert!(outcome.is_err() || rotated, "after {calls} calls");
    }
}

#[test]
fn undo_swaps_back_and_forth_whichever_call_fails() {
    let (old, new) = (key("dev"), key("new"));
    for calls in 0..12 {
        let scene = scene(usize::MAX);
        scene.rotate(&Origin::Given(&new), &new).unwrap();
        scene.store.calls_left.set(calls);
        let _ = scene.rotate(&Origin::Previous, &old);
        scene.settle();
        let both = (scene.held("dev").unwrap(), scene.held("dev~previous").unwrap());
        let undone = (old.expose().to_owned(), new.expose().to_owned());
        let as_before = (new.expose().to_owned(), old.expose().to_owned());
        assert!(both == undone || both == as_before, "after {calls} calls");
    }
}
