//! Time limits for the keychain: no platform has one of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Dialogs;
use crate::backend::StoreError;

/// How long a call may take if nobody can answer a dialog.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// How long a dialog may stay open before the user is told about it.
const SILENCE: Duration = Duration::from_secs(3);
/// How long to wait for a dialog.
pub(super) const DIALOG: Duration = Duration::from_secs(120);

/// A call of this process was not answered: the next one would only wait as long again.
static UNANSWERED: AtomicBool = AtomicBool::new(false);

/// The time limit of a call, and what the user is told meanwhile.
pub(super) struct Waiting<'a> {
    on_dialog: Option<Box<dyn Fn() + 'a>>,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(dialogs: Dialogs, on_dialog: Box<dyn Fn() + 'a>) -> Self {
        Self { on_dialog: (dialogs == Dialogs::Answered).then_some(on_dialog) }
    }

    /// Makes a call, unless an earlier one of this process was not answered.
    pub(super) fn once<T>(&self, call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if UNANSWERED.load(Ordering::Relaxed) {
            return Err(self.no_answer());
        }
        let answer = call();
        if matches!(answer, Err(StoreError::NoAnswer(_))) {
            UNANSWERED.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// How long to wait silently.
    pub(super) fn in_silence(&self) -> Duration {
        if self.on_dialog.is_some() { SILENCE } else { DEADLINE }
    }

    /// How long to wait after that; a user who could be looking at a dialog is told about it.
    pub(super) fn for_a_dialog(&self) -> Duration {
        match &self.on_dialog {
            Some(tell) => {
                tell();
                DIALOG
            }
            None => Duration::ZERO,
        }
    }

    /// The error of a call that reached its time limit.
    pub(super) fn no_answer(&self) -> StoreError {
        let waited = if self.on_dialog.is_some() { SILENCE + DIALOG } else { DEADLINE };
        StoreError::NoAnswer(waited.as_secs())
    }
}
