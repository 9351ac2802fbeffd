//! A pipe, a folder or the like in place of each file that is read: the program names it and never waits for it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::support::home::finish;
use crate::support::{Home, Key, Session};

/// What may be in a file's place, and how the message calls it.
const SCHEMES: [(&str, &str); 5] = [
    ("pipe", "a named pipe"),
    ("folder", "a folder"),
    ("socket", "a socket"),
    ("device", "a device"),
    ("dangling", "a link to nothing"),
];

fn put(kind: &str, path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir(path);
    match kind {
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "folder" => fs::create_dir(path).unwrap(),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "device" => symlink("/dev/zero", path).unwrap(),
        _ => symlink("nowhere", path).unwrap(),
    }
}

fn home() -> Home {
    let home = Home::within(Session::without_bus()).with("GETIMG_KEYS_STORE", "file");
    fs::create_dir(home.path()).unwrap();
    home
}

#[test]
fn what_is_no_file_is_named_and_nothing_waits_for_it() {
    let table: [(&str, &[&str]); 3] =
        [("config.toml", &["status"]), ("profiles.toml", &["list"]), ("log.jsonl", &["log"])];
    for (kind, words) in SCHEMES {
        for (name, arguments) in table {
            let home = home();
            let path = home.path().join(name);
            put(kind, &path);
            let run = home.run(arguments, "");
            assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{kind} {name}: {}", run.stderr);
            assert!(run.stderr.contains(name) && run.stderr.contains(words), "{kind} {name}: {}", run.stderr);
            assert!(home.run(&["doctor", "--offline"], "").stdout.contains("profiles"), "{kind} {name}");
            assert!(fs::symlink_metadata(&path).is_ok(), "{kind} {name} is left as it is");
        }
    }
}

#[test]
fn what_stands_in_the_place_of_a_file_to_be_written_is_not_written_to() {
    for (kind, _) in SCHEMES {
        for name in ["profiles.toml", "profiles.lock"] {
            let home = home();
            put(kind, &home.path().join(name));
            let run = home.run(&["use", "dev"], "");
            assert_ne!(run.code, 0, "{kind} {name}");
            assert!(fs::symlink_metadata(home.path().join(name)).is_ok_and(|found| !found.is_file()));
        }
    }
}

#[test]
fn a_configuration_that_somebody_else_can_write_is_not_obeyed() {
    let home = home();
    let path = home.path().join("config.toml");
    fs::write(&path, "[file]\npassphrase_command = ['touch', 'ran']\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let run = home.run(&["status"], "");
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("everyone can write to it (mode 0666)"), "{}", run.stderr);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
        let run = home.run(&["status"], "");
        assert!(run.stderr.contains("it belongs to another user"), "{}", run.stderr);
    }
}

#[test]
fn a_folder_that_others_can_write_to_is_refused_and_keeps_its_mode() {
    let home = home();
    for mode in [0o1777, 0o777, 0o770] {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
        let passphrase = home.work().join("passphrase");
        fs::write(&passphrase, "correct horse").unwrap();
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        let mut add = home.command(&["add", "dev", "--no-verify", "--stdin"]);
        add.env("GETIMG_KEYS_PASSPHRASE_FILE", &passphrase);
        let run = finish(&mut add, &Key::v2().0);
        assert_ne!((run.code, run.stdout.as_str()), (0, ""), "{mode:o}");
        assert!(run.stderr.contains("others can write to the folder"), "{mode:o}: {}", run.stderr);
        assert_eq!(fs::metadata(home.path()).unwrap().permissions().mode() & 0o7777, mode);
    }
}
