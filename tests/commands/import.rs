//! `import`: the keys of a dotenv file become profiles; each is checked as by `add`.

mod clean;
mod files;

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Behaviour, Home, Key, Session};

fn home() -> Home {
    let home =
        Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("prod", Key::v1(), Behaviour::Valid);
    home.knows("bad", Key::v2(), Behaviour::Revoked).knows("odd", Key::v2(), Behaviour::Html)
}

/// Writes a file in which `<NAME>` is replaced by that key.
fn write(home: &Home, file: &str, text: &str) {
    let names = ["dev", "prod", "bad", "odd"];
    let text = names
        .iter()
        .fold(text.to_owned(), |text, name| text.replace(&format!("<{name}>"), &home.key(name).0));
    fs::write(home.work().join(file), text).unwrap();
}

#[test]
fn two_dotenv_files_become_two_profiles_and_the_advice_is_kept_in_the_end() {
    let home = home();
    home.git(&["init", "-q"]);
    write(&home, ".env", "# local\nDEBUG=1\nexport GETIMG_API_KEY=\"<dev>\"  # mine\n");
    write(&home, ".env.production", "GETIMG_API_KEY=<prod>\n");
    assert_snapshot!(home.play("
        import --dry-run
        import
        import .env.production
        list
        import
        exec prod -- sh -c 'echo $GETIMG_API_KEY'
    "), @r"
    $ import --dry-run
    line  variable        profile  key       import
    3     GETIMG_API_KEY  dev      sk_…last  would be added as dev
    $ import
    ! .env:3 GETIMG_API_KEY: added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    ! delete now: .env:3  # or: getimg-keys import .env --clean
    ! git does not ignore .env: printf '\n%s\n' .env >> .gitignore
    $ import .env.production
    ! .env.production:1 GETIMG_API_KEY: added prod to the keychain, verified, balance 12.50 USD
    ! `prod` is protected by its name; to take that back: getimg-keys unprotect prod
    ! delete now: .env.production:1  # or: getimg-keys import .env.production --clean
    ! git does not ignore .env.production: printf '\n%s\n' .env.production >> .gitignore
    $ list
       name  key        age  verified          rotate
    *  dev   sk_…last   0 d  ✓ valid just now  in 90 d
       prod  key-…last  0 d  ✓ valid just now  in 90 d

    * dev: the active profile
    $ import
    ! .env:3 GETIMG_API_KEY: dev already has this key
    ! delete now: .env:3  # or: getimg-keys import .env --clean
    ! git does not ignore .env: printf '\n%s\n' .env >> .gitignore
    $ exec prod -- sh -c 'echo $GETIMG_API_KEY'
    <key of prod>
    ");
    assert_eq!(
        home.shell("sh", "eval $(getimg-keys env dev) && echo $GETIMG_API_KEY").stdout.trim(),
        home.key("dev").0
    );
    fs::write(home.work().join(".gitignore"), ".env*\n").unwrap();
    assert_eq!(home.run(&["check"], "").code, 0);
}

#[test]
fn each_variable_is_judged_by_itself_and_the_gravest_decides() {
    let home = home();
    home.add("prod");
    write(
        &home,
        ".env",
        "GETIMG_API_KEY=<dev>
GETIMG_API_KEY_STAGING=<dev>
GETIMG_API_KEY_CI_EU=<prod>
GETIMG_API_KEY_PROD=<prod>
GETIMG_API_KEY_LIVE=<bad>
GETIMG_API_KEY_TEST=<odd>
GETIMG_API_KEY_PRODUCTION=<odd>
GETIMG_API_KEY_A=
GETIMG_API_KEY_B=sk_your_key_here
GETIMG_API_KEY_C=${GETIMG_API_KEY}
GETIMG_API_KEY_D=sk_short1
GETIMG_API_KEY_E=two words
X='
GETIMG_API_KEY_F=<dev>
",
    );
    assert_snapshot!(home.play("
        import --dry-run
        import
        log
    "), @r"
    $ import --dry-run
    line  variable                   profile  key        import
    1     GETIMG_API_KEY             dev      sk_…last   would be added as dev
    2     GETIMG_API_KEY_STAGING     staging  sk_…last   refused: line 1 has the same key
    3     GETIMG_API_KEY_CI_EU       ci-eu    key-…last  refused: this key is already the key of `prod`, since <day>
    4     GETIMG_API_KEY_PROD        prod     key-…last  prod already has this key
    5     GETIMG_API_KEY_LIVE        live     sk_…last   refused: the API rejected this key for `live`, and it was not stored: Incorrect API key provided. You can find yours in the settings.
    6     GETIMG_API_KEY_TEST        test     sk_…last   would be added as test
    7     GETIMG_API_KEY_PRODUCTION  prod     sk_…last   refused: line 6 has the same key
    8     GETIMG_API_KEY_A           a                   skipped: it is empty
    9     GETIMG_API_KEY_B           b                   skipped: it is a placeholder
    10    GETIMG_API_KEY_C           c                   skipped: it refers to another variable
    11    GETIMG_API_KEY_D           d                   refused: the key has 9 characters; one has at least 16
    12    GETIMG_API_KEY_E           e                   refused: the line cannot be read: quotes or spaces are out of place
    14    GETIMG_API_KEY_F           f        sk_…last   refused: line 1 has the same key
    ! warning: the key could not be checked (unexpected_body: the answer is not one the API documents)
    → 4
    $ import
    ! .env:1 GETIMG_API_KEY: added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    ! .env:2 GETIMG_API_KEY_STAGING: not added: this key is already the key of `dev`, since <day>
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use dev
    ! .env:3 GETIMG_API_KEY_CI_EU: not added: this key is already the key of `prod`, since <day>
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use prod
    ! .env:4 GETIMG_API_KEY_PROD: prod already has this key
    ! .env:5 GETIMG_API_KEY_LIVE: not added: the API rejected this key for `live`, and it was not stored: Incorrect API key provided. You can find yours in the settings.
    ! hint: copy it again, or create one, at https://getimg.ai/app/developer/api-keys
    ! warning: the key could not be checked (unexpected_body: the answer is not one the API documents)
    ! try again later: getimg-keys verify test
    ! .env:6 GETIMG_API_KEY_TEST: added test to the keychain, not verified yet
    ! .env:7 GETIMG_API_KEY_PRODUCTION: not added: this key is already the key of `test`, since <day>
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use test
    ! .env:8 GETIMG_API_KEY_A: skipped: it is empty
    ! .env:9 GETIMG_API_KEY_B: skipped: it is a placeholder
    ! .env:10 GETIMG_API_KEY_C: skipped: it refers to another variable
    ! .env:11 GETIMG_API_KEY_D: not added: the key has 9 characters; one has at least 16
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    ! .env:12 GETIMG_API_KEY_E: not added: the line cannot be read: quotes or spaces are out of place
    ! .env:14 GETIMG_API_KEY_F: not added: this key is already the key of `dev`, since <day>
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use dev
    ! delete now: .env:1, .env:4, .env:6  # or: getimg-keys import .env --clean
    ! before you commit, ignore .env: printf '\n%s\n' .env >> .gitignore
    → 4
    $ log
    when      event   profile  directory
    just now  add     prod     /tmp/test/work
    just now  import  dev      /tmp/test/work
    just now  import  test     /tmp/test/work
    ");
    let run = home.run(&["import", "--json"], "");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (run.code, json["imports"].as_array().unwrap().len(), &json["changed"]),
        (4, 13, &Value::Bool(false))
    );
    assert_eq!(home.session.lookup(&home.service(), "live"), "");
}

#[test]
fn the_answer_for_scripts_has_masks_and_no_key() {
    let home = home();
    write(&home, ".env", "GETIMG_API_KEY=<dev>\nPROD_GETIMG_API_KEY=changeme\n");
    assert_snapshot!(home.play("
        import --json --dry-run --no-verify
        import --json --no-verify
        import --json
    "), @r#"
    $ import --json --dry-run --no-verify
    {"changed":false,"cleaned":false,"file":".env","imports":[{"cleaned":false,"hint":"sk_…last","hints":[],"kind":null,"last_line":1,"line":1,"message":null,"outcome":"proposed","profile":"dev","reason":null,"variable":"GETIMG_API_KEY"},{"cleaned":false,"hint":null,"hints":[],"kind":null,"last_line":2,"line":2,"message":"it is a placeholder","outcome":"skipped","profile":"prod","reason":"placeholder","variable":"PROD_GETIMG_API_KEY"}],"notices":[],"schema_version":1}
    $ import --json --no-verify
    {"changed":true,"cleaned":false,"file":".env","imports":[{"cleaned":false,"hint":"sk_…last","hints":[],"kind":null,"last_line":1,"line":1,"message":null,"outcome":"added","profile":"dev","reason":null,"variable":"GETIMG_API_KEY"},{"cleaned":false,"hint":null,"hints":[],"kind":null,"last_line":2,"line":2,"message":"it is a placeholder","outcome":"skipped","profile":"prod","reason":"placeholder","variable":"PROD_GETIMG_API_KEY"}],"notices":[".env:1 GETIMG_API_KEY: added dev to the keychain, not verified; it is the active profile",".env:2 PROD_GETIMG_API_KEY: skipped: it is a placeholder","delete now: .env:1  # or: getimg-keys import .env --clean","before you commit, ignore .env: printf '\\n%s\\n' .env >> .gitignore"],"schema_version":1}
    $ import --json
    {"changed":false,"cleaned":false,"file":".env","imports":[{"cleaned":false,"hint":"sk_…last","hints":[],"kind":null,"last_line":1,"line":1,"message":null,"outcome":"already_there","profile":"dev","reason":null,"variable":"GETIMG_API_KEY"},{"cleaned":false,"hint":null,"hints":[],"kind":null,"last_line":2,"line":2,"message":"it is a placeholder","outcome":"skipped","profile":"prod","reason":"placeholder","variable":"PROD_GETIMG_API_KEY"}],"notices":[".env:1 GETIMG_API_KEY: dev already has this key",".env:2 PROD_GETIMG_API_KEY: skipped: it is a placeholder","delete now: .env:1  # or: getimg-keys import .env --clean","before you commit, ignore .env: printf '\\n%s\\n' .env >> .gitignore"],"schema_version":1}
    "#);
    assert!(home.api.seen().is_empty());
}

#[test]
fn keys_that_git_has_want_to_be_replaced() {
    let home = home();
    home.git(&["init", "-q"]);
    write(&home, ".env", "GETIMG_API_KEY=<dev>\n");
    home.git(&["add", ".env"]);
    home.git(&["commit", "-qm", "x"]);
    assert_snapshot!(home.play("import --no-verify"), @r"
    $ import --no-verify
    ! .env:1 GETIMG_API_KEY: added dev to the keychain, not verified; it is the active profile
    ! delete now: .env:1  # or: getimg-keys import .env --clean
    ! git does not ignore .env: printf '\n%s\n' .env >> .gitignore
    ! git has .env: git rm --cached .env
    ! its history may have the keys: getimg-keys scan --history, and if it does getimg-keys rotate dev
    ");
}

#[test]
fn a_dry_run_ends_as_the_import_does_and_stores_nothing() {
    let file = "GETIMG_API_KEY_TEST=<dev>\n";
    for (more, code) in [
        ("", 0),
        ("GETIMG_API_KEY_BAD=<bad>\n", 4),
        ("GETIMG_API_KEY_TWO=<dev>\n", 6),
        ("GETIMG_API_KEY_D=sk_short1\n", 2),
        ("GETIMG_API_KEY_BAD=<bad>\nGETIMG_API_KEY_TWO=<dev>\n", 4),
    ] {
        let home = home();
        write(&home, ".env", &format!("{file}{more}"));
        let dry = home.run(&["import", "--dry-run"], "");
        assert_eq!(dry.code, code, "{more}{dry:?}");
        assert!(!dry.stdout.contains("already the key of"), "{dry:?}");
        assert_eq!(home.session.lookup(&home.service(), "test"), "");
        assert_eq!(home.run(&["import"], "").code, code, "{more}");
    }
}

#[test]
fn a_dry_run_says_that_there_is_no_store_as_the_import_does() {
    let home = Home::within(Session::without_bus()).knows("dev", Key::v2(), Behaviour::Valid);
    fs::write(home.work().join(".env"), format!("GETIMG_API_KEY={}\n", home.key("dev").0)).unwrap();
    let dry = home.run(&["import", "--dry-run", "--no-verify"], "");
    assert_eq!(dry.code, 7, "{dry:?}");
    assert!(dry.stdout.contains("refused: there is no D-Bus session"), "{dry:?}");
    assert!(dry.stderr.contains("import .env --dry-run --no-verify --store file"), "{dry:?}");
}

#[test]
fn where_git_does_not_answer_nothing_is_said_of_what_it_has() {
    let home = home().with("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    home.git(&["init", "-q"]);
    write(&home, ".env", "GETIMG_API_KEY=<dev>\n");
    home.git(&["add", ".env"]);
    let said = home.run(&["import", "--no-verify"], "").stderr;
    assert!(said.contains("whether git ignores or has .env is not known: git: "), "{said}");
    assert!(said.contains("\n  git config --global --add safe.directory"), "{said}");
    assert!(!said.contains("before you commit"), "{said}");
}
