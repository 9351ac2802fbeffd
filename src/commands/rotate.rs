//! `rotate NAME`: replaces a key by a verified new one, and deletes the old one once the API refuses it.

use chrono::{DateTime, Utc};

use super::Changed;
use crate::api::DEVELOPER_SETTINGS;
use crate::backend::{Backend, Role, Slot};
use crate::error::{Error, Kind, Result};
use crate::flows::choose_store::for_new_key;
use crate::flows::journal::{self, Given};
use crate::flows::new_key::{self, Source};
use crate::flows::open_store::unread;
use crate::flows::{admit, audit, hand_out, push, recover, select_profile, usage_log};
use crate::hint::Hint;
use crate::model::{
    ApiKey, Change, KeyRecord, PreviousKey, Probe, Profile, ProfileName, Reason, Rotation, Verdict,
};
use crate::shell::VariableName;
use crate::system::World;
use crate::system::process::other_programs;

/// Replace a profile's key, keeping the old one until it is revoked
///
/// Prompts for the new key, verifies it and switches to it; the old key is kept. Revoke the old key at getimg.ai,
/// then run `--finish`: the old key is deleted once the API refuses it. `--undo` switches back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys rotate dev --open
  wl-paste | getimg-keys rotate dev
  getimg-keys rotate dev --finish")]
pub struct Args {
    /// The profile
    name: ProfileName,
    /// Open the page where keys are created in a browser
    #[arg(long)]
    open: bool,
    /// Switch back to the old key
    #[arg(long, conflicts_with_all = ["finish", "open", "stdin", "from_env", "no_verify", "issued"])]
    undo: bool,
    /// Delete the old key, once the API refuses it
    #[arg(long, conflicts_with_all = ["open", "stdin", "from_env", "no_verify", "issued"])]
    finish: bool,
    /// Finish although the old key is still in use at push targets
    #[arg(long, requires = "finish")]
    force: bool,
    /// Read the new key from standard input; typed at a terminal, it is not shown
    #[arg(long, id = "stdin", conflicts_with = "from_env")]
    _stdin: bool,
    /// Read the new key from an environment variable
    #[arg(long, value_name = "VAR")]
    from_env: Option<VariableName>,
    /// Switch to the new key without asking the API
    #[arg(long)]
    no_verify: bool,
    /// When the new key was created: 2026-01-31, or RFC 3339
    #[arg(long, value_name = "DATE", value_parser = crate::model::date::date)]
    issued: Option<DateTime<Utc>>,
}

/// Runs the command.
///
/// # Errors
/// No such profile (3); a rotation is open, or the key is known (6); none is open (2); the API refused the
/// new key (4), could not be asked (5), or still accepts the old one (6); the store fails (7, 3, 1).
pub fn run(args: Args, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let (profiles, cut_short) = recover::settled(world, backend)?;
    let profile = select_profile::named(&profiles, &args.name)?;
    if let Some(done) = cut_short.and_then(|change| completed(&change, profile, args.finish)) {
        return Changed::new(world, &profiles, &args.name, true, &done);
    }
    match (args.undo, args.finish, &profile.previous) {
        (true, _, None) | (_, true, None) => Err(none_open(&args.name)),
        (true, _, Some(_)) => undo(&args.name, world, backend),
        (_, true, Some(previous)) => {
            refuse_behind(profile, args.force)?;
            finish(profile, previous, world, backend)
        }
        (_, _, Some(previous)) => Err(open_already(&args.name, previous)),
        (_, _, None) => begin(&args, profile, world, backend),
    }
}

/// What to say if an interrupted change was what this command was to do, and was completed.
fn completed(change: &Change, profile: &Profile, finish: bool) -> Option<String> {
    let name = &profile.name;
    match change {
        Change::Rotate(cut_short) | Change::Undo(cut_short)
            if cut_short.name == *name && cut_short.new.fingerprint == profile.key.fingerprint =>
        {
            let finish = Hint::run("rotate").arg(name).flag("--finish");
            let undo = if profile.previous.as_ref().is_some_and(may_come_back) { ", or --undo" } else { "" };
            Some(format!("then go on: {finish}{undo}"))
        }
        Change::Finish { name: cut_short } if finish && cut_short == name && profile.previous.is_none() => {
            Some(format!("finished the rotation of {name}: its old key was deleted"))
        }
        _ => None,
    }
}

