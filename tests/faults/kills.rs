//! `kill -9` at random moments of every command that changes anything: the state is the old or the new one.
//!
//! `KILLS_SEED` repeats the same moments; `KILLS_TIMES` multiplies the rounds, `KILLS_MOMENTS` the kills of a command in each.

use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::scene::{self, NEXT, Scene, State};
use crate::support::{Home, home::finish, skipped};

/// How often each command is killed in a round, in one session.
const MOMENTS: usize = 10;
/// The number of kills in a round.
pub const KILLS: usize = COMMANDS.len() * MOMENTS;

/// What is left after a killed command and one other command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// The state before the command, or the one after it.
    OldOrNew,
    /// Every key is in its place, and every file old or new; the same command completes the rest.
    Rerun,
}
use Leaves::{OldOrNew, Rerun};

/// The store, what is run before, and the command that is killed.
const COMMANDS: &[(&str, &str, &str, Leaves)] = &[
    ("keychain", "", "add ci --no-verify <ci", OldOrNew),
    ("keychain", "", "add ci --note words --protected <ci", OldOrNew),
    ("keychain", "", "rotate dev --no-verify <new", OldOrNew),
    ("keychain", "", "rotate dev <new", OldOrNew),
    ("keychain", "rotate dev --no-verify <new", "rotate dev --undo", OldOrNew),
    ("keychain", DEAD, "rotate ci --finish", OldOrNew),
    ("keychain", "", "rename dev laptop", OldOrNew),
    ("keychain", "rotate dev --no-verify <new", "rename dev laptop", OldOrNew),
    ("keychain", "", "remove dev", OldOrNew),
    ("keychain", "rotate dev --no-verify <new", "remove dev", OldOrNew),
    ("keychain", "", "note dev words", OldOrNew),
    ("keychain", "", "protect dev", OldOrNew),
    ("keychain", "", "unprotect prod", OldOrNew),
    ("keychain", "", "use prod --yes", OldOrNew),
    ("keychain", PIN, "use prod --here --yes", Rerun),
    ("keychain", PIN, "allow", OldOrNew),
    ("keychain", "use dev --here", "deny", OldOrNew),
    ("keychain", "", "verify dev", OldOrNew),
    ("keychain", "", "verify --all", OldOrNew),
    ("keychain", "", "compromised dev", OldOrNew),
    ("keychain", "compromised dev", "compromised dev --not", OldOrNew),
    ("keychain", DOTENV, "import --no-verify", Rerun),
    ("keychain", DOTENV, "import --clean", Rerun),
    ("keychain", GIT, "guard install", Rerun),
    ("keychain", HOOK, "guard install", Rerun),
    ("keychain", GUARDED, "guard uninstall", Rerun),
    ("keychain", "", "man pages", Rerun),
    ("keychain", "", "store migrate --to file", Rerun),
    ("keychain", "", "store migrate --to file --delete-source", Rerun),
    ("keychain", "", "backup all.age --recipient RECIPIENT", Rerun),
    ("keychain", BACKED_UP, "backup all.age --recipient RECIPIENT --overwrite", Rerun),
    ("keychain", BACKED_UP, "restore all.age --identity ../identity", Rerun),
    ("keychain", CHANGED, "restore all.age --identity ../identity --overwrite", Rerun),
    ("keychain", ROTATED, "restore all.age --identity ../identity", Rerun),
    ("keychain", ROTATED_OVER, "restore all.age --identity ../identity --overwrite", Rerun),
    ("keychain", TARGET, "push dev --to site", Rerun),
    ("keychain", BEHIND, "push dev --again", Rerun),
    ("keychain", PUSHED, "push forget site", OldOrNew),
    ("file", "", "add ci --no-verify <ci", OldOrNew),
    ("file", "", "rotate dev --no-verify <new", OldOrNew),
    ("file", "rotate dev --no-verify <new", "rotate dev --undo", OldOrNew),
    ("file", "rotate dev --no-verify <new", "rename dev laptop", OldOrNew),
    ("file", "", "remove dev", OldOrNew),
    ("file", "", "store migrate --to keychain --delete-source", Rerun),
    ("file", CHANGED, "restore all.age --identity ../identity --overwrite", Rerun),
    ("file", "", "unlock --for 1m", OldOrNew),
    ("file", "unlock --for 1m", "lock", OldOrNew),
];

