//! Bases that wait for their children, and the work spent on a pack.

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::walk::Blank;

/// How many bytes of bases may wait for their next child, over all threads; a base beyond that is inflated again.
const WAITING: usize = 128 * 1024 * 1024;

/// What the threads that read one pack share.
pub(super) struct Spent {
    pub(super) waiting: AtomicUsize,
    /// In KiB.
    pub(super) work: AtomicUsize,
    pub(super) most: usize,
    pub(super) alone: Mutex<()>,
}

/// A base that waits for its children.
pub(super) struct Base<'s> {
    bytes: RefCell<Option<Vec<u8>>>,
    pub(super) blank: Blank,
    spent: &'s Spent,
}

impl<'s> Base<'s> {
    /// Keeps a base for its next children; if too much waits, the oldest bases are dropped.
    pub(super) fn kept(bytes: Vec<u8>, blank: Blank, spent: &'s Spent, kept: &mut Vec<Rc<Self>>) -> Rc<Self> {
        kept.retain(|base| Rc::strong_count(base) > 1);
        let mut waits = spent.waiting.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        for older in kept.iter() {
            if waits <= WAITING {
                break;
            }
            waits -= older.let_go();
        }
        let base = Rc::new(Self { bytes: RefCell::new(Some(bytes)), blank, spent });
        kept.push(Rc::clone(&base));
        base
    }

    /// Its bytes, unless they were dropped.
    pub(super) fn held(&self) -> Option<Ref<'_, Vec<u8>>> {
        Ref::filter_map(self.bytes.borrow(), Option::as_ref).ok()
    }

    fn let_go(&self) -> usize {
        let bytes = self.bytes.take().map_or(0, |bytes| bytes.len());
        self.spent.waiting.fetch_sub(bytes, Ordering::Relaxed);
        bytes
    }
}

impl Drop for Base<'_> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Spent {
    /// Counts inflated bytes; returns whether more are allowed.
    pub(super) fn work(&self, bytes: usize) -> bool {
        self.work.fetch_add(bytes >> 10, Ordering::Relaxed) <= self.most
    }
}
