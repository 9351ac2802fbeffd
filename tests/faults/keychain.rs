//! A keychain that is locked, missing, denies access or hangs: each has its own message, and nothing hangs.

use std::time::Instant;

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, Session};

/// Much longer than any time limit of ours.
const TOO_LONG: u64 = 40;

fn home() -> Home {
    Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid)
}

fn elsewhere(session: &Session) -> Home {
    home().with("DBUS_SESSION_BUS_ADDRESS", &session.address)
}

const EVERY_DOOR: &str = "
    env dev
    exec dev -- true
    verify dev
    add ci --no-verify <ci
    rename dev laptop
    remove dev
    list
";

/// The profiles are unchanged, except for the attempt to verify `dev`.
fn assert_only_the_attempt_is_recorded(home: &Home, before: &[u8]) {
    let table =
        |profiles: &[u8]| toml::from_str::<toml::Table>(std::str::from_utf8(profiles).unwrap()).unwrap();
    let mut now = table(&home.profiles_file());
    let attempt = now["profile"][0]["key"].as_table_mut().unwrap().remove("last_attempt").unwrap();
    assert_eq!((attempt["verdict"].as_str(), attempt["reason"].as_str()), (Some("unknown"), Some("store")));
    assert_eq!(now, table(before));
}

#[test]
fn a_locked_keychain_is_named() {
    let home = home();
    home.session.lock();
    let before = home.profiles_file();
    assert_snapshot!(home.play(EVERY_DOOR), @"
    $ env dev
    ! error: the keychain is locked, so the key of `dev` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ exec dev -- true
    ! error: the keychain is locked, so the key of `dev` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ verify dev
    name  verdict
    dev   ? unknown (store)  the keychain is locked, so the key of `dev` cannot be read
    → unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ add ci --no-verify <ci
    ! error: the keychain is locked, so the key of `ci` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ rename dev laptop
    ! error: the keychain is locked, so the key of `dev` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ remove dev
    ! error: the keychain is locked, so the key of `dev` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    $ list
       name  key        age  verified  rotate
    *  dev   sk_…last   0 d  never     in 90 d
       prod  key-…last  0 d  never     in 90 d

    * dev: the active profile
    ");
    assert_only_the_attempt_is_recorded(&home, &before);
}

#[test]
fn a_session_without_a_keychain_is_named() {
    let session = Session::without_provider();
    let home = elsewhere(&session);
    let before = home.profiles_file();
    assert_snapshot!(home.play(EVERY_DOOR), @"
    $ env dev
    ! error: nothing on this machine provides a keychain (Secret Service)
    !
    ! hint: sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ exec dev -- true
    ! error: nothing on this machine provides a keychain (Secret Service)
    !
    ! hint: sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ verify dev
    name  verdict
    dev   ? unknown (store)  nothing on this machine provides a keychain (Secret Service)
    → sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ add ci --no-verify <ci
    ! error: nothing on this machine provides a keychain (Secret Service)
    !
    ! hint: sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ rename dev laptop
    ! error: nothing on this machine provides a keychain (Secret Service)
    !
    ! hint: sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ remove dev
    ! error: nothing on this machine provides a keychain (Secret Service)
    !
    ! hint: sudo apt install gnome-keyring  # or another Secret Service, then the command again
    → 7
    $ list
       name  key        age  verified  rotate
    *  dev   sk_…last   0 d  never     in 90 d
       prod  key-…last  0 d  never     in 90 d

    * dev: the active profile
    ");
    assert_only_the_attempt_is_recorded(&home, &before);
}

#[test]
fn a_machine_without_a_session_is_named() {
    let home = elsewhere(&Session::without_bus());
    let before = home.profiles_file();
    assert_snapshot!(home.play(EVERY_DOOR), @"
    $ env dev
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ exec dev -- true
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ verify dev
    name  verdict
    dev   ? unknown (store)  there is no D-Bus session, so the keychain cannot be reached
    → dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ add ci --no-verify <ci
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ rename dev laptop
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ remove dev
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ list
       name  key        age  verified  rotate
    *  dev   sk_…last   0 d  never     in 90 d
       prod  key-…last  0 d  never     in 90 d

    * dev: the active profile
    ");
    assert_only_the_attempt_is_recorded(&home, &before);
}

#[test]
fn the_first_add_names_both_ways_out() {
    let home = Home::within(Session::without_bus()).knows("dev", Key::v2(), Behaviour::Valid);
    assert_snapshot!(home.play("
        add dev <dev
        add dev --json <dev
        list
    "), @r#"
    $ add dev <dev
    ! error: there is no D-Bus session, so the keychain cannot be reached
    !
    ! hint: (set -C; umask 077; head -c 30 /dev/urandom | base64 > ~/.getimg-keys-passphrase); export GETIMG_KEYS_PASSPHRASE_FILE=~/.getimg-keys-passphrase; getimg-keys add dev --store file  # encrypted files instead of a keychain
    ! hint: dbus-run-session -- $SHELL  # where no desktop runs, then the command again
    → 7
    $ add dev --json <dev
    ! {"error":{"exit_code":7,"hints":["(set -C; umask 077; head -c 30 /dev/urandom | base64 > ~/.getimg-keys-passphrase); export GETIMG_KEYS_PASSPHRASE_FILE=~/.getimg-keys-passphrase; getimg-keys add dev --store file  # encrypted files instead of a keychain","dbus-run-session -- $SHELL  # where no desktop runs, then the command again"],"kind":"store","message":"there is no D-Bus session, so the keychain cannot be reached"},"schema_version":1}
    → 7
    $ list
    there are no profiles yet; add the first one:

      getimg-keys add dev
    "#);
    assert!(home.api.seen().is_empty());
}

#[test]
fn a_keychain_that_does_not_answer_is_given_up() {
    let home = home();
    home.session.signal("STOP");
    let start = Instant::now();
    assert_snapshot!(home.play("
        env dev
        list
    "), @"
    $ env dev
    ! error: the keychain did not answer within 5 s for the key of `dev`
    !
    ! hint: getimg-keys doctor  # which one it is
    ! hint: restart that program, or log out and in, then run the command again
    → 7
    $ list
       name  key        age  verified  rotate
    *  dev   sk_…last   0 d  never     in 90 d
       prod  key-…last  0 d  never     in 90 d

    * dev: the active profile
    ");
    home.session.signal("CONT");
    assert!(start.elapsed().as_secs() < TOO_LONG);
    assert_snapshot!(home.play("env dev"), @"
    $ env dev
    export GETIMG_API_KEY=<key of dev>;
    ");
}

#[test]
fn a_keychain_that_died_comes_back_locked() {
    let home = home();
    home.session.signal("KILL");
    let output = home.run(&["env", "dev"], "");
    assert!(!home.session.keychain_runs());
    assert_snapshot!(home.transcript(&output), @"
    ! error: the keychain is locked, so the key of `dev` cannot be read
    !
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    ");
}

#[test]
fn a_keychain_that_denies_access_is_named() {
    let session = Session::denying();
    let home = elsewhere(&session);
    let before = home.profiles_file();
    assert_snapshot!(home.play("
        env dev
        verify dev
        remove dev
    "), @"
    $ env dev
    ! error: the keychain denied access to the key of `dev`
    !
    ! hint: run the command again and allow the access
    → 7
    $ verify dev
    name  verdict
    dev   ? unknown (store)  the keychain denied access to the key of `dev`
    → run the command again and allow the access
    → 7
    $ remove dev
    ! error: the keychain denied access to the key of `dev`
    !
    ! hint: run the command again and allow the access
    → 7
    ");
    assert_only_the_attempt_is_recorded(&home, &before);
}

#[test]
fn a_bus_that_says_nothing_is_given_up() {
    let home = home();
    let socket = home.work().join("mute");
    let _mute = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let home = home.with("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", socket.display()));
    let start = Instant::now();
    assert_snapshot!(home.play("env dev"), @"
    $ env dev
    ! error: the keychain did not answer within 5 s for the key of `dev`
    !
    ! hint: getimg-keys doctor  # which one it is
    ! hint: restart that program, or log out and in, then run the command again
    → 7
    ");
    assert!(start.elapsed().as_secs() < TOO_LONG);
}
