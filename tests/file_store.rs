//! The store named `file`, `env`, moving between stores and backups: the whole program, in homes of its own.
#![expect(clippy::disallowed_methods, reason = "these tests look at files and start programs")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod backups;
mod doctor;
mod faults;
mod first_minutes;
mod migration;
mod recipients;
mod refusals;
mod terminal;
mod variables;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::encrypted_files::{contains, skipped, text};

const PROGRAM: &str = env!("CARGO_BIN_EXE_getimg-keys");
const PASSPHRASE: &str = "correct horse battery";

/// A home of its own, without keychain and terminal.
struct Home {
    root: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How a run ended: exit code, standard output, standard error.
#[derive(Debug, PartialEq, Eq)]
struct Ran(i32, String, String);

impl Home {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        fs::set_permissions(root.path().join("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
        Self { root, variables: Vec::new() }
    }

    /// The same home where a passphrase can be had.
    fn with_passphrase(mut self) -> Self {
        self.variables.push(("GETIMG_KEYS_PASSPHRASE_FILE", self.path("passphrase")));
        self
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> String {
        self.root.path().join(name).to_str().unwrap().to_owned()
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.root.path());
        command
            .env("COLUMNS", crate::support::ONE_LINE)
            .env("GETIMG_KEYS_HOME", self.home())
            .current_dir(self.root.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut command = self.command(PROGRAM);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A run that refuses before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let words =
            |bytes| String::from_utf8(bytes).unwrap().replace(self.root.path().to_str().unwrap(), "~");
        Ran(ended.status.code().unwrap(), words(ended.stdout), words(ended.stderr))
    }

    /// Adds a profile whose key is made of a letter, to the encrypted files.
    fn add(&self, name: &str, letter: char) {
        let ran = self.run_with(&["add", name, "--no-verify", "--store", "file"], &text(letter));
        assert_eq!(ran.0, 0, "{ran:?}");
    }

    fn everything(&self) -> Vec<PathBuf> {
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

    /// No file below the home holds a key or the passphrase.
    fn assert_no_secret(&self) {
        for path in self.everything() {
            let bytes = fs::read(&path).unwrap();
            for secret in [&text('a')[6..], &text('b')[6..], PASSPHRASE] {
                assert!(!contains(&bytes, secret.as_bytes()), "{secret} in {}", path.display());
            }
        }
    }
}

fn ran(code: i32, out: &str, err: &str) -> Ran {
    Ran(code, out.to_owned(), err.to_owned())
}

fn exported(letter: char) -> String {
    format!("export GETIMG_API_KEY={};\n", text(letter))
}

const USING: &str = "using dev, the active profile\n";

#[test]
fn without_a_keychain_and_a_terminal_both_ways_out_are_named() {
    let home = Home::new().set("XDG_RUNTIME_DIR", "/nowhere");
    let by_file = "hint: (set -C; umask 077; head -c 30 /dev/urandom | base64 > ~/.getimg-keys-passphrase); \
                   export GETIMG_KEYS_PASSPHRASE_FILE=~/.getimg-keys-passphrase; getimg-keys add dev --store file";
    let told = format!(
        "error: there is no D-Bus session, so the keychain cannot be reached\n\n\
         {by_file}  # encrypted files instead of a keychain\n\
         hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again\n"
    );
    assert_eq!(home.run_with(&["add", "dev"], &text('a')), ran(7, "", &told));
    let told = format!(
        "error: the encrypted files need a passphrase, and there is no terminal to prompt on\n\n{by_file}\n"
    );
    assert_eq!(home.run_with(&["add", "dev", "--store", "file"], &text('a')), ran(7, "", &told));
    assert!(!home.home().join("keys").exists() && !home.home().join("profiles.toml").exists());
}

#[test]
fn a_passphrase_file_is_enough_to_add_and_to_use_a_key() {
    let home = Home::new().with_passphrase();
    let added = home.run_with(&["add", "dev", "--no-verify", "--store", "file"], &text('a'));
    let said = "the encrypted files are in ~/home/keys\n\
                without the passphrase they cannot be opened, and it cannot be reset\n\
                added dev to the encrypted files, not verified; it is the active profile\n";
    assert_eq!(added, ran(0, "", said));
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &exported('a'), USING));
    home.assert_no_secret();
}

#[test]
fn a_second_key_needs_no_passphrase_and_the_store_is_remembered() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    let home = Home { variables: Vec::new(), ..home };
    let added = home.run_with(&["add", "ci", "--no-verify"], &text('b'));
    assert_eq!(added, ran(0, "", "added ci to the encrypted files, not verified\n"));
    let told = "error: the keys are stored in `file`, not in `keychain`\n\nhint: getimg-keys store migrate --to keychain\n";
    assert_eq!(home.run(&["env", "ci", "--store", "keychain"]), ran(2, "", told));
}

#[test]
fn a_wrong_passphrase_is_exit_7_and_changes_nothing() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    let before: Vec<_> = home.everything().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    fs::write(home.path("passphrase"), "another one").unwrap();
    let told = format!(
        "{USING}error: wrong passphrase for the encrypted files (the one in ~/passphrase), \
         so the key of `dev` cannot be read; nothing was changed\n\n\
         hint: correct it, then run the command again\n"
    );
    assert_eq!(home.run(&["env"]), ran(7, "", &told));
    let after: Vec<_> = home.everything().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_passphrase_file_that_is_not_there_is_to_be_named_anew() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::remove_file(home.path("passphrase")).unwrap();
    let told = format!(
        "{USING}error: the passphrase file ~/passphrase cannot be read: no such file or directory, \
         so the key of `dev` cannot be read\n\n\
         hint: export GETIMG_KEYS_PASSPHRASE_FILE=FILE  # mode 0600\n"
    );
    assert_eq!(home.run(&["env"]), ran(7, "", &told));
}

