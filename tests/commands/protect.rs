//! `protect` and `unprotect`.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn protection_comes_and_goes() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        protect dev
        protect dev
        remove dev
        unprotect dev
        unprotect nobody
        unprotect prod --json
        use prod
    "), @r#"
    $ protect dev
    ! dev is protected now
    $ protect dev
    ! dev is already protected
    $ remove dev
    ! error: `dev` is protected, and removing it deletes its key: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys remove dev --yes
    → 2
    $ unprotect dev
    ! dev is not protected now
    $ unprotect nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ unprotect prod --json
    {"changed":true,"notices":["prod is not protected now"],"profile":{"active":false,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify prod","message":"the key of `prod` was never verified","profile":"prod","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of prod>","hint":"key-…last","issued_at":null,"kind":"v1","last_attempt":null,"name":"prod","note":null,"previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1}
    $ use prod
    ! prod is the active profile now
    "#);
}
