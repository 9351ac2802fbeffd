//! Whether this process was asked to end.

use std::io;

/// Notices Ctrl-C and the signals that end a program, so that it can clean up first.
#[derive(Clone, Debug)]
pub struct EndAskedFor(platform::Asked);

impl EndAskedFor {
    /// From now on none of them ends this process by itself.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn watch() -> io::Result<Self> {
        platform::watch().map(Self)
    }

    /// Whether one came since the last call.
    pub fn came(&self) -> bool {
        platform::came(&self.0)
    }
}

#[cfg(unix)]
mod platform {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    pub(super) type Asked = Arc<AtomicBool>;

    pub(super) fn watch() -> io::Result<Asked> {
        let asked = Asked::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(asked)
    }

    pub(super) fn came(asked: &Asked) -> bool {
        asked.swap(false, Ordering::Relaxed)
    }
}

#[cfg(windows)]
mod platform {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::task::{Context, Waker};

    use tokio::signal::windows::{CtrlC, ctrl_c};

    pub(super) type Asked = Arc<Mutex<CtrlC>>;

    pub(super) fn watch() -> io::Result<Asked> {
        ctrl_c().map(|asked| Arc::new(Mutex::new(asked)))
    }

    pub(super) fn came(asked: &Asked) -> bool {
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.poll_recv(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}
