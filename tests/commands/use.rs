//! `use`: the active profile.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn forth_and_back() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        use -
        use prod --yes
        current
        use -
        use -
        use dev --json
        use dev
    "), @r#"
    $ use -
    ! error: there is no previous profile
    !
    ! hint: getimg-keys use dev  # or prod
    → 3
    $ use prod --yes
    ! prod is the active profile now
    $ current
    prod
    $ use -
    ! dev is the active profile now
    $ use -
    ! error: `prod` is protected, and every shell without a pin will use it: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys use prod --yes
    → 2
    $ use dev --json
    {"changed":false,"notices":["dev is already the active profile"],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":null,"previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1}
    $ use dev
    ! dev is already the active profile
    "#);
}

#[test]
fn a_protected_profile_wants_a_confirmation_and_an_unknown_one_a_better_name() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        use prod
        use prod --here
        use pord
        use
        use PROD
        current
    "), @"
    $ use prod
    ! error: `prod` is protected, and every shell without a pin will use it: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys use prod --yes
    → 2
    $ use prod --here
    ! error: `prod` is protected, and every shell below this directory will use it: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys use prod --here --yes
    → 2
    $ use pord
    ! error: there is no profile `pord`
    !
    ! hint: getimg-keys list  # did you mean `prod`?
    → 3
    $ use
    ! error: which profile? there is no terminal to prompt on
    !
    ! hint: getimg-keys use dev  # or prod
    → 2
    $ use PROD
    ! error: [NAME]: a profile name has 1 to 64 of a-z, 0-9, `-` and `_`, the first a letter or digit
    !
    ! hint: getimg-keys use prod
    → 2
    $ current
    dev
    ");
}

#[test]
fn what_outranks_the_active_profile_is_said() {
    let home = Home::with_dev_and_prod();
    std::fs::write(home.work().join(".getimg-keys.toml"), "profile = \"dev\"\n").unwrap();
    assert_snapshot!(home.play("
        use prod --yes
        use prod
        current
        GETIMG_KEYS_PROFILE=prod current
    "), @"
    $ use prod --yes
    ! here, dev still takes precedence, pinned by /tmp/test/work/.getimg-keys.toml
    ! prod is the active profile now
    $ use prod
    ! here, dev still takes precedence, pinned by /tmp/test/work/.getimg-keys.toml
    ! prod is already the active profile
    $ current
    dev
    $ GETIMG_KEYS_PROFILE=prod current
    prod
    ");
}

#[test]
fn without_a_name_the_hint_keeps_to_the_directory() {
    for command in ["use --here", "use - --here"] {
        let seen = Home::with_dev_and_prod().play(command);
        assert!(seen.contains("! hint: getimg-keys use dev --here  # or prod"), "{seen}");
    }
}