#[test]
fn a_passphrase_file_that_others_may_read_is_exit_7() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::set_permissions(home.path("passphrase"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = format!(
        "{USING}error: the passphrase file ~/passphrase may be read by others (mode 0644, wanted 0600), \
         so the key of `dev` cannot be read\n\n\
         hint: chmod 600 \"$GETIMG_KEYS_PASSPHRASE_FILE\"  # and it must contain only the passphrase\n"
    );
    assert_eq!(home.run(&["env"]), ran(7, "", &told));
}

#[test]
fn modes_that_let_others_in_are_mended_with_a_word_at_the_next_add() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::set_permissions(home.home().join("keys/dev.age"), fs::Permissions::from_mode(0o644)).unwrap();
    let Ran(code, _, err) = home.run_with(&["add", "ci", "--no-verify"], &text('b'));
    let said = "~/home/keys/dev.age could be accessed by others; now only you can\n\
                added ci to the encrypted files, not verified\n";
    assert_eq!((code, err.as_str()), (0, said));
}

#[test]
fn a_lost_folder_gets_a_new_passphrase_and_the_lost_keys_are_missing() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    fs::remove_dir_all(home.home().join("keys")).unwrap();
    let Ran(code, _, err) = home.run(&["env"]);
    assert_eq!(code, 3, "{err}");
    home.add("ci", 'b');
    assert_eq!(home.run(&["env", "ci", "--shell", "sh"]), ran(0, &exported('b'), ""));
}

#[test]
fn after_unlock_no_passphrase_is_needed_until_lock() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    let unlocked = home.run(&["unlock", "--for", "10m", "--json"]);
    if unlocked.2.contains("the kernel's keyring cannot be used") {
        return skipped(&unlocked.2);
    }
    assert_eq!(unlocked.0, 0, "{unlocked:?}");
    let home = Home { variables: Vec::new(), ..home };
    let read = home.run(&["env", "--shell", "sh"]);
    assert_eq!(home.run(&["lock"]), ran(0, "", "the encrypted files are locked\n"));
    assert_eq!(read, ran(0, &exported('a'), USING));
    assert_eq!(home.run(&["lock"]), ran(0, "", "the encrypted files were already locked\n"));
    let told = format!(
        "{USING}error: the encrypted files are locked, and there is no terminal to ask for the passphrase, \
         so the key of `dev` cannot be read\n\n\
         hint: getimg-keys unlock --for 8h  # on a terminal, before\n\
         hint: export GETIMG_KEYS_PASSPHRASE_FILE=FILE  # mode 0600\n"
    );
    assert_eq!(home.run(&["env"]), ran(7, "", &told));
}

#[test]
fn store_status_says_which_and_why() {
    let home = Home::new();
    let nothing = "no store is used yet (nothing was added yet)\n  \
                   keychain  there is no D-Bus session\n  \
                   file      no passphrase was set for it yet\n  \
                   env       no $GETIMG_API_KEY or $GETIMG_API_KEY_… is set\n";
    assert_eq!(home.run(&["store", "status"]), ran(0, nothing, ""));
    let home = home.with_passphrase();
    home.add("dev", 'a');
    let Ran(code, out, _) = home.run(&["store", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &status["store"], &status["health"]), (0, &"file".into(), &"ready".into()));
    assert_eq!(status["because"], "recorded");
    let keychain =
        serde_json::json!({"name": "keychain", "health": "no-bus", "message": "there is no D-Bus session"});
    assert_eq!(status["stores"][0], keychain);
}
