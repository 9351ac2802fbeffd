//! The hidden prompt and the other questions, on a real terminal (Python's `pty`).

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, home::finish};

/// Runs a command on a terminal and answers its first question.
pub fn at_a_terminal(home: &Home, answer: &str, arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/terminal.py");
    let mut python = home.program("python3");
    python
        .args([script, "30", answer, env!("CARGO_BIN_EXE_getimg-keys")])
        .args(arguments)
        .env("TERM", "dumb");
    let output = finish(&mut python, "");
    assert_eq!(output.code, 0, "python3 is needed: {}", output.stderr);
    home.transcript(&output).lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn home() -> Home {
    Home::new().knows("dev", Key::v2(), Behaviour::Valid)
}

#[test]
fn a_key_is_asked_for_without_being_shown() {
    let home = home();
    let key = home.key("dev").0.clone();
    assert_snapshot!(at_a_terminal(&home, &key, &["add", "dev", "--no-verify"]), @"
    keys are created at https://getimg.ai/app/developer/api-keys
    Key for dev (hidden):
    added dev to the keychain, not verified; it is the active profile

    -- echo off at the prompt: True
    -- terminal as it was: True
    -- ended by exit 0
    ");
    assert_eq!(home.session.lookup(&home.service(), "dev"), key);
}

#[test]
fn with_stdin_too_it_is_not_shown() {
    let home = home();
    let seen = at_a_terminal(&home, &home.key("dev").0, &["add", "dev", "--stdin", "--no-verify"]);
    assert!(seen.contains("Key for dev (hidden):\nadded dev to the keychain"), "{seen}");
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn an_empty_line_is_an_empty_key() {
    assert_snapshot!(at_a_terminal(&home(), "\n", &["add", "dev"]), @"
    keys are created at https://getimg.ai/app/developer/api-keys
    Key for dev (hidden):
    error: the key is empty

    hint: getimg-keys add dev --stdin < FILE

    -- echo off at the prompt: True
    -- terminal as it was: True
    -- ended by exit 2
    ");
}

#[test]
fn ctrl_c_gives_the_terminal_back_and_changes_nothing() {
    let home = home();
    assert_snapshot!(at_a_terminal(&home, "^C", &["add", "dev"]), @"
    keys are created at https://getimg.ai/app/developer/api-keys
    Key for dev (hidden):
    error: cancelled; nothing was changed

    -- echo off at the prompt: True
    -- terminal as it was: True
    -- ended by exit 9
    ");
    assert_eq!(home.profiles_file(), b"");
}

#[test]
fn another_deadly_signal_gives_the_terminal_back_too() {
    for (signal, number) in [("TERM", 15), ("HUP", 1)] {
        let seen = at_a_terminal(&home(), signal, &["add", "dev"]);
        assert!(seen.contains("-- terminal as it was: True"), "{seen}");
        assert!(seen.contains(&format!("-- ended by signal {number}")), "{seen}");
    }
}

#[test]
fn a_protected_profile_wants_its_name_typed() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(at_a_terminal(&home, "yes", &["use", "prod"]), @"
    `prod` is protected, and every shell without a pin will use it. Type `prod` to go on: yes
    error: cancelled; nothing was changed

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 9
    ");
    assert_snapshot!(home.play("current"), @"
    $ current
    dev
    ");
    assert_snapshot!(at_a_terminal(&home, "prod", &["use", "prod"]), @"
    `prod` is protected, and every shell without a pin will use it. Type `prod` to go on: prod
    prod is the active profile now

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 0
    ");
    assert_snapshot!(at_a_terminal(&home, "^C", &["remove", "prod"]), @"
    `prod` is protected, and removing it deletes its key. Type `prod` to go on: ^C
    error: cancelled; nothing was changed

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 9
    ");
}

#[test]
fn use_alone_picks_from_a_list() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(at_a_terminal(&home, "1", &["use"]), @"
    *  1  dev  sk_…last
       2  prod  key-…last
    Number or name: 1
    dev is already the active profile

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 0
    ");
}

#[test]
fn a_key_is_masked_at_a_terminal_unless_it_is_to_be_revealed() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(at_a_terminal(&home, "", &["env", "dev"]), @"
    warning: the key of `dev` was never verified: getimg-keys verify dev
    the key is masked because this is a terminal; to use it:
      eval $(getimg-keys env dev)
    to see it: --reveal
    export GETIMG_API_KEY='sk_…last';

    -- echo off at the prompt: None
    -- terminal as it was: True
    -- ended by exit 0
    ");
    let powershell = at_a_terminal(&home, "", &["env", "dev", "--shell", "powershell"]);
    let mask = home.key("dev").hint().replace('…', "...");
    assert!(powershell.contains(&format!("\n$env:GETIMG_API_KEY = '{mask}';\n")), "{powershell}");
    let by_flag = at_a_terminal(&home, "", &["-p", "prod", "env"]);
    assert!(by_flag.contains("  eval $(getimg-keys env prod)\n"), "{by_flag}");
    assert_snapshot!(at_a_terminal(&home, "", &["env", "dev", "--reveal"]), @"
    export GETIMG_API_KEY=<key of dev>;

    -- echo off at the prompt: None
    -- terminal as it was: True
    -- ended by exit 0
    ");
    let home = home.with("CLAUDECODE", "1");
    let in_agent = at_a_terminal(&home, "", &["env", "dev", "--reveal"]);
    assert!(in_agent.contains("ended by exit 6") && !in_agent.contains("<key of dev>"), "{in_agent}");
    assert!(at_a_terminal(&home, "", &["env", "dev"]).contains("'sk_…last'"));
}

#[test]
fn a_file_gets_the_key_that_the_terminal_does_not_show() {
    let home = Home::with_dev_and_prod();
    let file = home.work().join("github-env");
    let home = home.with("GITHUB_ENV", file.to_str().unwrap());
    let seen = at_a_terminal(&home, "", &["env", "dev", "--format", "github", "--quiet"]);
    assert!(seen.starts_with("::add-mask::sk_…last\n"), "{seen}");
    let expected = format!("GETIMG_API_KEY={}\n", home.key("dev").0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
}

#[test]
fn without_input_nothing_is_asked() {
    assert_snapshot!(at_a_terminal(&home(), "", &["add", "dev", "--no-input"]), @"
    error: cannot prompt for the key: --no-input forbids prompts

    hint: getimg-keys add dev --stdin < FILE

    -- echo off at the prompt: None
    -- terminal as it was: True
    -- ended by exit 2
    ");
}

#[test]
fn ctrl_z_gives_the_shell_its_echo_and_fg_hides_again() {
    let home = home();
    let key = home.key("dev").0.clone();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/stopped.py");
    let mut python = home.program("python3");
    python.args([script, &key, env!("CARGO_BIN_EXE_getimg-keys"), "add", "dev", "--no-verify"]);
    let output = finish(python.env("TERM", "dumb"), "");
    assert_eq!(output.stderr, "");
    assert_snapshot!(output.stdout, @"
    echo in the shell: True
    echo after fg: False
    key shown: False
    echo at the end: True
    ");
    assert_eq!(home.session.lookup(&home.service(), "dev"), key);
}

#[test]
fn an_import_shows_its_proposals_and_asks_once() {
    let home = home();
    let file = home.work().join(".env");
    std::fs::write(&file, format!("A=1\nGETIMG_API_KEY={}\n", home.key("dev").0)).unwrap();
    assert_snapshot!(at_a_terminal(&home, "n", &["import", "--no-verify"]), @"
    line  variable        profile  key       import
    2     GETIMG_API_KEY  dev      sk_…last  would be added as dev
    Add these keys to the keychain? [y/N] n
    error: cancelled; nothing was changed

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 9
    ");
    assert_eq!(home.profiles_file(), b"");
    assert_snapshot!(at_a_terminal(&home, "y", &["import", "--no-verify", "--clean"]), @r"
    line  variable        profile  key       import
    2     GETIMG_API_KEY  dev      sk_…last  would be added as dev
    Add these keys to the keychain, and delete their lines from .env? [y/N] y
    .env:2 GETIMG_API_KEY: added dev to the keychain, not verified; it is the active profile
    deleted: .env:2; the rest of .env is unchanged
    before you commit, ignore .env: printf '\n%s\n' .env >> .gitignore

    -- echo off at the prompt: False
    -- terminal as it was: True
    -- ended by exit 0
    ");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "A=1\n");
}
