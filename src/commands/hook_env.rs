//! `hook-env SHELL`: called by the shell hook at each prompt; what the two agree on is in `shell/hooks.rs`.

use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::shell_text::{ShellText, variable_names};
use crate::flows::{agents, audit, hand_out, select_profile};
use crate::hint::{Hint, suggest};
use crate::model::following::{Following, LONGEST_VALUE, Prompt, Scope, Step, Values, hash, holder};
use crate::model::{ApiKey, Fingerprint, Profiles, Selection, SelectionSource, Untrusted};
use crate::output::untrusted;
use crate::shell::hooks::{LOADED, SAVED, SEEN_OF_A_PIN, STAMP};
use crate::shell::{Change, Shell, VariableName};
use crate::system::files::pin;
use crate::system::{World, variables};

/// Print the changes that a hook asks for
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: Shell,
}

/// Runs the command; an error is one line, printed once, and after it the variables keep no key of a pin.
///
/// # Errors
/// A value that the shell cannot represent.
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<ShellText> {
    if agents::keys_are_kept_back(world) {
        return Ok(ShellText::secret(Zeroizing::default()));
    }
    let mut hook = Hook::new(world, backend);
    let values = hook.follow().unwrap_or_else(|error| {
        hook.complain(&error);
        hook.give_back()
    });
    let stamp = Zeroizing::new(world.places.profiles().display().to_string());
    let mut all = Vec::new();
    for (name, value) in [(STAMP, Some(stamp)), (SAVED, Some(hook.saved())), (LOADED, hook.marker())] {
        if world.variables.secret(name).filter(|text| !text.is_empty()) != value {
            all.push((variable(name)?, value));
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
    Ok(ShellText::secret(text))
}

fn variable(name: &str) -> Result<VariableName> {
    name.parse().map_err(|_| Error::failure(format!("`{name}` is not a variable name")))
}

fn change<'a>(name: &'a VariableName, value: Option<&'a String>) -> Change<'a> {
    value.map_or(Change::Unset { name }, |value| Change::Set { name, value })
}

/// One prompt of one shell.
struct Hook<'a> {
    world: &'a World,
    backend: &'a dyn Backend,
    /// Whether this shell already had a prompt.
    known: bool,
    following: Following,
    /// The variables that hold the key.
    names: Vec<String>,
    /// The key in the first of them.
    held: Option<Fingerprint>,
    /// The key to set, and the variables for it.
    loaded: Option<(Vec<VariableName>, ApiKey)>,
}

impl<'a> Hook<'a> {
    fn new(world: &'a World, backend: &'a dyn Backend) -> Self {
        let names = variable_names(world).map(|names| names.iter().map(ToString::to_string).collect());
        // If the configuration cannot be read, it is most likely the variable of the SDKs.
        let names = names.unwrap_or_else(|_| vec![variables::API_KEY.to_owned()]);
        let saved = world.variables.secret(SAVED).and_then(|text| Following::read(&text));
        let (known, mut following) = (saved.is_some(), saved.unwrap_or_default());
        let held = world.variables.secret(&names[0]).and_then(fingerprint);
        let marker = world.variables.secret(LOADED);
        if let (false, Some(marker), Some(held)) = (known, marker, held) {
            following.inherit(&marker, held, &names);
        }
        Self { world, backend, known, following, names, held, loaded: None }
    }

    /// Decides and makes the changes; returns the variables to restore or unset.
    fn follow(&mut self) -> Result<Values> {
        let names = variable_names(self.world)?;
        let profiles = self.backend.profiles()?;
        let selection = self.selection(&profiles);
        let held = self.held;
        let mut prompt = Prompt {
            known: self.known,
            selection: selection.as_ref(),
            active: profiles.active.as_ref(),
            held,
            is_compromised: held
                .and_then(|held| profiles.known(&held))
                .is_some_and(|known| known.record().is_some_and(|key| key.compromised_at.is_some())),
        };
        let mut step = self.following.step(&prompt);
        if let (Step::Load(_, stay), Some(selection)) = (step, &selection) {
            step = match self.load(&profiles, selection, stay, &names) {
                Ok(()) => Step::Keep,
                Err(error) => {
                    self.complain(&error);
                    prompt.selection = None;
                    self.following.step(&prompt)
                }
            };
        }
        // If loading failed, it is not tried again at the next prompt.
        let other = selection.as_ref().filter(|selection| selection.because != SelectionSource::Active);
        self.following.holder = other.map(holder);
        self.following.active = profiles.active.clone();
        Ok(match step {
            Step::Restore => self.give_back(),
            Step::Unset => self.names.iter().map(|name| (name.clone(), None)).collect(),
            Step::Leave => {
                self.following.left = true;
                Values::new()
            }
            Step::Forget => {
                (self.following.before, self.following.left) = (None, false);
                Values::new()
            }
            Step::Keep | Step::Load(..) => Values::new(),
        })
    }

    /// The earlier value of each configured variable, if the variable still holds what the hook loaded.
    fn give_back(&mut self) -> Values {
        let holds = |name: &str| self.world.variables.secret(name).and_then(fingerprint);
        self.following.give_back(&self.names, holds)
    }

    /// What the shell keeps: the variables' names, for the case that this program cannot start, then the rest. A `+` at
    /// its end asks the script to call again at the next prompt.
    fn saved(&self) -> Zeroizing<String> {
        let unseen = pin::any_longer(&self.world.places.working_directory, SEEN_OF_A_PIN);
        self.following.write(&self.names, self.following.left || unseen)
    }

    fn marker(&self) -> Option<Zeroizing<String>> {
        self.following.marker().map(Zeroizing::new)
    }

    /// The selection, if the hook may load it; else it is said why not.
    fn selection<'b>(&mut self, profiles: &'b Profiles) -> Option<Selection<'b>> {
        match select_profile::selected_if_any(self.world, profiles) {
            Ok(Some(selection))
                if self.held == Some(selection.profile.key.fingerprint) && selection.profile.protected =>
            {
                None
            }
            Ok(Some(selection)) if selection.profile.protected => {
                let switched = self.known && self.following.active != profiles.active;
                if selection.because != SelectionSource::Active || switched {
                    let name = &selection.profile.name;
                    let refused =
                        Error::policy(format!("`{name}` is protected and not loaded automatically"));
                    self.complain(&refused.hint(Hint::run("env").arg(name)));
                }
                None
            }
            Ok(Some(selection)) if selection.profile.key.compromised_at.is_some() => {
                hand_out::refuse(self.world, selection.profile, false)
                    .err()
                    .iter()
                    .for_each(|e| self.complain(e));
                None
            }
            Ok(selection) => selection,
            Err(error) => {
                self.complain(&error);
                None
            }
        }
    }

    fn load(
        &mut self,
        profiles: &Profiles,
        selection: &Selection<'_>,
        stay: Scope,
        names: &[VariableName],
    ) -> Result<()> {
        let world = self.world;
        // If others may have changed the profiles, this machine's copy is not enough to hand a key out.
        let now = if self.backend.capabilities().shared { Some(self.backend.profiles_now()?) } else { None };
        let (profiles, profile) = match &now {
            Some(now) => (now, select_profile::named(now, &selection.profile.name)?),
            None => (profiles, selection.profile),
        };
        hand_out::refuse(world, profile, false)?;
        let mut before = Values::new();
        for name in names {
            // Another shell's variable may hold any bytes; such a value could not be restored.
            let text = world.variables.text(name.as_str())?.unwrap_or_default();
            if text.len() > LONGEST_VALUE {
                return Err(Error::failure(format!("${name} is too long to be restored later"))
                    .hint(suggest::unset(name.as_str())));
            }
            before.insert(name.as_str().to_owned(), world.variables.secret(name.as_str()));
        }
        let key = hand_out::read(self.backend, profiles, profile)?;
        match stay {
            Scope::Pinned => {
                // A value that the user set below the first pin counts as the value before the next pin.
                let still = self.held.is_some_and(|held| self.following.pinned == Some(held.to_hex()));
                if self.following.before.is_none() || !still {
                    self.following.before = Some(before);
                }
                (self.following.pinned, self.following.left) = (Some(key.fingerprint().to_hex()), false);
            }
            Scope::UntilSwitched => {
                (self.following.before, self.following.left) = (None, false);
                self.following.loaded = Some(key.fingerprint().to_hex());
            }
        }
        if let Some(why) = select_profile::because(world, &selection.because) {
            world.terminal.say(&format!("using {}, {why}", profile.name));
        }
        audit::hand_out(world, "hook", &profile.name, key.fingerprint(), None);
        self.following.complaint = None;
        self.loaded = Some((names.to_vec(), key));
        Ok(())
    }

    /// Prints an error in one line, unless it was the last one printed.
    fn complain(&mut self, error: &Error) {
        let short = |text: &str| untrusted::shown(&Untrusted::new(text));
        let hint =
            error.hints.first().map(|hint| format!("; {}", short(&hint.to_string()))).unwrap_or_default();
        let line = format!("getimg-keys: {}{hint}", short(&error.message));
        if self.following.complaint != Some(hash(&line)) {
            self.world.terminal.say(&line);
            self.following.complaint = Some(hash(&line));
        }
    }
}

/// The key in a text.
fn fingerprint(text: Zeroizing<String>) -> Option<Fingerprint> {
    ApiKey::parse(text).ok().map(|key| key.fingerprint())
}
