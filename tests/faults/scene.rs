//! Homes for one use, and everything that can be seen of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use age::secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::support::home::{Output, finish};
use crate::support::{Behaviour, Home, Key, quick_files};

/// An ordinary command, after which no change is interrupted.
pub(super) const NEXT: &str = "note prod next";
/// Opens the encrypted files.
pub(super) const PASSPHRASE: &str = "a passphrase that nothing else would hold";

/// The keys that the scripts name, and how the API answers for them.
const KEYS: [(&str, Behaviour); 5] = [
    ("dev", Behaviour::Valid),
    ("prod", Behaviour::Valid),
    ("ci", Behaviour::Valid),
    ("new", Behaviour::Valid),
    ("dead", Behaviour::Revoked),
];

/// One session with many scenes.
pub(super) fn stage() -> Arc<Home> {
    let known = |home: Home, (name, behaviour)| home.knows(name, Key::v2(), behaviour);
    Arc::new(KEYS.into_iter().fold(Home::new(), known))
}

/// A home of its own with `dev` and `prod`, its keys in the keychain or in encrypted files.
pub(super) struct Scene {
    stage: Arc<Home>,
    folder: TempDir,
    store: &'static str,
}

/// Everything that a run can change, except times.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    profiles: String,
    keys: BTreeMap<String, String>,
    keychain: BTreeSet<String>,
    home: BTreeSet<String>,
    pub work: BTreeMap<String, String>,
    session: i32,
}

