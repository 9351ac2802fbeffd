//! Work that several threads share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many threads read at once.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(16)
}

/// Does the same on several threads at once, including this one; a thread that the system refuses is left out.
pub(super) fn together(most: usize, work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads().min(most) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, &work);
        }
        work();
    });
}

/// Does some work, and something else that mostly waits on a thread of its own, if the system gives one, else after it.
pub fn beside<W, O: Send>(other: impl Fn() -> O + Sync, work: impl FnOnce() -> W) -> (W, O) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, &other);
        let done = work();
        (done, thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(&other))
    })
}

/// The parts of a list, which several threads take one after the other.
pub(super) struct Parts<'l, T> {
    list: &'l [T],
    size: usize,
    next: AtomicUsize,
}

impl<'l, T: Sync> Parts<'l, T> {
    /// Parts of this size; the last one may be smaller.
    pub(super) fn of(list: &'l [T], size: usize) -> Self {
        Self { list, size, next: AtomicUsize::new(0) }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.list.len().div_ceil(self.size)
    }

    /// The place in the list where the next part begins, and the part; `None` for every thread once there are no more.
    pub(super) fn next(&self) -> Option<(usize, &'l [T])> {
        let from = self.next.fetch_add(self.size, Ordering::Relaxed);
        let part = self.list.get(from..)?.chunks(self.size).next()?;
        Some((from, part))
    }

    /// Does the same for every part on several threads at once; returns the results in the list's order.
    pub(super) fn each<R: Send>(&self, work: impl Fn(usize, &'l [T]) -> R + Sync) -> Vec<R> {
        let done = Mutex::new(BTreeMap::new());
        together(self.count(), || {
            while let Some((from, part)) = self.next() {
                let result = work(from, part);
                done.lock().unwrap_or_else(PoisonError::into_inner).insert(from, result);
            }
        });
        done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }
}

/// What several threads take from one iterator. One of them looks ahead while the others work on what it found.
pub(super) struct Shared<I: Iterator> {
    source: Mutex<I>,
    found: Mutex<VecDeque<I::Item>>,
}

impl<I: Iterator> Shared<I> {
    /// How many items are looked up at once, and at how few remaining items the next are looked up.
    const AHEAD: usize = 64;

    pub(super) fn new(source: I) -> Self {
        Self { source: Mutex::new(source), found: Mutex::new(VecDeque::new()) }
    }

    /// The next item for the calling thread; `None` for every thread once there are no more.
    pub(super) fn next(&self) -> Option<I::Item> {
        let (item, left) = self.take()?;
        if item.is_none() {
            let mut source = self.source.lock().ok()?;
            let item = self.take()?.0.or_else(|| source.next());
            self.look_ahead(&mut source);
            return item;
        }
        if left < Self::AHEAD
            && let Ok(mut source) = self.source.try_lock()
        {
            self.look_ahead(&mut source);
        }
        item
    }

    fn take(&self) -> Option<(Option<I::Item>, usize)> {
        let mut found = self.found.lock().ok()?;
        Some((found.pop_front(), found.len()))
    }

    fn look_ahead(&self, source: &mut I) {
        let more: Vec<I::Item> = source.take(Self::AHEAD).collect();
        if let Ok(mut found) = self.found.lock() {
            found.extend(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_part_and_the_results_are_in_order() {
        let list = Vec::from_iter(0..100);
        for items in [0, 1, 6, 7, 8, 100] {
            let parts = Parts::of(&list[..items], 7);
            let results = parts.each(|from, part| {
                assert_eq!(part, &list[from..from + part.len()]);
                part.to_vec()
            });
            assert_eq!(results.len(), parts.count());
            assert_eq!(results.concat(), list[..items]);
        }
    }

    #[test]
    fn each_item_is_taken_once_however_many_threads_take() {
        let shared = Shared::new(0..10_000);
        let taken = Mutex::new(Vec::new());
        together(usize::MAX, || {
            while let Some(item) = shared.next() {
                taken.lock().unwrap().push(item);
            }
        });
        let mut taken = taken.into_inner().unwrap();
        taken.sort_unstable();
        assert_eq!(taken, Vec::from_iter(0..10_000));
    }
}
