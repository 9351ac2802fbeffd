//! Files, processes, terminal, network settings, variables and the clock, passed to every command as one `World`.

pub mod files;
mod http_error;
mod network;
pub mod process;
pub mod terminal;
pub mod variables;

use std::cell::OnceCell;

use chrono::{DateTime, SubsecRound, Utc};

use self::files::{config, pin};
use crate::error::{Error, Result};
use crate::hint::suggest;
use crate::model::agents::{self, Agent};
use crate::model::pin::compose;
use crate::model::policy::Policy;
use crate::model::profile_name::MalformedName;
use crate::model::profiles::AllowedPin;
use crate::model::{Pin, Pins, ProfileName, StoreKind};

pub use config::Config;
pub use files::places::Places;
pub use http_error::{cause, causes, has_kind};
pub use network::Network;
pub use terminal::Terminal;
pub use variables::Variables;

/// Everything outside the program that a command may touch.
///
/// Each file is read once, when it is first needed.
pub struct World {
    /// The environment at the start.
    pub variables: Variables,
    /// The places of the files.
    pub places: Places,
    /// The time at the start, in whole seconds; the clock is not read again.
    pub now: DateTime<Utc>,
    /// Messages and questions to the user.
    pub terminal: Terminal,
    /// `--store`, or `$GETIMG_KEYS_STORE`.
    pub wanted_store: Option<StoreKind>,
    /// `--profile`, or the one profile that the command's argument names.
    pub wanted_profile: Option<ProfileName>,
    config: OnceCell<Config>,
    found_pins: OnceCell<Vec<Pin>>,
    accepted_pins: OnceCell<Vec<AllowedPin>>,
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
            found_pins: OnceCell::new(),
            accepted_pins: OnceCell::new(),
        }
    }

    /// The user's configuration.
    ///
    /// # Errors
    /// A file that does not parse or has an unknown key; with its name, line and the nearest known key.
    pub fn config(&self) -> Result<&Config> {
        if self.config.get().is_none() {
            let config =
                if self.places.are_real { config::read(&self.places.config())? } else { Config::default() };
            let _ = self.config.set(config);
        }
        Ok(self.config.get_or_init(Config::default))
    }

    /// The profile that `$GETIMG_KEYS_PROFILE` names.
    ///
    /// # Errors
    /// Its value is not the name of a profile (exit 2); with the nearest one that is.
    pub fn named_profile(&self) -> Result<Option<ProfileName>> {
        let Some(text) = self.variables.text(variables::PROFILE)? else { return Ok(None) };
        text.parse().map(Some).map_err(|e: MalformedName| {
            let refused = Error::usage(format!("${} does not name a profile: {e}", variables::PROFILE));
            match e.nearest {
                Some(name) => refused.hint(suggest::set(variables::PROFILE, name.as_str())),
                None => refused.hint(suggest::unset(variables::PROFILE)),
            }
        })
    }

    /// The coding agent that started this program, if any.
    pub fn agent(&self) -> Option<Agent> {
        agents::detect(|name| self.variables.secret(name))
    }

    /// Every pin from the working directory upwards, the nearest first, whether it counts or not.
    ///
    /// # Errors
    /// A pin that cannot be read: it is then unknown what it permits.
    pub fn found_pins(&self) -> Result<&[Pin]> {
        if self.found_pins.get().is_none() {
            let _ = self.found_pins.set(pin::upwards(&self.places.working_directory)?);
        }
        Ok(self.found_pins.get_or_init(Vec::new))
    }

    /// Sets which pins the user has allowed; until then none is.
    pub fn accept_pins(&self, accepted: Vec<AllowedPin>) {
        let _ = self.accepted_pins.set(accepted);
    }

    /// The combined rules of the pins.
    ///
    /// # Errors
    /// As [`World::found_pins`].
    pub fn pins(&self) -> Result<Pins<'_>> {
        Ok(self.composed(self.found_pins()?))
    }

    /// The combined rules of some pins, including other users' pins that were allowed.
    pub fn composed<'a>(&self, found: &'a [Pin]) -> Pins<'a> {
        compose(found, self.accepted_pins.get().map_or(&[][..], Vec::as_slice))
    }

    /// The policy: the user's, made stricter by every pin.
    ///
    /// # Errors
    /// As [`World::config`] and [`World::found_pins`].
    pub fn policy(&self) -> Result<Policy> {
        let mut policy = self.config()?.policy.clone();
        policy.ageless = self.wanted_store == Some(StoreKind::Env);
        policy.repository = self.pins()?.policies();
        Ok(policy)
    }
}
