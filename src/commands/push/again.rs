//! `push --again` and `push forget`: the recorded targets get the current key, or are forgotten.

use serde_json::json;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::{push, recover};
use crate::hint::Hint;
use crate::model::{Profile, nearest};
use crate::output::{Change, Report};
use crate::push::Platform;
use crate::system::World;

/// The targets that hold an older key of a profile, and the failures of those whose names are no longer valid.
pub(super) fn behind(world: &World, profile: &Profile) -> (Vec<Box<dyn Platform>>, Vec<Error>) {
    let (mut platforms, mut failures) = (Vec::new(), Vec::new());
    for pushed in profile.behind() {
        match push::parsed(world, std::slice::from_ref(&pushed.target)) {
            Ok(found) => platforms.extend(found),
            Err(error) => failures.push(
                Error::failure(error.message)
                    .hint(Hint::run("push forget").arg(&pushed.target).note("if it is gone")),
            ),
        }
    }
    (platforms, failures)
}

/// Removes targets from the record, whatever they hold.
pub(super) fn forget(targets: &[String], world: &World, backend: &dyn Backend) -> Result<Box<dyn Report>> {
    let mut edit = recover::edit(world, backend)?;
    for target in targets {
        if edit.profiles.pushed_to(target).is_none() {
            let known = edit.profiles.all.iter().flat_map(|profile| &profile.pushed);
            let near = nearest(target, known, |pushed| &pushed.target);
            let hint = near
                .map_or_else(|| Hint::run("push list"), |near| Hint::run("push forget").arg(&near.target));
            return Err(Error::not_found(format!("nothing was pushed to `{target}`")).hint(hint));
        }
        for profile in &mut edit.profiles.all {
            profile.pushed.retain(|pushed| pushed.target != *target);
        }
    }
    edit.save()?;
    for target in targets {
        world.terminal.say(&format!("no longer tracking {target}; the key there was not deleted"));
    }
    Ok(Box::new(Change(json!({ "forgotten": targets, "changed": true }))))
}
