//! A home without keychain and terminal, for encrypted files and everything else that needs no keychain; one run may
//! have a terminal or a keychain.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::canary::{contains, text};
use super::have;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_getimg-keys");
pub const PASSPHRASE: &str = "correct horse battery";

/// A home of its own, without keychain and terminal.
pub struct Home {
    pub root: TempDir,
    pub variables: Vec<(&'static str, String)>,
}

/// How a run ended: exit code, standard output, standard error.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran(pub i32, pub String, pub String);

impl Home {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        fs::set_permissions(root.path().join("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
        Self { root, variables: Vec::new() }
    }

    /// The same home with a passphrase.
    pub fn with_passphrase(mut self) -> Self {
        self.variables.push(("GETIMG_KEYS_PASSPHRASE_FILE", self.path("passphrase")));
        self
    }

    /// The same home with a passphrase and encrypted files, which it opens at once.
    pub fn with_files(self) -> Self {
        super::quick_files::create(&self.home().join("keys"), PASSPHRASE);
        self.with_passphrase()
    }

    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> String {
        self.root.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.root.path());
        command
            .env("COLUMNS", super::ONE_LINE)
            .env("GETIMG_KEYS_HOME", self.home())
            .current_dir(self.root.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut command = self.command(PROGRAM);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let words =
            |bytes| String::from_utf8(bytes).unwrap().replace(self.root.path().to_str().unwrap(), "~");
        Ran(ended.status.code().unwrap(), words(ended.stdout), words(ended.stderr))
    }

    /// Adds a profile to the encrypted files; its key repeats one letter.
    pub fn add(&self, name: &str, letter: char) {
        let ran = self.run_with(&["add", name, "--no-verify", "--store", "file"], &text(letter));
        assert_eq!(ran.0, 0, "{ran:?}");
    }

    pub fn everything(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.home()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    /// No file below the home has a key or the passphrase.
    pub fn assert_no_secret(&self) {
        for path in self.everything() {
            let bytes = fs::read(&path).unwrap();
            for secret in [&text('a')[6..], &text('b')[6..], PASSPHRASE] {
                assert!(!contains(&bytes, secret.as_bytes()), "{secret} in {}", path.display());
            }
        }
    }
}

pub fn ran(code: i32, out: &str, err: &str) -> Ran {
    Ran(code, out.to_owned(), err.to_owned())
}

pub fn exported(letter: char) -> String {
    format!("export GETIMG_API_KEY={};\n", text(letter))
}

pub const USING: &str = "using dev, the active profile\n";

/// Runs a command line on a terminal of its own and answers each question when it is asked; returns what was shown, and
/// the exit code.
pub fn typed(home: &Home, arguments: &str, answers: &[(&str, &str)]) -> (i32, String) {
    typed_by(home.command("script"), arguments, answers)
}

/// The same, with a `script` of another home.
pub fn typed_by(mut command: Command, arguments: &str, answers: &[(&str, &str)]) -> (i32, String) {
    command.args(["-qec", &format!("exec {PROGRAM} {arguments}"), "/dev/null"]).env("TERM", "dumb");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut seen) = (String::new(), 0);
    let mut chunk = [0; 4096];
    let mut answers = answers.iter();
    let mut next = answers.next();
    while let n @ 1.. = screen.read(&mut chunk).unwrap() {
        shown.push_str(&String::from_utf8_lossy(&chunk[..n]));
        if let Some((question, answer)) = next
            && let Some(at) = shown[seen..].find(question)
        {
            seen += at + question.len();
            keyboard.write_all(answer.as_bytes()).unwrap();
            next = answers.next();
        }
    }
    let code = child.wait().unwrap().code().unwrap();
    assert!(next.is_none(), "never asked: {next:?} in {shown}");
    (code, shown)
}

/// A keychain of its own for one shell script; `$K` is the program.
const KEYCHAIN: &str = "
    mkdir -m 700 run; export XDG_RUNTIME_DIR=$PWD/run
    printf testpw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    gdbus wait --session --timeout 10 org.freedesktop.secrets";

pub fn have_keychain() -> bool {
    ["dbus-run-session", "gnome-keyring-daemon", "secret-tool", "gdbus"].into_iter().all(have)
}

/// Runs a script in a session with a keychain; its standard output.
pub fn in_session(home: &Home, script: &str) -> String {
    let script = format!("set -e\n{KEYCHAIN}\n{script}");
    let mut command = home.command("dbus-run-session");
    command
        .args(["--", "bash", "-c", &script])
        .env("K", PROGRAM)
        .env("KEY_A", text('a'))
        .env("KEY_B", text('b'));
    let ran = command.stdin(Stdio::null()).output().unwrap();
    let (out, err) =
        (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned());
    assert!(ran.status.success(), "{out}{err}");
    out
}
