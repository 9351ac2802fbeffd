//! `compromised`: the key is blocked at once, until a new one replaces it.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key};

#[test]
fn a_compromised_key_is_blocked_offline_until_it_is_replaced() {
    let home = Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid);
    home.run(&["env", "dev", "--shell", "sh"], "");
    assert_snapshot!(home.play("
        GETIMG_KEYS_API_URL=http://127.0.0.1:9 compromised dev
        compromised dev
        env dev --force
        exec dev -- true
        rotate dev <new
        exec dev -- true
        add again <dev
    "), @"
    $ GETIMG_KEYS_API_URL=http://127.0.0.1:9 compromised dev
    ! the key of dev is blocked: env and exec refuse it from now on
    ! what to do, in this order:
    !   1. revoke it at https://getimg.ai/app/developer/api-keys
    !   2. create a new key there, then: getimg-keys rotate dev
    !   3. give the new key to everything that has the old one:
    ! it was used by:
    !   [ ] a shell in /tmp/test/work, once, just now
    !   4. confirm that the old key was revoked: getimg-keys rotate dev --finish
    $ compromised dev
    ! the key of dev is already declared compromised
    $ env dev --force
    ! error: the key of `dev` was declared compromised on <day>; it is not handed out
    !
    ! hint: getimg-keys rotate dev
    → 6
    $ exec dev -- true
    ! error: the key of `dev` was declared compromised on <day>; it is not handed out
    !
    ! hint: getimg-keys rotate dev
    → 6
    $ rotate dev <new
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! rotated dev: the new key is in use
    ! the old key (sk_…last) is kept until the API refuses it
    ! it was used by:
    !   [ ] a shell in /tmp/test/work, once, just now
    ! when those have the new key: revoke the old one at https://getimg.ai/app/developer/api-keys
    ! then: getimg-keys rotate dev --finish
    $ exec dev -- true
    $ add again <dev
    ! error: this key is the previous key of `dev`, whose rotation is open since <day>
    !
    ! hint: create a new key at https://getimg.ai/app/developer/api-keys
    → 6
    ");
}

#[test]
fn it_can_be_taken_back() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        compromised dev --not
        compromised nobody
    "), @"
    $ compromised dev --not
    ! the key of dev is not declared compromised
    $ compromised nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    ");
    home.run(&["compromised", "dev"], "");
    assert_eq!(home.run(&["exec", "dev", "--", "true"], "").code, 6);
    assert_eq!(home.run(&["compromised", "dev", "--not"], "").code, 0);
    assert_eq!(home.run(&["exec", "dev", "--", "true"], "").code, 0);
}

#[test]
fn while_a_rotation_is_open_the_hint_is_what_ends_it() {
    let home = Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid);
    home.run(&["rotate", "dev"], &home.key("new").0);
    let says = |output: &str, command: &str| assert!(output.contains(command), "{output}");
    let undo = "getimg-keys rotate dev --undo\n";
    let told = home.run(&["compromised", "dev"], "").stderr;
    says(&told, &format!("  2. go back to the key before it: {undo}  3. give that key to everything"));
    says(&home.run(&["exec", "dev", "--", "true"], "").stderr, &format!("hint: {undo}"));
    says(&home.run(&["list"], "").stdout, &format!("→ {undo}"));
    assert_eq!(home.run(&["rotate", "dev", "--undo"], "").code, 0);
    assert_eq!(home.run(&["exec", "dev", "--", "true"], "").code, 0);
    assert!(!home.run(&["rotate", "dev"], "").stderr.contains("--undo"));
    assert_snapshot!(home.play("rotate dev --undo"), @"
    $ rotate dev --undo
    ! error: the previous key of `dev` was declared compromised; it does not come back into use
    !
    ! hint: getimg-keys rotate dev --finish  # once it is revoked
    → 6
    ");

    let finish = "getimg-keys rotate dev --finish  # then: getimg-keys rotate dev\n";
    says(&home.run(&["compromised", "dev"], "").stderr, &format!("  2. finish the open rotation: {finish}"));
    says(&home.run(&["exec", "dev", "--", "true"], "").stderr, &format!("hint: {finish}"));
    home.api.takes(home.key("new"), Behaviour::Revoked);
    assert_eq!(home.run(&["rotate", "dev", "--finish"], "").code, 0);
    says(&home.run(&["exec", "dev", "--", "true"], "").stderr, "hint: getimg-keys rotate dev\n");
}
