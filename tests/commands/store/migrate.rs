//! `store migrate` between a real Secret Service and encrypted files.

use std::fs;

use crate::support::bare_home::{Home, Ran, exported, have_keychain, in_session};
use crate::support::canary::text;
use crate::support::have;

#[test]
fn keys_move_from_the_keychain_to_encrypted_files_and_back() {
    if !have_keychain() {
        return;
    }
    let home = Home::new().with_passphrase();
    let out = in_session(
        &home,
        "exec 2>&1
         echo $KEY_A | \"$K\" add dev --no-verify
         echo $KEY_B | \"$K\" add prod --no-verify
         \"$K\" store migrate --to file
         \"$K\" env dev --shell sh
         secret-tool lookup username dev; echo
         \"$K\" store migrate --to file --delete-source
         secret-tool lookup username dev || echo gone
         \"$K\" env prod --shell sh
         \"$K\" store migrate --to keychain --delete-source
         secret-tool lookup username prod; echo
         ls $GETIMG_KEYS_HOME/keys
         \"$K\" env dev --shell sh
         \"$K\" store migrate --to keychain",
    );
    let (a, b) = (text('a'), text('b'));
    let expected = format!(
        "added dev to the keychain, not verified; it is the active profile\n\
         added prod to the keychain, not verified\n\
         `prod` is protected by its name; to take that back: getimg-keys unprotect prod\n\
         the encrypted files are in ~/home/keys\n\
         without the passphrase they cannot be opened, and it cannot be reset\n\
         copied 2 keys to the encrypted files, the store from now on\n\
         the keys are still in the keychain too; to delete them there:\n\
         \x20 getimg-keys store migrate --to file --delete-source\n\
         {}{a}\n\
         kept 2 keys in the encrypted files alone\n\
         gone\n\
         {}\
         moved 2 keys to the keychain, the store from now on\n\
         {b}\n\
         identity\nrecipient\n\
         {}\
         the keys are already in the keychain\n",
        exported('a'),
        exported('b'),
        exported('a'),
    );
    assert_eq!(out.replace(home.root.path().to_str().unwrap(), "~"), expected);
    home.assert_no_secret();
}

#[test]
fn a_migration_that_was_cut_short_can_be_run_again() {
    if !have_keychain() || !have("strace") {
        return;
    }
    let home = Home::new().with_passphrase();
    // Killed at the n-th rename: identity, recipient, dev; then dev, prod, the profiles.
    let out = in_session(
        &home,
        "echo $KEY_A | \"$K\" add dev --no-verify >/dev/null
         echo $KEY_B | \"$K\" add prod --no-verify >/dev/null
         for n in 1 2 3 1 2 3; do
           strace -f -o /dev/null -e inject=rename,renameat,renameat2:signal=KILL:when=$n \\
             \"$K\" store migrate --to file >/dev/null 2>&1 || echo killed
           for name in dev prod; do \"$K\" env $name --shell sh; done
         done
         \"$K\" store migrate --to file --delete-source 2>&1
         for name in dev prod; do \"$K\" env $name --shell sh; done
         ls -A $GETIMG_KEYS_HOME/keys",
    );
    let both = exported('a') + &exported('b');
    let killed = format!("killed\n{both}").repeat(6);
    let moved = "moved 2 keys to the encrypted files, the store from now on\n";
    assert_eq!(out, format!("{killed}{moved}{both}.lock\ndev.age\nidentity\nprod.age\nrecipient\n"));
    home.assert_no_secret();
}

#[test]
fn a_key_that_something_else_changed_is_not_moved() {
    if !have_keychain() {
        return;
    }
    let home = Home::new().with_passphrase();
    let out = in_session(
        &home,
        "echo $KEY_A | \"$K\" add dev --no-verify >/dev/null
         service=$(secret-tool search --all username dev 2>&1 | sed -n 's/^attribute.service = //p')
         printf %s $KEY_B | secret-tool store --label x service \"$service\" username dev
         \"$K\" store migrate --to file 2>&1 || echo exit $?
         ls $GETIMG_KEYS_HOME/keys",
    );
    let expected = "the encrypted files are in ~/home/keys\n\
                    without the passphrase they cannot be opened, and it cannot be reset\n\
                    error: the keychain holds another key for `dev` than the one that was added\n\n\
                    hint: getimg-keys verify dev  # shows which key it is, and asks before adopting it\n\
                    exit 6\nidentity\nrecipient\n";
    assert_eq!(out.replace(home.root.path().to_str().unwrap(), "~"), expected);
}

#[test]
fn a_backup_of_encrypted_files_comes_back_in_a_keychain() {
    if !have_keychain() {
        return;
    }
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    home.add("prod", 'b');
    assert_eq!(home.run(&["backup", "all.age"]).0, 0);
    fs::rename(home.home(), home.root.path().join("lost")).unwrap();
    let out = in_session(
        &home,
        "\"$K\" restore all.age 2>&1
         secret-tool lookup username prod; echo
         \"$K\" env dev --shell sh
         \"$K\" unlock 2>&1 || echo exit $?",
    );
    let (a, b) = (exported('a'), text('b'));
    let told = "error: the keys are in the keychain; only encrypted files are unlocked and locked here\n\n\
                hint: getimg-keys store status";
    assert_eq!(out, format!("restored dev, prod to the keychain\n{b}\n{a}{told}\nexit 2\n"));
}

#[test]
fn without_a_keychain_nobody_is_asked_for_the_passphrase() {
    let home = Home::new().set("XDG_RUNTIME_DIR", "/nowhere").with_passphrase();
    home.add("dev", 'a');
    fs::remove_file(home.home().join("keys/identity")).unwrap();
    let Ran(code, out, err) = home.run(&["store", "migrate", "--to", "keychain"]);
    assert!(code == 7 && out.is_empty() && err.contains("there is no D-Bus session"), "{err}");
}
