//! A temporary home in which the real program runs, with an environment of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use getimg_keys::system::{Places, Variables};
use tempfile::TempDir;

use super::{ApiServer, Behaviour, Key, Session, command_line, scrub};

/// A folder, a D-Bus session, an API and some keys.
pub struct Home {
    pub session: Session,
    pub api: ApiServer,
    folder: TempDir,
    keys: BTreeMap<&'static str, Key>,
    variables: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Home {
    /// One with an unlocked keychain of its own.
    pub fn new() -> Self {
        Self::within(Session::with_keychain())
    }

    /// One in another session.
    pub fn within(session: Session) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self { session, api: ApiServer::start(), folder, keys: BTreeMap::new(), variables: Vec::new() }
    }

    /// Adds a made-up key with the name that scripts use, and how the API answers for it.
    pub fn knows(mut self, name: &'static str, key: Key, behaviour: Behaviour) -> Self {
        self.api.takes(&key, behaviour);
        self.keys.insert(name, key);
        self
    }

    /// Adds a variable to the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With profiles `dev` (current form) and `prod` (legacy form), both valid and not yet verified.
    pub fn with_dev_and_prod() -> Self {
        let home =
            Self::new().knows("dev", Key::v2(), Behaviour::Valid).knows("prod", Key::v1(), Behaviour::Valid);
        for name in ["dev", "prod"] {
            assert_eq!(home.add(name).code, 0);
        }
        home
    }

    /// Adds a profile with the key of that name, without asking the API.
    pub fn add(&self, name: &str) -> Output {
        self.run(&["add", name, "--no-verify"], &self.keys[name].0)
    }

    /// The key that scripts call by this name.
    pub fn key(&self, name: &str) -> &Key {
        &self.keys[name]
    }

    /// Where the program's files are.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where commands are run.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Runs git where commands are run.
    #[cfg(unix)]
    pub fn git(&self, arguments: &[&str]) {
        super::repositories::Repo(self.work()).git_with(arguments, b"");
    }

    /// The keychain's service name for this home.
    pub fn service(&self) -> String {
        let home = self.path();
        let variables = Variables::from_iter([("GETIMG_KEYS_HOME", home.to_str().unwrap())]);
        Places::find(&variables).unwrap().services().0
    }

    /// The content of profiles.toml.
    pub fn profiles_file(&self) -> Vec<u8> {
        fs::read(self.path().join("profiles.toml")).unwrap_or_default()
    }

    /// A program in this home's environment; the tested program is first in its `PATH`.
    pub fn program(&self, program: &str) -> Command {
        let ours = Path::new(env!("CARGO_BIN_EXE_getimg-keys"));
        let path = format!("{}:{}", ours.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let signals_as_usual = ignores_signals();
        let mut command = self.session.program(if signals_as_usual { "/usr/bin/env" } else { program });
        if signals_as_usual {
            command.args(["--default-signal=HUP,INT,QUIT", program]);
        }
        command.env("PATH", path).env("GETIMG_KEYS_HOME", self.path()).current_dir(self.work());
        command.env("GETIMG_KEYS_API_URL", self.api.url()).env("SSL_CERT_FILE", self.api.root());
        command.env("GETIMG_KEYS_SHELL", format!("sh:{}", std::process::id()));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The tested program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_getimg-keys"));
        untold(&mut command, arguments);
        command.args(arguments);
        command
    }

    /// Runs the tested program.
    pub fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        finish(&mut self.command(arguments), stdin)
    }

    /// Runs a script in a shell.
    pub fn shell(&self, shell: &str, script: &str) -> Output {
        finish(self.program(shell).args(["-c", script]), "")
    }

    /// Runs one command per line and returns what a user sees: standard output, standard error (marked `!`), and the
    /// exit code unless it is 0. `<NAME` passes that key on standard input; `A=b` before the command sets a variable.
    pub fn play(&self, script: &str) -> String {
        let mut seen = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (command, stdin) = line.split_once(" <").unwrap_or((line, ""));
            let words = words(command);
            let is_setting = |w: &&String| w.split_once('=').is_some_and(|(n, _)| n == n.to_uppercase());
            let settings = words.iter().take_while(is_setting).count();
            let arguments: Vec<&str> = words[settings..].iter().map(String::as_str).collect();
            let mut run = self.command(&arguments);
            run.envs(words[..settings].iter().map(|w| w.split_once('=').unwrap()));
            let output = finish(&mut run, self.keys.get(stdin).map_or("", |key| &key.0));
            seen.push_str(&format!("$ {}\n{}", scrub::times(line), self.transcript(&output)));
        }
        seen
    }

    /// What a user sees of a run, without what differs each time.
    pub fn transcript(&self, output: &Output) -> String {
        let mut seen = output.stdout.clone();
        for line in output.stderr.lines() {
            seen.push_str(format!("! {line}").trim_end());
            seen.push('\n');
        }
        if output.code != 0 {
            seen.push_str(&format!("→ {}\n", output.code));
        }
        let seen = self.keys.iter().fold(seen, |seen, (name, key)| scrub::key(&seen, name, key));
        scrub::times(&seen.replace(self.folder.path().to_str().unwrap(), "/tmp/test"))
    }
}

/// Removes the API's address for commands that do not ask the API: they would print it.
pub fn untold(command: &mut Command, arguments: &[&str]) {
    if arguments.iter().any(|word| matches!(*word, "status" | "check")) {
        command.env_remove("GETIMG_KEYS_API_URL");
    }
}

/// Whether the tests run as a background job of a script or under `nohup`: signals of a terminal are then ignored, also
/// by child processes.
fn ignores_signals() -> bool {
    const HUP_INT_QUIT: u64 = 0b111;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0) & HUP_INT_QUIT != 0
}

/// Runs a prepared command to its end; fails if it takes longer than a minute, or than `TEST_SECONDS`.
pub fn finish(command: &mut Command, stdin: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let process = child.id().to_string();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let seconds = std::env::var("TEST_SECONDS").map_or(60, |seconds| seconds.parse().unwrap());
    let Ok(output) = ended.recv_timeout(Duration::from_secs(seconds)) else {
        let _ = Command::new("kill").args(["-KILL", &process]).status();
        panic!("it hangs: {:?}", command.get_program());
    };
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    command_line::check_hints(&stderr);
    command_line::check_hints(&stdout);
    Output { stdout, stderr, code: output.status.code().unwrap_or(-1) }
}

/// The day so many days ago, in the format of `--issued`.
pub fn days_ago(days: i64) -> String {
    (chrono::Utc::now() - chrono::Duration::days(days)).date_naive().to_string()
}

/// The words of a line; single quotes keep blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in line.split('\'').enumerate() {
        let quoted = index % 2 == 1;
        for (place, piece) in part.split(|c| c == ' ' && !quoted).enumerate() {
            if place > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(piece);
        }
    }
    words
}
