//! Inside a coding agent, whose transcript keeps what is printed; only the person's configuration changes it.

use std::io::IsTerminal;

use crate::error::{Error, Result, typed};
use crate::model::ProfileName;
use crate::system::World;
use crate::system::files::config::{AgentEnv, AgentExec};
use crate::system::process::Masking;

/// Refuses to print a key where the agent reads it.
///
/// # Errors
/// An agent started this program (6); the configuration cannot be read.
pub fn refuse_to_print(world: &World, profile: &ProfileName) -> Result<()> {
    match world.agent() {
        Some(agent) if world.config()?.agents.env == AgentEnv::Refuse => Err(Error::policy(format!(
            "the key of `{profile}` is not printed: ${} says that {} runs this, and its transcript keeps what it reads",
            agent.variable, agent.name
        ))
        .hint(format!("getimg-keys exec {profile} -- CMD…  # what it prints is masked"))),
        _ => Ok(()),
    }
}

/// Whether the shell hook hands nothing out here; it says nothing either, so a broken configuration counts as yes.
pub fn keys_are_kept_back(world: &World) -> bool {
    let refuses = || !world.config().is_ok_and(|config| config.agents.env == AgentEnv::Allow);
    world.agent().is_some() && refuses()
}

/// What `exec` masks for an agent without being told to; `None` where it masks nothing.
///
/// # Errors
/// The person lets agents use a relay only, which this version does not have (6); the configuration cannot be read.
pub fn masking(world: &World, profile: &ProfileName) -> Result<Option<Masking>> {
    let Some(agent) = world.agent() else { return Ok(None) };
    let on_terminals = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    match world.config()?.agents.exec {
        AgentExec::Mask if on_terminals => Ok(None),
        AgentExec::Mask => Ok(Some(Masking::AllButTerminals)),
        AgentExec::Allow => Ok(None),
        AgentExec::Broker => Err(Error::policy(format!(
            "the key of `{profile}` is not handed to a program of {}: `[agents] exec = \"broker\"` in {}, and this version \
             has no relay yet",
            agent.name,
            world.places.shown(&world.places.config())
        ))
        .hint(typed::edit(world.places.typed(&world.places.config())))),
    }
}

/// What holds here, in a few words for `status`.
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
        AgentExec::Broker => "exec is refused",
        AgentExec::Allow => "exec masks nothing",
    };
    Ok(Some(format!("{} (${}): {env}, {exec}", agent.name, agent.variable)))
}
