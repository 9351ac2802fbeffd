//! Takes in a new key: asks for it, cleans it up, compares it with known ones, probes it.

use zeroize::Zeroizing;

use crate::api::endpoint::OFFICIAL_HOST;
use crate::api::{self, DEVELOPER_SETTINGS, Endpoint, ProbeOptions};
use crate::error::{Error, Kind, Result};
use crate::hint::{Hint, suggest};
use crate::model::{ApiKey, KeyKind, MalformedKey, Probe, ProfileName, Reason, Verdict, paste};
use crate::output::untrusted::{sentence_with, shown};
use crate::system::{Network, World, variables};

/// Where a new key is read from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// One line of standard input; a hidden prompt where that is a terminal.
    Stdin,
    /// An environment variable.
    Variable(&'a str),
}

/// Reads a key, and removes what people paste around one, with a notice.
///
/// # Errors
/// Nothing there, or no key (exit 2, naming the position and never the text); Ctrl-C (exit 9).
pub fn read(world: &World, source: Source<'_>, name: &ProfileName, command: &str) -> Result<ApiKey> {
    let by_stdin = by_stdin(command, name);
    let bytes = match source {
        Source::Stdin => {
            let key = if command == "rotate" { "New key" } else { "Key" };
            world.terminal.secret(&format!("{key} for {name} (hidden):"), &by_stdin)?
        }
        Source::Variable(variable) => variable_value(world, variable)?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).chars().count();
        malformed(&MalformedKey::NotText(before + 1), name, command)
    })?;
    let (text, taken) = paste::unwrap(text);
    for what in taken {
        world.terminal.say(&format!("removed {}", what.in_words()));
    }
    let key = ApiKey::parse(text).map_err(|e| malformed(&e, name, command))?;
    if key.kind() == KeyKind::Other {
        world
            .terminal
            .say("warning: this does not look like a getimg.ai key (`sk_…` or `key-…`); it is used anyway");
    }
    Ok(key)
}

/// Asks the API whether a key is valid; on a terminal a message says that it waits.
///
/// # Errors
/// No usable URL of the API (exit 2 or 1). An API that cannot be reached is a verdict, not an error.
pub fn probe(world: &World, key: &ApiKey) -> Result<Probe> {
    probe_all(world, &[key])?.pop().ok_or_else(|| Error::failure("the API client gave no answer"))
}

/// The same for several keys, over one connection; the answers come in the keys' order.
///
/// # Errors
/// As [`probe`].
pub fn probe_all(world: &World, keys: &[&ApiKey]) -> Result<Vec<Probe>> {
    let endpoint = endpoint(world)?;
    world.terminal.progress(&format!("asking {} …", endpoint.host()));
    let options = ProbeOptions { timeout: world.config()?.timeout(), strict: false };
    let answers = api::probe(&endpoint, keys, &options, &mut |_| {});
    world.terminal.clear_progress();
    Ok(answers)
}

/// Reports the verdict on a new key, or refuses the key.
///
/// # Errors
/// The API rejected it (exit 4).
pub fn judge(world: &World, name: &ProfileName, probe: &Probe) -> Result<()> {
    refuse_rejected(name, probe)?;
    if let Some(warning) = unchecked(probe) {
        world.terminal.say(&warning);
        if let Some(way_on) = probe.verdict.reason().and_then(Reason::way_on) {
            world.terminal.say(&format!("find out why: {way_on}"));
        }
        world.terminal.say(&format!("try again later: {}", Hint::run("verify").arg(name)));
    }
    Ok(())
}

/// Refuses a key that the API rejected.
///
/// # Errors
/// Such a key (exit 4).
pub fn refuse_rejected(name: &ProfileName, probe: &Probe) -> Result<()> {
    if probe.verdict != Verdict::Rejected {
        return Ok(());
    }
    let said = probe.message.as_ref().map(|m| format!(": {}", shown(m))).unwrap_or_default();
    let message = format!("the API rejected this key for `{name}`, and it was not stored{said}");
    Err(Error::new(Kind::Rejected, message)
        .hint(Hint::advice(format!("copy it again, or create one, at {DEVELOPER_SETTINGS}"))))
}

