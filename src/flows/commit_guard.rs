//! Whether the hooks before a commit hold a key back.

use crate::error::Result;
use crate::git::Repository;
use crate::git::hooks::{Holds, Hook, Proof, prove};
use crate::system::World;

/// Why a commit here could bring a key; `None` where it was shown that none can.
///
/// # Errors
/// git is not there, or a hook cannot be read.
pub fn weakness(repository: &Repository, world: &World) -> Result<Option<String>> {
    for hook in Hook::all(repository)? {
        let name = hook.name;
        let path = world.places.shown(&hook.path);
        let why = match (&hook.manager, hook.holds) {
            (Some(manager), Holds::Another | Holds::Nothing) => {
                format!(
                    "{} keeps the hooks, and its list {path} has no line of ours; getimg-keys guard install adds it",
                    manager.as_str()
                )
            }
            (_, Holds::Another) => {
                format!("{path} is another hook; getimg-keys guard install runs before it")
            }
            (_, Holds::Nothing) => format!("no {name} hook; getimg-keys guard install writes one"),
            (_, Holds::Ours) => match prove(&hook)? {
                Proof::Refused => continue,
                Proof::Passes(why) => format!("{path} is not active: {why}"),
            },
        };
        return Ok(Some(why));
    }
    Ok(None)
}
