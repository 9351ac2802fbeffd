//! Runs `git` so that it starts nothing from the repository and waits for nobody.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::patience::Watch;
use crate::error::{Error, Result};
use crate::hint::quoted;
use crate::model::key_shape::holds_key;
use crate::system::process::other_programs;

/// The most bytes of its error messages that are kept.
const COMPLAINT: u64 = 64 * 1024;

/// git's answer.
pub(super) struct Answer {
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) complaint: String,
}

/// Variables that name the repository; git sets them for a hook.
const WHICH: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"];

/// Variables that change what a path given to git means.
const PATHSPECS: [&str; 4] =
    ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"];

/// A call of git in a folder, for the repository that contains the folder.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = git_as_asked(folder, arguments);
    WHICH.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// A call of git in a folder, for the repository and the index that the environment names: in a hook.
pub(super) fn git_as_asked(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = other_programs::command("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
    command.args(arguments);
    PATHSPECS.iter().for_each(|name| {
        command.env_remove(name);
    });
    for (name, value) in [
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        // A git that does not know the former variable still fetches with no protocol.
        ("GIT_ALLOW_PROTOCOL", "none"),
        // We scan what is stored, not its replacement.
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_PAGER", ""),
        ("LC_ALL", "C"),
    ] {
        command.env(name, value);
    }
    command
}

/// Runs a call to its end, with this standard input.
///
/// # Errors
/// git is missing, or its pipes fail.
pub(super) fn run(command: Command, input: &[u8]) -> Result<Answer> {
    let mut out = Vec::new();
    let (code, complaint) = stream(command, input, |pipe| pipe.read_to_end(&mut out).map(|_| ()))?;
    Ok(Answer { code, out, complaint })
}

/// Runs a call and passes its output on while it comes.
///
/// # Errors
/// git is missing, or its pipes fail.
pub(super) fn stream(
    mut command: Command,
    input: &[u8],
    mut read: impl FnMut(&mut dyn Read) -> io::Result<()>,
) -> Result<(Option<i32>, String)> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| missing(&error))?;
    let watch = Watch::of(child.id());
    let outcome = converse(&mut child, &watch, input, &mut read);
    let status = child.wait();
    if watch.gave_up() {
        return Err(does_nothing(&command));
    }
    let complaint = outcome.map_err(|error| missing(&error))?;
    Ok((status.map_err(|error| missing(&error))?.code(), complaint))
}

fn converse(
    child: &mut Child,
    watch: &Watch,
    input: &[u8],
    read: &mut impl FnMut(&mut dyn Read) -> io::Result<()>,
) -> io::Result<String> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let beside = std::thread::Builder::new;
        // If git does not read all of it, its exit says why.
        beside().spawn_scoped(scope, move || stdin.map(|mut pipe| pipe.write_all(input)))?;
        let complaint = beside().spawn_scoped(scope, move || stderr.map(said).unwrap_or_default())?;
        let looking = beside().spawn_scoped(scope, || watch.look_on())?;
        let outcome = stdout.map_or(Ok(()), |pipe| read(&mut watch.output(pipe)));
        watch.over();
        looking.thread().unpark();
        let complaint = complaint.join().unwrap_or_default();
        outcome.map(|()| complaint)
    })
}

/// Reads git's error messages to the end; keeps the beginning.
fn said(mut pipe: impl Read) -> String {
    let mut text = Vec::new();
    // If it cannot be read, git has said nothing.
    let _ = pipe.by_ref().take(COMPLAINT).read_to_end(&mut text);
    let _ = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn does_nothing(command: &Command) -> Error {
    let folder = command.get_args().nth(1).unwrap_or_default().display();
    Error::failure("git neither answers nor works: it waits for something that is not a file, or for a disk")
        .hint(format!("GIT_TRACE2=1 git -C {} status", quoted(folder)))
}

const INSTALL: &str = if cfg!(windows) {
    "winget install Git.Git"
} else if cfg!(target_os = "macos") {
    "xcode-select --install"
} else {
    "sudo apt install git  # or as this system installs it"
};

fn missing(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::failure("git is not installed, or not on the PATH").hint(INSTALL),
        kind => Error::failure(format!("cannot run git: {kind}")),
    }
}

impl Answer {
    /// The output, if git succeeded.
    ///
    /// # Errors
    /// git's error messages.
    pub(super) fn good(self) -> Result<Vec<u8>> {
        match self.code {
            Some(0) => Ok(self.out),
            _ => Err(complaint(&self.complaint)),
        }
    }

    /// What `git config` found; empty if it says that there is nothing.
    ///
    /// # Errors
    /// It failed otherwise, in git's own words.
    pub(super) fn found(self) -> Result<Vec<u8>> {
        match self.code {
            Some(1) => Ok(Vec::new()),
            _ => self.good(),
        }
    }
}

/// An error in git's own words.
pub(super) fn complaint(text: &str) -> Error {
    // Its warnings come before the error that made it fail.
    let is_grave = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let line = text.lines().find(is_grave).or_else(|| text.lines().next()).unwrap_or("it gave no reason");
    // Of a file that it does not understand it repeats the line.
    let line = if holds_key(line) { "its message holds a key, and is not repeated" } else { line };
    let error = Error::failure(format!("git: {}", line.trim_start_matches("fatal: ")));
    // git itself says what helps with another user's repository.
    let advice =
        text.lines().map(str::trim).find(|line| line.starts_with("git config --global --add safe.directory"));
    match advice {
        Some(advice) => error.hint(advice),
        None => error,
    }
}
