//! Encrypted files in daily use: the whole program, with a passphrase file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::bare_home::{Home, Ran, USING, exported, ran};
use crate::support::canary::text;

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
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let home = Home { variables: Vec::new(), ..home };
    let added = home.run_with(&["add", "ci", "--no-verify"], &text('b'));
    assert_eq!(added, ran(0, "", "added ci to the encrypted files, not verified\n"));
    let told = "error: the keys are stored in `file`, not in `keychain`\n\nhint: getimg-keys store migrate --to keychain\n";
    assert_eq!(home.run(&["env", "ci", "--store", "keychain"]), ran(2, "", told));
}

#[test]
fn a_wrong_passphrase_is_exit_7_and_changes_nothing() {
    let home = Home::new().with_files();
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
    let home = Home::new().with_files();
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
    let home = Home::new().with_files();
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
    let home = Home::new().with_files();
    home.add("dev", 'a');
    fs::set_permissions(home.home().join("keys/dev.age"), fs::Permissions::from_mode(0o644)).unwrap();
    let Ran(code, _, err) = home.run_with(&["add", "ci", "--no-verify"], &text('b'));
    let said = "~/home/keys/dev.age could be accessed by others; now only you can\n\
                added ci to the encrypted files, not verified\n";
    assert_eq!((code, err.as_str()), (0, said));
}

#[test]
fn a_lost_folder_gets_a_new_passphrase_and_the_lost_keys_are_missing() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    fs::remove_dir_all(home.home().join("keys")).unwrap();
    let Ran(code, _, err) = home.run(&["env"]);
    assert_eq!(code, 3, "{err}");
    home.add("ci", 'b');
    assert_eq!(home.run(&["env", "ci", "--shell", "sh"]), ran(0, &exported('b'), ""));
}

#[test]
fn a_stray_file_is_never_written_over_renamed_onto_or_deleted() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.run(&["backup", "all.age"]);
    let keys = home.home().join("keys");
    let stray = ["stage.age", "dev~next.age", "dev~previous.age"];
    for name in stray {
        fs::write(keys.join(name), format!("not ours: {name}")).unwrap();
    }
    for (arguments, hint) in [
        (&["add", "stage", "--no-verify"][..], "hint: getimg-keys store adopt stage "),
        (&["rename", "dev", "stage"], "hint: getimg-keys store adopt stage "),
        (&["rotate", "dev", "--no-verify"], "an entry `dev~next` that"),
    ] {
        let Ran(code, _, err) = home.run_with(arguments, &text('b'));
        assert!(code == 6 && err.contains(hint), "{arguments:?}: {err}");
    }
    fs::remove_file(keys.join("dev~next.age")).unwrap();
    let Ran(code, _, err) = home.run_with(&["rotate", "dev", "--no-verify"], &text('b'));
    assert!(code == 6 && err.contains("`dev~previous`") && err.contains("\nhint: mv "), "{err}");
    fs::write(keys.join("dev~next.age"), "not ours: dev~next.age").unwrap();
    assert_eq!(home.run(&["note", "dev", "still in use"]).0, 0);
    assert_eq!(home.run(&["remove", "dev"]).0, 0);
    assert_eq!(home.run(&["restore", "all.age"]).0, 6);
    for name in stray {
        assert_eq!(fs::read_to_string(keys.join(name)).unwrap(), format!("not ours: {name}"));
    }
    fs::remove_file(home.home().join("profiles.toml")).unwrap();
    let Ran(_, _, err) = home.run_with(&["add", "stage", "--no-verify"], &text('b'));
    assert!(err.contains("hint: getimg-keys store adopt stage --store file "), "{err}");
    let Ran(code, _, err) = home.run(&["store", "adopt", "stage"]);
    assert!(code != 0 && !err.contains("hint: getimg-keys store adopt"), "{err}");
}

#[test]
fn a_file_that_was_changed_has_no_password_manager_to_go_to() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.add("ci", 'b');
    let keys = home.home().join("keys");
    fs::copy(keys.join("ci.age"), keys.join("dev.age")).unwrap();
    let Ran(code, out, err) = home.run(&["env", "dev"]);
    assert_eq!((code, out.as_str()), (6, ""));
    assert!(err.starts_with("error: the encrypted files hold another key for `dev`"), "{err}");
    assert!(err.contains("the file dev.age") && !err.contains("password manager"), "{err}");
}
