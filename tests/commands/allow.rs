//! `allow`, `deny`, `use --here`: a pin to a protected profile counts once its content was allowed.

use std::fs;

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn a_pin_to_a_protected_profile_counts_once_it_is_allowed() {
    let home = Home::with_dev_and_prod();
    let pin = home.work().join(".getimg-keys.toml");
    fs::write(&pin, "profile = \"prod\"\n").unwrap();
    assert_snapshot!(home.play("
        exec -- true
        current
        allow
        current
        deny
        current
        allow
    "), @"
    $ exec -- true
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
    $ current
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
    $ allow
    ! /tmp/test/work/.getimg-keys.toml is allowed: it selects prod
    $ current
    prod
    $ deny
    ! /tmp/test/work/.getimg-keys.toml is not allowed
    $ current
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
    $ allow
    ! /tmp/test/work/.getimg-keys.toml is allowed: it selects prod
    ");
    fs::write(&pin, "profile = \"prod\"\nallow = [\"prod\", \"dev\"]\n").unwrap();
    assert_eq!(home.run(&["current"], "").code, 6, "another content has to be accepted again");
}

#[test]
fn deny_says_that_a_pin_to_an_unprotected_profile_still_counts() {
    let home = Home::with_dev_and_prod();
    fs::write(home.work().join(".getimg-keys.toml"), "profile = \"dev\"\n").unwrap();
    assert_snapshot!(home.play("
        deny
        current
    "), @"
    $ deny
    ! /tmp/test/work/.getimg-keys.toml is not allowed
    ! it still selects dev, which is not protected
    $ current
    dev
    ");
}

#[test]
fn use_here_pins_the_directory_and_allows_it() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        allow
        use prod --here --yes
        current
        use dev --here
        current
    "), @"
    $ allow
    ! error: no .getimg-keys.toml in /tmp/test/work or above it
    !
    ! hint: getimg-keys use NAME --here
    → 3
    $ use prod --here --yes
    ! prod is used below this directory now, pinned by /tmp/test/work/.getimg-keys.toml
    $ current
    prod
    $ use dev --here
    ! dev is used below this directory now, pinned by /tmp/test/work/.getimg-keys.toml
    $ current
    dev
    ");
    let pin = fs::read_to_string(home.work().join(".getimg-keys.toml")).unwrap();
    assert_eq!(pin, "profile = \"dev\"\n");
}

#[test]
fn allow_shows_what_the_pin_permits_and_demands() {
    let home = Home::with_dev_and_prod();
    let pin = "profile = \"prod\"\nallow = [\"prod\", \"dev\"]\n[policy]\nmax_age_days = 30\noverdue = \"block\"\n\
               [policy.profiles.prod]\nmax_age_days = 7\n";
    fs::write(home.work().join(".getimg-keys.toml"), pin).unwrap();
    assert_snapshot!(home.play("
        allow
        allow --json
    "), @r#"
    $ allow
    ! /tmp/test/work/.getimg-keys.toml is allowed: it selects prod
    !   allow = ["prod", "dev"]
    !   [policy]
    !   max_age_days = 30
    !   overdue = "block"
    !   [policy.profiles.prod]
    !   max_age_days = 7
    $ allow --json
    {"changed":false,"notices":["/tmp/test/work/.getimg-keys.toml is allowed: it selects prod","  allow = [\"prod\", \"dev\"]","  [policy]","  max_age_days = 30","  overdue = \"block\"","  [policy.profiles.prod]","  max_age_days = 7"],"path":"/tmp/test/work/.getimg-keys.toml","profile":"prod","schema_version":1}
    "#);
}
