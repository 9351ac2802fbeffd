//! What a shell hook says the shell is.

use super::Shell;

/// The shell that `$GETIMG_KEYS_SHELL` names, as `SHELL:PID`, if it is the one that started this process.
///
/// The variable reaches everything that is started from that shell. A script for another shell must not get
/// text for this one, so the process number counts where the parent's is known. A name alone is believed.
pub fn said_by_hook(text: &str, parent: Option<u32>) -> Option<Shell> {
    let (name, process) = text.split_once(':').map_or((text, None), |(name, id)| (name, Some(id)));
    let other = parent.zip(process).is_some_and(|(parent, process)| process.parse() != Ok(parent));
    if other { None } else { Shell::from_program(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_speaks_for_its_own_shell_only() {
        assert_eq!(said_by_hook("fish:41", Some(41)), Some(Shell::Fish));
        assert_eq!(said_by_hook("fish:41", Some(42)), None);
        assert_eq!(said_by_hook("powershell:41", None), Some(Shell::Powershell));
        assert_eq!(said_by_hook("zsh", Some(42)), Some(Shell::Zsh));
        assert_eq!(said_by_hook("fish:x", Some(42)), None);
        assert_eq!(said_by_hook("", None), None);
    }
}
