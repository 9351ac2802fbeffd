//! A disk fails, or the program is killed, at each system call that writes.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use getimg_keys::backend::local::encrypted_files::{EncryptedFiles, Unlocking};
use getimg_keys::backend::local::session::Session;
use getimg_keys::backend::{Slot, Store, StoreError};
use getimg_keys::model::ProfileName;

use crate::support::bare_home::{Home, PROGRAM, Ran, exported};
use crate::support::canary::text;
use crate::support::have;

/// Opens the identity once, because scrypt is slow.
fn reader(home: &Home) -> EncryptedFiles<'static> {
    let folder = home.home().join("keys");
    let session = Session::of(&folder);
    let passphrase_file = Some(home.path("passphrase").into());
    EncryptedFiles::open(
        &folder,
        Unlocking { session, own_key: None, passphrase_file, passphrase_command: None, prompt: None },
    )
}

fn held(store: &EncryptedFiles<'_>, name: &str) -> Result<String, StoreError> {
    let name: ProfileName = name.parse().unwrap();
    store.get(&Slot::current(&name)).map(|key| key.expose().to_owned())
}

/// Runs a command while the n-th of some system calls fails; its exit code, `None` if it was killed.
fn with_fault(home: &Home, fault: &str, n: usize, arguments: [&str; 3]) -> Option<i32> {
    let mut command = home.command("strace");
    let (calls, what) = fault.split_once(':').unwrap();
    command.args(["-f", "-o", "/dev/null", "-e", &format!("inject={calls}:{what}:when={n}"), PROGRAM]);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(text('b').as_bytes());
    child.wait().unwrap().code()
}

fn listed(home: &Home, name: &str) -> bool {
    let Ran(code, out, err) = home.run(&["list", "--json"]);
    assert_eq!(code, 0, "{err}");
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    list["profiles"].as_array().unwrap().iter().any(|profile| profile["name"] == name)
}

/// Makes each of these calls fail in turn until `add` runs without a failure; returns how many there were.
fn survive(fault: &str) -> usize {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let reader = reader(&home);
    for n in 1..30 {
        let code = with_fault(&home, fault, n, ["add", "ci", "--no-verify"]);
        assert_eq!(held(&reader, "dev"), Ok(text('a')), "{fault} {n}");
        let is_listed = listed(&home, "ci");
        if is_listed {
            assert_eq!(held(&reader, "ci"), Ok(text('b')), "{fault} {n}");
        } else {
            assert_ne!(code, Some(0), "{fault} {n}");
            home.add("ci", 'b');
        }
        assert_eq!(home.run(&["remove", "ci"]).0, 0, "{fault} {n}");
        let mut names: Vec<_> =
            home.everything().into_iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        names.sort();
        let sound =
            [".lock", "dev.age", "identity", "log.jsonl", "profiles.lock", "profiles.toml", "recipient"];
        assert_eq!(names, sound, "{fault} {n}");
        if code == Some(0) && is_listed {
            return n - 1;
        }
    }
    panic!("{fault}: it never succeeds");
}

#[test]
fn whatever_fails_or_kills_an_add_the_old_key_is_there_and_the_next_run_mends_the_rest() {
    if !have("strace") {
        return;
    }
    const RENAMES: &str = "rename,renameat,renameat2";
    for what in ["error=EROFS", "error=ENOSPC", "signal=KILL"] {
        assert_eq!(survive(&format!("{RENAMES}:{what}")), 3, "the profiles, the key, the profiles: {what}");
    }
    for what in ["error=EIO", "error=ENOSPC", "signal=KILL"] {
        assert!(survive(&format!("fsync:{what}")) >= 3, "{what}");
    }
    assert!(survive("flock:error=ENOLCK") >= 2, "the profiles' lock, the folder's lock");
}

#[test]
fn whatever_kills_a_rotation_there_is_a_key_that_is_handed_out() {
    if !have("strace") {
        return;
    }
    let home = Home::new().with_files();
    home.add("dev", 'a');
    for n in 1..30 {
        let code =
            with_fault(&home, "rename,renameat,renameat2:signal=KILL", n, ["rotate", "dev", "--no-verify"]);
        let current = held(&reader(&home), "dev").unwrap();
        assert!(current == text('a') || current == text('b'), "{n}");
        // The next change settles what was interrupted.
        assert_eq!(home.run(&["note", "dev", "settled"]).0, 0, "{n}");
        let Ran(code_of_env, out, err) = home.run(&["env", "--shell", "sh"]);
        assert!(code_of_env == 0 && (out == exported('a') || out == exported('b')), "{n} {out}{err}");
        if code == Some(0) {
            assert!(n > 5, "new key, previous, current and the profiles each take their place: {n}");
            return assert_eq!(out, exported('b'));
        }
        if out == exported('b') {
            // The change was completed; now the same from the beginning.
            fs::remove_dir_all(home.home()).unwrap();
            home.add("dev", 'a');
        }
    }
    panic!("it never succeeds");
}
