//! The rest of the outside, handed to every command: one thing a file.

pub mod environment_book;
pub mod files;
pub mod process;
pub mod terminal;
pub mod variables;

use std::cell::OnceCell;

use chrono::{DateTime, SubsecRound, Utc};

use self::files::{config, pin, profiles};
use crate::error::{Error, Result};
use crate::model::policy::Policy;
use crate::model::{Pin, ProfileName, Profiles, StoreKind};

pub use config::Config;
pub use files::places::Places;
pub use profiles::Edit;
pub use terminal::Terminal;
pub use variables::Variables;

/// Everything outside the program that a command may touch.
///
/// Files are read when they are first asked for, and once.
pub struct World {
    /// The environment, as it was at the start.
    pub variables: Variables,
    /// Where the files are.
    pub places: Places,
    /// The time at the start, in whole seconds; nothing asks for it again.
    pub now: DateTime<Utc>,
    /// What is said to the person and asked of them.
    pub terminal: Terminal,
    /// `--store`, or `$GETIMG_KEYS_STORE`.
    pub wanted_store: Option<StoreKind>,
    /// `--profile`.
    pub wanted_profile: Option<ProfileName>,
    config: OnceCell<Config>,
    pin: OnceCell<Option<Pin>>,
}

impl World {
    /// The real world.
    pub fn new(
        variables: Variables,
        places: Places,
        terminal: Terminal,
        wanted_store: Option<StoreKind>,
    ) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
        let now = Utc::now().trunc_subsecs(0);
        Self {
            variables,
            places,
            now,
            terminal,
            wanted_store,
            wanted_profile: None,
            config: OnceCell::new(),
            pin: OnceCell::new(),
        }
    }

    /// Reads the book of profiles; an empty one where there is none yet.
    ///
    /// With `--store env` it holds the profiles that environment variables make instead.
    ///
    /// # Errors
    /// A book that is truncated, of a newer schema or not readable; it is left as it is.
    pub fn book(&self) -> Result<Profiles> {
        let from_variables = self.wanted_store == Some(StoreKind::Env);
        let book = match self.places.must_be_real() {
            Ok(()) => profiles::read(&self.places.profiles())?,
            Err(_) if from_variables => Profiles::default(),
            Err(homeless) => return Err(homeless),
        };
        if !from_variables {
            return Ok(book);
        }
        let selected = self.selected_for_env()?;
        environment_book::of(&self.variables, selected.as_ref(), &book, self.now)
    }

    /// Whose key a plain `$GETIMG_API_KEY` is with `--store env`; `env` where nothing selects a profile.
    ///
    /// # Errors
    /// A pin that cannot be read.
    pub fn selected_for_env(&self) -> Result<Option<ProfileName>> {
        let named =
            || self.variables.text(variables::PROFILE).ok().flatten().and_then(|text| text.parse().ok());
        let pinned = self.pin()?.and_then(|pin| pin.profile.clone());
        Ok(self.wanted_profile.clone().or_else(named).or(pinned).or_else(environment_book::unnamed))
    }

    /// The book, or an empty one where there is no home to have one: enough for advice and searches.
    ///
    /// # Errors
    /// As [`World::book`].
    pub fn book_if_any(&self) -> Result<Profiles> {
        let nowhere = !self.places.are_real && self.wanted_store != Some(StoreKind::Env);
        if nowhere { Ok(Profiles::default()) } else { self.book() }
    }

    /// Refuses another store than the one the book records; `env` may always be asked for.
    ///
    /// A book that cannot be read is left to whoever reads it next.
    ///
    /// # Errors
    /// As said (exit 2).
    pub fn refuse_another_store(&self) -> Result<()> {
        let Some(wanted) = self.wanted_store.filter(|wanted| *wanted != StoreKind::Env) else {
            return Ok(());
        };
        let recorded = self.book().ok().and_then(|book| book.store);
        match recorded.filter(|recorded| *recorded != wanted) {
            Some(recorded) => Err(another_store(recorded, wanted)),
            None => Ok(()),
        }
    }

    /// Opens the book to change it, under its lock.
    ///
    /// # Errors
    /// As [`World::book`], and a lock that another run holds for too long.
    pub fn edit(&self) -> Result<Edit> {
        self.places.must_be_real()?;
        let (edit, mended) = profiles::edit(&self.places)?;
        mended.iter().for_each(|word| self.terminal.say(word));
        Ok(edit)
    }

    /// The person's configuration.
    ///
    /// # Errors
    /// A file that does not parse, or has a key that is not known; names file, line and nearest key.
    pub fn config(&self) -> Result<&Config> {
        if self.config.get().is_none() {
            let config =
                if self.places.are_real { config::read(&self.places.config())? } else { Config::default() };
            let _ = self.config.set(config);
        }
        Ok(self.config.get_or_init(Config::default))
    }

    /// The nearest pin from the working directory upwards.
    ///
    /// # Errors
    /// A pin that cannot be read: what it permits is then not known.
    pub fn pin(&self) -> Result<Option<&Pin>> {
        if self.pin.get().is_none() {
            let _ = self.pin.set(pin::nearest(&self.places.working_directory)?);
        }
        Ok(self.pin.get_or_init(|| None).as_ref())
    }

    /// The policy: the person's, tightened by the nearest pin's.
    ///
    /// # Errors
    /// As [`World::config`] and [`World::pin`].
    pub fn policy(&self) -> Result<Policy> {
        let mut policy = self.config()?.policy.clone();
        if let Some(pin) = self.pin()? {
            policy.repository = pin.policy.clone();
        }
        Ok(policy)
    }
}

/// The refusal of another store than the one that holds the keys, with the way there.
pub fn another_store(recorded: StoreKind, wanted: StoreKind) -> Error {
    let (here, there) = (recorded.as_str(), wanted.as_str());
    Error::usage(format!("the keys are in the store `{here}`, not in `{there}`"))
        .hint(format!("getimg-keys store migrate --to {there}"))
}