const DEAD: &str = "add ci --no-verify <dead\nrotate ci --no-verify <new";
const PIN: &str = "!printf '# ours\\nprofile = \"dev\"\\nallow = [\"dev\", \"prod\"]\\n' >.getimg-keys.toml";
const DOTENV: &str = "!printf 'A=1\\nGETIMG_API_KEY_CI=%s\\nGETIMG_API_KEY_NEW=%s\\nB=2\\n' $CI $NEW >.env";
const GIT: &str = "!git init -q --template= .";
const HOOK: &str =
    "!git init -q --template= . && mkdir .git/hooks && printf '#!/bin/sh\\n' >.git/hooks/pre-commit";
const GUARDED: &str = concat!(
    "!git init -q --template= . && mkdir .git/hooks && printf '#!/bin/sh\\n' >.git/hooks/pre-commit\n",
    "guard install"
);
/// A target whose program replaces whole files.
macro_rules! target {
    () => {
        concat!(
            "!printf '[push.targets.site]\\nput = [\"sh\", \"-c\", \"cat >held.tmp && mv held.tmp held\"]\\n",
            "get = [\"cat\", \"held\"]\\n' >$GETIMG_KEYS_HOME/config.toml\n"
        )
    };
}
const TARGET: &str = target!();
const PUSHED: &str = concat!(target!(), "push dev --to site");
const BEHIND: &str = concat!(target!(), "push dev --to site\nrotate dev --no-verify <new");
const BACKED_UP: &str = "backup all.age --recipient RECIPIENT\nadd ci --no-verify <ci\nremove dev";
const CHANGED: &str = "backup all.age --recipient RECIPIENT\nremove dev\nadd dev --no-verify <new";
const ROTATED: &str = "rotate dev --no-verify <new\nbackup all.age --recipient RECIPIENT\nremove dev";
const ROTATED_OVER: &str = concat!(
    "rotate dev --no-verify <new\nbackup all.age --recipient RECIPIENT\nremove dev\n",
    "add dev --no-verify <dead\nrotate dev --no-verify <ci"
);

#[test]
fn killed_at_any_moment_every_changing_command_leaves_the_old_state_or_the_new_one() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("KILLS_SEED").unwrap_or_else(|| chrono::Utc::now().timestamp_micros().cast_unsigned());
    let times = |name: &str| usize::try_from(number(name).unwrap_or(1)).unwrap();
    let (rounds, moments) = (times("KILLS_TIMES"), MOMENTS * times("KILLS_MOMENTS"));
    let hits = on_all(rounds, &format!("KILLS_SEED={seed}"), |command, known, new, round| {
        let (mut hits, mut unchanged) = (0, None);
        for moment in 0..moments {
            let (scene, line) = (unchanged.take().unwrap_or_else(new), command.2);
            let time = known.duration.mul_f64(fraction(&(seed, round, command.1, line, moment)));
            hits += usize::from(kill_after(&scene, line, time));
            let told = format!("killed after {time:?} of {:?}", known.duration);
            let is_old = known.judge(&scene, command).map_err(|why| format!("{told}: {why}"))?;
            unchanged = is_old.then_some(scene);
        }
        Ok(hits)
    });
    let tries = rounds * moments * COMMANDS.len();
    println!("counted: {tries} kills, {hits} of them while the command ran");
    assert!(hits * 3 > tries, "of {tries} kills only {hits} found the command running: KILLS_SEED={seed}");
}

#[test]
fn killed_at_each_call_that_names_a_file_every_changing_command_leaves_the_old_state_or_the_new_one() {
    let hits = on_all(1, "strace is needed: apt-get install strace", |command, known, new, _| {
        let mut unchanged = None;
        for when in 1.. {
            let scene: Scene = unchanged.take().unwrap_or_else(new);
            let fault = format!("inject=/^(rename|link|unlink):signal=KILL:when={when}");
            let (ours, stdin) = scene.command(command.2);
            let mut strace = scene.program("strace");
            strace
                .args(["-f", "-o", "/dev/null", "-e", &fault])
                .arg(ours.get_program())
                .args(ours.get_args());
            if finish(&mut strace, &stdin).code == 0 {
                return Ok(when - 1);
            }
            let is_old = known.judge(&scene, command).map_err(|why| format!("{fault}: {why}"))?;
            unchanged = is_old.then_some(scene);
        }
        unreachable!("every command ends");
    });
    assert!(hits > 2 * COMMANDS.len(), "{hits} calls are fewer than there must be");
}

