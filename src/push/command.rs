//! A target from config.toml: any program that reads a key from its standard input.

use super::{Ask, Given, Help, Plan, Platform, Proof, words};
use crate::error::{Error, Result};
use crate::system::files::config::PushTarget;
use crate::system::process::call::{Call, Input};
use crate::system::process::other_programs::depends_on_the_folder;

/// Stands for the variable's name in the arguments of `put` and `get`.
const VARIABLE: &str = "{variable}";

/// `[push.targets.NAME]`.
pub(super) struct Configured {
    name: String,
    put: Call,
    get: Option<Call>,
}

/// A target from the configuration.
///
/// # Errors
/// It names no program, or one whose path depends on the working directory (exit 1).
pub(super) fn of(name: &str, target: &PushTarget, given: &Given<'_>) -> Result<Configured> {
    let variable = target.variable.as_deref().unwrap_or(given.variable);
    let call = |member: &str, line: &[String]| {
        let Some((program, arguments)) = line.split_first().filter(|(program, _)| !program.is_empty()) else {
            return Err(Error::failure(format!("`[push.targets.{name}] {member}` names no program")));
        };
        if depends_on_the_folder(program) {
            return Err(Error::failure(format!(
                "`[push.targets.{name}] {member}`: `{program}` depends on the working directory; \
                 a program is its name, or a whole path"
            )));
        }
        let arguments = arguments.iter().map(|word| word.replace(VARIABLE, variable)).collect();
        Ok(Call { program: program.clone(), arguments, ..Call::default() })
    };
    Ok(Configured {
        name: name.to_owned(),
        put: call("put", &target.put)?.reading(Input::Key),
        get: target.get.as_deref().map(|line| call("get", line)).transpose()?,
    })
}

impl Platform for Configured {
    fn program(&self) -> &str {
        &self.put.program
    }

    fn help(&self) -> Help {
        Help { ask: None, install: "or put it right in config.toml".to_owned() }
    }

    fn plan(&self, _: Ask<'_>) -> Result<Plan> {
        let proof = match &self.get {
            Some(get) => Proof::ReadBack(get.clone(), words::plain),
            None => Proof::Nothing,
        };
        Ok(Plan::of(self.name.clone(), self.put.clone(), proof))
    }
}
