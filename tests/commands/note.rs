//! `note`: the user's own words about a profile.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn a_note_comes_and_goes() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        note dev 'for the laptop'
        note dev 'for the laptop'
        list
        note dev
        note dev --json
        note dev --clear
        note dev --clear
        note dev
        note dev words --clear
        note nobody
        note nobody text
        note dev text --json
    "), @r#"
    $ note dev 'for the laptop'
    ! set the note of dev
    $ note dev 'for the laptop'
    ! dev already has this note
    $ list
       name  key        age  verified  rotate   note
    *  dev   sk_…last   0 d  never     in 90 d  for the laptop
       prod  key-…last  0 d  never     in 90 d

    * dev: the active profile
    $ note dev
    for the laptop
    $ note dev --json
    {"changed":false,"notices":[],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":"for the laptop","previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1}
    $ note dev --clear
    ! cleared the note of dev
    $ note dev --clear
    ! dev has no note
    $ note dev
    ! dev has no note
    $ note dev words --clear
    ! error: [TEXT] cannot be used with --clear
    !
    ! hint: getimg-keys help note
    → 2
    $ note nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ note nobody text
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys list  # the profiles there are
    → 3
    $ note dev text --json
    {"changed":true,"notices":["set the note of dev"],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":"text","previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1}
    "#);
}

#[test]
fn what_would_act_on_a_terminal_is_shown_instead() {
    let home = Home::with_dev_and_prod();
    home.run(&["note", "dev", "\u{1b}]52;c;x\u{7}\u{202e}"], "");
    for arguments in [&["list"][..], &["list", "--json"], &["note", "dev"], &["note", "dev", "--json"]] {
        let output = home.run(arguments, "");
        assert!(!output.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", output.stdout);
        assert!(output.stdout.contains("]52;c;x"), "{}", output.stdout);
    }
}
