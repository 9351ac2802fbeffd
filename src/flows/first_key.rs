//! Offers a key that is already in the shell or in the working directory's `.env`, before the first `add`.

use crate::api::DEVELOPER_SETTINGS;
use crate::error::{Error, Kind};
use crate::hint::Hint;
use crate::model::{ProfileName, Profiles, proposal};
use crate::scan::is_placeholder;
use crate::system::files::dotenv::{self, Value};
use crate::system::{World, variables};

/// The commands that add a first key under a name; first those for a key that is already here.
pub fn commands(world: &World, name: &str) -> Vec<Hint> {
    let mut commands = here_already(world, name);
    commands.push(Hint::run("add").arg(name));
    commands
}

/// Prints on a terminal where a key is created, and which are already here, before asking for the first one.
pub fn offer(world: &World, profiles: &Profiles, name: &ProfileName) {
    if !profiles.all.is_empty() || !world.terminal.interactive {
        return;
    }
    world.terminal.say(&format!("keys are created at {DEVELOPER_SETTINGS}"));
    for command in here_already(world, name.as_str()) {
        world.terminal.say(&format!("there is a key here already: {}", command.command()));
    }
}

/// The same where a first key was wanted from standard input, and none came.
pub fn or_here_already(world: &World, profiles: &Profiles, name: &ProfileName, error: Error) -> Error {
    if !profiles.all.is_empty() || error.kind != Kind::Usage {
        return error;
    }
    here_already(world, name.as_str()).into_iter().fold(error, Error::hint)
}

/// Only a suggestion: what cannot be read suggests nothing, and is reported by whatever needs it.
fn here_already(world: &World, name: &str) -> Vec<Hint> {
    let own = world.config().map(|config| config.env.variables.clone()).unwrap_or_default();
    let usual = [variables::API_KEY.to_owned()];
    let is_full = |variable: &&String| world.variables.secret(variable).is_some_and(|v| !v.trim().is_empty());
    let variable = own.iter().chain(&usual).find(is_full);
    let in_shell = variable
        .map(|variable| Hint::run("add").arg(name).flag("--from-env").arg(variable).note("it is set here"));
    let in_file = is_in_dotenv(world, &own).then(|| Hint::run("import").note("the keys of ./.env"));
    in_shell.into_iter().chain(in_file).collect()
}

/// Whether the working directory's `.env` gives a value to a variable that holds a key by its name.
fn is_in_dotenv(world: &World, own: &[String]) -> bool {
    let Ok(text) = dotenv::read(&world.places.working_directory.join(".env")) else { return false };
    let found = dotenv::assignments(&text, |name| proposal::is_key_variable(name, own));
    found.iter().any(|found| match &found.value {
        Value::Text(text) => !text.is_empty() && !is_placeholder(text.as_bytes()),
        _ => false,
    })
}