fn begin(args: &Args, profile: &Profile, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let name = &args.name;
    let profiles = backend.profiles_now()?;
    hand_out::refuse_changed_elsewhere(backend, profile)?;
    world.terminal.say(&format!("create the new key at {DEVELOPER_SETTINGS}"));
    if args.open && !other_programs::open_browser(DEVELOPER_SETTINGS) {
        world.terminal.say("no browser could be opened here");
    }
    let key = new_key::read(world, args.source(), name, "rotate")?;
    if let Some(word) = admit::new_key(&profiles, key.fingerprint())? {
        world.terminal.say(&word);
    }
    let probe = if args.no_verify { None } else { Some(proven(world, name, &key)?) };
    let new = KeyRecord {
        issued_at: args.issued,
        verification: probe.as_ref().and_then(|p| p.verification(world.now)),
        last_attempt: probe.as_ref().map(|p| p.attempt(world.now)),
        ..KeyRecord::of(&key, world.now)
    };
    let mut edit = recover::edit(world, backend)?;
    let now = select_profile::named(&edit.profiles, name)?;
    if let Some(previous) = &now.previous {
        return Err(open_already(name, previous));
    }
    admit::new_key(&edit.profiles, key.fingerprint())?;
    let store =
        for_new_key(world, backend, &edit.profiles, &Hint::run("rotate").arg(name))?.open(world, backend)?;
    let fingerprint = new.fingerprint;
    let change = Change::Rotate(Rotation::new(name.clone(), new));
    journal::run(&mut edit, &*store, change, Given::keys([&key]), world.now)?;
    audit::change(world, "rotate", name, fingerprint);
    let old = &profile.key;
    let report =
        Changed::new(world, &edit.profiles, name, true, &format!("rotated {name}: the new key is in use"))?;
    world.terminal.say(&format!("the old key ({}) is kept until the API refuses it", old.in_words()));
    usage_log::say(world, old.fingerprint);
    if let Some(profile) = edit.profiles.get(name) {
        push::say_places(world, name, profile.behind());
    }
    world.terminal.say(&format!("when those have the new key: revoke the old one at {DEVELOPER_SETTINGS}"));
    let finish = Hint::run("rotate").arg(name).flag("--finish");
    let previous = edit.profiles.get(name).and_then(|profile| profile.previous.as_ref());
    let undo = if previous.is_some_and(may_come_back) { "  (or --undo, to swap back)" } else { "" };
    world.terminal.say(&format!("then: {finish}{undo}"));
    Ok(report)
}

fn proven(world: &World, name: &ProfileName, key: &ApiKey) -> Result<Probe> {
    let probe = new_key::probe(world, key)?;
    match &probe.verdict {
        Verdict::Valid(_) => Ok(probe),
        Verdict::Rejected => Err(Error::new(
            Kind::Rejected,
            format!("the API rejected the new key for `{name}`; nothing was changed"),
        )
        .hint(Hint::advice(format!("copy it again, or create another, at {DEVELOPER_SETTINGS}")))),
        Verdict::Unknown(reason) => Err(unchecked(
            *reason,
            format!(
                "the new key for `{name}` could not be checked ({}); nothing was changed",
                new_key::why_unknown(*reason, &probe)
            ),
        )
        .hint(Hint::run("rotate").arg(name).note("again, later"))
        .hint(Hint::run("rotate").arg(name).flag("--no-verify").note("if you are sure of it"))),
    }
}

fn undo(name: &ProfileName, world: &World, backend: &dyn Backend) -> Result<Changed> {
    let mut edit = recover::edit(world, backend)?;
    let profile = select_profile::named(&edit.profiles, name)?;
    let Some(previous) = profile.previous.clone() else {
        return Err(none_open(name));
    };
    if !may_come_back(&previous) {
        return Err(Error::policy(format!(
            "the previous key of `{name}` was declared compromised; it does not come back into use"
        ))
        .hint(Hint::run("rotate").arg(name).flag("--finish").note("once it is revoked")));
    }
    hand_out::refuse_changed_elsewhere(backend, profile)?;
    let fingerprint = previous.key.fingerprint;
    let other = profile.key.in_words();
    let change = Change::Undo(Rotation::new(name.clone(), previous.key));
    journal::run(&mut edit, backend.keys()?, change, Given::default(), world.now)?;
    audit::change(world, "undo", name, fingerprint);
    let said = format!("switched {name} back to its previous key");
    let report = Changed::new(world, &edit.profiles, name, true, &said)?;
    if let Some(profile) = edit.profiles.get(name) {
        push::say_places(world, name, profile.behind());
    }
    world.terminal.say(&format!(
        "the other key ({other}) is kept; to end the rotation, revoke it at {DEVELOPER_SETTINGS}"
    ));
    world.terminal.say(&format!("then: {}", Hint::run("rotate").arg(name).flag("--finish")));
    Ok(report)
}

