//! `env [NAME]`: text that puts a key into a shell's environment.

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::unset::{self, variable_names};
use crate::error::{Error, Result};
use crate::flows::{hand_out, record, which};
use crate::model::ProfileName;
use crate::output::{Page, Report};
use crate::shell::format::{self, Format};
use crate::shell::hooks::said_by_hook;
use crate::shell::{Change, Shell, Unsayable, VariableName};
use crate::world::{World, private_files, process, variables};

/// Print shell code that sets GETIMG_API_KEY
///
/// In bash, zsh and sh: eval $(getimg-keys env). In fish: getimg-keys env | source. The official SDKs then
/// find the key. Onto a terminal the key is shown masked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The profile; the selected one otherwise
    name: Option<ProfileName>,
    /// The shell to write for; found out by itself otherwise
    #[arg(long)]
    shell: Option<Shell>,
    /// What to write
    #[arg(long, value_enum, default_value_t = What::Shell)]
    format: What,
    /// Unset the variable instead
    #[arg(long, conflicts_with_all = ["format", "force"])]
    unset: bool,
    /// Show the key on a terminal
    #[arg(long)]
    reveal: bool,
    /// Hand the key out although it is rejected, overdue or redirected; never a compromised one
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

/// Text for a shell, or for a file that a program reads its environment from.
pub struct ShellText {
    /// `None` where only the JSON of what would be written is asked for.
    text: Option<Zeroizing<String>>,
    json: Value,
}

/// Runs the command.
///
/// # Errors
/// No profile (3), the hand-out is refused (6, 4), the store fails (7, 3, 6).
pub fn run(args: &Args, world: &World, global: Option<&ProfileName>) -> Result<ShellText> {
    if args.unset {
        return unset::text(which_shell(args.shell, world)?, world);
    }
    let book = world.book()?;
    let profile = which::selected(world, &book, args.name.as_ref().or(global))?.profile;
    hand_out::refuse(world, profile, args.force)?;
    let names = variable_names(world)?;
    let key = hand_out::read(world, &book, profile)?;
    let json = json!({
        "profile": super::as_json(profile, &book, &world.policy()?, world),
        "changed": false,
        "variables": names.iter().map(VariableName::as_str).collect::<Vec<_>>(),
    });
    if world.terminal.collects && args.format != What::Json {
        world.terminal.say("the key itself: getimg-keys env --format json");
        return Ok(ShellText { text: None, json });
    }
    let text = if std::io::stdout().is_terminal() && !args.reveal {
        say_how_to_use(args, world)?;
        let mask = key.hint().unwrap_or_else(|| "…".to_owned());
        args.write(world, &names.iter().map(|name| Change::Set { name, value: &mask }).collect::<Vec<_>>())?
    } else {
        let text =
            args.write(world, &names.iter().map(|name| Change::set_key(name, &key)).collect::<Vec<_>>())?;
        record::hand_out(world, "env", &profile.name, profile.key.fingerprint, None);
        text
    };
    Ok(ShellText { text: Some(text), json })
}

impl Args {
    fn write(&self, world: &World, changes: &[Change<'_>]) -> Result<Zeroizing<String>> {
        let refused = |e: Unsayable| Error::usage(e.to_string()).hint("choose another --format or --shell");
        let text = match self.format {
            What::Shell => which_shell(self.shell, world)?.dialect().apply(changes),
            What::Dotenv => Format::Dotenv.write(changes),
            What::Json => Format::Json.write(changes),
            What::Systemd => Format::Systemd.write(changes),
            What::Docker => Format::Docker.write(changes),
            What::Github => {
                let lines = format::github(changes).map_err(refused)?;
                append_to_github_env(world, &lines.file)?;
                Ok(lines.masks)
            }
        };
        text.map_err(refused)
    }
}

impl ShellText {
    /// Text that holds no key.
    pub fn harmless(text: Zeroizing<String>, names: &[VariableName], world: &World) -> Self {
        let names: Vec<_> = names.iter().map(VariableName::as_str).collect();
        Self {
            text: (!world.terminal.collects).then_some(text),
            json: json!({ "variables": names, "changed": false }),
        }
    }
}

impl Report for ShellText {
    fn text(&self, _: &Page) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        self.json.clone()
    }

    fn secret(&self) -> Option<&Zeroizing<String>> {
        self.text.as_ref()
    }
}

/// The shell to write for: as asked, else what the hook said, else the parent process, else `$SHELL`.
///
/// # Errors
/// A variable that is not UTF-8 (2).
pub fn which_shell(asked: Option<Shell>, world: &World) -> Result<Shell> {
    let hook = world.variables.text(variables::SHELL)?;
    if let Some(shell) = asked.or(hook.and_then(|text| said_by_hook(text, process::parent()))) {
        return Ok(shell);
    }
    if let Some(shell) = process::parent_program().as_deref().and_then(Shell::from_program) {
        return Ok(shell);
    }
    let login = world.variables.text("SHELL")?.and_then(Shell::from_program);
    Ok(login.unwrap_or(if cfg!(windows) { Shell::Powershell } else { Shell::Sh }))
}

fn say_how_to_use(args: &Args, world: &World) -> Result<()> {
    let name = args.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let how = which_shell(args.shell, world)?.how_to_load(&format!("getimg-keys env{name}"));
    world.terminal.say("the key is masked because this is a terminal; to use it:");
    world.terminal.say(&format!("  {how}"));
    world.terminal.say("to see it: --reveal");
    Ok(())
}

fn append_to_github_env(world: &World, text: &str) -> Result<()> {
    let path = world.variables.path("GITHUB_ENV").ok_or_else(|| {
        Error::usage("$GITHUB_ENV is not set; this format is for a step of GitHub Actions")
            .hint("getimg-keys env --format dotenv")
    })?;
    private_files::open(&path, true).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| {
        Error::failure(format!("cannot write {}: {}", path.display(), crate::error::in_words(&e)))
    })
}
