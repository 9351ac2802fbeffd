//! `remove`: deletes a profile and its key.

use insta::assert_snapshot;

use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, have};

#[test]
fn the_key_goes_from_the_keychain_and_the_active_profile_is_none() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        remove dev
        current
        remove dev
        remove prod
        rm prod --yes --json
        list
    "), @r#"
    $ remove dev
    ! removed dev (sk_…last)
    ! no profile is active now: getimg-keys use prod
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    $ current
    ! error: no profile is selected
    !
    ! hint: getimg-keys use prod
    → 3
    $ remove dev
    ! error: there is no profile `dev`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ remove prod
    ! error: `prod` is protected, and removing it deletes its key: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys remove prod --yes
    → 2
    $ rm prod --yes --json
    {"changed":true,"notices":["removed prod (key-…last)","the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys"],"profile":null,"schema_version":1}
    $ list
    there are no profiles yet; add the first one:

      getimg-keys add dev
    "#);
    assert_eq!(home.session.lookup(&home.service(), "dev"), "");
    assert_eq!(home.session.lookup(&home.service(), "prod"), "");
}

#[test]
fn the_previous_key_of_an_open_rotation_is_told_too() {
    let home = Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid);
    home.run(&["rotate", "dev"], &home.key("new").0);
    assert_snapshot!(home.play("remove dev"), @"
    $ remove dev
    ! removed dev (sk_…last)
    ! no profile is active now: getimg-keys use prod
    ! its previous key (sk_…last) is deleted too; it was not seen to be revoked
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    ");
}

#[test]
fn an_entry_that_is_gone_already_hinders_nothing() {
    let home = Home::with_dev_and_prod();
    home.session.clear(&home.service(), "dev");
    assert_snapshot!(home.play("remove dev"), @"
    $ remove dev
    ! removed dev (sk_…last)
    ! no profile is active now: getimg-keys use prod
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    ");
}

#[test]
fn an_interrupted_removal_is_completed_by_the_same_command() {
    if !have("strace") {
        return;
    }
    for renamed in 1..=2 {
        let home = Home::with_dev_and_prod();
        let fault = format!("inject=/^rename:signal=KILL:when={renamed}");
        let mut strace = home.program("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &fault, env!("CARGO_BIN_EXE_getimg-keys")]);
        assert_ne!(finish(strace.args(["remove", "dev"]), "").code, 0);
        let again = home.run(&["remove", "dev"], "");
        assert!(again.code == 0 && again.stderr.contains("removed dev"), "{}", again.stderr);
        assert!(again.stderr.contains("still works until you revoke it"), "{}", again.stderr);
        assert_eq!(home.session.lookup(&home.service(), "dev"), "");
        assert_eq!(home.run(&["remove", "dev"], "").code, 3);
    }
}
