//! `rotate`: a new key replaces the old one once the API accepts it; the old one is deleted once the API refuses it.

use insta::assert_snapshot;

use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, have};

fn home() -> Home {
    Home::with_dev_and_prod()
        .knows("new", Key::v2(), Behaviour::Valid)
        .knows("bad", Key::v2(), Behaviour::Revoked)
        .knows("murky", Key::v2(), Behaviour::Html)
}

#[test]
fn a_rotation_from_the_new_key_to_the_proof_that_the_old_one_is_dead() {
    let home = home();
    home.run(&["exec", "dev", "--", "true"], "");
    assert_snapshot!(home.play("rotate dev <new"), @"
    $ rotate dev <new
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! rotated dev: the new key is in use
    ! the old key (sk_…last) is kept until the API refuses it
    ! it was used by:
    !   [ ] true in /tmp/test/work, once, just now
    ! when those have the new key: revoke the old one at https://getimg.ai/app/developer/api-keys
    ! then: getimg-keys rotate dev --finish  (or --undo, to swap back)
    ");
    let child = home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "");
    assert_eq!(child.stdout.trim_end(), home.key("new").0);
    assert_snapshot!(home.play("
        rotate dev <murky
        rotate dev --finish
    "), @"
    $ rotate dev <murky
    ! error: a rotation of `dev` is open since <day>: its old key is not confirmed revoked yet
    !
    ! hint: getimg-keys rotate dev --finish  # once it is revoked
    ! hint: getimg-keys rotate dev --undo  # to use the old key again
    → 6
    $ rotate dev --finish
    ! error: the old key of `dev` (sk_…last) still works: revoke it first
    !
    ! hint: revoke it at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys rotate dev --finish  # then
    → 6
    ");
    home.api.takes(home.key("dev"), Behaviour::Html);
    assert_snapshot!(home.play("rotate dev --finish"), @"
    $ rotate dev --finish
    ! error: could not check whether the old key of `dev` (sk_…last) is revoked (unexpected_body: the answer is not one the API documents)
    !
    ! hint: getimg-keys rotate dev --finish  # again, later
    → 5
    ");
    home.api.takes(home.key("dev"), Behaviour::Revoked);
    assert_snapshot!(home.play("
        rotate dev --finish
        rotate dev --finish
        add other <dev
        rotate prod <dev
    "), @"
    $ rotate dev --finish
    ! finished the rotation of dev: the API refuses the old key (sk_…last), and it was deleted
    $ rotate dev --finish
    ! error: no rotation of `dev` is open
    !
    ! hint: getimg-keys rotate dev
    → 2
    $ add other <dev
    ! error: this key was rotated out of `dev` on <day>
    !
    ! hint: create a new key at https://getimg.ai/app/developer/api-keys
    → 6
    $ rotate prod <dev
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: this key was rotated out of `dev` on <day>
    !
    ! hint: create a new key at https://getimg.ai/app/developer/api-keys
    → 6
    ");
}

#[test]
fn undo_swaps_the_keys_back_and_forth() {
    let home = home();
    let in_use =
        || home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "").stdout.trim_end().to_owned();
    assert_eq!(home.run(&["rotate", "dev", "--undo"], "").code, 2);
    home.run(&["rotate", "dev"], &home.key("new").0);
    assert_eq!(in_use(), home.key("new").0);
    assert_snapshot!(home.play("rotate dev --undo"), @"
    $ rotate dev --undo
    ! switched dev back to its previous key
    ! the other key (sk_…last) is kept; to end the rotation, revoke it at https://getimg.ai/app/developer/api-keys
    ! then: getimg-keys rotate dev --finish
    ");
    assert_eq!(in_use(), home.key("dev").0);
    assert_eq!(home.run(&["rotate", "dev", "--undo"], "").code, 0);
    assert_eq!(in_use(), home.key("new").0);
}

#[test]
fn a_new_key_that_is_not_proven_changes_nothing() {
    let home = home();
    let before = home.profiles_file();
    assert_snapshot!(home.play("
        rotate dev <bad
        rotate dev <murky
        rotate dev <prod
        rotate dev <dev
        rotate nobody <new
    "), @"
    $ rotate dev <bad
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: the API rejected the new key for `dev`; nothing was changed
    !
    ! hint: copy it again, or create another, at https://getimg.ai/app/developer/api-keys
    → 4
    $ rotate dev <murky
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: the new key for `dev` could not be checked (unexpected_body: the answer is not one the API documents); nothing was changed
    !
    ! hint: getimg-keys rotate dev  # again, later
    ! hint: getimg-keys rotate dev --no-verify  # if you are sure of it
    → 5
    $ rotate dev <prod
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: this key is already the key of `prod`, since <day>
    !
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    → 6
    $ rotate dev <dev
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: this key is already the key of `dev`, since <day>
    !
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    → 6
    $ rotate nobody <new
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    ");
    assert_eq!(home.profiles_file(), before);
    let run = home.run(&["rotate", "dev", "--no-verify"], &home.key("bad").0);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn finishing_a_protected_profile_asks_for_its_name() {
    let home = home();
    home.run(&["rotate", "prod"], &home.key("new").0);
    home.api.takes(home.key("prod"), Behaviour::Revoked);
    assert_snapshot!(home.play("
        rotate prod --finish
        rotate prod --finish --yes
    "), @"
    $ rotate prod --finish
    ! error: `prod` is protected, and finishing deletes its old key: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys rotate prod --finish --yes
    → 2
    $ rotate prod --finish --yes
    ! finished the rotation of prod: the API refuses the old key (key-…last), and it was deleted
    ");
}

#[test]
fn an_interrupted_finish_is_completed_by_the_same_command() {
    if !have("strace") {
        return;
    }
    for renamed in 1..=2 {
        let home = home();
        home.run(&["rotate", "dev"], &home.key("new").0);
        home.api.takes(home.key("dev"), Behaviour::Revoked);
        let fault = format!("inject=/^rename:signal=KILL:when={renamed}");
        let mut strace = home.program("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &fault, env!("CARGO_BIN_EXE_getimg-keys")]);
        assert_ne!(finish(strace.args(["rotate", "dev", "--finish"]), "").code, 0);
        let open = home.run(&["list", "--json"], "").stdout.contains("\"since\"");
        assert_eq!(open, renamed == 1);
        let again = home.run(&["rotate", "dev", "--finish"], "");
        assert!(again.code == 0 && again.stderr.contains("finished the rotation of dev"), "{}", again.stderr);
        assert_eq!(home.session.lookup(&home.service(), "dev~previous"), "");
        assert_eq!(home.run(&["rotate", "dev", "--finish"], "").code, 2);
    }
}
