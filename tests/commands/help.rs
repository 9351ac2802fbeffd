//! `help`: the commands and the exit codes.

use insta::assert_snapshot;

use getimg_keys::cli::help::Group;

use crate::support::{Home, Session, command_line};

#[test]
fn the_exit_codes() {
    assert_snapshot!(Home::new().play("help exit-codes"), @"
    $ help exit-codes
    code  name       meaning
    0     done       done
    1     failure    any other failure
    2     usage      usage, or input missing or malformed
    3     not_found  no such profile or no key for it
    4     rejected   the API rejected the key
    5     unchecked  could not be checked (network, rate limit, server, unexpected answer; something that could not be read)
    6     policy     a policy is broken (same key twice, overdue, compromised, protected, redirect)
    7     store      the store is locked, denied or not there
    8     leak       a key was found where it must not be
    9     cancelled  cancelled by the person

    Several at once: the first of 7, 4, 8, 6, 5 that applies.
    `exec` ends with the program's own code, 128+N for signal N, 126 not executable, 127 not found.
    ");
}

#[test]
fn wrong_words() {
    assert_snapshot!(Home::new().play("
        ad dev
        guard
        store statu
        guard instal
        store recipients
        version
        lst
        frobnicate
        help nothing
        --store drawer list
        list --jso
        list --json --colour
    "), @r#"
    $ ad dev
    ! error: unknown command `ad`
    !
    ! hint: getimg-keys add dev
    → 2
    $ guard
    ! error: `guard` needs a subcommand: install, uninstall, status
    !
    ! hint: getimg-keys help guard
    → 2
    $ store statu
    ! error: unknown command `statu`
    !
    ! hint: getimg-keys store status
    → 2
    $ guard instal
    ! error: unknown command `instal`
    !
    ! hint: getimg-keys guard install
    → 2
    $ store recipients
    ! error: `store recipients` needs a subcommand: add, remove, list
    !
    ! hint: getimg-keys help store recipients
    → 2
    $ version
    ! error: unknown command `version`
    !
    ! hint: getimg-keys --version
    → 2
    $ lst
    ! error: unknown command `lst`
    !
    ! hint: getimg-keys list
    → 2
    $ frobnicate
    ! error: unknown command `frobnicate`
    !
    ! hint: getimg-keys --help
    → 2
    $ help nothing
    ! error: there is no help for `nothing`
    !
    ! hint: getimg-keys help
    ! hint: getimg-keys help exit-codes
    → 2
    $ --store drawer list
    ! error: invalid value `drawer` for --store <STORE>
    !
    ! hint: one of keychain, file, env, vault
    → 2
    $ list --jso
    ! error: unknown option `--jso`
    !
    ! hint: getimg-keys list --json
    → 2
    $ list --json --colour
    ! {"error":{"exit_code":2,"hints":["getimg-keys help list"],"kind":"usage","message":"unknown option `--colour`"},"schema_version":1}
    → 2
    "#);
}

/// Every command that is not hidden, with the words that name it.
fn commands() -> Vec<(String, clap::Command)> {
    let mut found = Vec::new();
    collect(&getimg_keys::cli::command(), "", &mut found);
    found
}

fn collect(all: &clap::Command, before: &str, found: &mut Vec<(String, clap::Command)>) {
    let is_shown =
        |one: &&clap::Command| !one.is_hide_set() && (before.is_empty() || one.get_name() != "help");
    for one in all.get_subcommands().filter(is_shown) {
        let name = format!("{before}{}", one.get_name());
        found.push((name.clone(), one.clone()));
        collect(one, &format!("{name} "), found);
    }
}

#[test]
fn every_command_explains_itself() {
    let home = Home::within(Session::without_bus());
    for (name, _) in commands() {
        let words: Vec<_> = name.split(' ').collect();
        let (help, flag) = (
            home.run(&[&["help"], &words[..]].concat(), ""),
            home.run(&[&words[..], &["--help"]].concat(), ""),
        );
        assert_eq!((help.code, flag.code), (0, 0), "{name}");
        assert!(help.stdout.contains(&format!("Usage: getimg-keys {name}")), "{name}: {}", help.stdout);
        assert!(help.stdout.contains("\nExamples:\n  "), "{name}: {}", help.stdout);
        assert!(help.stdout.contains("\nGlobal options:\n  -p, --json, "), "{name}: {}", help.stdout);
        assert_eq!(help.stdout, flag.stdout, "{name}");
        assert_eq!(help.stdout, home.run(&[&words[..], &["-h"]].concat(), "").stdout, "{name}");
    }
}

#[test]
fn every_example_is_a_line_that_the_program_understands() {
    for (name, command) in commands() {
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<_> = examples.lines().skip(1).collect();
        assert!((1..=3).contains(&lines.len()), "{name} has {} examples", lines.len());
        for line in lines {
            let calls = command_line::calls(line);
            assert!(!calls.is_empty() || line.contains("man -l"), "{name}: {line}");
            let wrong: Vec<_> = calls.into_iter().filter(|(_, fault)| fault.is_some()).collect();
            assert_eq!(wrong, [], "{name}: {line}");
        }
    }
}

#[test]
fn every_command_stands_in_one_group_of_the_help() {
    let all = getimg_keys::cli::command();
    let help = Home::within(Session::without_bus()).run(&["--help"], "").stdout;
    let listed = help.split("Global options:").next().unwrap();
    for one in all.get_subcommands().filter(|one| !one.is_hide_set()) {
        let groups =
            Group::ALL.iter().filter(|group| group.commands(&all).any(|c| c.get_name() == one.get_name()));
        assert_eq!(groups.count(), 1, "{one}");
        let entries = listed.lines().filter(|line| line.split_whitespace().next() == Some(one.get_name()));
        assert_eq!(entries.count(), 1, "{one}");
    }
}

#[test]
fn help_that_is_asked_for_behind_a_flag_is_that_of_the_command() {
    let home = Home::within(Session::without_bus());
    let add = home.run(&["help", "add"], "").stdout;
    for line in ["-p list add --help", "-q add -h", "add --note x -h", "--color never add dev --help"] {
        assert_eq!(home.run(&line.split(' ').collect::<Vec<_>>(), "").stdout, add, "{line}");
    }
}

#[test]
fn help_and_version_are_json_too() {
    let home = Home::new();
    for (arguments, member) in
        [(&["help", "add"][..], "help"), (&["add", "--help"], "help"), (&["--version"], "version")]
    {
        let text = home.run(arguments, "").stdout;
        let answer = home.run(&[arguments, &["--json"]].concat(), "").stdout;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer[member].as_str().unwrap(), text.trim_end(), "{arguments:?}");
        assert_eq!(answer["schema_version"], 1);
    }
}