/// The state after a command.
struct Known {
    old: State,
    new: State,
    duration: Duration,
}

/// Tries every command so many times; each trial must succeed. Returns the sum of their results.
fn on_all(
    rounds: usize,
    told: &str,
    trial: impl Fn(&Command, &Known, &dyn Fn() -> Scene, usize) -> Result<usize, String> + Sync,
) -> usize {
    let (next, sum, failures) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (command, round) = (&COMMANDS[number % COMMANDS.len()], number / COMMANDS.len());
            if round >= rounds {
                return;
            }
            match in_a_session_of_its_own(|stage| {
                let scene = || Scene::new(stage, command.0, command.1);
                Known::of(command, &scene)?.map_or(Ok(0), |known| trial(command, &known, &scene, round))
            }) {
                Ok(count) => drop(sum.fetch_add(count, Ordering::Relaxed)),
                Err(why) => failures.lock().unwrap().push(format!("{}: {why}", command.2)),
            }
        }
    };
    std::thread::scope(|scope| (0..6).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{told}\n{}", failures.join("\n"));
    sum.into_inner()
}

/// One trial, repeated if gnome-keyring itself ended: version 42 aborts about once in a thousand kills of its clients.
/// The bus then starts another one, which is locked.
fn in_a_session_of_its_own(trial: impl Fn(&Arc<Home>) -> Result<usize, String>) -> Result<usize, String> {
    for _ in 0..3 {
        let stage = scene::stage();
        let ended = catch_unwind(AssertUnwindSafe(|| trial(&stage)));
        if stage.session.keychain_runs() {
            return ended.unwrap_or_else(|panic| resume_unwind(panic));
        }
        eprintln!("gnome-keyring ended by itself: the trial begins anew");
    }
    Err("gnome-keyring ended by itself three times".to_owned())
}

impl Known {
    /// Runs a command to its end; `None`, with a message, if something for it is not installed.
    fn of(&(.., line, _): &Command, scene: &dyn Fn() -> Scene) -> Result<Option<Self>, String> {
        let old = settled(&scene())?;
        let whole = scene();
        let start = Instant::now();
        let output = whole.run(line);
        let duration = start.elapsed();
        if output.stderr.contains("the kernel's keyring cannot be used") {
            skipped(&format!("{line}: {}", output.stderr));
            return Ok(None);
        }
        assert_eq!(output.code, 0, "{line}: {}", output.stderr);
        let new = settled(&whole)?;
        assert_ne!(old, new, "{line} changes nothing");
        Ok(Some(Self { old, new, duration }))
    }

    /// Checks what a killed command has left, and what the next commands do with it; returns whether that is the state
    /// before, in which the command can be killed again.
    fn judge(&self, scene: &Scene, &(.., line, leaves): &Command) -> Result<bool, String> {
        let left = scene.work();
        for (name, text) in left.iter().filter(|(name, _)| !name.contains("tmp")) {
            if ![&self.old, &self.new].iter().any(|state| state.work.get(name) == Some(text)) {
                return Err(format!("{name} is neither old nor new: {text}"));
            }
        }
        let mut state = settled(scene)?;
        if leaves == Rerun {
            scene.run(line);
            state = scene.state()?;
        }
        let is_good = state == self.new || leaves == OldOrNew && state == self.old;
        if is_good { Ok(state == self.old) } else { Err(state.beside(&self.old, &self.new)) }
    }
}

type Command = (&'static str, &'static str, &'static str, Leaves);

/// The state after any other command.
fn settled(scene: &Scene) -> Result<State, String> {
    let output = scene.run(NEXT);
    if output.code == 0 { scene.state() } else { Err(format!("{NEXT}: {}", output.stderr)) }
}

/// Starts a command and kills it after some time; returns whether it was still running.
fn kill_after(scene: &Scene, line: &str, time: Duration) -> bool {
    let (mut command, stdin) = scene.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes());
    std::thread::sleep(time.saturating_sub(start.elapsed()));
    let _ = child.kill();
    child.wait().unwrap().signal().is_some()
}

/// A number from 0 to 1, the same for the same words.
fn fraction(words: &impl std::fmt::Debug) -> f64 {
    let print = getimg_keys::model::Fingerprint::of(format!("{words:?}").as_bytes());
    let digits = u32::from_str_radix(&print.to_string()[..8], 16).unwrap();
    f64::from(digits) / f64::from(u32::MAX)
}
