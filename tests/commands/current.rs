//! `current`: a name for a prompt.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn the_name_the_reason_and_json() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        current
        current --format '{name}{state} by {reason}'
        GETIMG_KEYS_PROFILE=prod current --format '{name} by {reason}'
        current -p prod --json
    "), @r#"
    $ current
    dev
    $ current --format '{name}{state} by {reason}'
    dev by active
    $ GETIMG_KEYS_PROFILE=prod current --format '{name} by {reason}'
    prod by environment
    $ current -p prod --json
    {"because":"argument","broken":false,"name":"prod","notices":[],"path":null,"schema_version":1}
    "#);
}

#[test]
fn where_none_is_selected() {
    assert_snapshot!(Home::new().play("
        current
        current --json
        GETIMG_KEYS_PROFILE='No Name' current
    "), @r#"
    $ current
    ! error: there are no profiles yet
    !
    ! hint: getimg-keys add dev
    → 3
    $ current --json
    ! {"error":{"exit_code":3,"hints":["getimg-keys add dev"],"kind":"not_found","message":"there are no profiles yet"},"schema_version":1}
    → 3
    $ GETIMG_KEYS_PROFILE='No Name' current
    ! error: $GETIMG_KEYS_PROFILE does not name a profile: a profile name has 1 to 64 of a-z, 0-9, `-` and `_`, the first a letter or digit
    !
    ! hint: export GETIMG_KEYS_PROFILE=no-name
    → 2
    "#);
}
