//! `add`: what it stores, removes from a pasted key, and refuses.

use insta::assert_snapshot;

use crate::support::{
    Behaviour, Home, Key,
    home::{days_ago, finish},
};

fn home() -> Home {
    Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("old", Key::v1(), Behaviour::Valid)
}

#[test]
fn a_key_is_verified_stored_and_reported_as_json() {
    let home = home();
    let issued = days_ago(40);
    let script = format!("add dev --json --note 'for the laptop' --issued {issued} <dev");
    assert_snapshot!(home.play(&script), @r#"
    $ add dev --json --note 'for the laptop' --issued <day> <dev
    {"changed":true,"notices":["added dev to the keychain, verified, balance 12.50 USD; it is the active profile"],"profile":{"active":true,"added_at":"<time>","age_days":40,"breaches":[],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":"<time>","kind":"v2","last_attempt":{"at":"<time>","reason":null,"verdict":"valid"},"name":"dev","note":"for the laptop","previous":null,"protected":false,"pushed":[],"rotate_in_days":50,"rotated_at":null,"verification":{"checked_at":"<time>","code":null,"host":"localhost","http_status":200,"latency_ms":<n>,"verdict":"valid"}},"schema_version":1}
    "#);
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn prod_is_protected_by_its_name_and_others_by_wish() {
    let home = home().knows("ci", Key::v2(), Behaviour::Valid);
    assert_snapshot!(home.play("
        add prod --no-verify <dev
        add live --no-verify --no-protected <old
        add ci --no-verify --protected <ci
        current
    "), @"
    $ add prod --no-verify <dev
    ! added prod to the keychain, not verified
    ! `prod` is protected by its name; to take that back: getimg-keys unprotect prod
    ! `prod` is protected, so no profile is active yet; next: getimg-keys use prod
    $ add live --no-verify --no-protected <old
    ! added live to the keychain, not verified; it is the active profile
    $ add ci --no-verify --protected <ci
    ! added ci to the keychain, not verified
    $ current
    live
    ");
}

#[test]
fn the_same_key_twice_is_refused_and_a_removed_one_comes_back() {
    let home = home();
    assert_snapshot!(home.play("
        add dev <dev
        add ci <dev
        remove dev
        add ci <dev
        add ci <old
        add ci --json <old
    "), @r#"
    $ add dev <dev
    ! added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    $ add ci <dev
    ! error: this key is already the key of `dev`, since <day>
    !
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use dev
    → 6
    $ remove dev
    ! removed dev (sk_…last)
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    $ add ci <dev
    ! this key was removed with `dev` on <day>; adding it again
    ! added ci to the keychain, verified, balance 12.50 USD; it is the active profile
    $ add ci <old
    ! error: there is a profile `ci` already
    !
    ! hint: getimg-keys rotate ci  # to replace its key
    → 2
    $ add ci --json <old
    ! {"error":{"exit_code":2,"hints":["getimg-keys rotate ci  # to replace its key"],"kind":"usage","message":"there is a profile `ci` already"},"schema_version":1}
    → 2
    "#);
}

#[test]
fn a_rejected_key_is_not_stored_and_one_that_cannot_be_checked_is() {
    let home = Home::new().knows("bad", Key::v2(), Behaviour::Revoked);
    let home = home.knows("dev", Key::v2(), Behaviour::Html);
    assert_snapshot!(home.play("
        add bad <bad
        list
        add dev <dev
        list
    "), @"
    $ add bad <bad
    ! error: the API rejected this key for `bad`, and it was not stored: Incorrect API key provided. You can find yours in the settings.
    !
    ! hint: copy it again, or create one, at https://getimg.ai/app/developer/api-keys
    → 4
    $ list
    there are no profiles yet; add the first one:

      getimg-keys add dev
    $ add dev <dev
    ! warning: the key could not be checked (unexpected_body: the answer is not one the API documents)
    ! try again later: getimg-keys verify dev
    ! added dev to the keychain, not verified yet; it is the active profile
    $ list
       name  key       age  verified  rotate
    *  dev   sk_…last  0 d  never     in 90 d

    * dev: the active profile
    ");
    assert_eq!(home.session.lookup(&home.service(), "bad"), "");
}

#[test]
fn what_is_pasted_around_a_key_is_taken_off_with_a_word() {
    let home = home();
    let pasted = format!("\u{feff} export GETIMG_API_KEY=\"Bearer {}\" \r\n", home.key("dev").0);
    let output = home.run(&["add", "dev", "--no-verify"], &pasted);
    assert_snapshot!(home.transcript(&output), @"
    ! removed a byte order mark
    ! removed surrounding spaces
    ! removed `export `
    ! removed `GETIMG_API_KEY=`
    ! removed surrounding quotes
    ! removed `Bearer `
    ! added dev to the keychain, not verified; it is the active profile
    ");
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn what_is_no_key_is_refused_by_position_and_changes_nothing() {
    let home = home();
    let key = &home.key("dev").0;
    let mut seen = String::new();
    for text in [
        String::new(),
        "sk_short".to_owned(),
        format!("{key} {key}"),
        format!("{key}\u{200b}"),
        format!("{key}\n{key}\n"),
        key.repeat(30),
        key.repeat(100),
    ] {
        seen.push_str(&home.transcript(&home.run(&["add", "dev", "--stdin"], &text)));
    }
    assert_snapshot!(seen, @"
    ! error: the key is empty
    !
    ! hint: getimg-keys add dev --stdin < FILE
    → 2
    ! error: the key has 8 characters; one has at least 16
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: the key has white space at position 49
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: the key has an invisible character at position 49
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: the key has white space at position 49
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: the key has more than 1024 characters
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: standard input is longer than 4096 bytes; a key is one line
    !
    ! hint: getimg-keys add dev --stdin < FILE
    → 2
    ");
    assert_eq!(home.profiles_file(), b"");
    assert!(home.api.seen().is_empty());
}

#[test]
fn a_key_of_another_shape_is_taken_with_a_warning() {
    let home = home();
    let output = home.run(&["add", "dev", "--no-verify"], &"Zz9+".repeat(5));
    assert_snapshot!(home.transcript(&output), @"
    ! warning: this does not look like a getimg.ai key (`sk_…` or `key-…`); it is used anyway
    ! added dev to the keychain, not verified; it is the active profile
    ");
}

#[test]
fn a_key_on_the_command_line_is_refused_without_being_repeated() {
    let home = home();
    let output = home.run(&["add", "dev", &home.key("dev").0], "");
    assert_snapshot!(home.transcript(&output), @"
    ! error: a key on the command line is refused: it is now in the shell's history, and other programs could see it
    !
    ! hint: getimg-keys add dev  # asks for the key without showing it
    ! hint: delete it from the history, and replace the key: https://getimg.ai/app/developer/api-keys
    → 2
    ");
    let other = "Zz9".repeat(9);
    let output = home.run(&["add", "dev", &other], "");
    assert!(!output.stderr.contains(&other), "{}", output.stderr);
    assert_eq!((output.code, home.profiles_file()), (2, Vec::new()));
}

#[test]
fn a_key_comes_out_of_a_variable_too() {
    let home = home();
    let mut add = home.command(&["add", "dev", "--no-verify", "--from-env", "MY_KEY"]);
    let output = finish(add.env("MY_KEY", &home.key("dev").0), "");
    assert_snapshot!(home.transcript(&output), @"! added dev to the keychain, not verified; it is the active profile");
    assert_snapshot!(home.play("add ci --from-env NOT_SET"), @"
    $ add ci --from-env NOT_SET
    ! error: $NOT_SET is not set
    !
    ! hint: export NOT_SET  # where it is set
    → 2
    ");
}

#[test]
fn a_name_that_is_none_is_refused_before_a_key_is_asked_for() {
    assert_snapshot!(home().play("
        add 'My Prod' <dev
        add dev --issued yesterday <dev
        add
    "), @"
    $ add 'My Prod' <dev
    ! error: <NAME>: a profile name has 1 to 64 of a-z, 0-9, `-` and `_`, the first a letter or digit
    !
    ! hint: getimg-keys add my-prod
    → 2
    $ add dev --issued yesterday <dev
    ! error: --issued <DATE>: a date is YYYY-MM-DD, or RFC 3339
    !
    ! hint: getimg-keys help add
    → 2
    $ add
    ! error: missing: <NAME>
    !
    ! hint: getimg-keys add dev  # or another name
    → 2
    ");
}

#[test]
fn a_day_of_issue_that_is_to_come_is_taken_with_a_word() {
    for (days, warned) in [(-3, true), (0, false)] {
        let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
        let run = home.run(&["add", "dev", "--issued", &days_ago(days)], &home.key("dev").0);
        assert_eq!(
            (run.code, run.stderr.contains("--issued is a day to come")),
            (0, warned),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn what_was_given_with_a_key_or_a_value_on_the_command_line_stands_in_the_hint() {
    let home = Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid);
    let key = home.key("new").0.clone();
    for (arguments, hint) in [
        (&["add", "prodd", &key][..], "hint: getimg-keys add prodd  # asks"),
        (&["add", "--no-verify", &key, "prodd"], "hint: getimg-keys add prodd  # asks"),
        (&["rotate", "dev", &key], "hint: getimg-keys rotate dev  # asks"),
        (&["add", &key], "hint: getimg-keys add NAME  # asks"),
        (&["add", "ci", "--from-env", "A=B"], "hint: getimg-keys add ci --from-env A\n"),
        (&["rotate", "dev", "--from-env=A=B"], "hint: getimg-keys rotate dev --from-env=A\n"),
        (&["rename", "dev", "DEV"], "hint: getimg-keys rename dev dev-2\n"),
        (&["status", "--profile=DEV"], "hint: getimg-keys status --profile=dev\n"),
        (&["add", "ci", "--protected", "--no-protected"], "cannot be used with --no-protected"),
    ] {
        let refused = home.run(arguments, "");
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(refused.stderr.contains(hint) && !refused.stderr.contains(&key), "{}", refused.stderr);
    }
}
