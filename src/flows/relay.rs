//! `exec --broker`: runs a program with the relay instead of the key.

use std::ffi::OsString;
use std::io;

use crate::api::made_up_key;
use crate::broker::token::Token;
use crate::broker::{Limits, Relay, Setup};
use crate::error::{Error, Result, in_words};
use crate::flows::{audit, new_key};
use crate::model::{ApiKey, Profile};
use crate::system::process::child::{self, Child, Ended};
use crate::system::process::{Hardened, Masking};
use crate::system::{Variables, World, variables};

/// The address that programs must not reach through a proxy.
const HERE: &str = "127.0.0.1";
/// The variables that say so; programs differ in which of them they read.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The settings of a relay.
pub struct Wish<'a> {
    /// Which requests may pass.
    pub limits: Limits,
    /// Whether each request is logged.
    pub log_requests: bool,
    /// What is masked in the program's output.
    pub masking: Option<Masking>,
    /// The program's name, for the log.
    pub program: Option<&'a str>,
}

/// Runs a program that has a token of this run in `variables`, and the relay's address beside it.
///
/// `Err` is what keeps the relay from starting, the inner one what keeps the program from it.
///
/// # Errors
/// The configuration cannot be read (1, 2); this machine gives no port or no randomness (1).
pub fn run(
    world: &World,
    profile: &Profile,
    key: ApiKey,
    wish: Wish<'_>,
    child: Child<'_>,
    hardened: Hardened,
) -> Result<io::Result<Ended>> {
    let made_up = made_up_key().ok_or_else(|| Error::failure("the system gives no random numbers"))?;
    let event = audit::hand_out(world, "broker", &profile.name, profile.key.fingerprint, wish.program);
    let held = child::holders_of(&key, &world.variables);
    let mask = wish.masking.map(|masking| (child::mask_of(&key), masking));
    let relay = Relay::start(Setup {
        endpoint: new_key::endpoint(world)?,
        key,
        token: Token::of(&made_up),
        limits: wish.limits,
        on_request: wish.log_requests.then(|| audit::requests(world, &event)),
    })
    .map_err(|e| Error::failure(format!("the relay cannot be started: {}", in_words(&e))))?;
    let changes = changes(world, held, &relay.url(), child.variables);
    let child = Child { changes, ..child };
    let ended = child.run_beside(&made_up, mask.as_ref().map(|(mask, masking)| (mask, *masking)), hardened);
    match relay.end() {
        Some(totals) => audit::relayed(world, &event, totals),
        None => world.terminal.say("warning: the relay ended before the program did; see getimg-keys doctor"),
    }
    Ok(ended)
}

/// The other changes of the program's environment: no variable contains the key.
fn changes(
    world: &World,
    held: Vec<OsString>,
    url: &str,
    for_token: &[String],
) -> Vec<(OsString, Option<OsString>)> {
    let is_replaced = |name: &OsString| for_token.iter().any(|token| name == token.as_str());
    let taken: Vec<OsString> = held.into_iter().filter(|name| !is_replaced(name)).collect();
    for name in &taken {
        world
            .terminal
            .say(&format!("${} holds the key; the program does not get it", name.to_string_lossy()));
    }
    let mut changes: Vec<_> = taken.into_iter().map(|name| (name, None)).collect();
    changes.push((variables::SDK_BASE_URL.into(), Some(url.into())));
    changes.extend(NO_PROXY.map(|name| (name.into(), Some(direct(name, &world.variables)))));
    changes
}

/// A variable's list with this machine in it. Where only one of the two is set, a program that reads both would not see
/// it any more: the other begins as a copy.
fn direct(name: &str, variables: &Variables) -> OsString {
    let set = |name: &str| variables.path(name).map(OsString::from);
    let list = set(name).or_else(|| NO_PROXY.into_iter().find_map(set)).unwrap_or_default();
    let has_all = list.to_string_lossy().split(',').any(|entry| [HERE, "*"].contains(&entry.trim()));
    if has_all {
        return list;
    }
    let mut longer = list;
    if !longer.is_empty() {
        longer.push(",");
    }
    longer.push(HERE);
    longer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_added_once_and_each_variable_begins_from_the_other() {
        let direct = |set: &[(&str, &str)], name: &str| {
            direct(name, &set.iter().copied().collect()).to_string_lossy().into_owned()
        };
        assert_eq!(direct(&[], "NO_PROXY"), "127.0.0.1");
        assert_eq!(direct(&[("no_proxy", "a.example")], "NO_PROXY"), "a.example,127.0.0.1");
        assert_eq!(direct(&[("no_proxy", "a"), ("NO_PROXY", "b")], "NO_PROXY"), "b,127.0.0.1");
        assert_eq!(direct(&[("NO_PROXY", "a, 127.0.0.1")], "no_proxy"), "a, 127.0.0.1");
        assert_eq!(direct(&[("NO_PROXY", "*")], "NO_PROXY"), "*");
        assert_eq!(direct(&[("NO_PROXY", "")], "NO_PROXY"), "127.0.0.1");
    }
}