impl State {
    /// What it has that neither of two others has, and what it lacks of the second one.
    pub(super) fn beside(&self, old: &Self, new: &Self) -> String {
        let lines = |state: &Self| {
            format!("{state:#?}").replace("\\n", "\n").lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (left, old, new) = (lines(self), lines(old), lines(new));
        let odd = left.iter().filter(|line| !old.contains(line) || !new.contains(line));
        let missing = new.iter().filter(|line| !left.contains(line));
        let marked = odd
            .map(|line| format!("  has {line}\n"))
            .chain(missing.map(|line| format!("  has not {line}\n")));
        format!("neither old nor new:\n{}", marked.collect::<String>())
    }
}

impl Scene {
    pub(super) fn new(stage: &Arc<Home>, store: &'static str, before: &str) -> Self {
        let scene = Self { stage: Arc::clone(stage), folder: tempfile::tempdir().unwrap(), store };
        for folder in ["work", "temporary"] {
            fs::create_dir(scene.path(folder)).unwrap();
        }
        fs::create_dir_all(scene.path("home/keys")).unwrap();
        for (name, bytes) in sealed() {
            fs::write(scene.path(name), bytes).unwrap();
            fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let setting =
            format!("add dev --no-verify --store {store} <dev\nadd prod --no-verify <prod\n{before}\n{NEXT}");
        for line in setting.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let output = scene.run(line);
            assert_eq!(output.code, 0, "{line}: {}", output.stderr);
        }
        scene
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command of a line, and its input: `!` begins a shell command, `<NAME` reads a key.
    pub(super) fn command(&self, line: &str) -> (Command, String) {
        let (words, stdin) = line.split_once(" <").unwrap_or((line, ""));
        let stdin = if stdin.is_empty() { String::new() } else { self.key(stdin).to_owned() };
        if let Some(script) = words.strip_prefix('!') {
            let mut shell = self.program("sh");
            shell.args(["-ec", script]).env("CI", self.key("ci")).env("NEW", self.key("new"));
            return (shell, stdin);
        }
        let mut ours = self.program(env!("CARGO_BIN_EXE_getimg-keys"));
        let recipient = identity().to_public().to_string();
        ours.args(words.split(' ').map(|word| if word == "RECIPIENT" { &recipient } else { word }));
        (ours, stdin)
    }

    /// A program in the scene's environment.
    pub(super) fn program(&self, program: &str) -> Command {
        let mut command = self.stage.program(program);
        command.env("GETIMG_KEYS_HOME", self.path("home")).current_dir(self.path("work"));
        command.env("GETIMG_KEYS_PASSPHRASE_FILE", self.path("passphrase"));
        // After a kill, the guard's proof leaves a made-up key behind. It is searched for secrets, but does not count
        // as state.
        command.env("TMPDIR", self.path("temporary"));
        command
    }

    /// The text of a key that the scripts name, or the passphrase.
    pub(super) fn key(&self, name: &str) -> &str {
        if name == "passphrase" { PASSPHRASE } else { &self.stage.key(name).0 }
    }

    pub(super) fn run(&self, line: &str) -> Output {
        let (mut command, stdin) = self.command(line);
        finish(&mut command, &stdin)
    }

    /// The state; an error if it contradicts itself.
    pub(super) fn state(&self) -> Result<State, String> {
        let profiles = fs::read_to_string(self.path("home/profiles.toml")).unwrap();
        let (mut keys, mut slots) = (BTreeMap::new(), BTreeSet::new());
        let table: toml::Table = profiles.parse().map_err(|e| format!("the profiles: {e}"))?;
        let none = Vec::new();
        for profile in table.get("profile").and_then(toml::Value::as_array).unwrap_or(&none) {
            let name = profile["name"].as_str().unwrap();
            keys.insert(name.to_owned(), self.handed_out(name, profile)?);
            slots.insert(name.to_owned());
            if profile.get("previous").is_some() {
                slots.insert(format!("{name}~previous"));
            }
        }
        let (keychain, home) = (self.keychain(), below(&self.path("home")));
        let files: BTreeSet<_> = home
            .iter()
            .filter_map(|n| n.strip_prefix("keys/")?.strip_suffix(".age"))
            .map(str::to_owned)
            .collect();
        let (here, there) =
            if table["store"].as_str() == Some("file") { (&files, &keychain) } else { (&keychain, &files) };
        if *here != slots || !there.is_subset(&slots) {
            return Err(format!("the profiles have {slots:?}, the store {here:?}, the other one {there:?}"));
        }
        let session = self.session();
        Ok(State { profiles: self.timeless(&profiles), keys, keychain, home, work: self.work(), session })
    }

    /// The name of the key that `env` prints, or the exit code if it refuses.
    fn handed_out(&self, name: &str, profile: &toml::Value) -> Result<String, String> {
        let output = self.run(&format!("env {name} --shell sh"));
        if profile["key"].get("compromised_at").is_some() && output.code == 6 {
            return Ok("refused".to_owned());
        }
        let is_it = |(known, _): &(&str, Behaviour)| {
            let key = self.stage.key(known);
            output.stdout == format!("export GETIMG_API_KEY={};\n", key.0)
                && profile["key"]["hint"].as_str() == Some(&key.hint())
        };
        let found = KEYS.into_iter().find(is_it).filter(|_| output.code == 0);
        found
            .map(|(known, _)| known.to_owned())
            .ok_or(format!("env {name}: {} {}", output.code, output.stderr))
    }

    /// The names of this home's entries in the keychain.
    fn keychain(&self) -> BTreeSet<String> {
        let service = self.service();
        let mut tool = self.stage.session.program("secret-tool");
        let output = finish(tool.args(["search", "--all", "service", &service]), "");
        let all = format!("{}{}", output.stdout, output.stderr);
        all.lines().filter_map(|line| Some(line.strip_prefix("attribute.username = ")?.to_owned())).collect()
    }

    fn service(&self) -> String {
        let home = self.path("home");
        let variables =
            getimg_keys::system::Variables::from_iter([("GETIMG_KEYS_HOME", home.to_str().unwrap())]);
        getimg_keys::system::Places::find(&variables).unwrap().services().0
    }

    /// The exit code of `env` if there is no way to get the passphrase.
    fn session(&self) -> i32 {
        if self.store == "keychain" {
            return 0;
        }
        let (mut command, _) = self.command("env prod --shell sh");
        finish(command.env_remove("GETIMG_KEYS_PASSPHRASE_FILE"), "").code
    }

    /// The files of the project folder with their content; of a backup, what is inside.
    ///
    /// A program that a killed command had started goes on, and may rename its file while they are read.
    pub(super) fn work(&self) -> BTreeMap<String, String> {
        std::iter::repeat_with(|| self.work_if_it_stays()).find_map(|files| files).unwrap()
    }

    /// The same; `None` if a file is gone before it is read.
    fn work_if_it_stays(&self) -> Option<BTreeMap<String, String>> {
        let ours = below(&self.path("work")).into_iter();
        let ours = ours.filter(|name| !name.starts_with(".git/") || name.starts_with(".git/hooks/"));
        let content = |name: &str| {
            let bytes = match fs::read(self.path("work").join(name)) {
                Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => return None,
                read => read.unwrap(),
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !name.ends_with(".age") {
                return Some(text);
            }
            Some(age::decrypt(&identity(), &bytes).map_or("it does not open".to_owned(), |inside| {
                self.timeless(&String::from_utf8(inside).unwrap())
            }))
        };
        ours.map(|name| Some((name.clone(), content(&name)?))).collect()
    }

    /// A file of ours without the lines that have a time, and without the first line, which depends on them.
    fn timeless(&self, text: &str) -> String {
        let text = text.replace(self.folder.path().to_str().unwrap(), "~");
        let is_time =
            |line: &&str| line.contains(" = \"20") && line.ends_with("Z\"") || line.starts_with("latency_ms");
        text.lines()
            .filter(|line| !is_time(line) && !line.starts_with("# State"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if self.store == "file" {
            // A session of `unlock` outlives the process.
            let (mut command, _) = self.command("lock");
            let _ = command.output();
        }
    }
}

/// The files below a folder, by name, except the log, which grows with every key that is handed out.
fn below(folder: &Path) -> BTreeSet<String> {
    let (mut folders, mut files) = (vec![folder.to_owned()], BTreeSet::new());
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("log.jsonl") {
                files.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files
}

pub(super) fn identity() -> age::x25519::Identity {
    static MADE: OnceLock<String> = OnceLock::new();
    let made = || age::x25519::Identity::generate().to_string().expose_secret().to_owned();
    MADE.get_or_init(made).parse().unwrap()
}

/// The files of a new encrypted store, and the identity in clear text beside them.
fn sealed() -> [(&'static str, Vec<u8>); 4] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let text = identity().to_string().expose_secret().to_owned();
    let seal = || quick_files::sealed(&identity(), PASSPHRASE);
    [
        ("passphrase", PASSPHRASE.as_bytes().to_vec()),
        ("identity", text.into_bytes()),
        ("home/keys/identity", MADE.get_or_init(seal).clone()),
        ("home/keys/recipient", format!("{}\n", identity().to_public()).into_bytes()),
    ]
}
