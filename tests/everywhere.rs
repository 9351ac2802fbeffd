//! The everyday commands on any system: encrypted files, an API on this machine, and no keychain except Windows' own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Key, ONE_LINE};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_getimg-keys");

/// A folder with a home and a passphrase; no other variable of this program is set.
pub(crate) struct Place {
    pub(crate) root: TempDir,
    pub(crate) variables: Vec<(&'static str, String)>,
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let passphrase = root.path().join("passphrase");
        fs::write(&passphrase, "correct horse battery\n").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&passphrase, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        #[cfg(windows)]
        crate::windows::allow(&passphrase, "");
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let variables = vec![
            ("GETIMG_KEYS_HOME", text(root.path().join("home"))),
            ("GETIMG_KEYS_PASSPHRASE_FILE", text(passphrase)),
            ("COLUMNS", ONE_LINE.to_owned()),
        ];
        Self { root, variables }
    }

    /// A call of the program; its words are separated by single blanks.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GETIMG_")) {
            command.env_remove(name);
        }
        command.args(line.split(' ')).envs(self.variables.iter().cloned()).current_dir(self.root.path());
        command
    }

    pub(crate) fn run(&self, line: &str, stdin: &str) -> Ran {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// The output of a command that must succeed.
    pub(crate) fn must(&self, line: &str, stdin: &str) -> String {
        let Ran { code, out, err } = self.run(line, stdin);
        assert_eq!(code, 0, "{line}: {out}{err}");
        out
    }

    /// The key that `env` hands out.
    fn handed_out(&self, name: &str) -> String {
        let out: Value = serde_json::from_str(&self.must(&format!("env {name} --format json"), "")).unwrap();
        out["GETIMG_API_KEY"].as_str().unwrap().to_owned()
    }

    /// A key's whole life, in the store of the first `add`.
    fn a_whole_life(&self, store: &str) {
        let [dev, new] = [Key::v2().0, Key::v2().0];
        self.must(&format!("add dev --stdin --no-verify --store {store}"), &format!("{dev}\r\n"));
        assert_eq!(self.must("current", ""), "dev\n");
        assert_eq!(self.handed_out("dev"), dev);
        assert_eq!(self.run("add ci --stdin --no-verify", &dev).code, 6);

        self.must("rotate dev --stdin --no-verify", &new);
        assert_eq!(self.handed_out("dev"), new);
        self.must("rotate dev --undo", "");
        assert_eq!(self.handed_out("dev"), dev);
        self.must("rotate dev --undo", "");
        self.must("rename dev laptop", "");
        assert_eq!(self.handed_out("laptop"), new);

        fs::write(self.root.path().join("leak.txt"), format!("key = {new}\n")).unwrap();
        let found = self.run("scan leak.txt", "");
        assert!(found.code == 8 && found.out.starts_with("✗ leak.txt:1:7 "), "{}", found.out);
        assert!(!found.out.contains(&new));

        self.must("backup kept.age", "");
        self.must("remove laptop", "");
        assert_eq!(self.run("env laptop", "").code, 3);
        self.must("restore kept.age", "");
        assert_eq!(self.handed_out("laptop"), new);
        self.must("compromised laptop", "");
        assert_eq!(self.run("env laptop", "").code, 6);
        self.must("remove laptop", "");
        self.holds_no(&[&dev, &new]);
    }

    /// No file of the program has a key in clear text.
    fn holds_no(&self, keys: &[&str]) {
        for file in below(&self.root.path().join("home")) {
            let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            assert!(!keys.iter().any(|key| text.contains(key)), "{}", file.display());
        }
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let inside = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_key_lives_in_encrypted_files() {
    Place::new().a_whole_life("file");
}

#[test]
#[cfg(windows)]
fn a_key_lives_in_credential_manager() {
    Place::new().a_whole_life("keychain");
}

#[test]
fn a_program_gets_the_key_and_its_output_is_masked() {
    let place = Place::new();
    let key = Key::v2().0;
    place.must("add dev --stdin --no-verify --store file", &key);
    let asked = place.must(&format!("exec dev -- {PROGRAM} status --json"), "");
    let status: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(status["shell"]["holds"], "selected");
    let printing = if cfg!(windows) { "cmd /c echo %GETIMG_API_KEY%" } else { "printenv GETIMG_API_KEY" };
    assert_eq!(place.must(&format!("exec dev -- {printing}"), "").trim_end(), key);
    assert_eq!(place.must(&format!("exec dev --mask -- {printing}"), "").trim_end(), "********");
    assert_eq!(place.run(&format!("exec dev -- {PROGRAM} env nosuch"), "").code, 3);

    let before = place.must("log", "");
    let missing = place.run("exec dev -- no-such-program", "");
    assert_eq!((missing.code, place.must("log", "")), (127, before), "{}", missing.err);
}

/// If an open file cannot be replaced, the writer waits for the readers.
#[test]
fn those_who_read_at_each_prompt_do_not_disturb_those_who_write() {
    let place = Place::new();
    place.must("add dev --stdin --no-verify --store file", &Key::v2().0);
    thread::scope(|threads| {
        for number in 0..4 {
            let place = &place;
            threads
                .spawn(move || (0..10).for_each(|n| drop(place.must(&format!("note dev {number}-{n}"), ""))));
            threads.spawn(move || (0..10).for_each(|_| assert_eq!(place.must("current", ""), "dev\n")));
        }
    });
    assert_eq!(place.must("log", "").matches(" note ").count(), 40);
}

#[test]
fn a_key_is_verified_and_a_rejected_one_is_not_added() {
    let mut place = Place::new();
    let [good, bad] = [Key::v2().0, Key::v2().0];
    let port = serve(format!("Bearer {good}"));
    place.variables.push(("GETIMG_KEYS_API_URL", format!("http://127.0.0.1:{port}")));
    place.must("add dev --stdin --store file", &good);
    assert!(place.must("verify", "").contains("✓ valid"));
    assert_eq!(place.run("add ci --stdin", &bad).code, 4);
    let list: Value = serde_json::from_str(&place.must("list --json", "")).unwrap();
    assert_eq!(list["profiles"].as_array().unwrap().len(), 1);
}

/// An API that accepts one key; returns its port.
fn serve(authorization: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let (status, body) = match head.iter().any(|line| line.ends_with(&authorization)) {
                true => ("200 OK", r#"{"balance":"1.00","currency":"USD"}"#),
                false => ("401 Unauthorized", r#"{"error":{"code":"invalid_api_key","message":"no"}}"#),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    port
}
