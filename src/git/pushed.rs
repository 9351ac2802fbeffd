//! Whether another repository has something: yes, no, or unknown.

/// Whether a remote has something, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pushed {
    /// A remote has it, or had it.
    Yes,
    /// It is unknown: what remotes have is not all here, or cannot be read.
    Unknown,
    /// No remote that is known here has it.
    #[default]
    No,
}

impl Pushed {
    /// From whether a remote is known to have it, and whether everything that remotes have is here.
    pub(super) fn of(is_seen: bool, is_all_here: bool) -> Self {
        match (is_seen, is_all_here) {
            (true, _) => Self::Yes,
            (false, true) => Self::No,
            (false, false) => Self::Unknown,
        }
    }

    /// The value in JSON: `None` if unknown.
    pub fn known(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::Unknown => None,
            Self::No => Some(false),
        }
    }
}
