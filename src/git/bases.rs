//! Bases that wait for their children, and the work spent on a pack.

use std::cell::{Cell, Ref, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use super::walk::Blank;

/// How many bytes of bases may wait for their next child, over all threads; a base beyond that is inflated again.
const WAITING: isize = 128 * 1024 * 1024;
/// How much a thread counts before it tells the others: at each object, the counters would go from core to core.
const TOLD: usize = 1 << 20;

/// What the threads that read one pack share.
pub(super) struct Spent {
    waiting: AtomicIsize,
    /// In KiB.
    work: AtomicUsize,
    most: usize,
    pub(super) alone: Mutex<()>,
}

/// What one thread counts, with what the others have told.
pub(super) struct Share<'s> {
    pub(super) all: &'s Spent,
    /// Bytes that were not told yet; of bases they may be fewer than none.
    waiting: Cell<isize>,
    work: Cell<usize>,
}

/// A base that waits for its children.
pub(super) struct Base<'s> {
    bytes: RefCell<Option<Vec<u8>>>,
    pub(super) blank: Blank,
    share: &'s Share<'s>,
}

impl<'s> Base<'s> {
    /// Keeps a base for its next children; if too much waits, the oldest bases are dropped.
    pub(super) fn kept(
        bytes: Vec<u8>,
        blank: Blank,
        share: &'s Share<'s>,
        kept: &mut Vec<Weak<Self>>,
    ) -> Rc<Self> {
        kept.retain(|base| base.strong_count() > 0);
        share.waits(bytes.len().cast_signed());
        for older in kept.iter().filter_map(Weak::upgrade) {
            if share.all_waiting() <= WAITING {
                break;
            }
            older.let_go();
        }
        let base = Rc::new(Self { bytes: RefCell::new(Some(bytes)), blank, share });
        kept.push(Rc::downgrade(&base));
        base
    }

    /// The buffer of a base for which no child waits any more; empty if one does.
    pub(super) fn over(base: Option<Rc<Self>>) -> Vec<u8> {
        base.and_then(Rc::into_inner).map(|base| base.let_go()).unwrap_or_default()
    }

    /// Its bytes, unless they were dropped.
    pub(super) fn held(&self) -> Option<Ref<'_, Vec<u8>>> {
        Ref::filter_map(self.bytes.borrow(), Option::as_ref).ok()
    }

    fn let_go(&self) -> Vec<u8> {
        let bytes = self.bytes.take().unwrap_or_default();
        self.share.waits(-bytes.len().cast_signed());
        bytes
    }
}

impl Drop for Base<'_> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Spent {
    /// Nothing yet, of so many KiB.
    pub(super) fn of(most: usize) -> Self {
        Self { waiting: AtomicIsize::new(0), work: AtomicUsize::new(0), most, alone: Mutex::default() }
    }

    /// Whether more was inflated than is allowed.
    pub(super) fn is_too_much(&self) -> bool {
        self.work.load(Ordering::Relaxed) > self.most
    }
}

impl<'s> Share<'s> {
    /// A thread's share.
    pub(super) fn of(all: &'s Spent) -> Self {
        Self { all, waiting: Cell::new(0), work: Cell::new(0) }
    }

    /// Counts inflated bytes; returns whether more are allowed, which is looked at when the others are told.
    pub(super) fn work(&self, bytes: usize) -> bool {
        let work = self.work.get() + bytes;
        if work < TOLD {
            self.work.set(work);
            return true;
        }
        self.all.work.fetch_add(work >> 10, Ordering::Relaxed);
        self.work.set(0);
        !self.all.is_too_much()
    }

    fn waits(&self, more: isize) {
        let waiting = self.waiting.get() + more;
        if waiting.unsigned_abs() < TOLD {
            self.waiting.set(waiting);
        } else {
            self.all.waiting.fetch_add(waiting, Ordering::Relaxed);
            self.waiting.set(0);
        }
    }

    fn all_waiting(&self) -> isize {
        self.all.waiting.load(Ordering::Relaxed) + self.waiting.get()
    }
}
