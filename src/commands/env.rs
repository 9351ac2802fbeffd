//! `env [NAME]`: prints code that sets the key's variable in a shell.

use std::io::IsTerminal;

use serde_json::json;
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::flows::shell_text::{self, Append, ShellText, variable_names, which_shell};
use crate::flows::{agents, audit, hand_out, passphrase, select_profile};
use crate::hint::Hint;
use crate::model::{ApiKey, ProfileName};
use crate::shell::format::{self, Format};
use crate::shell::{Change, Shell, Unsayable, VariableName};
use crate::system::World;

/// Print shell code that sets GETIMG_API_KEY
///
/// In bash, zsh and sh: eval $(getimg-keys env). In fish: getimg-keys env | source. The official SDKs read the
/// variable. On a terminal the key is masked. Inside a coding agent, whose transcript keeps what is printed, the
/// command is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  eval $(getimg-keys env)
  getimg-keys env prod --shell fish | source
  getimg-keys env ci --format docker > ci.env")]
pub struct Args {
    /// The profile [default: the selected one]
    name: Option<ProfileName>,
    /// The shell to write for [default: the one that reads it]
    #[arg(long)]
    shell: Option<Shell>,
    /// The output format
    #[arg(long, value_enum, default_value_t = What::Shell)]
    format: What,
    /// Unset the variable instead
    #[arg(long, conflicts_with = "force")]
    unset: bool,
    /// Show the key on a terminal
    #[arg(long)]
    reveal: bool,
    /// Print the key even if it is rejected, overdue or redirected; never a compromised one
    #[arg(long)]
    force: bool,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Code for a shell to evaluate
    Shell,
    /// NAME="value" lines for a .env file
    Dotenv,
    /// One object of variables
    Json,
    /// Masks the key in a GitHub Actions log, then appends to $GITHUB_ENV
    Github,
    /// NAME=value lines for a systemd EnvironmentFile
    Systemd,
    /// NAME=value lines for docker run --env-file
    Docker,
}

/// Runs the command.
///
/// # Errors
/// No profile (3), handing out is refused (6, 4), the store fails (7, 3, 6).
pub fn run(
    args: &Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
) -> Result<ShellText> {
    if args.unset {
        return args.unsetting(world);
    }
    let profiles = backend.profiles_now()?;
    let named = args.name.as_ref().or(global);
    let profile = select_profile::selected(world, &profiles, named)?.profile;
    let again = named.map_or_else(|| Hint::run("env"), |name| Hint::run("env").arg(name));
    hand_out::refuse(world, profile, args.force)?;
    if args.reveal || world.terminal.collects || !std::io::stdout().is_terminal() {
        agents::refuse_to_print(world, &profile.name)?;
    }
    let names = variable_names(world)?;
    let key = hand_out::read(backend, &profiles, profile)?;
    passphrase::offer_unlock(world);
    if world.terminal.collects && args.format != What::Json {
        world.terminal.say(&format!("the key itself: {again} --format json"));
        return Ok(ShellText::json_only(json!({
            "profile": super::as_json(profile, &profiles, &world.policy()?, world),
            "changed": false,
            "variables": names.iter().map(VariableName::as_str).collect::<Vec<_>>(),
        })));
    }
    let whole: Vec<_> = names.iter().map(|name| Change::set_key(name, &key)).collect();
    let file = if args.format == What::Github { Some(github_env(world, &whole)?) } else { None };
    let masked = std::io::stdout().is_terminal() && !args.reveal;
    let text = if masked {
        say_how_to_use(args.shell, &again, world)?;
        let mask = args.mask(&key, world)?;
        args.write(world, &names.iter().map(|name| Change::Set { name, value: &mask }).collect::<Vec<_>>())?
    } else {
        args.write(world, &whole)?
    };
    if !masked || file.is_some() {
        audit::hand_out(world, "env", &profile.name, profile.key.fingerprint, None);
    }
    Ok(ShellText::secret(text).and_append(file))
}

impl Args {
    fn unsetting(&self, world: &World) -> Result<ShellText> {
        if self.format != What::Shell {
            return Err(Error::usage("only shell code can unset a variable").hint(Hint::run("env --unset")));
        }
        shell_text::unsetting(which_shell(self.shell, world)?, world)
    }

    /// What stands in place of the key on a terminal.
    fn mask(&self, key: &ApiKey, world: &World) -> Result<String> {
        let mask = key.hint().unwrap_or_else(|| "…".to_owned());
        // In code for PowerShell everything but ASCII is written as numbers.
        let is_ascii_alone = which_shell(self.shell, world)? == Shell::Powershell;
        Ok(if is_ascii_alone { mask.replace('…', "...") } else { mask })
    }

    fn write(&self, world: &World, changes: &[Change<'_>]) -> Result<Zeroizing<String>> {
        let text = match self.format {
            What::Shell => which_shell(self.shell, world)?.dialect().apply(changes),
            What::Dotenv => Format::Dotenv.write(changes),
            What::Json => Format::Json.write(changes),
            What::Systemd => Format::Systemd.write(changes),
            What::Docker => Format::Docker.write(changes),
            What::Github => format::github(changes).map(|lines| lines.masks),
        };
        text.map_err(|e| refused(&e))
    }
}

fn refused(why: &Unsayable) -> Error {
    Error::usage(why.to_string()).hint("choose another --format or --shell")
}

fn say_how_to_use(shell: Option<Shell>, again: &Hint, world: &World) -> Result<()> {
    let how = which_shell(shell, world)?.how_to_load(&again.command());
    world.terminal.say("the key is masked because this is a terminal; to use it:");
    world.terminal.say(&format!("  {how}"));
    world.terminal.say("to see it: --reveal");
    Ok(())
}

/// What is appended to `$GITHUB_ENV` after the masks are printed.
fn github_env(world: &World, changes: &[Change<'_>]) -> Result<Append> {
    let path = world.variables.path("GITHUB_ENV").ok_or_else(|| {
        Error::usage("$GITHUB_ENV is not set; this format is for a step of GitHub Actions")
            .hint(Hint::run("env --format dotenv"))
    })?;
    Append::to(path, format::github(changes).map_err(|e| refused(&e))?.file)
}
