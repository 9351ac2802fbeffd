//! Time limits for the keychain: no platform has one of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Dialogs;
use crate::backend::StoreError;

/// How long a call may take where nobody can answer a dialog.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// How long a dialog may stay open before the person is told of it.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a dialog is waited for.
pub(super) const DIALOG: Duration = Duration::from_secs(120);

/// A call of this process was not answered: the next one would only wait as long again.
static UNANSWERED: AtomicBool = AtomicBool::new(false);

/// The time that a call has, and what a person is told meanwhile.
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

    /// How long is waited without a word.
    pub(super) fn in_silence(&self) -> Duration {
        if self.on_dialog.is_some() { SILENCE } else { DEADLINE }
    }

    /// How long is waited after that; a person who could be looking at a dialog is told of it.
    pub(super) fn for_a_dialog(&self) -> Duration {
        match &self.on_dialog {
            Some(tell) => {
                tell();
                DIALOG
            }
            None => Duration::ZERO,
        }
    }

    /// What a call comes to that had all its time.
    pub(super) fn no_answer(&self) -> StoreError {
        let waited = if self.on_dialog.is_some() { SILENCE + DIALOG } else { DEADLINE };
        StoreError::NoAnswer(waited.as_secs())
    }
}
