//! A repository's pin may come from anybody: it can select a profile and add restrictions, nothing else.

use std::fs;

use insta::assert_snapshot;

use crate::support::{Home, home::finish};

fn pinned(text: &str) -> Home {
    let home = Home::with_dev_and_prod();
    fs::write(home.work().join(".getimg-keys.toml"), text).unwrap();
    home
}

#[test]
fn it_may_name_an_unprotected_profile() {
    assert_snapshot!(pinned("profile = \"dev\"\n").play("
        env
        current --json
        GETIMG_KEYS_PROFILE=prod current
        current -p prod
    "), @r#"
    $ env
    export GETIMG_API_KEY=<key of dev>;
    ! using dev, pinned by /tmp/test/work/.getimg-keys.toml
    $ current --json
    {"because":"pin","broken":false,"copied_at":null,"name":"dev","notices":[],"path":"/tmp/test/work/.getimg-keys.toml","schema_version":1}
    $ GETIMG_KEYS_PROFILE=prod current
    prod
    $ current -p prod
    prod
    "#);
}

#[test]
fn a_protected_profile_counts_only_once_it_is_allowed() {
    assert_snapshot!(pinned("profile = \"prod\"\n").play("
        env
        exec -- true
        current
        status
        verify
        env dev
        list
    "), @"
    $ env
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
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
    $ status
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
    $ verify
    ! error: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    !
    ! hint: getimg-keys allow
    ! hint: or name a profile: --profile prod
    → 6
    $ env dev
    export GETIMG_API_KEY=<key of dev>;
    $ list
    name  key        age  verified  rotate
    dev   sk_…last   0 d  never     in 90 d
    prod  key-…last  0 d  never     in 90 d

    none is marked: /tmp/test/work/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it
    ");
}

#[test]
fn only_the_permitted_profiles_may_be_used_below_it() {
    assert_snapshot!(pinned("profile = \"dev\"\nallow = [\"dev\"]\n").play("
        env dev
        env prod
        exec prod -- true
    "), @"
    $ env dev
    export GETIMG_API_KEY=<key of dev>;
    $ env prod
    ! error: `prod` may not be used here: /tmp/test/work/.getimg-keys.toml allows dev only
    !
    ! hint: or name one that is allowed: --profile dev
    → 6
    $ exec prod -- true
    ! error: `prod` may not be used here: /tmp/test/work/.getimg-keys.toml allows dev only
    !
    ! hint: or name one that is allowed: --profile dev
    → 6
    ");
}

#[test]
fn a_key_that_it_permits_instead_of_a_name_is_not_repeated() {
    let key = format!("sk_{}", "a1b2c3d4e5".repeat(4));
    let home = pinned(&format!("allow = [\"{key}\", \"ci\"]\n"));
    for command in [&["env", "dev"][..], &["check"], &["status"]] {
        let ran = home.run(command, "");
        let said = ran.stdout + &ran.stderr;
        assert!(!said.contains(&key), "{command:?}: {said}");
    }
    let said = home.run(&["env", "dev"], "").stderr;
    assert!(said.contains(".getimg-keys.toml allows …, ci only"), "{said}");
}

#[test]
fn it_names_no_address_and_loosens_nothing() {
    let home = pinned(
        "profile = \"dev\"\nurl = \"https://evil.example\"\n[policy]\nmax_age_days = 9999\n[api]\nurl = \"https://evil.example\"\n",
    );
    assert_snapshot!(home.play("
        status
        verify
        list
    "), @"
    $ status
    profile   dev, pinned by /tmp/test/work/.getimg-keys.toml
    key       sk_…last, 0 d old, rotate in 90 d
    verified  never
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    ! the key of `dev` was never verified
      → getimg-keys verify dev
    ! ignored, because a pin cannot set it: api, url
    $ verify
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    ! using dev, pinned by /tmp/test/work/.getimg-keys.toml
    $ list
       name  key        age  verified          rotate
    *  dev   sk_…last   0 d  ✓ valid just now  in 90 d
       prod  key-…last  0 d  never             in 90 d

    * dev: pinned by /tmp/test/work/.getimg-keys.toml
    ");
    assert!(!home.api.seen().is_empty());
}

#[test]
fn one_that_cannot_be_understood_stops_what_needs_a_selection() {
    assert_snapshot!(pinned("profile = \"dev\nallow = 3").play("
        env
        current
        list
    "), @r#"
    $ env
    ! error: /tmp/test/work/.getimg-keys.toml, line 1: invalid basic string, expected `"`
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    $ current
    ! error: /tmp/test/work/.getimg-keys.toml, line 1: invalid basic string, expected `"`
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    $ list
    ! error: /tmp/test/work/.getimg-keys.toml, line 1: invalid basic string, expected `"`
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    "#);
}

#[test]
fn a_folder_named_to_break_a_terminal_is_shown_harmlessly() {
    let home = Home::with_dev_and_prod();
    let folder = home.work().join("a\u{1b}]52;c;eA==\u{7}$(touch evil)\nb");
    fs::create_dir(&folder).unwrap();
    let pin = "profile = \"dev\"\n\"\\u001b]52;c;eA==\\u0007\\nforged\" = 1\n";
    fs::write(folder.join(".getimg-keys.toml"), pin).unwrap();
    let mut seen = String::new();
    for arguments in [&["env"][..], &["status"], &["status", "--json"], &["current", "--json"], &["list"]] {
        let output = finish(home.command(arguments).current_dir(&folder), "");
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(!said.contains(['\u{1b}', '\u{7}']), "{said}");
        seen.push_str(&home.transcript(&output));
    }
    assert_snapshot!(seen, @r#"
    export GETIMG_API_KEY=<key of dev>;
    ! using dev, pinned by /tmp/test/work/a\u{1b}]52;c;eA==\u{7}$(touch evil)\nb/.getimg-keys.toml
    profile   dev, pinned by /tmp/test/work/a\u{1b}]52;c;eA==\u{7}$(touch evil)\nb/.getimg-keys.toml
    key       sk_…last, 0 d old, rotate in 90 d
    verified  never
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    ! the key of `dev` was never verified
      → getimg-keys verify dev
    ! ignored, because a pin cannot set it: \u{1b}]52;c;eA==\u{7}\nforged
    {"agent":null,"api":null,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"copied_at":null,"notices":[],"pushed":[],"redirects":[],"schema_version":1,"selected":{"because":"pin","name":"dev","path":"/tmp/test/work/a\\u{1b}]52;c;eA==\\u{7}$(touch evil)\nb/.getimg-keys.toml"},"shell":{"holds":"nothing","profile":null,"variable":"GETIMG_API_KEY"}}
    {"because":"pin","broken":false,"copied_at":null,"name":"dev","notices":[],"path":"/tmp/test/work/a\\u{1b}]52;c;eA==\\u{7}$(touch evil)\nb/.getimg-keys.toml","schema_version":1}
       name  key        age  verified  rotate
    *  dev   sk_…last   0 d  never     in 90 d
       prod  key-…last  0 d  never     in 90 d

    * dev: pinned by /tmp/test/work/a\u{1b}]52;c;eA==\u{7}$(touch evil)\nb/.getimg-keys.toml
    "#);
    assert!(!folder.join("evil").exists());
}

#[test]
fn no_text_from_outside_passes_for_a_line_of_ours() {
    let home = Home::with_dev_and_prod();
    let folder = home.work().join("a\nhint: b");
    fs::create_dir(&folder).unwrap();
    let run = |arguments: &[&str]| home.transcript(&finish(home.command(arguments).current_dir(&folder), ""));
    let seen = [run(&["exec", "dev", "--", "c\nhint: d"]), run(&["import", "e\nf"])].concat();
    fs::write(folder.join(".getimg-keys.toml"), "profile = 1\n").unwrap();
    assert_snapshot!(seen + &run(&["current"]), @r#"
    ! error: c\nhint: d: not found (no such file or directory)
    !
    ! hint: command -v "$(printf 'c\012hint\072\040d')"
    → 127
    ! error: there is no file e\nf
    !
    ! hint: getimg-keys import FILE  # the dotenv file that holds the keys
    → 2
    ! error: /tmp/test/work/a\nhint: b/.getimg-keys.toml, line 1: invalid type: integer `1`, expected a string
    !
    ! hint: $EDITOR "$(printf '/tmp/test/work/a\012hint\072\040b/.getimg-keys.toml')"
    → 1
    "#);
}

#[test]
fn an_empty_list_of_profiles_permits_none() {
    assert_snapshot!(pinned("allow = []\n").play("env"), @"
    $ env
    ! error: `dev` may not be used here: /tmp/test/work/.getimg-keys.toml allows no profile
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 6
    ");
}

#[test]
fn what_a_pin_may_not_say_is_named_by_doctor() {
    let home = pinned("profile = 'dev'\nurl = 'x'\n");
    let said = home.run(&["doctor", "--json"], "").stdout;
    let expected = r#"{"hint":"$EDITOR /tmp/test/work/.getimg-keys.toml","id":"pin","message":"ignored, because a pin cannot set it: url","outcome":"warn"}"#;
    let expected = expected.replace("/tmp/test/work", home.work().to_str().unwrap());
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn a_misspelt_key_of_a_pin_ends_what_needs_a_selection() {
    assert_snapshot!(pinned("profil = 'prod'\n").play("env\nexec -- true\ncurrent"), @"
    $ env
    ! error: /tmp/test/work/.getimg-keys.toml: unknown key `profil`; did you mean `profile`?
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    $ exec -- true
    ! error: /tmp/test/work/.getimg-keys.toml: unknown key `profil`; did you mean `profile`?
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    $ current
    ! error: /tmp/test/work/.getimg-keys.toml: unknown key `profil`; did you mean `profile`?
    !
    ! hint: $EDITOR /tmp/test/work/.getimg-keys.toml
    → 1
    ");
}
