//! `hook-env SHELL`: what a shell's hook asks for at its prompt; the agreement stands in `shell/hooks.rs`.

use serde_json::json;
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::flows::shell_text::{ShellText, variable_names};
use crate::flows::{hand_out, record, which};
use crate::model::following::{Following, Prompt, Stay, Step, Values, holder};
use crate::model::{ApiKey, Because, Fingerprint, Profiles, Selection};
use crate::shell::hooks::{SAVED, STAMP};
use crate::shell::{Change, Shell, VariableName};
use crate::system::terminal::escape;
use crate::system::{World, variables};

/// Print the changes that a hook asks for
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: Shell,
}

/// Runs the command; what goes wrong is said in one line, once, and changes nothing in the shell.
///
/// # Errors
/// A value that the shell cannot carry.
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<ShellText> {
    let mut hook = Hook::new(world, backend);
    let values = hook.follow().unwrap_or_else(|error| {
        hook.complain(&error);
        Values::new()
    });
    let stamp = Zeroizing::new(world.places.profiles().display().to_string());
    let saved = Zeroizing::new(serde_json::to_string(&hook.following).unwrap_or_default());
    let mut all = Vec::new();
    for (name, value) in [(STAMP, stamp), (SAVED, saved)] {
        if world.variables.secret(name).as_deref() != Some(&value) {
            all.push((variable(name)?, Some(value)));
        }
    }
    for (name, value) in values {
        all.push((variable(&name)?, value));
    }
    let mut changes: Vec<_> = all.iter().map(|(name, value)| change(name, value.as_deref())).collect();
    if let Some((names, key)) = &hook.loaded {
        changes.extend(names.iter().map(|name| Change::set_key(name, key)));
    }
    let text = args.shell.dialect().apply(&changes).map_err(|e| Error::usage(e.to_string()))?;
    Ok(ShellText::secret(text, json!({})))
}

fn variable(name: &str) -> Result<VariableName> {
    name.parse().map_err(|_| Error::failure(format!("`{name}` can be no variable")))
}

fn change<'a>(name: &'a VariableName, value: Option<&'a String>) -> Change<'a> {
    value.map_or(Change::Unset { name }, |value| Change::Set { name, value })
}

/// One prompt of one shell.
struct Hook<'a> {
    world: &'a World,
    backend: &'a dyn Backend,
    /// Whether this shell had a prompt before.
    known: bool,
    following: Following,
    /// The key to be set, and the variables that get it.
    loaded: Option<(Vec<VariableName>, ApiKey)>,
}

impl<'a> Hook<'a> {
    fn new(world: &'a World, backend: &'a dyn Backend) -> Self {
        let saved = world.variables.secret(SAVED).and_then(|text| serde_json::from_str(&text).ok());
        let (known, following) = (saved.is_some(), saved.unwrap_or_default());
        Self { world, backend, known, following, loaded: None }
    }

    /// Decides and does it; the variables to be restored or unset.
    fn follow(&mut self) -> Result<Values> {
        let names = variable_names(self.world)?;
        let book = self.backend.profiles()?;
        let active = book.active.as_ref();
        let selection = self.selection(&book);
        let held = self.held(&names);
        let mut prompt = Prompt {
            known: self.known,
            selection: selection.as_ref(),
            active,
            held,
            is_compromised: held
                .and_then(|held| book.known(&held))
                .is_some_and(|known| known.record().is_some_and(|key| key.compromised_at.is_some())),
        };
        let mut step = self.following.step(&prompt);
        if let (Step::Load(_, stay), Some(selection)) = (step, &selection) {
            step = match self.load(&book, selection, stay, &names) {
                Ok(()) => Step::Keep,
                Err(error) => {
                    self.complain(&error);
                    prompt.selection = None;
                    self.following.step(&prompt)
                }
            };
            // What could not be loaded is not tried again at the next prompt.
            self.following.holder = (stay == Stay::ForAWhile).then(|| holder(selection));
        } else if step == Step::Restore {
            self.following.holder = None;
        }
        self.following.active = book.active.clone();
        Ok(match step {
            Step::Restore => self.following.before.take().unwrap_or_default(),
            Step::Unset => names.iter().map(|name| (name.as_str().to_owned(), None)).collect(),
            Step::Keep | Step::Load(..) => Values::new(),
        })
    }

    /// What is selected, if it may be loaded; what may not is said.
    fn selection<'b>(&mut self, book: &'b Profiles) -> Option<Selection<'b>> {
        match which::quietly_selected(self.world, book, None) {
            Ok(selection) if selection.profile.protected => {
                let switched = self.known && self.following.active != book.active;
                if selection.because != Because::Active || switched {
                    let name = &selection.profile.name;
                    let refused = Error::policy(format!("`{name}` is protected and not loaded by itself"));
                    self.complain(&refused.hint(format!("getimg-keys env {name}")));
                }
                None
            }
            Ok(selection) if selection.profile.key.compromised_at.is_some() => {
                hand_out::refuse(self.world, selection.profile, false)
                    .err()
                    .iter()
                    .for_each(|e| self.complain(e));
                None
            }
            Ok(selection) => Some(selection),
            Err(error) if error.kind == Kind::NotFound && self.nothing_is_asked_for(book) => None,
            Err(error) => {
                self.complain(&error);
                None
            }
        }
    }

    fn nothing_is_asked_for(&self, book: &Profiles) -> bool {
        let pinned = self.world.pins().is_ok_and(|pins| pins.selecting().is_some());
        !pinned && book.active.is_none() && !self.world.variables.is_set(variables::PROFILE)
    }

    /// The key that the variables hold.
    fn held(&self, names: &[VariableName]) -> Option<Fingerprint> {
        let text = self.world.variables.secret(names.first()?.as_str())?;
        ApiKey::parse(text).ok().map(|key| key.fingerprint())
    }

    fn load(
        &mut self,
        book: &Profiles,
        selection: &Selection<'_>,
        stay: Stay,
        names: &[VariableName],
    ) -> Result<()> {
        let (world, profile) = (self.world, selection.profile);
        hand_out::refuse(world, profile, false)?;
        let mut before = Values::new();
        for name in names {
            // Another shell's variable may hold any bytes; these could not be given back.
            world.variables.text(name.as_str())?;
            before.insert(name.as_str().to_owned(), world.variables.secret(name.as_str()));
        }
        let key = hand_out::read(self.backend, book, profile)?;
        match stay {
            Stay::ForAWhile => drop(self.following.before.get_or_insert(before)),
            Stay::UntilUse => {
                self.following.before = None;
                self.following.loaded = Some(key.fingerprint().to_hex());
            }
        }
        if let Some(why) = which::because(world, &selection.because) {
            world.terminal.say(&format!("using {}, {why}", profile.name));
        }
        record::hand_out(world, "hook", &profile.name, key.fingerprint(), None);
        self.following.complaint = None;
        self.loaded = Some((names.to_vec(), key));
        Ok(())
    }

    /// Says what is wrong in one line, unless that was the last thing said.
    fn complain(&mut self, error: &Error) {
        let hint = error.hints.first().map(|hint| format!("; {hint}")).unwrap_or_default();
        let line = escape(&format!("getimg-keys: {}{hint}", error.message));
        if self.following.complaint.as_ref() != Some(&line) {
            self.world.terminal.say(&line);
            self.following.complaint = Some(line);
        }
    }
}
