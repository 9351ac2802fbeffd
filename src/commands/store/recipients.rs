//! `store recipients`: who can open the encrypted files with their own key.

mod who;

use serde_json::{Value, json};

use self::who::Who;
use crate::backend::local::encrypted_files;
use crate::backend::local::encrypted_files::{
    Clear, EncryptedFiles, Member, NotAdded, Recipients, Removed, is_a_name, passphrase_file,
};
use crate::backend::{Backend, StoreError};
use crate::error::{Error, Kind, Result};
use crate::flows::open_store::explain;
use crate::hint::Hint;
use crate::model::{Profile, Profiles, StoreKind};
use crate::output::{Render, Report};
use crate::system::World;

/// Said if the list in clear text differs from the encrypted one.
const CHANGED: &str = "the list `recipients` was changed by something else; it counts for nothing";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Let somebody open the encrypted files with their own key
    ///
    /// They can then read every key, including keys that are added later.
    #[command(after_help = "Examples:
  getimg-keys store recipients add age1… --name ben
  getimg-keys store recipients add carla.pub")]
    Add {
        /// Their public key, `age1…` or `ssh-ed25519 …`, or a file with it
        #[arg(value_name = "KEY")]
        key: String,
        /// The recipient's name [default: an SSH key's comment]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Remove a recipient, and encrypt every key again
    ///
    /// Needs the passphrase. They may have kept whatever they could read, so the keys to rotate are listed.
    #[command(after_help = "Examples:\n  getimg-keys store recipients remove ben")]
    Remove {
        /// The recipient's name or public key
        #[arg(value_name = "WHO")]
        who: String,
    },
    /// Show who can open the encrypted files
    #[command(after_help = "Examples:
  getimg-keys store recipients list
  getimg-keys store recipients list --json")]
    List,
}

impl Args {
    /// Adds, removes or lists.
    ///
    /// # Errors
    /// The keys are in another store (2); not a public key (2); a recipient who exists already, or does not (2); the
    /// files cannot be opened (7), or are not those that this machine accepted (6).
    pub(super) fn run(self, world: &World, backend: &dyn Backend) -> Result<Answer> {
        let profiles = backend.profiles()?;
        refuse_other_stores(&profiles)?;
        let files = encrypted_files(world)?;
        match self.verb {
            Verb::Add { key, name } => add(world, &profiles, &files, &Who::read(world, &key)?, name),
            Verb::Remove { who } => remove(world, &profiles, &files, &who),
            Verb::List => list(&files),
        }
    }
}

fn refuse_other_stores(profiles: &Profiles) -> Result<()> {
    match profiles.store {
        Some(StoreKind::File) => Ok(()),
        Some(other) => Err(Error::usage(format!(
            "the keys are in {}; only encrypted files have recipients",
            other.in_words()
        ))
        .hint(Hint::run("store migrate --to file"))),
        None => Err(Error::not_found("there are no encrypted files yet")
            .hint(Hint::run("add dev --store file"))
            .hint(Hint::run("store join file").note("where others share theirs"))),
    }
}

fn explained(why: StoreError) -> Error {
    explain(&why, StoreKind::File, None)
}

fn add(
    world: &World,
    profiles: &Profiles,
    files: &EncryptedFiles<'_>,
    who: &Who,
    name: Option<String>,
) -> Result<Answer> {
    if let Some(name) = name.as_ref().filter(|name| !is_a_name(name)) {
        return Err(Error::usage(format!(
            "`{name}` is not a valid name for a recipient: one line of up to 64 characters"
        ))
        .hint(who.add().flag("--name ben")));
    }
    let member = who.member(name.as_deref())?;
    if profiles.all.iter().any(|profile| profile.protected) {
        let what = format!("{member} will be able to read every key, those of protected profiles too");
        world.terminal.confirm(member.name.as_deref().unwrap_or("yes"), &what, who.add())?;
    }
    let (list, was_changed) =
        files.share(member.clone()).map_err(explained)?.map_err(|why| not_added(&why))?;
    if was_changed {
        world.terminal.complain(&format!("{CHANGED} and was written anew"));
    }
    world.terminal.say(&format!("{member} can open the encrypted files with their own key"));
    Ok(Answer::changed(&list, &member, Vec::new()))
}

fn not_added(why: &NotAdded) -> Error {
    match why {
        NotAdded::KeyIsThere(member) => Error::usage(format!("this key is there already, as {member}"))
            .hint(Hint::run("store recipients list")),
        NotAdded::NameIsTaken(name) => Error::usage(format!("somebody else is called `{name}`"))
            .hint(Hint::run("store recipients remove").arg(name))
            .hint(Hint::run("store recipients list").note("or take another name, with --name")),
        NotAdded::Full => Error::usage("no more recipients fit: there are 256")
            .hint(Hint::run("store migrate --to vault").note("for so many")),
    }
}

