//! The ways to a passphrase that a person's machine offers.

use zeroize::Zeroizing;

use super::{Prompt, Unlocking};
use crate::backend::StoreError;
use crate::backend::local::session::Session;
use crate::error::{Error, Kind, Result};
use crate::hint::{Hint, suggest};
use crate::system::{World, variables};

/// The ways to open the encrypted files here, in the order in which they are tried.
///
/// # Errors
/// The configuration does not parse.
pub fn unlocking(world: &World) -> Result<Unlocking<'_>> {
    Ok(Unlocking {
        session: Session::of(&world.places.keys()),
        passphrase_file: world.variables.path(variables::PASSPHRASE_FILE),
        passphrase_command: world.config()?.file.passphrase_command.clone(),
        prompt: world.terminal.interactive.then(|| -> Prompt<'_> {
            Box::new(|| {
                ask_passphrase(world, "Passphrase of the encrypted files (hidden):").map_err(prompt_error)
            })
        }),
    })
}

/// Asks for a passphrase without showing it.
///
/// # Errors
/// No terminal, or what was typed is not text (2); Ctrl-C (9).
pub fn ask_passphrase(world: &World, question: &str) -> Result<Zeroizing<String>> {
    let bytes = world.terminal.secret(question, &passphrase_file())?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::usage("the passphrase is not text").hint(passphrase_file()))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The command that names a file with the passphrase.
pub fn passphrase_file() -> Hint {
    let set = Hint::from(suggest::set(variables::PASSPHRASE_FILE, "FILE"));
    if cfg!(windows) { set } else { set.note("mode 0600") }
}

fn prompt_error(error: Error) -> StoreError {
    match error.kind {
        Kind::Cancelled => StoreError::Cancelled,
        _ => StoreError::Failed(error.message),
    }
}
