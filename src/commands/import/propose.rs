//! Finds the variables, proposes a profile for each, and says whether it can be added.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use super::item::{Item, Outcome, Skip};
use crate::api::DEVELOPER_SETTINGS;
use crate::error::{Error, Result};
use crate::flows::{add_profile, admit, new_key};
use crate::hint::Hint;
use crate::model::{ApiKey, Fingerprint, KeyKind, Probe, ProfileName, Profiles, paste, proposal};
use crate::scan::is_placeholder;
use crate::system::World;
use crate::system::files::dotenv::{self, Assignment, Value};

/// A name that the user chose, for one variable or for the only one.
#[derive(Clone, Debug)]
pub(super) struct Named {
    variable: Option<String>,
    name: ProfileName,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.variable.as_ref().map_or(Ok(()), |variable| write!(f, "{variable}="))?;
        fmt::Display::fmt(&self.name, f)
    }
}

/// `NAME`, or `VARIABLE=NAME`.
pub(super) fn named(text: &str) -> Result<Named, String> {
    let (variable, name) = match text.split_once('=') {
        Some((variable, name)) => (Some(variable.to_owned()), name),
        None => (None, text),
    };
    let name = name.parse().map_err(|e: crate::model::profile_name::MalformedName| e.to_string())?;
    Ok(Named { variable, name })
}

/// Every variable of the file whose name is for a key, and the profile that it proposes.
///
/// # Errors
/// There is none (exit 3); a chosen name that matches no variable, or more than one (exit 2).
pub(super) fn items(file: &Path, text: &str, names: &[Named], world: &World) -> Result<Vec<Item>> {
    let own = &world.config()?.env.variables;
    let found = dotenv::assignments(text, |name| proposal::is_key_variable(name, own));
    let unread = match found.is_empty() {
        true => dotenv::unread_lines(text, proposal::names_a_key),
        false => dotenv::odd_lines(text, proposal::names_a_key),
    };
    if !unread.is_empty() {
        let lines = unread.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let what = format!(
            "{} names a getimg.ai key in line {lines}, which assigns nothing that can be read",
            file.display()
        );
        if found.is_empty() {
            return Err(Error::usage(what).hint(Hint::run("add dev").note("for that key")));
        }
        world.terminal.say(&format!("warning: {what}; not imported"));
    }
    if found.is_empty() {
        return Err(Error::not_found(format!("{} has no variable for a getimg.ai key", file.display()))
            .hint(Hint::advice("recognized names: GETIMG_API_KEY, GETIMG_API_KEY_PROD, PROD_GETIMG_API_KEY"))
            .hint(Hint::run("add dev").note("for a key that is elsewhere")));
    }
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut items: Vec<Item> = found.into_iter().map(|found| item(found, &file_name)).collect();
    skip_overridden(&mut items);
    names.iter().try_for_each(|chosen| rename(chosen, &mut items, file))?;
    for item in &items {
        if proposal::is_shipped_to_browsers(&item.variable) {
            world.terminal.say(&format!(
                "warning: {}:{} {}: bundlers ship this name to every browser, so its key is public: replace it",
                file.display(),
                item.place(),
                item.variable
            ));
        }
    }
    Ok(items)
}

/// If a name occurs twice, the last line counts, as for the dotenv libraries; the others are reported with that line.
fn skip_overridden(items: &mut [Item]) {
    for at in 0..items.len() {
        let later = items[at + 1..].iter().rfind(|later| later.variable == items[at].variable);
        if let Some(later) = later.map(Item::place) {
            items[at].key = None;
            items[at].outcome = Outcome::Skipped(Skip::SetAgain(later));
        }
    }
}

fn item(found: Assignment, file_name: &str) -> Item {
    let name = proposal::profile_of(&found.variable, file_name);
    let (key, outcome) = match found.value {
        Value::Reference => (None, Outcome::Skipped(Skip::Reference)),
        Value::Unreadable => {
            let error = Error::usage("the line cannot be read: quotes or spaces are out of place");
            (None, Outcome::Refused(error))
        }
        Value::Within(line) => {
            let error = format!("it stands inside quotes that begin in line {}", line + 1);
            (None, Outcome::Refused(Error::usage(error)))
        }
        Value::Text(text) if text.is_empty() => (None, Outcome::Skipped(Skip::Empty)),
        Value::Text(text) if is_placeholder(text.as_bytes()) => (None, Outcome::Skipped(Skip::Placeholder)),
        Value::Text(text) => match ApiKey::parse(paste::unwrap(&text).0) {
            Ok(key) => (Some(key), Outcome::Proposed),
            Err(why) => {
                let error = Error::usage(why.to_string());
                (None, Outcome::Refused(error.hint(format!("copy the key again from {DEVELOPER_SETTINGS}"))))
            }
        },
    };
    let hint = key.as_ref().and_then(ApiKey::hint);
    Item { variable: found.variable, lines: found.lines, name, key, hint, outcome }
}