fn remove(world: &World, profiles: &Profiles, files: &EncryptedFiles<'_>, who: &str) -> Result<Answer> {
    let removed = files.unshare(who).map_err(|why| match why {
        StoreError::PassphraseNeeded => Error::store(format!(
            "who is removed knows the identity, so there has to be a new one, under the passphrase too, and {}",
            world.terminal.why_not()
        ))
        .hint(passphrase_file()),
        why => explained(why),
    })?;
    let Some(Removed { member, left, accounts }) = removed else {
        return Err(Error::usage(format!("the encrypted files are not shared with `{who}`"))
            .hint(Hint::run("store recipients list")));
    };
    let commands: Vec<_> = profiles.all.iter().map(rotation).collect();
    world.terminal.say(&format!("removed {member}; every key is encrypted to a new identity"));
    world.terminal.say(&format!("{member} may have kept what they could read; rotate each key:"));
    commands.iter().for_each(|(_, command)| world.terminal.say(&format!("  {command}")));
    for account in unknown(profiles, &accounts) {
        world.terminal.complain(&format!(
            "`{account}` is not a profile here: {}, then rotate it too",
            Hint::run("store adopt")
        ));
    }
    if world.config()?.file.folder.is_some() {
        world.terminal.say(&format!(
            "once the folder is shared again, on every other machine: {}",
            Hint::run("store join file")
        ));
    }
    let rotate = commands.iter().map(|(name, command)| json!({"profile": name, "command": command}));
    Ok(Answer::changed(&left, &member, rotate.collect()))
}

/// What makes the keys of a profile worthless to whoever has them.
fn rotation(profile: &Profile) -> (String, Hint) {
    let name = &profile.name;
    let rotate = Hint::run("rotate").arg(name);
    let all = match &profile.previous {
        Some(_) => rotate.clone().flag("--finish").and(&rotate),
        None => rotate,
    };
    (name.to_string(), all)
}

/// The entries that belong to no profile here.
fn unknown<'a>(profiles: &Profiles, accounts: &'a [String]) -> Vec<&'a String> {
    let is_known = |account: &&String| {
        let name = account.split_once('~').map_or(account.as_str(), |(name, _)| name);
        name.parse().is_ok_and(|name| profiles.get(&name).is_some())
    };
    accounts.iter().filter(|account| !is_known(account)).collect()
}

fn list(files: &EncryptedFiles<'_>) -> Result<Answer> {
    let (list, clear) = files.recipients().map_err(explained)?;
    let verified = match clear {
        Clear::Same => Some(true),
        Clear::Changed => Some(false),
        Clear::NotCompared => None,
    };
    Ok(Answer {
        text: Some(in_words(&list, verified)),
        json: json!({"recipients": as_json(&list), "verified": verified}),
        verified,
    })
}

fn in_words(list: &Recipients, verified: Option<bool>) -> String {
    let mut lines: Vec<_> = list
        .all()
        .iter()
        .map(|member| match &member.name {
            Some(name) => format!("{name}  {}", member.key),
            None => member.key.clone(),
        })
        .collect();
    if lines.is_empty() {
        lines.push("nobody but who knows the passphrase".to_owned());
    }
    match verified {
        Some(true) => {}
        Some(false) => lines.push(format!("{CHANGED}: these are the ones that do")),
        None => lines.push("not held against the encrypted list: the files are locked".to_owned()),
    }
    lines.join("\n")
}

fn as_json(list: &Recipients) -> Value {
    list.all().iter().map(|member| json!({"name": member.name, "key": member.key})).collect()
}

/// The result; already printed, except for a list.
pub(super) struct Answer {
    text: Option<String>,
    json: Value,
    verified: Option<bool>,
}

impl Answer {
    fn changed(list: &Recipients, member: &Member, rotate: Vec<Value>) -> Self {
        let json = json!({
            "recipient": {"name": member.name, "key": member.key},
            "recipients": as_json(list),
            "rotate": rotate,
            "changed": true,
        });
        Self { text: None, json, verified: None }
    }
}

impl Report for Answer {
    fn text(&self, _: &Render) -> String {
        self.text.clone().unwrap_or_default()
    }

    fn json(&self) -> Value {
        self.json.clone()
    }

    fn exit(&self) -> Option<Kind> {
        (self.verified == Some(false)).then_some(Kind::Policy)
    }
}
