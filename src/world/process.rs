//! What this process allows others to see of it.

/// The soft limit of core dumps as it was, to be given back to a child.
#[derive(Clone, Copy, Debug)]
pub struct Hardened {
    #[cfg(unix)]
    core: rustix::process::Rlimit,
}

/// Turns core dumps off, and on Linux reading this process's memory by others of the same user.
///
/// Called first thing; on systems without these limits it does nothing.
pub fn harden() -> Hardened {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let core = getrlimit(Resource::Core);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: core.maximum });
        Hardened { core }
    }
    #[cfg(not(unix))]
    Hardened {}
}

impl Hardened {
    /// Gives the limit back, just before a child takes this process's place.
    pub fn soften(self) {
        #[cfg(unix)]
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, self.core);
    }
}
