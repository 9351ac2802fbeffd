//! `current`: the name for a prompt.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key};

#[test]
fn the_name_the_reason_and_json() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        current
        current --format '{name}{state} by {reason}'
        GETIMG_KEYS_PROFILE=prod current --format '{name} by {reason}'
        current -p prod --json
        current --format '{name} {age}'
        current --format '{ {name'
    "), @r#"
    $ current
    dev
    $ current --format '{name}{state} by {reason}'
    dev by active
    $ GETIMG_KEYS_PROFILE=prod current --format '{name} by {reason}'
    prod by environment
    $ current -p prod --json
    {"because":"argument","broken":false,"copied_at":null,"name":"prod","notices":[],"path":null,"schema_version":1}
    $ current --format '{name} {age}'
    ! error: --format <FORMAT>: unknown placeholder `{age}`; known are {name}, {state} and {reason}
    !
    ! hint: getimg-keys help current
    → 2
    $ current --format '{ {name'
    { {name
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

#[test]
fn global_flags_stand_on_either_side_and_a_profile_may_be_called_like_a_command() {
    let home = Home::with_dev_and_prod().knows("env", Key::v2(), Behaviour::Valid);
    home.add("env");
    assert_snapshot!(home.play("
        -p env current
        --json -p env current
        current -p list
        -p env
        -p current env current
    "), @r#"
    $ -p env current
    env
    $ --json -p env current
    {"because":"argument","broken":false,"copied_at":null,"name":"env","notices":[],"path":null,"schema_version":1}
    $ current -p list
    ! error: there is no profile `list`
    !
    ! hint: getimg-keys add list
    → 3
    $ -p env
    ! error: no command given
    !
    ! hint: getimg-keys status  # see what is used here
    ! hint: getimg-keys --help
    → 2
    $ -p current env current
    ! error: there is no profile `current`
    !
    ! hint: getimg-keys add current
    → 3
    "#);
}

#[test]
fn of_an_option_given_twice_the_last_counts() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        current -p prod -p dev --quiet --quiet
        env dev --shell fish --shell sh
    "), @"
    $ current -p prod -p dev --quiet --quiet
    dev
    $ env dev --shell fish --shell sh
    export GETIMG_API_KEY=<key of dev>;
    ");
}
