//! `demo`: runs the main commands without anything of the user's.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::demo::{Home, Moment, StandIn, Told, as_documented, play};
use crate::error::{Error, Result, in_words};
use crate::output::{self, Render, Report};
use crate::system::World;
use crate::system::process::{self, end_asked_for::EndAskedFor};

/// Play the main commands in a temporary home, against a local API
///
/// Adds two keys, verifies them, loads one into a shell, replaces it and finds a leak. The keys are made up, the API is
/// this program on 127.0.0.1, and everything happens in a temporary folder that is removed at the end: it needs no key,
/// network or keychain, and touches nothing of yours. Every line is the real command with its real answer. Exits with 0
/// only if every step had the expected result.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys demo
  getimg-keys demo --shell")]
pub struct Args {
    /// Open a shell in the temporary home afterwards
    #[arg(long, conflicts_with = "json")]
    shell: bool,
}

/// What was played.
pub struct Played(Vec<Told>);

impl Report for Played {
    fn json(&self) -> Value {
        let step = |told: &Told| json!({ "about": told.about, "command": told.command, "output": told.output, "exit_code": told.code });
        json!({ "steps": self.0.iter().map(step).collect::<Vec<_>>() })
    }
}

/// Runs the command.
///
/// # Errors
/// A step had another result, or nothing can be written or started here (1); Ctrl-C (9).
pub fn run(args: &Args, world: &World, render: &Render) -> Result<Played> {
    let quiet = world.terminal.collects;
    let cannot = |what: &str, e: &io::Error| Error::failure(format!("{what}: {}", in_words(e)));
    let program = process::this_program(&world.variables)
        .map_err(|e| cannot("cannot tell where this program is", &e))?;
    let end = EndAskedFor::watch().map_err(|e| cannot("cannot watch for Ctrl-C", &e))?;
    let api = StandIn::start(as_documented)
        .map_err(|e| cannot("the stand-in for the API cannot listen on 127.0.0.1", &e))?;
    let home = Home::make(&program, &api, render.style.is_coloured() && !quiet, &world.variables)?;
    let mut written = Ok(());
    let mut show = |text: &str| {
        if !quiet && written.is_ok() {
            written = output::print_part(text, render);
        }
    };
    show(&opening(&home, &api));
    let told = play(&home, &api, &end, &mut |moment| show(&shown(moment, render)))?;
    show(&closing(told.len()));
    written?;
    if args.shell {
        open_shell(&home, world)?;
    }
    Ok(Played(told))
}

fn opening(home: &Home, api: &StandIn) -> String {
    format!(
        "The main commands, with made-up keys against a local API:\n  {}\nin a folder that is removed at the end:\n  {}\n",
        api.url(),
        home.folder().display()
    )
}

fn shown(moment: Moment<'_>, render: &Render) -> String {
    match moment {
        Moment::Begins(about, line) => {
            format!(
                "{}\n{}",
                render.style.faint(&format!("# {about}")),
                render.style.strong(&format!("$ {line}"))
            )
        }
        Moment::Ended(output, code) => {
            let mut lines: Vec<String> = output.lines().map(|line| fitted(line, render)).collect();
            if code != 0 {
                lines.push(render.style.faint(&format!("# exit code {code}")));
            }
            lines.push(String::new());
            lines.join("\n")
        }
    }
}

/// Breaks a long line between words; commands stay whole.
fn fitted(line: &str, render: &Render) -> String {
    let is_command = ["→ ", "hint: "].iter().any(|mark| line.contains(mark));
    if is_command { line.to_owned() } else { render.prose(line, 0) }
}

fn closing(steps: usize) -> String {
    format!(
        "{steps} commands, each came out as it should. With a key of your own:\n\n  getimg-keys add dev\n"
    )
}

/// Opens the user's shell there, or `sh` if that fails.
fn open_shell(home: &Home, world: &World) -> Result<()> {
    world.terminal.say(&format!(
        "a shell in the demo's home: made-up keys are in {}, the stand-in answers; `exit` ends it and removes all of it",
        if cfg!(windows) { "..\\keys" } else { "~/keys" },
    ));
    let usual = if cfg!(windows) { "cmd" } else { "sh" };
    let own = world.variables.path("SHELL").filter(|path| path.is_absolute());
    let shell = |path: &Path| -> Command { home.command(&path.to_string_lossy()) };
    let started = match own {
        Some(own) => shell(&own).status().or_else(|_| shell(&PathBuf::from(usual)).status()),
        None => shell(&PathBuf::from(usual)).status(),
    };
    started.map(drop).map_err(|e| Error::failure(format!("no shell can be opened: {}", in_words(&e))))
}
