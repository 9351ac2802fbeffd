//! `hook SHELL`: prints code for the shell's start-up file.

use clap::ValueEnum;
use serde_json::json;

use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::output::Said;
use crate::shell::Shell;
use crate::system::{World, process};

/// Print the shell hook that loads the selected profile's key
///
/// After cd and use, the variable holds the key of the profile that is selected there; leaving a pinned directory
/// restores what it held before. Keys of protected profiles are never loaded by the hook.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  eval "$(getimg-keys hook bash)"   # in ~/.bashrc
  eval "$(getimg-keys hook zsh)"    # in ~/.zshrc
  getimg-keys hook fish | source    # in ~/.config/fish/config.fish"#)]
pub struct Args {
    /// bash, zsh, fish, powershell, nushell or elvish
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// A shell that has no hook, or in which the program's path cannot be written (2).
pub fn run(args: &Args, world: &World) -> Result<Said> {
    let program = process::this_program(&world.variables).map_err(|e| {
        Error::failure(format!("this program's path is not known: {}", crate::error::in_words(&e)))
    })?;
    let program = program
        .to_str()
        .ok_or_else(|| Error::failure("this program's path is not valid UTF-8, and a hook must name it"))?;
    let shell = args.shell.as_str();
    let text = args.shell.dialect().hook(program).map_err(|e| Error::usage(e.to_string()))?;
    let text = text.ok_or_else(|| {
        Error::usage(format!("there is no hook for {shell}; {} have one", with_hook().join(", ")))
            .hint(Hint::run("env"))
    })?;
    Ok(Said { json: json!({ "shell": shell, "text": text }), text: text.trim_end().to_owned() })
}

fn with_hook() -> Vec<&'static str> {
    let has_one = |shell: &&Shell| shell.dialect().hook("").is_ok_and(|text| text.is_some());
    Shell::value_variants().iter().filter(has_one).map(|shell| shell.as_str()).collect()
}
