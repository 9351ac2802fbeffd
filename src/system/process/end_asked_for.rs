//! Whether this process was asked to end while it was at work.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Notes Ctrl-C and the signals that end a program, so that it can clear up first.
#[derive(Clone, Debug)]
pub struct EndAskedFor(Arc<AtomicBool>);

impl EndAskedFor {
    /// From now on none of them ends this process by itself; on Windows Ctrl-C still does.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn watch() -> io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        #[cfg(unix)]
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
        {
            signal_hook::flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(Self(asked))
    }

    /// Whether one came since the last time it was asked.
    pub fn came(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}
