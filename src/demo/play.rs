//! Runs the steps, and compares each with its expected result.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::Duration;

use super::home::{Home, is_missing};
use super::scenes;
use super::stand_in::StandIn;
use super::steps::{Before, Run, STEPS, Step};
use crate::error::{Error, Result, in_words};
use crate::hint::Hint;
use crate::system::process::end_asked_for::EndAskedFor;

/// How often we check whether a command has ended.
const PULSE: Duration = Duration::from_millis(5);

/// What is shown, as it happens.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// A command is about to run: its title and its line.
    Begins(&'a str, &'a str),
    /// What it printed on both streams, in order, and its exit code.
    Ended(&'a str, u8),
}

/// The result of a step.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its title.
    pub about: String,
    /// The command's line.
    pub command: String,
    /// What it printed on both its streams, in order.
    pub output: String,
    /// Its exit code.
    pub code: u8,
}

/// Plays every step and shows it at once.
///
/// # Errors
/// The first step with an unexpected result (exit 1); the user cancelled it (exit 9).
pub fn play(
    home: &Home,
    api: &StandIn,
    end: &EndAskedFor,
    show: &mut dyn FnMut(Moment<'_>),
) -> Result<Vec<Told>> {
    let mut all = Vec::new();
    for (index, step) in STEPS.iter().enumerate() {
        let has_git = prepare(step, home, api)?;
        let mut told = play_one(step, has_git, home, end, show)?;
        if told.code != step.code || !told.output.contains(step.says) {
            return Err(otherwise(index + 1, step, &told));
        }
        told.output = told.output.trim_end().to_owned();
        all.push(told);
    }
    Ok(all)
}

fn prepare(step: &Step, home: &Home, api: &StandIn) -> Result<bool> {
    match step.before {
        Before::Nothing => {}
        Before::Revocation => api.revokes(&home.key("dev")),
        Before::Leak => return scenes::leak(home),
    }
    Ok(true)
}

fn play_one(
    step: &Step,
    has_git: bool,
    home: &Home,
    end: &EndAskedFor,
    show: &mut dyn FnMut(Moment<'_>),
) -> Result<Told> {
    let failed = |line: &str, e: &io::Error| {
        Error::failure(format!("`{line}` cannot be run in the demo: {}", in_words(e)))
    };
    let mut last = None;
    for call in calls(step, has_git, home) {
        let ran = call
            .command
            .and_then(|command| run(command, end, || show(Moment::Begins(&call.about, &call.line))));
        match ran {
            Err(e) if is_missing(&e) => last = Some(failed(&call.line, &e)),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Err(Error::cancelled()),
            Err(e) => return Err(failed(&call.line, &e)),
            Ok((output, status)) => {
                let code = code(status);
                show(Moment::Ended(output.trim_end(), code));
                return Ok(Told { about: call.about, command: call.line, output, code });
            }
        }
    }
    Err(last.unwrap_or_else(|| Error::failure("a step of the demo has no command")))
}

/// A command with its line, as a user would type it.
struct Call {
    about: String,
    line: String,
    command: io::Result<Command>,
}

/// The ways to run a step, best first: a later one is for machines without the earlier one's program.
fn calls(step: &Step, has_git: bool, home: &Home) -> Vec<Call> {
    let call = |about: &str, words: &[&str], key: Option<&str>| {
        let redirection = key.map(|key| format!(" < ~/keys/{key}")).unwrap_or_default();
        let line = Hint::run(&words.join(" ")).command() + &redirection;
        Call { about: about.to_owned(), line, command: ours(home, words, key) }
    };
    match step.run {
        Run::Ours(words, key) => vec![call(step.about, words, key)],
        Run::Shell(line, instead) => {
            let mut shell = home.command("sh");
            let shell = home.input(None).map(|nothing| {
                shell.args(["-c", line]).stdin(nothing);
                shell
            });
            let shell = Call { about: step.about.to_owned(), line: line.to_owned(), command: shell };
            let without = format!("{} There is no sh here, so one program gets it.", step.about);
            vec![shell, call(&without, instead, None)]
        }
        Run::Scan if has_git => {
            let about = "A key was committed, and taken out by the next commit: the history has it.";
            vec![call(about, &["scan", "--history"], None)]
        }
        Run::Scan => {
            let about = "A source file contains a key. There is no git here, so the folder is searched.";
            vec![call(about, &["scan", "."], None)]
        }
    }
}

fn ours(home: &Home, words: &[&str], key: Option<&str>) -> io::Result<Command> {
    let mut command = home.command("getimg-keys");
    command.args(words).stdin(home.input(key)?);
    Ok(command)
}

/// Runs a command to its end: its output on both streams, in order, and how it ended.
fn run(mut command: Command, end: &EndAskedFor, mut begun: impl FnMut()) -> io::Result<(String, ExitStatus)> {
    let (mut ours, theirs) = io::pipe()?;
    command.stdout(theirs.try_clone()?).stderr(theirs);
    let mut child = command.spawn()?;
    // Drops our copies of its end of the pipe, or the pipe would never end.
    drop(command);
    begun();
    let reader = thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let read = ours.read_to_end(&mut bytes);
        read.map(|_| String::from_utf8_lossy(&bytes).into_owned())
    })?;
    let status = wait(&mut child, end)?;
    let output = reader.join().map_err(|_| io::Error::other("its output was lost"))??;
    Ok((output, status))
}

/// Waits for a command; ends it if the user cancels.
fn wait(child: &mut Child, end: &EndAskedFor) -> io::Result<ExitStatus> {
    loop {
        if end.came() {
            child.kill()?;
            child.wait()?;
            return Err(io::ErrorKind::Interrupted.into());
        }
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None => thread::sleep(PULSE),
        }
    }
}

/// A command that was ended by a signal has no exit code: 128 plus the signal, as in shells.
fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(128)
}

fn otherwise(number: usize, step: &Step, told: &Told) -> Error {
    let what = if told.code == step.code {
        format!("did not say \"{}\"", step.says)
    } else {
        format!("ended with exit code {}, not {}", told.code, step.code)
    };
    Error::failure(format!("step {number} of the demo, `{}`, {what}", told.command))
        .hint(Hint::run("doctor --offline").note("shows what on this machine may be the cause"))
}
