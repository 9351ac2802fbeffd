//! `scan`: finds keys where they must not be.

mod clean;
mod collect;
mod finding;
mod formats;
mod known_leaks;
mod outcome;
mod report;
mod sources;

use std::path::PathBuf;

use crate::backend::Backend;
use crate::error::{Error, Kind, Result};
use crate::hint::Hint;
use crate::model::{Known as Held, Profiles, retired};
use crate::scan::{KeyIndex, KnownKey, Matcher, State};
use crate::system::World;
use crate::system::files::regular_file;

use collect::Collected;
use known_leaks::KnownLeaks;
pub use report::Scanned;

/// Find leaked keys in files, git history and transcripts
///
/// Without an option, reads every file below the paths, also ignored, untracked and binary ones. Options select
/// other places and can be combined. No keychain is opened.
///
/// `--agents` reads the transcripts of Claude Code, Codex, Gemini CLI, OpenCode, Cursor, Copilot, Continue, Cline,
/// Goose, Windsurf and Aider: `getimg-keys scan --agents`. `--clean` replaces each key
/// there by a redacted form of the same length: `getimg-keys scan --agents --shell-history --clean`. Open files,
/// databases, links and files of other users are left and listed; the exit code is 8 while something is left.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys scan
  getimg-keys scan --history --shell-history
  getimg-keys scan --agents --clean")]
pub struct Args {
    /// Files and folders [default: the working directory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Scan every object of the repository, reachable or not
    #[arg(long)]
    history: bool,
    /// Scan what the next commit would contain: git's index, not the files
    #[arg(long)]
    staged: bool,
    /// Scan the history files of bash, zsh, fish and PowerShell
    #[arg(long)]
    shell_history: bool,
    /// Scan the transcripts of coding agents and AI editors in your home
    #[arg(long, conflicts_with = "paths")]
    agents: bool,
    /// Redact keys found by --agents and --shell-history in place, after a confirmation
    #[arg(long, conflicts_with_all = ["paths", "history", "staged", "stdin"])]
    clean: bool,
    /// Scan standard input
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
    /// Also fail for a key in a file that git ignores
    #[arg(long)]
    strict: bool,
    /// Exit with 0 if no key was found, even if something could not be read
    #[arg(long)]
    allow_unread: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person
    #[default]
    Text,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// Runs the command.
///
/// # Errors
/// A path does not exist (2); the profiles cannot be read, or there is no repository although one is needed (1).
pub fn run(args: &Args, world: &World, backend: &dyn Backend) -> Result<Scanned> {
    if args.clean && !(args.agents || args.shell_history) {
        return Err(Error::usage("--clean works only with --agents and --shell-history")
            .hint(Hint::run("scan --agents --clean")));
    }
    let matcher = Matcher::new(known(&backend.profiles_if_any()?));
    let paths = paths(args, world)?;
    let collected = Collected::default();
    let search = sources::Search::new(&matcher, world, &collected);
    if args.staged {
        search.staged(&paths)?;
    }
    if args.stdin {
        search.stdin();
    }
    if args.shell_history {
        search.shell_history();
    }
    if args.agents {
        search.agents();
    }
    if args.history {
        search.history(&paths)?;
    }
    if !(args.staged || args.history || args.is_elsewhere()) {
        search.tree(&paths);
    }
    drop(search);
    collected.mask(|text| matcher.masked(text));
    let mut known = KnownLeaks::new(world);
    let mut scanned = Scanned::new(collected, &mut known, args, &world.places.working_directory);
    if args.clean {
        let answered_by = args.answered();
        clean::Cleaning { matcher: &matcher, known, world, answered_by }.run(scanned.findings_mut())?;
    }
    if !world.terminal.collects {
        scanned.not_read().for_each(|line| world.terminal.complain(&line));
    }
    Ok(scanned)
}

impl Args {
    /// Whether files are changed.
    pub fn changes_files(&self) -> bool {
        self.clean
    }

    /// Whether the scan reads places outside the folders that the user chose.
    fn is_elsewhere(&self) -> bool {
        self.stdin || self.shell_history || self.agents
    }

    /// The command line that cleans without asking.
    fn answered(&self) -> Hint {
        let places = [(self.agents, "--agents"), (self.shell_history, "--shell-history")];
        let wanted = places.into_iter().filter(|(is_wanted, _)| *is_wanted);
        wanted.fold(Hint::run("scan"), |hint, (_, flag)| hint.flag(flag)).flag("--clean --yes")
    }
}

/// The paths as the user gave them, so that the report shows them so; each must exist or be known to git.
fn paths(args: &Args, world: &World) -> Result<Vec<PathBuf>> {
    let here = &world.places.working_directory;
    for path in &args.paths {
        let is_there = !regular_file::is_absent(&here.join(path));
        if !(is_there || args.staged && sources::is_known_to_git(path, world)?) {
            let instead = if path.as_os_str() == "-" { "scan --stdin" } else { "scan ." };
            return Err(Error::usage(format!("there is no file or folder at {}", path.display()))
                .hint(Hint::run(instead)));
        }
    }
    let is_of_here = args.history || args.staged || !args.is_elsewhere();
    if is_of_here && args.paths.is_empty() && !here.is_absolute() {
        let message = "this folder no longer exists, or has no path, so nothing of it was scanned";
        return Err(Error::new(Kind::Unchecked, message).hint(Hint::run("scan PATH")));
    }
    Ok(args.paths.clone())
}

/// Every key that the profiles ever had, for the matcher.
fn known(profiles: &Profiles) -> KeyIndex {
    let mut known = KeyIndex::default();
    for profile in &profiles.all {
        let keys = [
            (Some(&profile.key), State::Current),
            (profile.previous.as_ref().map(|p| &p.key), State::Previous),
        ];
        for (key, state) in keys.into_iter().filter_map(|(key, state)| Some((key?, state))) {
            let state = if key.compromised_at.is_some() { State::Compromised } else { state };
            let (length, hint, profile) = (key.length, key.hint.clone(), profile.name.clone());
            known.insert(key.fingerprint, KnownKey { profile, state, length, hint });
        }
    }
    for key in profiles
        .retired
        .iter()
        .filter(|key| !matches!(profiles.known(&key.fingerprint), Some(Held::Current(_))))
    {
        let state = match key.reason {
            retired::Reason::Rotated => State::Retired,
            retired::Reason::Compromised => State::Compromised,
            retired::Reason::Removed => State::Removed,
        };
        let (length, hint, profile) = (key.length, key.hint.clone(), key.profile.clone());
        known.insert(key.fingerprint, KnownKey { profile, state, length, hint });
    }
    known
}
