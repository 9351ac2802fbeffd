//! `list`: every profile at a glance.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, home::days_ago};

#[test]
fn nothing_yet() {
    assert_snapshot!(Home::new().play("
        list
        ls --json
    "), @r#"
    $ list
    there are no profiles yet; add the first one:

      getimg-keys add dev
    $ ls --json
    {"active":null,"copied_at":null,"notices":[],"profiles":[],"schema_version":1,"store":null}
    "#);
}

#[test]
fn ages_verdicts_notes_and_what_is_selected() {
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    let script = format!(
        "add ci --issued {} --note 'eu, nightly' <ci
        GETIMG_KEYS_PROFILE=ci list
        list --json",
        days_ago(100)
    );
    assert_snapshot!(home.play(&script), @r#"
    $ add ci --issued <day> --note 'eu, nightly' <ci
    ! added ci to the keychain, verified, balance 12.50 USD
    $ GETIMG_KEYS_PROFILE=ci list
       name  key        age    verified          rotate             note
    *  ci    sk_…last   100 d  ✓ valid just now  ! overdue by 10 d  eu, nightly
       dev   sk_…last   0 d    never             in 90 d
       prod  key-…last  0 d    never             in 90 d

    * ci: named by $GETIMG_KEYS_PROFILE
    ✗ the key of `ci` is 100 days old; it was due after 90 days
      → getimg-keys rotate ci
    $ list --json
    {"active":"dev","copied_at":null,"notices":[],"profiles":[{"active":false,"added_at":"<time>","age_days":100,"breaches":[{"hint":"getimg-keys rotate ci","message":"the key of `ci` is 100 days old; it was due after 90 days","profile":"ci","rule":"overdue"}],"compromised_at":null,"fingerprint":"<fingerprint of ci>","hint":"sk_…last","issued_at":"<time>","kind":"v2","last_attempt":{"at":"<time>","reason":null,"verdict":"valid"},"name":"ci","note":"eu, nightly","previous":null,"protected":false,"pushed":[],"rotate_in_days":-10,"rotated_at":null,"verification":{"checked_at":"<time>","code":null,"host":"localhost","http_status":200,"latency_ms":<n>,"verdict":"valid"}},{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":null,"previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},{"active":false,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify prod","message":"the key of `prod` was never verified","profile":"prod","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of prod>","hint":"key-…last","issued_at":null,"kind":"v1","last_attempt":null,"name":"prod","note":null,"previous":null,"protected":true,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null}],"schema_version":1,"store":"keychain"}
    "#);
}

#[test]
fn why_nothing_is_selected() {
    let home = Home::with_dev_and_prod();
    std::fs::write(home.work().join(".getimg-keys.toml"), "profile = \"prod\"\n").unwrap();
    assert_snapshot!(home.play("
        list
        GETIMG_KEYS_PROFILE=ci list
    "), @"
    $ list
    name  key        age  verified  rotate
    dev   sk_…last   0 d  never     in 90 d
    prod  key-…last  0 d  never     in 90 d

    none is marked: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    $ GETIMG_KEYS_PROFILE=ci list
    name  key        age  verified  rotate
    dev   sk_…last   0 d  never     in 90 d
    prod  key-…last  0 d  never     in 90 d

    none is marked: there is no profile `ci` (named by $GETIMG_KEYS_PROFILE)
    ");
}

#[test]
fn a_reader_that_stops_reading_is_no_fault() {
    let home = Home::with_dev_and_prod();
    let output = home.shell("bash", "getimg-keys list | true; echo ${PIPESTATUS[0]}");
    assert_snapshot!(home.transcript(&output), @"0");
}

#[test]
fn another_store_than_the_recorded_one_is_refused_wherever_keys_matter() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        list --store file
        status --store file
        note dev text --store file
        GETIMG_KEYS_STORE=file current
        GETIMG_KEYS_STORE=keychain current
    "), @"
    $ list --store file
    ! error: the keys are stored in `keychain`, not in `file`
    !
    ! hint: getimg-keys store migrate --to file
    → 2
    $ status --store file
    ! error: the keys are stored in `keychain`, not in `file`
    !
    ! hint: getimg-keys store migrate --to file
    → 2
    $ note dev text --store file
    ! error: the keys are stored in `keychain`, not in `file`
    !
    ! hint: getimg-keys store migrate --to file
    → 2
    $ GETIMG_KEYS_STORE=file current
    ! error: the keys are stored in `keychain`, not in `file`
    !
    ! hint: getimg-keys store migrate --to file
    → 2
    $ GETIMG_KEYS_STORE=keychain current
    dev
    ");
    for unconcerned in [&["check"][..], &["store", "status"], &["log"], &["scan", "."]] {
        let run = home.command(unconcerned).env("GETIMG_KEYS_STORE", "file").output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{unconcerned:?}");
    }
}
