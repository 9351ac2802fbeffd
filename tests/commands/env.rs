//! `env`: text for shells and files, and what it refuses.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, home::days_ago};

#[test]
fn each_shell_and_each_format() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        env dev --shell bash
        env dev --shell zsh
        env dev --shell fish
        env dev --shell powershell
        env prod --format dotenv
        env dev --format json
        env dev --format docker
        env dev --format systemd
        env
        env dev --quiet
    "), @r#"
    $ env dev --shell bash
    export GETIMG_API_KEY=<key of dev>;
    $ env dev --shell zsh
    export GETIMG_API_KEY=<key of dev>;
    $ env dev --shell fish
    set -gx GETIMG_API_KEY '<key of dev>';
    $ env dev --shell powershell
    $env:GETIMG_API_KEY = '<key of dev>';
    $ env prod --format dotenv
    GETIMG_API_KEY="<key of prod>"
    $ env dev --format json
    {"GETIMG_API_KEY":"<key of dev>"}
    $ env dev --format docker
    GETIMG_API_KEY=<key of dev>
    $ env dev --format systemd
    GETIMG_API_KEY=<key of dev>
    $ env
    export GETIMG_API_KEY=<key of dev>;
    ! using dev, the active profile
    $ env dev --quiet
    export GETIMG_API_KEY=<key of dev>;
    "#);
}