/// A warning where the API gave no verdict.
pub fn unchecked(probe: &Probe) -> Option<String> {
    let reason = probe.verdict.reason()?;
    Some(format!("warning: the key could not be checked ({})", why_unknown(reason, probe)))
}

/// Why the API gave no verdict: the recorded reason, the same as a sentence, and the cause.
pub fn why_unknown(reason: Reason, probe: &Probe) -> String {
    format!("{reason}: {}", sentence_with(reason.sentence(), probe.message.as_ref()))
}

/// The API's address: `$GETIMG_KEYS_API_URL` on this machine, else the configuration's, else the vendor's.
///
/// # Errors
/// An address that is not allowed there (exit 2).
pub fn endpoint(world: &World) -> Result<Endpoint> {
    base_url(world).map(|url| url.through(Network::of(&world.variables)))
}

fn base_url(world: &World) -> Result<Endpoint> {
    if let Some(of_variable) = endpoint_of_variable(world)? {
        return Ok(of_variable);
    }
    match &world.config()?.api.url {
        Some(url) => Endpoint::parse(url, api::Allow::Https).map_err(|e| {
            let file = world.places.config();
            Error::usage(format!("`[api] url` in {} is not usable: {e}", world.places.shown(&file)))
                .hint(suggest::edit(world.places.typed(&file)))
        }),
        None => Ok(Endpoint::official()),
    }
}

/// The address that `$GETIMG_KEYS_API_URL` names; `None` if it is not set.
fn endpoint_of_variable(world: &World) -> Result<Option<Endpoint>> {
    let Some(url) = world.variables.text(variables::API_URL)? else { return Ok(None) };
    Endpoint::parse(url, api::Allow::Loopback).map(Some).map_err(|e| {
        Error::usage(format!("${} is not usable: {e}", variables::API_URL)).hint(Hint::advice(format!(
            "put another host into {} as `[api] url`",
            world.places.shown(&world.places.config())
        )))
    })
}

/// The variable that sends keys to another address than the API's.
pub struct OtherApi {
    /// The host that it names; `None` if it cannot be used.
    pub host: Option<String>,
    /// What it does, in a sentence.
    pub message: String,
    /// The command that takes it away.
    pub hint: Hint,
}

/// What `$GETIMG_KEYS_API_URL` does; `None` if it is not set.
pub fn other_api(world: &World) -> Option<OtherApi> {
    let variable = variables::API_URL;
    let (host, message) = match endpoint_of_variable(world).transpose()? {
        Ok(other) => {
            let host = other.host().to_owned();
            let message = format!("${variable} sends keys to {host}, not to {OFFICIAL_HOST}");
            (Some(host), message)
        }
        Err(error) => (None, error.message),
    };
    Some(OtherApi { host, message, hint: suggest::unset(variable).into() })
}

fn variable_value(world: &World, variable: &str) -> Result<Zeroizing<Vec<u8>>> {
    let missing = || {
        Error::usage(format!("${variable} is not set"))
            .hint(Hint::from(format!("export {variable}")).note("where it is set"))
    };
    let text = world.variables.secret(variable).ok_or_else(missing)?;
    Ok(Zeroizing::new(text.as_bytes().to_vec()))
}

/// The command that takes the key from a file.
fn by_stdin(command: &str, name: &ProfileName) -> Hint {
    Hint::run(command).arg(name).flag("--stdin < FILE")
}

fn malformed(cause: &MalformedKey, name: &ProfileName, command: &str) -> Error {
    let error = Error::usage(cause.to_string());
    match cause {
        MalformedKey::Empty => error.hint(by_stdin(command, name)),
        _ => error.hint(Hint::advice(format!("copy the key again from {DEVELOPER_SETTINGS}"))),
    }
}
