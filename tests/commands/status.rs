//! `status`: the key that an SDK started here would use.

use insta::assert_snapshot;

use crate::support::{Home, Key, home::finish};

#[test]
fn nothing_is_selected() {
    assert_snapshot!(Home::new().play("
        status
        status --json
    "), @r#"
    $ status
    profile   none: there are no profiles yet
              → getimg-keys add dev
    shell     $GETIMG_API_KEY is not set
    $ status --json
    {"agent":null,"api":null,"breaches":[],"copied_at":null,"notices":[],"pushed":[],"redirects":[],"schema_version":1,"selected":null,"shell":{"holds":"nothing","profile":null,"variable":"GETIMG_API_KEY"}}
    "#);
}

#[test]
fn a_name_that_nobody_has_is_said_with_who_named_it() {
    let home = Home::with_dev_and_prod();
    let output = finish(home.command(&["status"]).env("GETIMG_KEYS_PROFILE", "staging"), "");
    assert_snapshot!(home.transcript(&output), @"
    profile   none: there is no profile `staging` (named by $GETIMG_KEYS_PROFILE)
              → getimg-keys add staging
    shell     $GETIMG_API_KEY is not set
    ");
}

#[test]
fn whose_key_the_shell_holds_is_told_by_fingerprint() {
    let home = Home::with_dev_and_prod();
    let mut seen = String::new();
    for key in [home.key("dev"), home.key("prod"), &Key::v2()] {
        let output = finish(home.command(&["status"]).env("GETIMG_API_KEY", &key.0), "");
        seen.push_str(output.stdout.lines().find(|line| line.starts_with("shell")).unwrap());
        seen.push('\n');
    }
    assert_snapshot!(seen, @"
    shell     $GETIMG_API_KEY is this key ✓
    shell     ! $GETIMG_API_KEY is the key of prod
    shell     ! $GETIMG_API_KEY is a key that is not known here
    ");
    let mut status = home.command(&["status", "--json"]);
    let output = finish(status.env("GETIMG_API_KEY", &home.key("prod").0), "");
    assert_snapshot!(home.transcript(&output), @r#"{"agent":null,"api":null,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"copied_at":null,"notices":[],"pushed":[],"redirects":[],"schema_version":1,"selected":{"because":"active","name":"dev","path":null},"shell":{"holds":"other","profile":"prod","variable":"GETIMG_API_KEY"}}"#);
}

#[test]
fn a_host_that_cannot_be_read_is_null_and_no_sentence() {
    let output = Home::with_dev_and_prod().play("GETIMG_AI_BASE_URL=nonsense status --json");
    assert!(output.contains(r#""redirects":[{"host":null,"variable":"GETIMG_AI_BASE_URL"}]"#), "{output}");
}

#[test]
fn an_api_of_this_machine_is_named_by_status_and_check() {
    let home = Home::with_dev_and_prod();
    let mut seen = String::new();
    for url in ["http://127.0.0.1:9", "https://evil.example"] {
        let told = home.play(&format!("GETIMG_KEYS_API_URL={url} status\nGETIMG_KEYS_API_URL={url} check"));
        let lines = told.lines().skip_while(|line| !line.contains("! $GETIMG_KEYS_API_URL"));
        seen.push_str(&lines.take(2).chain(["…", ""]).collect::<Vec<_>>().join("\n"));
        let of_check = told.lines().skip_while(|line| !line.contains("redirects"));
        seen.push_str(&of_check.take(3).chain([""]).collect::<Vec<_>>().join("\n"));
        let json = home.play(&format!("GETIMG_KEYS_API_URL={url} status --json"));
        let json: serde_json::Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
        seen.push_str(&format!("{}\n", json["api"]));
    }
    assert_snapshot!(seen, @r#"
    ! $GETIMG_KEYS_API_URL sends keys to 127.0.0.1, not to api.getimg.ai
      → unset GETIMG_KEYS_API_URL
    …
    ✓ redirects         no variable sends an SDK's key elsewhere
    ! api               $GETIMG_KEYS_API_URL sends keys to 127.0.0.1, not to api.getimg.ai
                        → unset GETIMG_KEYS_API_URL
    {"host":"127.0.0.1","variable":"GETIMG_KEYS_API_URL"}
    ! $GETIMG_KEYS_API_URL is not usable: only a loopback host may be named here; others belong in config.toml
      → unset GETIMG_KEYS_API_URL
    …
    ✓ redirects         no variable sends an SDK's key elsewhere
    ! api               $GETIMG_KEYS_API_URL is not usable: only a loopback host may be named here; others belong in config.toml
                        → unset GETIMG_KEYS_API_URL
    {"host":null,"variable":"GETIMG_KEYS_API_URL"}
    "#);
}

#[test]
fn what_would_send_the_key_elsewhere_is_named() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        GETIMG_AI_BASE_URL=https://evil.example/ GETIMG_AI_CUSTOM_HEADERS='Authorization: x' status
        status -p nobody
    "), @"
    $ GETIMG_AI_BASE_URL=https://evil.example/ GETIMG_AI_CUSTOM_HEADERS='Authorization: x' status
    profile   dev, the active profile
    key       sk_…last, 0 d old, rotate in 90 d
    verified  never
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    ! $GETIMG_AI_CUSTOM_HEADERS replaces the key
      → unset GETIMG_AI_CUSTOM_HEADERS
    ! $GETIMG_AI_BASE_URL sends it to evil.example
      → unset GETIMG_AI_BASE_URL
    ! the key of `dev` was never verified
      → getimg-keys verify dev
    $ status -p nobody
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys add nobody
    → 3
    ");
}

#[test]
fn it_proposes_only_what_would_work() {
    let stranger = Key::v2().0;
    let home = Home::with_dev_and_prod().with("GETIMG_API_KEY", &stranger);
    let fish = format!("fish:{}", std::process::id());
    let told = finish(home.command(&["status", "-p", "prod"]).env("GETIMG_KEYS_SHELL", fish), "").stdout;
    assert!(told.contains("→ getimg-keys env prod | source"), "{told}");
    assert_snapshot!(home.play("
        status -p prod
        compromised prod -q
        status -p prod
    "), @"
    $ status -p prod
    shell     ! $GETIMG_API_KEY is a key that is not known here
              → eval $(getimg-keys env prod)
    profile   prod, named on the command line
    key       key-…last, 0 d old, rotate in 90 d
    verified  never
    ! the key of `prod` was never verified
      → getimg-keys verify prod
    $ compromised prod -q
    $ status -p prod
    shell     ! $GETIMG_API_KEY is a key that is not known here
              → eval $(getimg-keys unset)
    profile   prod, named on the command line
    key       key-…last, 0 d old, rotate ✗ compromised
    verified  never
    ✗ the key of `prod` was declared compromised on <day>
      → getimg-keys rotate prod
    ! the key of `prod` was never verified
      → getimg-keys verify prod
    ");
}

#[test]
fn a_key_of_this_shell_that_could_be_the_first_one_is_kept_and_not_thrown_away() {
    let home = Home::new().with("GETIMG_API_KEY", &Key::v2().0);
    assert_snapshot!(home.play("
        status
        --color never
        verify --all
    "), @"
    $ status
    profile   none: there are no profiles yet
              → getimg-keys add dev --from-env GETIMG_API_KEY  # it is set here
    shell     ! $GETIMG_API_KEY is a key that is not known here
    $ --color never
    ! error: no command given
    !
    ! hint: getimg-keys add dev --from-env GETIMG_API_KEY  # it is set here
    ! hint: getimg-keys add dev  # keep a first key
    ! hint: getimg-keys status  # see what is used here
    ! hint: getimg-keys --help
    → 2
    $ verify --all
    ! there are no profiles yet; add the first one:
    !   getimg-keys add dev --from-env GETIMG_API_KEY  # it is set here
    !   getimg-keys add dev
    ");
}
