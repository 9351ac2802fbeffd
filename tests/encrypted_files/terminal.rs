//! On a terminal: the question at the first `add`, the passphrase typed twice, the prompt when a key is read.

use crate::support::bare_home::{Home, PASSPHRASE, typed};
use crate::support::canary::text;

const OFFER: (&str, &str) = ("under a passphrase? [y/N]", "y\n");
const NEW: &str = "New passphrase (hidden):";
const AGAIN: &str = "The same again (hidden):";

fn have_script() -> bool {
    crate::support::have("script")
}

#[test]
fn the_first_add_offers_encrypted_files_and_asks_twice_for_the_passphrase() {
    if !have_script() {
        return;
    }
    let home = Home::new();
    let line = format!("{}\n", text('a'));
    let answers =
        [OFFER, (NEW, "tea and milk\n"), (AGAIN, "tea and milk\n"), ("Key for dev (hidden):", &line)];
    let (code, shown) = typed(&home, "add dev --no-verify", &answers);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("there is no D-Bus session, so the keychain cannot be reached"), "{shown}");
    assert!(shown.contains("added dev to the encrypted files"), "{shown}");
    let told = shown.find("it cannot be reset");
    assert!(told < shown.find(NEW) && told.is_some(), "{shown}");
    assert_eq!(shown.matches("be reset").count(), 1, "{shown}");
    assert!(!shown.contains("tea and milk") && !shown.contains(&text('a')), "{shown}");

    // A terminal shows only the mask of a key; `exec` shows that it was read.
    let read = "exec dev -- sh -c 'test $(printenv GETIMG_API_KEY | wc -c) = 52 && echo was read'";
    let question = "Passphrase of the encrypted files (hidden):";
    let (code, shown) = typed(&home, read, &[(question, "tea and milk\n")]);
    assert!(code == 0 && shown.contains("was read"), "{shown}");
    // A way to avoid the prompt is mentioned once, if the kernel has a keyring.
    if !shown.contains("to type it once and not at each command: getimg-keys unlock") {
        let unlocked = home.run(&["unlock"]);
        assert!(unlocked.2.contains("keyring"), "{unlocked:?} {shown}");
    }
    let (code, shown) = typed(&home, read, &[(question, "tea and milk\n")]);
    assert!(code == 0 && !shown.contains("unlock"), "{shown}");
    let again = "Wrong passphrase, try again (hidden):";
    let (code, shown) = typed(&home, read, &[(question, "coffee\n"), (again, "tea and milk\n")]);
    assert!(code == 0 && shown.contains("was read"), "{shown}");
    let (code, shown) = typed(&home, read, &[(question, "coffee\n"), (again, "\n"), (again, "coffee\n")]);
    assert!(code == 7 && shown.contains("error: wrong passphrase"), "{code} {shown}");
    let (code, shown) = typed(&home, read, &[(question, "coffee\n"), (again, "\x03")]);
    assert!(code == 9 && shown.contains("cancelled"), "{code} {shown}");
    let (code, shown) = typed(&home, read, &[(question, "\x03")]);
    assert!(code == 9 && shown.contains("cancelled"), "{code} {shown}");
    home.assert_no_secret();
}

#[test]
fn two_different_passphrases_a_no_ctrl_c_and_a_malformed_key_change_nothing() {
    if !have_script() {
        return;
    }
    let home = Home::new();
    let table: [(i32, &[(&str, &str)]); 6] = [
        (2, &[OFFER, (NEW, "tea\n"), (AGAIN, "coffee\n")]),
        (2, &[OFFER, (NEW, "\n")]),
        (9, &[(OFFER.0, "\n")]),
        (9, &[OFFER, (NEW, "tea\n"), (AGAIN, "\x03")]),
        (9, &[OFFER, (NEW, "tea\n"), (AGAIN, "tea\n"), ("Key for dev (hidden):", "\x03")]),
        (2, &[OFFER, (NEW, "tea\n"), (AGAIN, "tea\n"), ("Key for dev (hidden):", "sk_ key\n")]),
    ];
    for (expected, answers) in table {
        let (code, shown) = typed(&home, "add dev --no-verify", answers);
        assert_eq!(code, expected, "{shown}");
        assert!(code == 9 || shown.contains("hint: "), "{shown}");
        assert!(!home.home().join("keys").exists(), "{shown}");
    }
}

#[test]
fn a_wrong_passphrase_of_a_backup_is_asked_for_again() {
    if !have_script() {
        return;
    }
    let mut home = Home::new().with_files();
    home.add("dev", 'a');
    assert_eq!(home.run(&["backup", "keys.age"]).0, 0);
    home.variables.clear();
    let (question, again) = ("Passphrase of the backup (hidden):", "Wrong passphrase, try again (hidden):");
    let right = format!("{PASSPHRASE}\n");
    let (code, shown) = typed(&home, "restore keys.age", &[(question, "coffee\n"), (again, &right)]);
    assert!(code == 0 && shown.contains("already here with the same key: dev"), "{shown}");
    let wrong = [(question, "coffee\n"), (again, "\n"), (again, "tea\n")];
    let (code, shown) = typed(&home, "restore keys.age", &wrong);
    assert!(code == 7 && shown.contains("nothing was restored"), "{shown}");
}
