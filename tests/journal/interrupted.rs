//! A backend whose n-th call kills the run or is refused.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use getimg_keys::backend::{Backend, Capabilities, Commit, Edit, Health, Slot, Store, StoreError, StoreKind};
use getimg_keys::error::{Error, Result};
use getimg_keys::model::{ApiKey, Profiles};

/// What happens at a call of the store or when the profiles are saved.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// The process is killed.
    Killed,
    /// This call and every later one is refused.
    Refused(StoreError),
    /// The same, but the profiles can be saved.
    Closed(StoreError),
    /// This call alone is refused.
    Once(StoreError),
}

/// Another backend, with a fault.
pub(super) struct Interrupted<'a> {
    whole: &'a dyn Backend,
    fate: Fate,
    /// Whether the fault comes after the call was carried out.
    late: bool,
    calls_left: Cell<usize>,
    /// The calls, one letter each: `s` for a save, `k` for a call of the store.
    pub(super) done: RefCell<String>,
}

/// The end of a killed process.
struct Dead;

struct Saving<'a> {
    edit: Edit<'a>,
    by: &'a Interrupted<'a>,
}

impl<'a> Interrupted<'a> {
    pub(super) fn new(whole: &'a dyn Backend, calls: usize, fate: Fate, late: bool) -> Self {
        Self { whole, fate, late, calls_left: Cell::new(calls), done: RefCell::default() }
    }

    /// Runs something to its end; `None` if it is killed.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Self) -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Ok(done) => Some(done),
            Err(end) if end.is::<Dead>() => None,
            Err(panic) => resume_unwind(panic),
        }
    }

    fn call<T>(&self, letter: char, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let left = self.calls_left.get();
        self.calls_left.set(left.saturating_sub(1));
        self.done.borrow_mut().push(letter);
        if left > 0 || letter == 's' && matches!(self.fate, Fate::Closed(_)) {
            return work();
        }
        if self.late {
            let _ = work();
        }
        match &self.fate {
            Fate::Killed => resume_unwind(Box::new(Dead)),
            Fate::Refused(why) | Fate::Closed(why) => Err(why.clone()),
            Fate::Once(why) => {
                self.calls_left.set(usize::MAX);
                Err(why.clone())
            }
        }
    }
}

impl Backend for Interrupted<'_> {
    fn profiles(&self) -> Result<Profiles> {
        self.whole.profiles()
    }

    fn edit(&self) -> Result<Edit<'_>> {
        let edit = self.whole.edit()?;
        Ok(Edit::new(edit.profiles.clone(), Saving { edit, by: self }))
    }

    fn keys(&self) -> Result<&dyn Store> {
        Ok(self)
    }

    fn capabilities(&self) -> Capabilities {
        self.whole.capabilities()
    }
}

impl Commit for Saving<'_> {
    fn save(&mut self, profiles: &mut Profiles) -> Result<()> {
        let Self { edit, by } = self;
        let mut saved = Ok(());
        let done = by.call('s', || {
            edit.profiles = profiles.clone();
            saved = edit.save();
            profiles.clone_from(&edit.profiles);
            Ok(())
        });
        match done {
            Ok(()) => saved,
            Err(_) if matches!(by.fate, Fate::Refused(_)) => Err(Error::failure("the disk is full")),
            Err(_) => unreachable!("a killed run comes to no end"),
        }
    }
}

impl Interrupted<'_> {
    fn store(&self) -> &dyn Store {
        self.whole.keys().unwrap()
    }
}

impl Store for Interrupted<'_> {
    fn kind(&self) -> StoreKind {
        self.store().kind()
    }

    fn get(&self, slot: &Slot) -> Result<ApiKey, StoreError> {
        self.call('k', || self.store().get(slot))
    }

    fn must_be_empty(&self, slot: &Slot) -> Result<(), StoreError> {
        self.store().must_be_empty(slot)
    }

    fn put(&self, slot: &Slot, key: &ApiKey) -> Result<(), StoreError> {
        self.call('k', || self.store().put(slot, key))
    }

    fn forget(&self, slot: &Slot) -> Result<(), StoreError> {
        self.call('k', || self.store().forget(slot))
    }

    fn copy(&self, from: &Slot, to: &Slot) -> Result<(), StoreError> {
        self.call('k', || self.store().copy(from, to))
    }

    fn health(&self) -> Health {
        self.store().health()
    }
}
