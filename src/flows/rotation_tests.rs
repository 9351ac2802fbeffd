use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::*;
use crate::backend::local::profiles_file;
use crate::flows::failing_store::Failing;
use crate::model::Profiles;
use crate::model::test_support::{day, key, name, profiles};
use crate::system::Places;
use crate::system::variables::{HOME, Variables};

struct Scene {
    _home: tempfile::TempDir,
    places: Places,
    store: Failing,
}

/// A profile whose key is `dev`, before a rotation in which the store fails at its n-th call.
fn scene(calls: usize) -> Scene {
    let home = tempfile::tempdir().unwrap();
    let places = Places::find(&Variables::from_iter([(HOME, home.path().to_str().unwrap())])).unwrap();
    let (mut edit, _) = profiles_file::edit(&places).unwrap();
    edit.profiles = profiles(&["dev"]);
    edit.commit().unwrap();
    let keys = HashMap::from([("dev".to_owned(), key("dev").expose().to_owned())]);
    let failure = (StoreError::Locked, false);
    let store = Failing { keys: RefCell::new(keys), calls_left: Cell::new(calls), failure };
    Scene { _home: home, places, store }
}

impl Scene {
    fn rotate(&self, origin: &Origin<'_>, new: &ApiKey) -> Result<()> {
        let (mut edit, _) = profiles_file::edit(&self.places).unwrap();
        let record = KeyRecord::of(new, day(1));
        run(&mut edit, &self.store, &name("dev"), origin, record, day(1))
    }

    /// What the next run does with what is left, the store being well again.
    fn settle(&self) -> Profiles {
        self.store.calls_left.set(usize::MAX);
        self.settle_if_possible().unwrap()
    }

    fn settle_if_possible(&self) -> Result<Profiles> {
        let (mut edit, _) = profiles_file::edit(&self.places).unwrap();
        match edit.profiles.unfinished.clone() {
            Some(Change::Rotate(cut_short)) if cut_short.is_staging() => {
                take_back(&self.store, &name("dev"), cut_short.new.fingerprint)?;
            }
            Some(Change::Rotate(cut_short)) => go_on(&mut edit, &self.store, cut_short, day(2))?,
            _ => {}
        }
        edit.profiles.unfinished = None;
        edit.save().unwrap();
        Ok(edit.profiles.clone())
    }

    fn held(&self, slot: &str) -> Option<String> {
        self.store.keys.borrow().get(slot).cloned()
    }
}

/// Every way a store can fail.
fn failures() -> Vec<StoreError> {
    let text = || "x".to_owned();
    vec![
        StoreError::Missing,
        StoreError::Ambiguous(Vec::new()),
        StoreError::Occupied(Vec::new()),
        StoreError::ForeignBus,
        StoreError::NoVault,
        StoreError::NoCollection,
        StoreError::NotAKey,
        StoreError::Locked,
        StoreError::Denied,
        StoreError::NoBus,
        StoreError::NoProvider,
        StoreError::NoAnswer(5),
        StoreError::ReadOnly,
        StoreError::NotKept,
        StoreError::NotSetUp,
        StoreError::PassphraseNeeded,
        StoreError::WrongPassphrase(None),
        StoreError::PassphraseFile(text()),
        StoreError::PassphraseCommand(text()),
        StoreError::NoSession(text()),
        StoreError::Damaged(text()),
        StoreError::Cancelled,
        StoreError::Failed(text()),
    ]
}

#[test]
fn whichever_call_fails_however_often_the_profile_has_a_working_key_and_the_book_knows_it() {
    // Failing late, or again while it is put right, depends on when, not on how.
    let often = [(StoreError::Locked, false), (StoreError::NotKept, true)];
    let once = failures().into_iter().map(|error| ((error, false), 0..1));
    for (failure, again) in once.chain(often.map(|failure| (failure, 1..6))) {
        for (calls, again) in (0..7).flat_map(|calls| again.clone().map(move |again| (calls, again))) {
            let mut scene = scene(calls);
            scene.store.failure = failure.clone();
            let told = format!("{failure:?} after {calls} calls, then after {again}");
            rotated_or_not(&scene, again, &told);
        }
    }
}

/// Rotates, lets the next run fail too, then puts it right; looks at the keys at every stop.
fn rotated_or_not(scene: &Scene, again: usize, told: &str) {
    let (old, new) = (key("dev"), key("new"));
    let works = || {
        let in_use = scene.held("dev").unwrap();
        assert!(in_use == old.expose() || in_use == new.expose(), "{told}");
        in_use == new.expose()
    };
    let outcome = scene.rotate(&Origin::Given(&new), &new);
    works();
    scene.store.calls_left.set(again);
    let _ = scene.settle_if_possible();
    works();
    let profiles = scene.settle();
    let (profile, rotated) = (profiles.get(&name("dev")).unwrap(), works());
    let known = if rotated { new.fingerprint() } else { old.fingerprint() };
    assert_eq!(profile.key.fingerprint, known, "{told}");
    assert_eq!(scene.held("dev~next"), None, "{told}");
    let kept = profile.previous.as_ref().map(|p| p.key.fingerprint);
    assert_eq!(kept, rotated.then(|| old.fingerprint()), "{told}");
    if rotated {
        assert_eq!(scene.held("dev~previous").as_deref(), Some(old.expose()), "{told}");
    }
    assert!(outcome.is_err() || rotated, "{told}");
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
