//! The main job, from the first key to the last, as a user does it.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, home::finish};

fn newcomer() -> Home {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.knows("prod", Key::v1(), Behaviour::Valid)
}

#[test]
fn the_main_job_from_add_to_remove() {
    let home = newcomer();
    assert_snapshot!(home.play("
        add dev <dev
        add prod <prod
        list
        use prod --yes
        current
        use -
        status
        verify --all
        list
    "), @"
    $ add dev <dev
    ! added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    $ add prod <prod
    ! added prod to the keychain, verified, balance 12.50 USD
    ! `prod` is protected by its name; to take that back: getimg-keys unprotect prod
    $ list
       name  key        age  verified          rotate
    *  dev   sk_…last   0 d  ✓ valid just now  in 90 d
       prod  key-…last  0 d  ✓ valid just now  in 90 d

    * dev: the active profile
    $ use prod --yes
    ! prod is the active profile now
    $ current
    prod
    $ use -
    ! dev is the active profile now
    $ status
    profile   dev, the active profile
    key       sk_…last, 0 d old, rotate in 90 d
    verified  ✓ valid just now
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    $ verify --all
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    prod  ✓ valid  balance 12.50 USD  <n> ms
    $ list
       name  key        age  verified          rotate
    *  dev   sk_…last   0 d  ✓ valid just now  in 90 d
       prod  key-…last  0 d  ✓ valid just now  in 90 d

    * dev: the active profile
    ");
    assert!(home.api.seen().iter().all(|s| s.path == "/v2/billing/balance"));
    for name in ["dev", "prod"] {
        assert_eq!(home.session.lookup(&home.service(), name), home.key(name).0);
    }
    assert_snapshot!(home.play("
        exec -- sh -c 'echo $GETIMG_API_KEY'
        env prod
        env
        remove dev
        remove prod --yes
        list
    "), @"
    $ exec -- sh -c 'echo $GETIMG_API_KEY'
    <key of dev>
    ! using dev, the active profile
    $ env prod
    export GETIMG_API_KEY=<key of prod>;
    $ env
    export GETIMG_API_KEY=<key of dev>;
    ! using dev, the active profile
    $ remove dev
    ! removed dev (sk_…last)
    ! no profile is active now: getimg-keys use prod
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    $ remove prod --yes
    ! removed prod (key-…last)
    ! the key itself still works until you revoke it at https://getimg.ai/app/developer/api-keys
    $ list
    there are no profiles yet; add the first one:

      getimg-keys add dev
    ");
    for name in ["dev", "prod"] {
        assert_eq!(home.session.lookup(&home.service(), name), "");
        assert_eq!(home.key(name).found_below(&home.path()), Vec::<String>::new());
    }
}

#[test]
fn an_unquoted_eval_sets_the_variable_in_bash_dash_and_zsh() {
    let home = Home::with_dev_and_prod();
    for (shell, dialect) in [("bash", "bash"), ("dash", "sh"), ("zsh", "zsh")] {
        for name in ["dev", "prod"] {
            let script = format!(
                r#"eval $(getimg-keys env {name} --shell {dialect}); sh -c 'printf %s "$GETIMG_API_KEY"'"#
            );
            assert_eq!(home.shell(shell, &script).stdout, home.key(name).0, "{shell}");
            let script = format!(
                "eval $(getimg-keys env {name}); eval $(getimg-keys unset); echo ${{GETIMG_API_KEY-gone}}"
            );
            assert_eq!(home.shell(shell, &script).stdout, "gone\n", "{shell}");
        }
    }
}

#[test]
fn a_file_named_as_a_glob_match_changes_nothing_of_an_unquoted_eval() {
    let home = Home::with_dev_and_prod();
    for file in ["export", "GETIMG_API_KEY=evil;", "-x", "sk_evil"] {
        std::fs::write(home.work().join(file), "").unwrap();
    }
    for shell in ["bash", "dash", "zsh"] {
        let output = home.shell(shell, "eval $(getimg-keys env dev); printf %s $GETIMG_API_KEY");
        assert_eq!((output.stdout.as_str(), output.code), (home.key("dev").0.as_str(), 0), "{shell}");
    }
}

#[test]
fn what_something_else_stores_is_noticed_and_taken_over_by_verify_where_it_is_told_to() {
    let home = newcomer().knows("other", Key::v2(), Behaviour::Valid);
    home.add("dev");
    home.session.store(&home.service(), "dev", &[], &home.key("other").0);
    assert_snapshot!(home.play("
        env dev
        exec dev -- true
        verify dev
        verify dev --adopt
        env dev
    "), @"
    $ env dev
    ! error: the keychain holds another key for `dev` than the one that was added; another program changed it
    !
    ! hint: getimg-keys verify dev  # shows which key it is, and asks before adopting it
    ! hint: or delete that entry in the system's password manager, and put the recorded key back
    → 6
    $ exec dev -- true
    ! error: the keychain holds another key for `dev` than the one that was added; another program changed it
    !
    ! hint: getimg-keys verify dev  # shows which key it is, and asks before adopting it
    ! hint: or delete that entry in the system's password manager, and put the recorded key back
    → 6
    $ verify dev
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    ! the store holds another key for `dev` than the recorded one: sk_…last, fingerprint <fingerprint of other>, in the entry `by hand` (changed <minute>), which is not recorded unless you say so
    !   getimg-keys verify dev --adopt
    → 6
    $ verify dev --adopt
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    ! the store holds another key for `dev` than the recorded one: sk_…last, fingerprint <fingerprint of other>, in the entry `by hand` (changed <minute>), which is valid and was recorded
    $ env dev
    export GETIMG_API_KEY=<key of other>;
    ");
}

#[test]
fn what_something_else_stores_is_not_taken_over_before_the_api_accepts_it() {
    let home = newcomer().knows("other", Key::v2(), Behaviour::Revoked);
    home.add("dev");
    home.session.store(&home.service(), "dev", &[], &home.key("other").0);
    assert_snapshot!(home.play("
        verify dev
        env dev
    "), @"
    $ verify dev
    name  verdict                                                                                                   answered in
    dev   ✗ rejected  the API does not accept it (Incorrect API key provided. You can find yours in the settings.)  <n> ms
    ! the store holds another key for `dev` than the recorded one: sk_…last, fingerprint <fingerprint of other>, in the entry `by hand` (changed <minute>), which the API did not accept; it was not recorded
    → 4
    $ env dev
    ! error: the keychain holds another key for `dev` than the one that was added; another program changed it
    !
    ! hint: getimg-keys verify dev  # shows which key it is, and asks before adopting it
    ! hint: or delete that entry in the system's password manager, and put the recorded key back
    → 6
    ");
}

#[test]
fn in_the_platforms_folders_the_service_is_getimg_keys() {
    let home = newcomer();
    let run = |arguments: &[&str], stdin: &str| {
        finish(home.command(arguments).env_remove("GETIMG_KEYS_HOME"), stdin)
    };
    assert_eq!(run(&["add", "dev"], &home.key("dev").0).code, 0);
    assert_eq!(home.session.lookup("getimg-keys", "dev"), home.key("dev").0);
    home.session.store("getimg-keys", "dev", &[], &home.key("prod").0);
    assert_eq!(run(&["env", "dev"], "").code, 6);
    assert_eq!(run(&["verify", "dev"], "").code, 6);
    assert_eq!(run(&["verify", "dev", "--adopt"], "").code, 0);
    assert_eq!(run(&["env", "dev"], "").stdout, format!("export GETIMG_API_KEY={};\n", home.key("prod").0));
    assert!(!home.path().exists());
}

#[test]
fn two_homes_never_meet() {
    let (one, key) = (newcomer(), Key::v2());
    one.add("dev");
    let other = |arguments: &[&str], stdin: &str| {
        finish(one.command(arguments).env("GETIMG_KEYS_HOME", one.work().join("other-home")), stdin)
    };
    assert_eq!(other(&["env", "dev"], "").code, 3);
    assert_eq!(other(&["add", "dev", "--no-verify"], &key.0).code, 0);
    assert_eq!(one.run(&["env", "dev"], "").stdout, format!("export GETIMG_API_KEY={};\n", one.key("dev").0));
    assert_eq!(other(&["env", "dev"], "").stdout, format!("export GETIMG_API_KEY={};\n", key.0));
}
