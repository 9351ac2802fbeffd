//! `--clean`: deletes the lines whose keys are in the store.

use std::ops::Range;
use std::path::Path;

use super::item::{Item, Outcome, complain};
use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::hand_out;
use crate::model::{ApiKey, Profiles};
use crate::system::World;
use crate::system::files::dotenv_clean;

/// The result.
#[derive(Default)]
pub(super) struct Cleaned {
    /// The deleted lines, counted from 0.
    pub(super) lines: Vec<Range<usize>>,
    /// Why some of them were not deleted.
    pub(super) kinds: Vec<Kind>,
}

/// Deletes the lines whose keys are proven to be stored; names the others.
pub(super) fn clean(
    world: &World,
    backend: &dyn Backend,
    file: &Path,
    text: &str,
    items: &[Item],
) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let lines = prove(world, backend, items, &mut cleaned.kinds, file);
    if lines.is_empty() {
        return cleaned;
    }
    match take_out(backend, file, text, items, &lines) {
        Ok(()) => cleaned.lines = lines,
        Err(error) => {
            complain(world, "the keys are stored, but", &error);
            cleaned.kinds.push(error.kind);
        }
    }
    cleaned
}

/// The lines whose keys the store holds: it has just read them back, or is asked here.
fn prove(
    world: &World,
    backend: &dyn Backend,
    items: &[Item],
    kinds: &mut Vec<Kind>,
    file: &Path,
) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    for item in items {
        let proof = match item.outcome {
            Outcome::Added(_) => Ok(()),
            Outcome::AlreadyThere => stored(backend, item),
            _ => continue,
        };
        match proof {
            Ok(()) => lines.push(item.lines.clone()),
            Err(error) => {
                complain(world, &format!("{}:{} stays in the file:", file.display(), item.place()), &error);
                kinds.push(error.kind);
            }
        }
    }
    lines
}

fn stored(backend: &dyn Backend, item: &Item) -> Result<()> {
    let profiles = backend.profiles_now()?;
    let profile = profiles.get(&item.name).filter(|_| is_in(&profiles, item));
    let profile = profile.ok_or_else(|| gone(item))?;
    hand_out::read(backend, &profiles, profile).map(|_| ())
}

/// Under the lock of the profiles, so that no other process deletes a key from the store at the same time.
fn take_out(
    backend: &dyn Backend,
    file: &Path,
    text: &str,
    items: &[Item],
    lines: &[Range<usize>],
) -> Result<()> {
    let edit = backend.edit()?;
    for item in items.iter().filter(|item| lines.contains(&item.lines)) {
        if !is_in(&edit.profiles, item) {
            return Err(gone(item));
        }
    }
    dotenv_clean::take_out(file, text, lines)
}

fn is_in(profiles: &Profiles, item: &Item) -> bool {
    let fingerprint = item.key.as_ref().map(ApiKey::fingerprint);
    profiles.get(&item.name).is_some_and(|profile| Some(profile.key.fingerprint) == fingerprint)
}

fn gone(item: &Item) -> Error {
    Error::failure(format!("`{}` was changed meanwhile by another process", item.name))
}
