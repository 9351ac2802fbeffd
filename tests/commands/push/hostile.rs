//! Hostile programs: they print the key, hang, lie, print without end, or leave other processes behind.

use std::fs;

use super::stage::Stage;

/// What a target's program does with the key: prints it unchanged, encoded, with colours inside, or in two parts.
const ECHOES: [&str; 8] = [
    "cat >&2",
    "cat",
    "base64 -w0 >&2",
    "od -An -tx1 | tr -d ' \\n' >&2",
    "rev >&2",
    "sed 's/...../&\\x1b[1m/' >&2",
    "sed 's/^/{\"value\":\"/; s/$/\"}/' >&2",
    "tr -d '\\n' | tr 'a-z' 'A-Z' >&2",
];

#[test]
fn what_a_program_says_of_the_key_is_masked_however_it_writes_it() {
    let stage = ECHOES.iter().enumerate().fold(Stage::new(), |stage, (number, script)| {
        let (bad, good) = (format!("bad{number}"), format!("good{number}"));
        stage.with_target(&bad, &format!("{script}; exit 3"), None).with_target(&good, script, Some("false"))
    });
    let key = stage.home.key("dev");
    for (number, script) in ECHOES.iter().enumerate() {
        for (name, code) in [(format!("bad{number}"), 1), (format!("good{number}"), 5)] {
            for more in [&["-v"][..], &["--json"]] {
                let run = stage.home.run(&[&["push", "dev", "--to", &name], more].concat(), "");
                assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{script}: {}", run.stderr);
                let seen = run.stderr.to_lowercase();
                for part in key.0.to_lowercase().as_bytes().windows(8) {
                    let part = std::str::from_utf8(part).unwrap();
                    assert!(!seen.contains(part), "{script} shows a part of the key: {}", run.stderr);
                }
            }
        }
    }
    assert_eq!(key.found_below(&stage.home.path()), [""; 0]);
    assert_eq!(key.found_below(&stage.home.work()), [""; 0]);
}

#[test]
fn neither_arguments_nor_the_environment_of_anyone_hold_the_key() {
    // Only root may read the environment of our process.
    let look = "for process in $$ $PPID; do cat /proc/$process/cmdline /proc/$process/environ | tr '\\0' '\\n'; done";
    let stage = Stage::new().with_target("site", &format!("cat >/dev/null; {{ {look}; }} >$1 2>&1"), None);
    let run = stage.home.run(&["push", "dev", "--to", "site"], "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let seen = stage.held("site");
    assert!(seen.contains("PATH=") && !stage.home.key("dev").is_in(seen.as_bytes()), "{seen}");
    assert!(!seen.contains("GETIMG_KEYS_PASSPHRASE_FILE"));
}

#[test]
fn a_program_that_hangs_is_ended_and_what_it_left_behind_is_not_waited_for() {
    let stage = Stage::new()
        .with_target("hangs", "cat >/dev/null; echo $$ >$1; exec sleep 300", None)
        .with_target(
            "stays",
            "trap '' TERM HUP INT; cat >/dev/null; echo $$ >$1; while :; do sleep 0.1; done",
            None,
        )
        .with_target("leaves", "cat >$1; sleep 20 & true", Some("cat $1; sleep 20 & true"));
    stage.configure("[push]\ntimeout_seconds = 2\n");
    let before = stage.home.profiles_file();
    for name in ["hangs", "stays"] {
        let run = stage.home.run(&["push", "dev", "--to", name], "");
        assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("did not end within 2 s and was ended"), "{name}: {}", run.stderr);
        let process = stage.held(name);
        assert!(!fs::exists(format!("/proc/{}", process.trim())).unwrap(), "{name} runs on");
    }
    assert_eq!(stage.home.profiles_file(), before);
    stage.configure("");
    let run = stage.home.run(&["push", "dev", "--to", "leaves"], "");
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn floods_bytes_that_are_no_text_and_escapes_are_shown_short_and_harmless() {
    let stage = Stage::new()
        .with_target("flood", "cat >/dev/null; head -c 50000000 /dev/zero | tr '\\0' x >&2; exit 1", None)
        .with_target(
            "bytes",
            "cat >/dev/null; printf '\\377\\376\\033]0;x\\007\\033[31mred' >&2; exit 1",
            None,
        )
        .with_target("silent", "cat >/dev/null; exit 1", None)
        .with_target("killed", "cat >/dev/null; kill -9 $$", None);
    for (name, ending) in [
        ("flood", "code 1: xxx"),
        ("bytes", "code 1: \u{fffd}\u{fffd}\\u{1b}]0;x\\u{7}red"),
        ("silent", "code 1\n"),
        ("killed", "was ended by a signal\n"),
    ] {
        let run = stage.home.run(&["push", "dev", "--to", name], "");
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(ending), "{name}: {}", run.stderr);
        assert!(run.stderr.len() < 2000, "{name} is {} bytes", run.stderr.len());
    }
}

#[test]
fn a_program_that_takes_no_key_did_not_store_it_whatever_it_says() {
    let stage =
        Stage::new().with_target("deaf", "exit 0", None).with_target("half", "head -c 8 >$1", Some("cat $1"));
    let run = stage.home.run(&["push", "dev", "--to", "deaf"], "");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("`/bin/sh` did not read it"), "{}", run.stderr);
    assert_ne!(stage.home.run(&["push", "dev", "--to", "half"], "").code, 0);
    assert_eq!(stage.home.run(&["push", "list", "--json"], "").stdout.matches("\"target\"").count(), 0);
}

#[test]
fn a_push_whose_record_cannot_be_written_says_that_the_key_is_there() {
    let spoil = "cat >$1; cd $GETIMG_KEYS_HOME; mv profiles.toml kept; mkdir profiles.toml";
    let stage = Stage::new().with_target("site", spoil, Some("cat $1"));
    let run = stage.home.run(&["push", "dev", "--to", "site"], "");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert!(run.stderr.contains("is at site, but that could not be written down"), "{}", run.stderr);
    assert_eq!(stage.held("site"), stage.home.key("dev").0);
}
