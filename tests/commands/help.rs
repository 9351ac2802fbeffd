//! `help`: the commands and the exit codes.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn the_exit_codes() {
    assert_snapshot!(Home::new().play("help exit-codes"), @"
    $ help exit-codes
    code  name       meaning
    0     done       done
    1     failure    any other failure
    2     usage      usage, or input missing or malformed
    3     not_found  no such profile or no key for it
    4     rejected   the API rejected the key
    5     unchecked  could not be checked (network, rate limit, server, unexpected answer)
    6     policy     a policy is broken (same key twice, overdue, compromised, protected, redirect)
    7     store      the store is locked, denied or not there
    8     leak       a key was found where it must not be
    9     cancelled  cancelled by the person

    Several at once: the first of 7, 4, 8, 6, 5 that applies.
    `exec` ends with the program's own code, 128+N for signal N, 126 not executable, 127 not found.
    ");
}

#[test]
fn wrong_words() {
    assert_snapshot!(Home::new().play("
        ad dev
        guard
        store statu
        guard instal
        lst
        frobnicate
        help nothing
        --store drawer list
        list --jso
        list --json --colour
    "), @r#"
    $ ad dev
    ! error: there is no command `ad`
    !
    ! hint: getimg-keys add
    → 2
    $ guard
    ! error: `guard` needs one of its commands: install, uninstall, status
    !
    ! hint: getimg-keys help guard
    → 2
    $ store statu
    ! error: there is no command `statu`
    !
    ! hint: getimg-keys store status
    → 2
    $ guard instal
    ! error: there is no command `instal`
    !
    ! hint: getimg-keys guard install
    → 2
    $ lst
    ! error: there is no command `lst`
    !
    ! hint: getimg-keys list
    → 2
    $ frobnicate
    ! error: there is no command `frobnicate`
    !
    ! hint: getimg-keys --help
    → 2
    $ help nothing
    ! error: there is no help on `nothing`
    !
    ! hint: getimg-keys help
    ! hint: getimg-keys help exit-codes
    → 2
    $ --store drawer list
    ! error: `drawer` is not a value of --store <STORE>
    !
    ! hint: one of keychain, file, env
    → 2
    $ list --jso
    ! error: `--jso` is not expected here
    !
    ! hint: getimg-keys list --json
    → 2
    $ list --json --colour
    ! {"error":{"exit_code":2,"hints":["getimg-keys list --json --color"],"kind":"usage","message":"`--colour` is not expected here"},"schema_version":1}
    → 2
    "#);
}

#[test]
fn every_command_explains_itself() {
    let home = Home::new();
    for name in "add list use current status env exec unset verify remove rename note protect help".split(' ')
    {
        let (help, flag) = (home.run(&["help", name], ""), home.run(&[name, "--help"], ""));
        assert_eq!((help.code, flag.code), (0, 0), "{name}");
        assert!(help.stdout.contains("Usage: getimg-keys"), "{name}: {}", help.stdout);
        assert_eq!(help.stdout, flag.stdout, "{name}");
    }
}