fn finish(
    profile: &Profile,
    previous: &PreviousKey,
    world: &World,
    backend: &dyn Backend,
) -> Result<Changed> {
    let name = &profile.name;
    if profile.protected {
        let what = format!("`{name}` is protected, and finishing deletes its old key");
        world.terminal.confirm(name.as_str(), &what, Hint::run("rotate").arg(name).flag("--finish"))?;
    }
    let store = backend.keys()?;
    let key =
        store.get(&Slot::of(profile, Role::Previous)).map_err(|e| unread(&e, store.kind(), Some(name)))?;
    refused(name, previous, &new_key::probe(world, &key)?)?;
    let mut edit = recover::edit(world, backend)?;
    let holds_it = |old: &&PreviousKey| old.key.fingerprint == key.fingerprint();
    let Some(old) = edit.profiles.get(name).and_then(|p| p.previous.as_ref()).filter(holds_it).cloned()
    else {
        return Err(
            Error::failure(format!("the keys of `{name}` were changed meanwhile")).hint(Hint::run("status"))
        );
    };
    let change = Change::Finish { name: name.clone() };
    journal::run(&mut edit, store, change, Given::default(), world.now)?;
    audit::change(world, "finish", name, old.key.fingerprint);
    let said = format!(
        "finished the rotation of {name}: the API refuses the old key ({}), and it was deleted",
        old.key.in_words()
    );
    Changed::new(world, &edit.profiles, name, true, &said)
}

/// A target that still has the old key would stop working.
fn refuse_behind(profile: &Profile, force: bool) -> Result<()> {
    let behind: Vec<_> = profile.behind().map(|pushed| pushed.target.as_str()).collect();
    if force || behind.is_empty() {
        return Ok(());
    }
    let (name, places) = (&profile.name, behind.join(", "));
    Err(Error::policy(format!("an older key of `{name}` is still in use at {places}"))
        .hint(Hint::run("push --again").arg(name))
        .hint(Hint::run("rotate").arg(name).flag("--finish --force").note("if they no longer matter")))
}

/// Only a refusal by the API allows deleting the old key.
fn refused(name: &ProfileName, previous: &PreviousKey, probe: &Probe) -> Result<()> {
    let key = previous.key.in_words();
    match &probe.verdict {
        Verdict::Rejected => Ok(()),
        Verdict::Valid(_) => {
            Err(Error::policy(format!("the old key of `{name}` ({key}) still works: revoke it first"))
                .hint(format!("revoke it at {DEVELOPER_SETTINGS}"))
                .hint(Hint::run("rotate").arg(name).flag("--finish").note("then")))
        }
        Verdict::Unknown(reason) => Err(unchecked(
            *reason,
            format!(
                "could not check whether the old key of `{name}` ({key}) is revoked ({})",
                new_key::why_unknown(*reason, probe)
            ),
        )
        .hint(Hint::run("rotate").arg(name).flag("--finish").note("again, later"))),
    }
}

fn unchecked(reason: Reason, message: String) -> Error {
    reason.way_on().into_iter().fold(Error::new(Kind::Unchecked, message), Error::hint)
}

fn none_open(name: &ProfileName) -> Error {
    Error::usage(format!("no rotation of `{name}` is open")).hint(Hint::run("rotate").arg(name))
}

fn open_already(name: &ProfileName, previous: &PreviousKey) -> Error {
    let since = previous.since.date_naive();
    let error = Error::policy(format!(
        "a rotation of `{name}` is open since {since}: its old key is not confirmed revoked yet"
    ))
    .hint(Hint::run("rotate").arg(name).flag("--finish").note("once it is revoked"));
    if !may_come_back(previous) {
        return error;
    }
    error.hint(Hint::run("rotate").arg(name).flag("--undo").note("to use the old key again"))
}

/// Whether `--undo` takes it back into use.
fn may_come_back(previous: &PreviousKey) -> bool {
    previous.key.compromised_at.is_none()
}

impl Args {
    fn source(&self) -> Source<'_> {
        match &self.from_env {
            Some(variable) => Source::Variable(variable.as_str()),
            None => Source::Stdin,
        }
    }
}
