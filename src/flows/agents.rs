//! What is restricted inside a coding agent; only the user's configuration changes it.

use std::io::IsTerminal;

use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::ProfileName;
use crate::system::World;
use crate::system::files::config::{AgentEnv, AgentExec};
use crate::system::process::Masking;

/// Refuses to print a key that an agent would read.
///
/// # Errors
/// An agent started this program (6); the configuration cannot be read.
pub fn refuse_to_print(world: &World, profile: &ProfileName) -> Result<()> {
    match world.agent() {
        Some(agent) if world.config()?.agents.env == AgentEnv::Refuse => Err(Error::policy(format!(
            "the key of `{profile}` is not printed: ${} says that {} runs this, and its transcript keeps what it reads",
            agent.variable, agent.name
        ))
        .hint(Hint::run("exec").arg(profile).flag("--broker -- CMD…").note("the program uses the key without having it"))),
        _ => Ok(()),
    }
}

/// Whether the shell hook hands nothing out here; it says nothing either, so a broken configuration counts as yes.
pub fn keys_are_kept_back(world: &World) -> bool {
    let refuses = || !world.config().is_ok_and(|config| config.agents.env == AgentEnv::Allow);
    world.agent().is_some() && refuses()
}

/// What `exec` does by itself inside an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// As without an agent.
    Plain,
    /// The key is masked in what the program prints.
    Masked(Masking),
    /// The program has a relay instead of the key.
    Relay,
}

/// What `exec` does here by itself.
///
/// # Errors
/// The configuration cannot be read.
pub fn handover(world: &World) -> Result<Handover> {
    if world.agent().is_none() {
        return Ok(Handover::Plain);
    }
    let on_terminals = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    Ok(match world.config()?.agents.exec {
        AgentExec::Mask if on_terminals => Handover::Plain,
        AgentExec::Mask => Handover::Masked(Masking::AllButTerminals),
        AgentExec::Allow => Handover::Plain,
        AgentExec::Broker => Handover::Relay,
    })
}

/// The restrictions here, in a few words for `status`.
///
/// # Errors
/// The configuration cannot be read.
pub fn in_words(world: &World) -> Result<Option<String>> {
    let Some(agent) = world.agent() else { return Ok(None) };
    let agents = &world.config()?.agents;
    let env = match agents.env {
        AgentEnv::Refuse => "env is refused",
        AgentEnv::Allow => "env hands keys out",
    };
    let exec = match agents.exec {
        AgentExec::Mask => "exec masks the key",
        AgentExec::Broker => "exec uses the relay (--broker)",
        AgentExec::Allow => "exec masks nothing",
    };
    Ok(Some(format!("{} (${}): {env}, {exec}", agent.name, agent.variable)))
}
