//! `restore`: which keys a backup may bring back: none of another profile, and none that is retired or compromised.

use std::fs;

use age::secrecy::ExposeSecret;
use getimg_keys::backend::Slot;
use getimg_keys::backend::backup::{self, Backup, Opening, Sealing};
use getimg_keys::model::Profiles;
use zeroize::Zeroizing;

use crate::support::bare_home::{Home, PASSPHRASE, Ran, exported};
use crate::support::canary::text;

fn rotated(home: &Home, letter: char) {
    let ran = home.run_with(&["rotate", "dev", "--no-verify"], &text(letter));
    assert_eq!(ran.0, 0, "{ran:?}");
}

/// Opens the backup, changes its content, and seals it again.
fn forge(home: &Home, change: impl FnOnce(&mut Backup<Profiles>)) {
    let passphrase = || Zeroizing::new(PASSPHRASE.to_owned());
    let sealed = fs::read(home.path("all.age")).unwrap();
    let mut backup = backup::open(&sealed, &Opening::Passphrase(passphrase())).unwrap();
    change(&mut backup);
    let sealed = backup::seal(&backup, &Sealing::Passphrase(passphrase())).unwrap();
    fs::write(home.path("all.age"), sealed).unwrap();
}

#[test]
fn a_previous_key_that_was_given_up_does_not_come_back_and_nothing_else_does() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    assert_eq!(home.run(&["compromised", "dev"]).0, 0);
    rotated(&home, 'b');
    home.add("ci", 'c');
    home.run(&["backup", "all.age"]);
    for name in ["dev", "ci"] {
        assert_eq!(home.run(&["remove", name]).0, 0);
    }
    let Ran(code, out, err) = home.run(&["restore", "all.age"]);
    assert_eq!((code, out.as_str()), (6, ""), "{err}");
    assert!(err.contains("`dev` in the backup: this key was declared compromised in `dev`"), "{err}");
    assert!(err.contains("; nothing was restored\n"), "{err}");
    assert!(!home.home().join("keys/ci.age").exists() && !home.home().join("keys/dev~previous.age").exists());
}

#[test]
fn a_key_that_was_declared_compromised_since_does_not_come_back_over_its_own_profile() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.run(&["backup", "all.age"]);
    assert_eq!(home.run(&["compromised", "dev"]).0, 0);
    rotated(&home, 'b');
    let Ran(code, _, err) = home.run(&["restore", "all.age", "--overwrite", "--yes"]);
    assert!(code == 6 && err.contains("`dev` in the backup"), "{err}");
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('b'));
}

#[test]
fn one_key_under_two_names_does_not_come_back() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.add("ci", 'b');
    home.run(&["backup", "all.age"]);
    fs::remove_dir_all(home.home()).unwrap();
    forge(&home, |backup| {
        let twice = backup.profiles.all[1].key.clone();
        backup.profiles.all[0].key = twice;
        let key =
            backup.keys.iter().position(|(slot, _)| *slot == Slot::current(&backup.profiles.all[1].name));
        let other = 1 - key.unwrap();
        let slot = backup.keys.remove(other).0;
        let text = backup.keys[0].1.expose().to_owned();
        backup.keys.push((slot, getimg_keys::model::ApiKey::parse(Zeroizing::new(text)).unwrap()));
    });
    let Ran(code, _, err) = home.run(&["restore", "all.age", "--store", "file"]);
    assert!(code == 6 && err.contains("twice; nothing was restored"), "{err}");
    assert_eq!(home.run(&["list", "--json"]).1.matches("\"name\"").count(), 0);
}

#[test]
fn a_protected_profile_is_not_written_over_unasked_and_stays_protected() {
    let home = Home::new().with_files();
    home.run_with(&["add", "prod", "--no-verify", "--store", "file", "--no-protected"], &text('a'));
    home.run(&["backup", "all.age"]);
    fs::remove_dir_all(home.home()).unwrap();
    home.add("prod", 'b');
    let Ran(code, _, err) = home.run(&["restore", "all.age", "--overwrite", "--no-input"]);
    assert!(code == 2 && err.contains("hint: getimg-keys restore all.age --overwrite --yes\n"), "{err}");
    assert_eq!(home.run(&["env", "prod", "--shell", "sh"]).1, exported('b'));
    assert_eq!(home.run(&["restore", "all.age", "--overwrite", "--yes"]).0, 0);
    assert_eq!(home.run(&["env", "prod", "--shell", "sh"]).1, exported('a'));
    assert!(home.run(&["list", "--json"]).1.contains("\"protected\":true"));
}