#[test]
fn json_describes_and_holds_no_key() {
    assert_snapshot!(Home::with_dev_and_prod().play("env dev --json"), @r#"
    $ env dev --json
    {"changed":false,"notices":["the key itself: getimg-keys env dev --format json"],"profile":{"active":true,"added_at":"<time>","age_days":0,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"compromised_at":null,"fingerprint":"<fingerprint of dev>","hint":"sk_…last","issued_at":null,"kind":"v2","last_attempt":null,"name":"dev","note":null,"previous":null,"protected":false,"pushed":[],"rotate_in_days":90,"rotated_at":null,"verification":null},"schema_version":1,"variables":["GETIMG_API_KEY"]}
    "#);
}

#[test]
fn github_masks_first_and_appends_to_its_file() {
    let home = Home::with_dev_and_prod();
    let file = home.work().join("github-env");
    let home = home.with("GITHUB_ENV", file.to_str().unwrap());
    for before in ["BEFORE=1\n", "BEFORE=1"] {
        std::fs::write(&file, before).unwrap();
        let expected = "$ env dev --format github\n::add-mask::<key of dev>\n";
        assert_eq!(home.play("env dev --format github"), expected);
        let written = std::fs::read_to_string(&file).unwrap();
        assert_eq!(written, format!("BEFORE=1\nGETIMG_API_KEY={}\n", home.key("dev").0));
    }
    std::fs::write(&file, "").unwrap();
    let full = home.shell("sh", "getimg-keys env dev --format github >/dev/full");
    assert_eq!((full.code, std::fs::read_to_string(&file).unwrap().as_str()), (1, ""), "unmasked");
    assert_snapshot!(Home::with_dev_and_prod().play("env dev --format github"), @"
    $ env dev --format github
    ! error: $GITHUB_ENV is not set; this format is for a step of GitHub Actions
    !
    ! hint: getimg-keys env --format dotenv
    → 2
    ");
}

#[test]
fn no_profile_and_no_key() {
    let home = Home::with_dev_and_prod();
    home.session.clear(&home.service(), "dev");
    assert_snapshot!(home.play("
        env dev
        env dve
        env dev --shell basic
        env nobody --json
    "), @r#"
    $ env dev
    ! error: the key of `dev` is missing from the keychain: another program deleted it
    !
    ! hint: getimg-keys remove dev && getimg-keys add dev
    → 3
    $ env dve
    ! error: there is no profile `dve`
    !
    ! hint: getimg-keys list  # did you mean `dev`?
    → 3
    $ env dev --shell basic
    ! error: invalid value `basic` for --shell <SHELL>
    !
    ! hint: one of bash, zsh, sh, ksh, fish, powershell, nushell, elvish, tcsh, cmd
    → 2
    $ env nobody --json
    ! {"error":{"exit_code":3,"hints":["getimg-keys add nobody"],"kind":"not_found","message":"there is no profile `nobody`"},"schema_version":1}
    → 3
    "#);
    assert_snapshot!(Home::new().play("env"), @"
    $ env
    ! error: there are no profiles yet
    !
    ! hint: getimg-keys add dev
    → 3
    ");
}

#[test]
fn a_rejected_key_is_refused_unless_forced() {
    let home = Home::with_dev_and_prod();
    home.api.takes(home.key("dev"), Behaviour::Revoked);
    assert_snapshot!(home.play("
        verify dev
        env dev
        exec dev -- true
        env dev --force
    "), @"
    $ verify dev
    name  verdict                                                                                                   answered in
    dev   ✗ rejected  the API does not accept it (Incorrect API key provided. You can find yours in the settings.)  <n> ms
    ✗ the API rejected the key of `dev` on <day>
      → getimg-keys rotate dev
    → 4
    $ env dev
    ! error: the API rejected the key of `dev` (just now)
    !
    ! hint: getimg-keys rotate dev
    ! hint: getimg-keys verify dev
    ! hint: or, this once: --force
    → 4
    $ exec dev -- true
    ! error: the API rejected the key of `dev` (just now)
    !
    ! hint: getimg-keys rotate dev
    ! hint: getimg-keys verify dev
    ! hint: or, this once: --force
    → 4
    $ env dev --force
    export GETIMG_API_KEY=<key of dev>;
    ! warning: the API rejected the key of `dev` (just now); handed out by --force
    ");
}

#[test]
fn an_overdue_key_is_refused_where_the_policy_blocks() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let script = format!("add dev --issued {} --no-verify <dev\nenv dev", days_ago(100));
    assert_snapshot!(home.play(&script), @"
    $ add dev --issued <day> --no-verify <dev
    ! added dev to the keychain, not verified; it is the active profile
    $ env dev
    export GETIMG_API_KEY=<key of dev>;
    ");
    std::fs::write(home.path().join("config.toml"), "[policy]\noverdue = \"block\"\n").unwrap();
    assert_snapshot!(home.play("
        env dev
        env dev --force
    "), @"
    $ env dev
    ! error: the key of `dev` is overdue by 10 days, and the policy blocks it
    !
    ! hint: getimg-keys rotate dev
    ! hint: or, this once: --force
    → 6
    $ env dev --force
    export GETIMG_API_KEY=<key of dev>;
    ! warning: the key of `dev` is overdue by 10 days, and the policy blocks it; handed out by --force
    ");
}

#[test]
fn what_would_send_the_key_elsewhere_is_refused_or_said() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        GETIMG_AI_BASE_URL=https://evil.example env dev
        GETIMG_AI_BASE_URL=https://evil.example env prod
        GETIMG_AI_BASE_URL=https://api.getimg.ai.evil.example env prod
        GETIMG_AI_BASE_URL=https://api.getimg.ai env prod
        GETIMG_AI_BASE_URL=http://127.0.0.1:8080 env prod
        GETIMG_AI_CUSTOM_HEADERS='X-Team: a' env dev
        GETIMG_AI_CUSTOM_HEADERS='authorization: b' env dev
        GETIMG_AI_BASE_URL=https://evil.example GETIMG_AI_CUSTOM_HEADERS='Authorization: b' env prod --force
        GETIMG_AI_BASE_URL=nowhere env prod
    "), @r#"
    $ GETIMG_AI_BASE_URL=https://evil.example env dev
    export GETIMG_API_KEY=<key of dev>;
    ! warning: $GETIMG_AI_BASE_URL would send the key of `dev` to evil.example
    $ GETIMG_AI_BASE_URL=https://evil.example env prod
    ! error: $GETIMG_AI_BASE_URL would send the key of `prod` to evil.example
    !
    ! hint: unset GETIMG_AI_BASE_URL
    ! hint: or trust it: `[api] allowed_hosts = ["evil.example"]` in /tmp/test/home/config.toml
    ! hint: or, this once: --force
    → 6
    $ GETIMG_AI_BASE_URL=https://api.getimg.ai.evil.example env prod
    ! error: $GETIMG_AI_BASE_URL would send the key of `prod` to api.getimg.ai.evil.example
    !
    ! hint: unset GETIMG_AI_BASE_URL
    ! hint: or trust it: `[api] allowed_hosts = ["api.getimg.ai.evil.example"]` in /tmp/test/home/config.toml
    ! hint: or, this once: --force
    → 6
    $ GETIMG_AI_BASE_URL=https://api.getimg.ai env prod
    export GETIMG_API_KEY=<key of prod>;
    $ GETIMG_AI_BASE_URL=http://127.0.0.1:8080 env prod
    export GETIMG_API_KEY=<key of prod>;
    $ GETIMG_AI_CUSTOM_HEADERS='X-Team: a' env dev
    export GETIMG_API_KEY=<key of dev>;
    $ GETIMG_AI_CUSTOM_HEADERS='authorization: b' env dev
    ! error: $GETIMG_AI_CUSTOM_HEADERS has an Authorization line, which would replace the key of `dev`
    !
    ! hint: unset GETIMG_AI_CUSTOM_HEADERS
    ! hint: or, this once: --force
    → 6
    $ GETIMG_AI_BASE_URL=https://evil.example GETIMG_AI_CUSTOM_HEADERS='Authorization: b' env prod --force
    export GETIMG_API_KEY=<key of prod>;
    ! warning: $GETIMG_AI_CUSTOM_HEADERS has an Authorization line, which would replace the key of `prod`; handed out by --force
    ! warning: $GETIMG_AI_BASE_URL would send the key of `prod` to evil.example; handed out by --force
    $ GETIMG_AI_BASE_URL=nowhere env prod
    ! error: $GETIMG_AI_BASE_URL would send the key of `prod` to an address that cannot be read
    !
    ! hint: unset GETIMG_AI_BASE_URL
    ! hint: or, this once: --force
    → 6
    "#);
}

#[test]
fn the_apis_address_may_only_be_this_machine() {
    assert_snapshot!(Home::with_dev_and_prod().play("
        GETIMG_KEYS_API_URL=https://evil.example verify dev
        GETIMG_KEYS_API_URL=http://localhost.evil.example verify dev
        GETIMG_KEYS_HOME=here list
    "), @r#"
    $ GETIMG_KEYS_API_URL=https://evil.example verify dev
    ! error: $GETIMG_KEYS_API_URL is not usable: only a loopback host may be named here; others belong in config.toml
    !
    ! hint: put another host into /tmp/test/home/config.toml as `[api] url`
    → 2
    $ GETIMG_KEYS_API_URL=http://localhost.evil.example verify dev
    ! error: $GETIMG_KEYS_API_URL is not usable: only a loopback host may be named here; others belong in config.toml
    !
    ! hint: put another host into /tmp/test/home/config.toml as `[api] url`
    → 2
    $ GETIMG_KEYS_HOME=here list
    ! error: $GETIMG_KEYS_HOME is relative; it must be an absolute path
    !
    ! hint: export GETIMG_KEYS_HOME="$PWD/…"
    → 2
    "#);
}

#[test]
fn a_hint_keeps_to_the_store_that_was_chosen_for_the_command() {
    let home = Home::with_dev_and_prod();
    home.api.takes(home.key("dev"), Behaviour::Revoked);
    let secret = home.key("dev").0.clone();
    let home = home.with("GETIMG_API_KEY_DEV", &secret);
    home.run(&["verify", "dev"], "");
    assert_snapshot!(home.play("env dev --store env"), @"
    $ env dev --store env
    ! error: the API rejected the key of `dev` (just now)
    !
    ! hint: getimg-keys rotate dev
    ! hint: getimg-keys --store env verify dev
    ! hint: or, this once: --force
    → 4
    ");
}
