//! Bytes that are not text, and far too many of them, wherever something is read.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::support::home::finish;
use crate::support::{Home, Key};

const NO_TEXT: &[u8] = b"sk_\xff\xfe";

/// Runs a prepared command with these bytes on standard input; what a user sees.
fn fed(home: &Home, command: &mut Command, bytes: &[u8]) -> String {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let output = command.stdin(Stdio::from(file)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is said is text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    home.transcript(&crate::support::home::Output { stdout, stderr, code: output.status.code().unwrap() })
}

#[test]
fn what_is_no_text_is_refused_in_words_and_never_repeated() {
    let home = Home::with_dev_and_prod();
    let before = home.profiles_file();
    let mut seen = fed(&home, &mut home.command(&["add", "ci", "--stdin"]), NO_TEXT);
    for arguments in [&["use"][..], &["note", "dev"], &["add"], &["exec", "-p"]] {
        let mut command = home.command(arguments);
        seen += &home.transcript(&finish(command.arg(OsStr::from_bytes(NO_TEXT)), ""));
    }
    for (variable, arguments) in [
        ("GETIMG_KEYS_PROFILE", &["env"][..]),
        ("CI_KEY", &["add", "ci", "--from-env", "CI_KEY"]),
        ("GETIMG_KEYS_HOME", &["list"]),
        ("GETIMG_KEYS_API_URL", &["verify", "dev"]),
    ] {
        let mut command = home.command(arguments);
        seen += &home.transcript(&finish(command.env(variable, OsStr::from_bytes(NO_TEXT)), ""));
    }
    assert_snapshot!(seen, @r#"
    ! error: the key is not text: position 4 is not valid UTF-8
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: an argument is not valid UTF-8
    !
    ! hint: getimg-keys help use
    → 2
    ! error: an argument is not valid UTF-8
    !
    ! hint: getimg-keys help note
    → 2
    ! error: an argument is not valid UTF-8
    !
    ! hint: getimg-keys help add
    → 2
    ! error: an argument is not valid UTF-8
    !
    ! hint: getimg-keys help exec
    → 2
    ! error: $GETIMG_KEYS_PROFILE is not valid UTF-8
    !
    ! hint: unset GETIMG_KEYS_PROFILE
    → 2
    ! error: the key has a character outside ASCII at position 4
    !
    ! hint: copy the key again from https://getimg.ai/app/developer/api-keys
    → 2
    ! error: $GETIMG_KEYS_HOME is relative; it must be an absolute path
    !
    ! hint: export GETIMG_KEYS_HOME="$PWD/…"
    → 2
    ! error: $GETIMG_KEYS_API_URL is not valid UTF-8
    !
    ! hint: unset GETIMG_KEYS_API_URL
    → 2
    "#);
    assert_eq!(home.profiles_file(), before);
}

#[test]
fn a_megabyte_or_nothing_on_standard_input_is_no_key_and_changes_nothing() {
    let home = Home::with_dev_and_prod();
    let before = home.profiles_file();
    let long = Key::v2().0.repeat(1024 * 1024 / 40);
    let add = || home.command(&["add", "ci", "--stdin"]);
    let mut seen = fed(&home, &mut add(), long.as_bytes());
    seen += &fed(&home, &mut add(), &[b'\n'; 1024 * 1024]);
    seen += &fed(&home, &mut add(), &[0; 1024 * 1024]);
    seen += &fed(&home, &mut add(), b"");
    seen +=
        &home.transcript(&finish(home.program("sh").args(["-c", "exec getimg-keys add ci --stdin <&-"]), ""));
    assert_snapshot!(seen, @"
    ! error: standard input is longer than 4096 bytes; a key is one line
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    ! error: standard input is longer than 4096 bytes; a key is one line
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    ! error: standard input is longer than 4096 bytes; a key is one line
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    ");
    assert_eq!(home.profiles_file(), before);
}

#[test]
fn whoever_keeps_a_pipe_open_behind_the_line_is_not_waited_for() {
    let key = Key::v2();
    let home = Home::new().with("LINE", &key.0);
    let script =
        "mkfifo pipe; exec 3<>pipe; echo \"$LINE\" >&3; timeout 20 getimg-keys add dev --no-verify <pipe";
    let output = home.shell("sh", script);
    assert_eq!((output.code, home.session.lookup(&home.service(), "dev")), (0, key.0), "{}", output.stderr);
}