#[test]
fn a_backup_goes_to_standard_output_and_comes_back_from_standard_input() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let Ran(code, sealed, err) = home.run(&["backup", "-"]);
    assert_eq!((code, err.as_str()), (0, "wrote 1 key of dev to standard output\n"));
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{sealed}");
    assert!(!home.root.path().join("-").exists());
    assert_eq!(home.run(&["backup", "-", "--json"]).0, 2);
    fs::remove_dir_all(home.home()).unwrap();
    let Ran(code, _, err) = home.run_with(&["restore", "-", "--store", "file"], &sealed);
    assert_eq!(code, 0, "{err}");
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('a'));
    let told =
        "error: standard input: it is not an age file, or it is damaged or truncated; nothing was restored\n";
    let Ran(code, _, err) = home.run_with(&["restore", "-"], &sealed[..sealed.len() / 2]);
    assert!(code == 1 && err.starts_with(told), "{err}");
}

#[test]
fn a_key_that_the_encrypted_files_have_lost_comes_back() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.add("ci", 'c');
    rotated(&home, 'b');
    home.run(&["backup", "all.age"]);
    let keys = home.home().join("keys");
    fs::remove_file(keys.join("dev~previous.age")).unwrap();
    fs::write(keys.join("ci.age"), "cut short").unwrap();
    let Ran(code, _, err) = home.run(&["restore", "all.age"]);
    assert_eq!((code, err.as_str()), (0, "restored ci, dev to the encrypted files\n"));
    assert_eq!(home.run(&["env", "ci", "--shell", "sh"]).1, exported('c'));

    fs::remove_file(keys.join("identity")).unwrap();
    let Ran(code, _, err) = home.run(&["restore", "all.age"]);
    assert!(code == 7 && err.contains("/keys/identity is missing, and without it no key"), "{err}");
    assert!(err.contains("hint: mv ~/home/keys ~/home/keys.broken\n"), "{err}");
    fs::rename(&keys, keys.with_extension("broken")).unwrap();
    let Ran(code, _, err) = home.run(&["restore", "all.age"]);
    assert!(code == 0 && err.ends_with("restored ci, dev to the encrypted files\n"), "{err}");
    assert_eq!(home.run(&["env", "ci", "--shell", "sh"]).1, exported('c'));
    assert_eq!(home.run(&["rotate", "dev", "--undo"]).0, 0);
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('a'));
}

#[test]
fn a_recipient_is_made_anew_from_the_identity_as_the_hint_says() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let recipient = home.home().join("keys/recipient");
    let before = fs::read_to_string(&recipient).unwrap();
    fs::remove_file(&recipient).unwrap();
    let Ran(code, _, err) = home.run(&["env", "dev"]);
    assert!(
        code == 7 && err.contains("/keys/recipient is missing, so the key of `dev` cannot be read"),
        "{err}"
    );
    assert!(err.contains("hint: age -d ") && err.contains(" | age-keygen -y > "), "{err}");
    fs::write(&recipient, before).unwrap();
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('a'));
}

#[test]
fn a_key_that_the_keychain_has_lost_comes_back_and_a_strangers_is_not_written_over() {
    let home = crate::support::Home::with_dev_and_prod();
    let identity = age::x25519::Identity::generate();
    fs::write(home.work().join("id"), identity.to_string().expose_secret()).unwrap();
    let backup = home.run(&["backup", "all.age", "--recipient", &identity.to_public().to_string()], "");
    assert_eq!(backup.code, 0, "{}", backup.stderr);
    let restore = || home.run(&["restore", "all.age", "--identity", "id"], "");
    home.session.clear(&home.service(), "dev");
    let back = restore();
    assert_eq!(
        (back.code, back.stderr.as_str()),
        (0, "restored dev to the keychain\nalready here with the same key: prod\n")
    );
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);

    home.session.clear(&home.service(), "dev");
    let strange = crate::support::Key::v2().0;
    home.session.store(&home.service(), "dev", &[], &strange);
    let refused = restore();
    assert_eq!((refused.code, refused.stdout.as_str()), (6, ""), "{}", refused.stderr);
    assert_eq!(home.session.lookup(&home.service(), "dev"), strange);
}
