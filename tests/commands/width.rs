//! How lines wrap: between words, at the terminal's width, or at 80 columns without a terminal.

use clap::Command;

use crate::support::{Behaviour, Home, Key};

/// The help of all commands in one text.
fn helps(home: &Home, columns: &str) -> Vec<(String, String)> {
    let mut topics = vec![vec!["help".to_owned()]];
    below(&getimg_keys::cli::command(), &["help".to_owned()], &mut topics);
    let help = |topic: Vec<String>| {
        let words: Vec<_> = topic.iter().map(String::as_str).collect();
        let output =
            home.program(env!("CARGO_BIN_EXE_getimg-keys")).env("COLUMNS", columns).args(&words).output();
        (words.join(" "), String::from_utf8(output.unwrap().stdout).unwrap())
    };
    topics.into_iter().map(help).collect()
}

fn below(command: &Command, before: &[String], topics: &mut Vec<Vec<String>>) {
    for one in command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help") {
        let topic = [before, &[one.get_name().to_owned()]].concat();
        topics.push(topic.clone());
        below(one, &topic, topics);
    }
}

#[test]
fn no_line_of_any_help_is_wider_than_80_columns_nor_than_a_narrower_terminal() {
    let home = Home::within(crate::support::Session::without_bus());
    for columns in ["80", ""] {
        for (topic, help) in helps(&home, columns) {
            assert!(help.lines().count() > 5, "{topic}");
            let wide: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
            assert_eq!(wide, [""; 0], "{topic}");
        }
    }
    for (topic, help) in helps(&home, "60") {
        // Commands are not split.
        let prose = help.lines().filter(|line| !line.contains("getimg-keys") && !line.contains("/"));
        let wide: Vec<_> = prose.filter(|line| line.chars().count() > 60).collect();
        assert_eq!(wide, [""; 0], "{topic}");
    }
}

#[test]
fn an_error_and_a_notice_break_between_words_and_a_command_does_not() {
    let home = Home::new().with("COLUMNS", "").knows("dev", Key::v2(), Behaviour::Valid);
    insta::assert_snapshot!(home.play("
        add dev --no-verify <dev
        add prod --no-verify <dev
        rename dev a-name-that-is-as-long-as-a-sentence-and-goes-on-and-on
        store migrate --to keychain
        add dev --no-verify
        unlock
        exec dev npm start --with --many --flags --and --words --so --that --it --is --a --long --line
    "), @"
    $ add dev --no-verify <dev
    ! added dev to the keychain, not verified; it is the active profile
    $ add prod --no-verify <dev
    ! error: this key is already the key of `dev`, since <day>
    !
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use dev
    → 6
    $ rename dev a-name-that-is-as-long-as-a-sentence-and-goes-on-and-on
    ! renamed dev to a-name-that-is-as-long-as-a-sentence-and-goes-on-and-on
    $ store migrate --to keychain
    ! the keys are already in the keychain
    $ add dev --no-verify
    ! error: the key is empty
    !
    ! hint: getimg-keys add dev --stdin < FILE
    → 2
    $ unlock
    ! error: the keys are in the keychain; only encrypted files are unlocked and
    !   locked here
    !
    ! hint: getimg-keys store status
    → 2
    $ exec dev npm start --with --many --flags --and --words --so --that --it --is --a --long --line
    ! error: the program to run comes after `--`
    !
    ! hint: getimg-keys exec -- dev npm start --with --many --flags --and --words --so --that --it --is --a --long --line
    → 2
    ");
}
