//! `rename`: a profile's key gets the new name too.

use insta::assert_snapshot;

use crate::support::{Home, Key};

#[test]
fn the_key_moves_with_the_name() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        rename dev laptop
        current
        env laptop
        rename dev other
        rename laptop prod
        rename laptop laptop
        rename laptop dev --json
    "), @r#"
    $ rename dev laptop
    ! renamed dev to laptop
    $ current
    laptop
    $ env laptop
    export GETIMG_API_KEY=<key of dev>;
    $ rename dev other
    ! error: there is no profile `dev`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ rename laptop prod
    ! error: there is a profile `prod` already
    !
    ! hint: getimg-keys list
    → 2
    $ rename laptop laptop
    ! laptop already has this name
    $ rename laptop dev --json
    {"changed":true,"notices":["renamed laptop to dev"],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":null,"previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1}
    "#);
    assert_eq!(home.session.lookup(&home.service(), "laptop"), "");
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn a_key_that_another_program_stored_does_not_get_another_name() {
    let home = Home::with_dev_and_prod();
    home.session.clear(&home.service(), "dev");
    home.session.store(&home.service(), "dev", &[], &Key::v2().0);
    assert_snapshot!(home.play("rename dev laptop"), @"
    $ rename dev laptop
    ! error: the keychain holds another key for `dev` than the one that was added; another program changed it
    !
    ! hint: getimg-keys verify dev  # shows which key it is, and asks before adopting it
    ! hint: or delete that entry in the system's password manager, and put the recorded key back
    → 6
    ");
    assert_eq!(home.session.lookup(&home.service(), "laptop"), "");
}

#[test]
fn without_its_key_a_profile_keeps_its_name() {
    let home = Home::with_dev_and_prod();
    home.session.clear(&home.service(), "dev");
    let before = home.profiles_file();
    assert_snapshot!(home.play("rename dev laptop"), @"
    $ rename dev laptop
    ! error: the key of `dev` is missing from the keychain: another program deleted it
    !
    ! hint: getimg-keys remove dev && getimg-keys add dev
    → 3
    ");
    assert_eq!(home.profiles_file(), before);
}
