//! Text that somebody else wrote, and what of it is shown.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, Session};

const HOSTILE: &str = "\x1b]52;c;eA==\x07\u{202e}\r";

fn acts_on_a_terminal(text: &str) -> bool {
    text.contains(['\x1b', '\x07', '\r', '\u{202e}'])
}

/// A home with encrypted files and a passphrase, in a folder with a hostile name.
fn home() -> (Home, String) {
    let home = Home::within(Session::without_bus());
    let folder = home.work().join(HOSTILE);
    fs::create_dir(&folder).unwrap();
    let file = folder.join("passphrase");
    fs::write(&file, "correct horse").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let path = file.to_str().unwrap().to_owned();
    (home.with("GETIMG_KEYS_PASSPHRASE_FILE", &path).with("FORCE_COLOR", "1"), path)
}

#[test]
fn what_a_backup_says_of_its_keys_cannot_act_on_a_terminal() {
    let (home, _) = home();
    let added = home.run(&["add", "dev", "--store", "file", "--no-verify", "--note", "NOTE"], &Key::v2().0);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    assert_eq!(home.run(&["backup", "all.age", "--recipient", &recipient], "").code, 0);
    let sealed = fs::read(home.work().join("all.age")).unwrap();
    let mut text = String::new();
    age::Decryptor::new(age::armor::ArmoredReader::new(&sealed[..]))
        .unwrap()
        .decrypt([&identity as &dyn age::Identity].into_iter())
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let escaped = r"\u001b]52;c;eA==\u0007\u202e\r";
    let hint = text.lines().find(|line| line.starts_with("hint = ")).unwrap().to_owned();
    let hostile = text.replace(&hint, &format!("hint = \"{escaped}\"")).replace("NOTE", escaped);
    let mut file = fs::File::create(home.work().join("hostile.age")).unwrap();
    file.write_all(&age::encrypt(&identity.to_public(), hostile.as_bytes()).unwrap()).unwrap();
    let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    fs::write(home.work().join("identity"), secret).unwrap();
    fs::remove_dir_all(home.path()).unwrap();
    let restore = ["restore", "hostile.age", "--identity", "identity", "--store", "file"];
    let commands: [&[&str]; 6] =
        [&restore, &["list"], &["list", "--json"], &["status"], &["note", "dev"], &["check"]];
    for arguments in commands {
        let run = home.run(arguments, "");
        let uncoloured = anstyle_free(&format!("{}{}", run.stdout, run.stderr));
        assert!(!acts_on_a_terminal(&uncoloured), "{arguments:?}: {uncoloured:?}");
    }
}

/// A text without our own colours.
fn anstyle_free(text: &str) -> String {
    ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\x1b{code}"), ""))
}

#[test]
fn the_path_of_a_passphrase_file_cannot_act_on_a_terminal() {
    let (home, path) = home();
    assert_eq!(home.run(&["add", "dev", "--store", "file", "--no-verify"], &Key::v2().0).code, 0);
    for spoil in [Some("another"), None] {
        match spoil {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        for arguments in [&["env", "dev"][..], &["env", "dev", "--json"], &["doctor", "--offline"]] {
            let run = finish(&mut home.command(arguments), "");
            let uncoloured = anstyle_free(&format!("{}{}", run.stdout, run.stderr));
            assert!(!acts_on_a_terminal(&uncoloured), "{arguments:?}: {uncoloured:?}");
        }
    }
}

#[test]
fn no_eight_characters_of_a_key_that_the_api_repeats_are_shown() {
    let (home, _) = home();
    let home = home.knows("dev", Key::v2(), Behaviour::Echo);
    let key = home.key("dev").0.clone();
    assert_eq!(home.run(&["add", "dev", "--store", "file", "--no-verify"], &key).code, 0);
    for arguments in [&["verify", "dev"][..], &["verify", "dev", "--json"], &["verify", "dev", "-v"]] {
        let run = home.run(arguments, "");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("Incorrect"), "{said}");
        let repeated = key.as_bytes().windows(8).find(|run| said.contains(std::str::from_utf8(run).unwrap()));
        assert_eq!(repeated, None, "{said}");
    }
    let added = home.run(&["add", "other", "--store", "file"], &key);
    assert!(key.as_bytes().windows(8).all(|run| !added.stderr.contains(std::str::from_utf8(run).unwrap())));
}