fn rename(chosen: &Named, items: &mut [Item], file: &Path) -> Result<()> {
    let meant = |item: &&mut Item| match &chosen.variable {
        Some(variable) => item.variable == *variable,
        None => item.key.is_some(),
    };
    let mut meant: Vec<&mut Item> = items.iter_mut().filter(meant).collect();
    let (name, file) = (&chosen.name, file.display());
    match (meant.as_mut_slice(), &chosen.variable) {
        ([], Some(variable)) => Err(Error::usage(format!("{file} has no variable {variable}"))
            .hint(Hint::run("import").arg(file).flag("--dry-run"))),
        ([], None) => Ok(()),
        ([first, _, ..], None) => {
            Err(Error::usage(format!("{file} has several keys; which one is `{name}`?"))
                .hint(Hint::run("import").arg(file).flag("--as").arg(format!("{}={name}", first.variable))))
        }
        (meant, _) => {
            meant.iter_mut().for_each(|item| item.name = name.clone());
            Ok(())
        }
    }
}

/// Judges each variable as if those before it had been added, with the API's answers if it was asked.
///
/// A key that is only proposed is not reported as stored: its line is named.
pub(super) fn judge_all(
    profiles: &Profiles,
    items: &mut [Item],
    file: &Path,
    probes: &HashMap<Fingerprint, Probe>,
) {
    let mut would_be = profiles.clone();
    let mut lines = HashMap::new();
    for item in items {
        let Some(key) = &item.key else { continue };
        let probe = probes.get(&key.fingerprint());
        let holder = would_be.known(&key.fingerprint()).map(|known| known.profile_name().clone());
        item.outcome = match judge(&would_be, &item.name, key).0 {
            Outcome::Proposed => probe
                .map_or(Ok(()), |probe| new_key::refuse_rejected(&item.name, probe))
                .map_or_else(Outcome::Refused, |()| Outcome::Proposed),
            Outcome::AlreadyThere if lines.contains_key(&item.name) => Outcome::Proposed,
            Outcome::Refused(error) => Outcome::Refused(in_this_file(error, item, holder, &lines, file)),
            other => other,
        };
        if item.is_proposed() && !lines.contains_key(&item.name) {
            lines.insert(item.name.clone(), item.place());
            would_be.insert(add_profile::profile(&item.name, key, probe, chrono::DateTime::UNIX_EPOCH));
        }
    }
}

/// The same refusal, if another line of the file has the key or takes the name.
fn in_this_file(
    error: Error,
    item: &Item,
    holder: Option<ProfileName>,
    lines: &HashMap<ProfileName, String>,
    file: &Path,
) -> Error {
    let (name, line) = (&item.name, |name: &ProfileName| lines.get(name));
    match (holder.as_ref().and_then(line), line(name)) {
        (Some(line), _) => Error::policy(format!("line {line} has the same key"))
            .hint(format!("create a separate key at {DEVELOPER_SETTINGS}")),
        (None, Some(line)) => Error::usage(format!("line {line} has another key for `{name}`")).hint(
            Hint::run("import").arg(file.display()).flag("--as").arg(format!("{}={name}-2", item.variable)),
        ),
        (None, None) => error,
    }
}

/// Warns about each new key that does not have the shape of a getimg.ai key.
pub(super) fn warn(items: &[Item], world: &World) {
    for item in items.iter().filter(|item| item.is_proposed()) {
        if item.key.as_ref().is_some_and(|key| key.kind() == KeyKind::Other) {
            let what = "does not look like a getimg.ai key (`sk_…` or `key-…`); it is used anyway";
            world.terminal.say(&format!("warning: {} {what}", item.variable));
        }
    }
}

/// Whether a key may be added under a name, and a note if it was here before.
pub(super) fn judge(profiles: &Profiles, name: &ProfileName, key: &ApiKey) -> (Outcome, Option<String>) {
    let there = profiles.get(name);
    if there.is_some_and(|profile| profile.key.fingerprint == key.fingerprint()) {
        return (Outcome::AlreadyThere, None);
    }
    match admit::added_key(profiles, key.fingerprint()) {
        Err(error) => (Outcome::Refused(error), None),
        Ok(_) if there.is_some() => {
            let error = Error::usage(format!("there is a profile `{name}` already, with another key"));
            (Outcome::Refused(error.hint(Hint::run("rotate").arg(name).note("to replace its key"))), None)
        }
        Ok(word) => (Outcome::Proposed, word),
    }
}
