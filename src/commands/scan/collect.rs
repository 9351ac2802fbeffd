//! What the sources find, gathered from all their threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::finding::Finding;
use crate::git::Skipped;

/// Findings, what was read, and what was not.
#[derive(Debug, Default)]
pub(super) struct Collected {
    findings: Mutex<Vec<Finding>>,
    skipped: Mutex<Vec<Skipped>>,
    pub(super) files: AtomicU64,
    pub(super) objects: AtomicU64,
    pub(super) bytes: AtomicU64,
}

impl Collected {
    /// Keeps a finding.
    pub(super) fn find(&self, finding: Finding) {
        locked(&self.findings).push(finding);
    }

    /// Keeps what was not read.
    pub(super) fn skip(&self, skipped: impl IntoIterator<Item = Skipped>) {
        locked(&self.skipped).extend(skipped);
    }

    /// Takes over what another has gathered.
    pub(super) fn absorb(&self, other: Self) {
        let (findings, skipped, [files, objects, bytes]) = other.into_parts();
        locked(&self.findings).extend(findings);
        self.skip(skipped);
        self.files.fetch_add(files, Ordering::Relaxed);
        self.objects.fetch_add(objects, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a text that was read.
    pub(super) fn read(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Changes the findings made so far.
    pub(super) fn findings(&self) -> std::sync::MutexGuard<'_, Vec<Finding>> {
        locked(&self.findings)
    }

    /// Changes every name of a file, a branch or a tag.
    pub(super) fn rename(&self, change: impl Fn(&str) -> String) {
        for finding in locked(&self.findings).iter_mut() {
            finding.path = finding.path.as_deref().map(&change);
            finding.refs.iter_mut().for_each(|name| *name = change(name));
        }
        for part in locked(&self.skipped).iter_mut() {
            part.path = change(&part.path);
        }
    }

    /// All of it.
    pub(super) fn into_parts(self) -> (Vec<Finding>, Vec<Skipped>, [u64; 3]) {
        let counts = [self.files, self.objects, self.bytes].map(AtomicU64::into_inner);
        let inner = |e: std::sync::PoisonError<_>| e.into_inner();
        (
            self.findings.into_inner().unwrap_or_else(inner),
            self.skipped.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner),
            counts,
        )
    }
}

fn locked<T>(list: &Mutex<Vec<T>>) -> std::sync::MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
