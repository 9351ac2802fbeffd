//! `exec`: a program with the key, and nothing else changed.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::support::{self, Home, home::finish};

#[test]
fn the_programs_own_end_is_the_end() {
    let home = Home::with_dev_and_prod();
    let script = home.work().join("not-executable");
    std::fs::write(&script, "").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_snapshot!(home.play("
        exec dev -- sh -c 'echo $GETIMG_API_KEY; exit 37'
        exec -- true
        exec -p prod -- sh -c 'echo $GETIMG_API_KEY'
        exec dev -- ./not-executable
        exec dev -- no-such-program
        exec dev --json -- no-such-program
        exec nobody -- true
        exec dev
    "), @r#"
    $ exec dev -- sh -c 'echo $GETIMG_API_KEY; exit 37'
    <key of dev>
    → 37
    $ exec -- true
    ! using dev, the active profile
    $ exec -p prod -- sh -c 'echo $GETIMG_API_KEY'
    <key of prod>
    $ exec dev -- ./not-executable
    ! error: ./not-executable: cannot be run (permission denied)
    !
    ! hint: command -v ./not-executable
    → 126
    $ exec dev -- no-such-program
    ! error: no-such-program: not found (no such file or directory)
    !
    ! hint: command -v no-such-program
    → 127
    $ exec dev --json -- no-such-program
    ! {"error":{"exit_code":127,"hints":["command -v no-such-program"],"kind":"failure","message":"no-such-program: not found (no such file or directory)"},"schema_version":1}
    → 127
    $ exec nobody -- true
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys add nobody
    → 3
    $ exec dev
    ! error: the program to run is missing; it comes after `--`
    !
    ! hint: getimg-keys exec dev -- CMD…
    → 2
    "#);
    let output = home.shell("bash", "getimg-keys exec dev -- sh -c 'kill -TERM $$'; echo $?");
    assert_eq!(output.stdout, "143\n");
}

#[test]
fn only_the_chosen_variable_and_the_profile_s_name_are_added_and_the_passphrase_is_taken_away() {
    let home = Home::with_dev_and_prod();
    let print = |words: &[&str]| {
        let mut run = home.program(words[0]);
        run.args(&words[1..]).env("GETIMG_KEYS_PASSPHRASE_FILE", "/nonexistent").env("OTHER", "kept");
        let mut lines: Vec<String> = finish(&mut run, "").stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let mut expected = print(&["printenv"]);
    expected.retain(|line| !line.starts_with("GETIMG_KEYS_PASSPHRASE_FILE="));
    expected.push(format!("GETIMG_API_KEY={}", home.key("dev").0));
    expected.push("GETIMG_KEYS_PROFILE=dev".to_owned());
    expected.sort();
    assert_eq!(print(&[env!("CARGO_BIN_EXE_getimg-keys"), "exec", "dev", "--", "printenv"]), expected);
}

#[test]
fn limits_and_open_files_are_as_they_were() {
    let home = Home::with_dev_and_prod();
    // The user's own open files, 7 and 9, are passed on; ours are not.
    let inside = |by: &str| {
        let script = format!(
            "ulimit -S -c hard; exec 7</dev/null 9>/dev/null; {by} bash -c 'ulimit -S -c; ls /proc/self/fd'"
        );
        home.shell("bash", &script).stdout
    };
    let plain = inside("");
    assert!(plain.contains("\n7\n") && plain.contains("\n9"), "{plain}");
    if plain.starts_with("0\n") {
        support::skipped("that the limit of cores is given back: it is 0 here");
    }
    assert_eq!(inside("getimg-keys exec dev --"), plain);
}

#[test]
fn what_cannot_be_started_was_handed_nothing() {
    let home = Home::with_dev_and_prod();
    std::fs::create_dir(home.work().join("a folder")).unwrap();
    assert_snapshot!(home.play("
        exec dev -- no-such-program
        exec dev --mask -- no-such-program
        exec dev -- ./no/such-program
        exec dev -- './a folder'
        exec dev -- ''
        log dev
    "), @"
    $ exec dev -- no-such-program
    ! error: no-such-program: not found (no such file or directory)
    !
    ! hint: command -v no-such-program
    → 127
    $ exec dev --mask -- no-such-program
    ! error: no-such-program: not found (no such file or directory)
    !
    ! hint: command -v no-such-program
    → 127
    $ exec dev -- ./no/such-program
    ! error: ./no/such-program: not found (no such file or directory)
    !
    ! hint: command -v ./no/such-program
    → 127
    $ exec dev -- './a folder'
    ! error: ./a folder: cannot be run (permission denied)
    !
    ! hint: command -v './a folder'
    → 126
    $ exec dev -- ''
    ! error: : not found (no such file or directory)
    !
    ! hint: command -v ''
    → 127
    $ log dev
    when      event  profile  directory
    just now  add    dev      /tmp/test/work
    ");
}

#[test]
fn the_program_is_the_one_the_shell_would_start() {
    let home = Home::with_dev_and_prod();
    let script = "mkdir first second; touch first/tool; printf '#!/bin/sh\\necho second' > second/tool
        chmod +x second/tool; mkdir first/only; PATH=first:second:$PATH
        getimg-keys exec dev -- tool; getimg-keys exec dev -- only; echo $?; cd second; PATH=:$PATH
        getimg-keys exec dev -- tool; env -u PATH \"$(command -v getimg-keys)\" exec dev -- true; echo $?";
    assert_snapshot!(home.transcript(&home.shell("bash", script)), @"
    second
    126
    second
    0
    ! error: only: cannot be run (permission denied)
    !
    ! hint: command -v only
    ");
}

#[test]
fn a_program_without_the_double_dash_is_answered_with_the_line_as_it_should_be() {
    let home = Home::with_dev_and_prod();
    for (line, right) in [
        (&["exec", "python3", "x.py"][..], "getimg-keys exec -- python3 x.py"),
        (&["exec", "dev", "npm", "start"], "getimg-keys exec dev -- npm start"),
        (&["exec", "--mask", "./a b", "-c", "x"], "getimg-keys exec --mask -- './a b' -c x"),
        (&["exec", "-p", "dev", "env"], "getimg-keys exec -p dev -- env"),
    ] {
        let seen = home.run(line, "");
        assert_eq!((seen.code, seen.stdout.as_str()), (2, ""));
        assert!(seen.stderr.contains(&format!("hint: {right}\n")), "{}", seen.stderr);
    }
}

#[test]
fn two_profiles_on_one_line_are_refused_and_neither_is_used() {
    let home = Home::with_dev_and_prod();
    let lines: [&[&str]; 9] = [
        &["env", "prod", "-p", "dev"],
        &["-p", "dev", "exec", "prod", "--", "true"],
        &["verify", "dev", "prod", "-p", "dev"],
        &["use", "prod", "-p", "dev", "-y"],
        &["use", "-", "-p", "dev"],
        &["remove", "prod", "-p", "dev", "-y"],
        &["rename", "prod", "x", "-p", "dev"],
        &["compromised", "prod", "-p", "dev"],
        &["note", "prod", "-p", "dev"],
    ];
    for line in lines {
        let seen = home.run(line, "");
        assert_eq!((seen.code, seen.stdout.as_str()), (2, ""), "{line:?} {}", seen.stderr);
    }
    assert_eq!(home.run(&["env", "dev", "-p", "dev"], "").code, 0);
}
