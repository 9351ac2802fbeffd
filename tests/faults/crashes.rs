//! A command is killed, or the disk fails, at any moment: every key of the profiles can be read, and no other is left
//! over.

use std::fs;

use super::profile_file::names;
use crate::support::{Behaviour, Home, Key, home::finish};

fn nothing_left_over(home: &Home) {
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with('.')), "{left:?}");
}

fn all_readable(home: &Home, after: &str, step: impl std::fmt::Display) {
    for name in names(home) {
        let output = home.run(&["env", &name], "");
        assert_eq!(output.code, 0, "{after} killed at step {step}, {name}: {}", output.stderr);
    }
}

/// Runs a command while `strace` makes one of its system calls fail; its exit code, -1 if it was killed.
pub(super) fn tampered(home: &Home, fault: &str, arguments: &[&str], stdin: &str) -> i32 {
    let mut strace = home.program("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", &format!("inject={fault}")]);
    finish(strace.arg(env!("CARGO_BIN_EXE_getimg-keys")).args(arguments), stdin).code
}

/// This home's entries in the keychain that no profile has.
fn strays(home: &Home) -> Vec<&'static str> {
    let known = names(home);
    let all = ["dev", "prod", "ci", "laptop"];
    let is_stray = |name: &&str| {
        !known.iter().any(|k| k == name) && !home.session.lookup(&home.service(), name).is_empty()
    };
    all.into_iter().filter(is_stray).collect()
}

#[test]
fn killed_at_a_system_call_every_key_of_the_profiles_is_readable() {
    let home = Home::with_dev_and_prod();
    let calls = [("fsync", 6), ("sendmsg", 14)];
    for (call, count) in calls {
        let mut killed = [0; 3];
        for when in 1..=count {
            let fault = format!("{call}:signal=KILL:when={when}");
            killed[0] += tampered(&home, &fault, &["add", "ci", "--no-verify"], &Key::v2().0).min(0);
            all_readable(&home, "add", &fault);
            home.run(&["add", "ci", "--no-verify"], &Key::v2().0);
            killed[1] += tampered(&home, &fault, &["rename", "dev", "laptop"], "").min(0);
            all_readable(&home, "rename", &fault);
            home.run(&["rename", "laptop", "dev"], "");
            killed[2] += tampered(&home, &fault, &["remove", "ci"], "").min(0);
            home.run(&["note", "dev", &fault], "");
            all_readable(&home, "remove", &fault);
            home.run(&["remove", "ci"], "");
            assert_eq!((names(&home).join(" "), strays(&home)), ("dev prod".to_owned(), vec![]), "{fault}");
        }
        assert!(killed.iter().all(|k| *k < 0), "{call} was never reached: {killed:?}");
    }
    nothing_left_over(&home);
}

#[test]
fn a_disk_that_fails_leaves_the_old_profiles_and_no_key_without_a_profile() {
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    for fault in ["/^rename:error=EROFS", "fsync:error=EIO", "fsync:error=EDQUOT", "/^rename:error=ENOSPC"] {
        for when in 1..=2 {
            let fault = format!("{fault}:when={when}+");
            let code = tampered(&home, &fault, &["add", "ci", "--no-verify"], &home.key("ci").0);
            assert_eq!(code, 1, "{fault}");
            all_readable(&home, "add", &fault);
            home.run(&["note", "dev", &fault], "");
            assert_eq!((names(&home).join(" "), strays(&home)), ("dev prod".to_owned(), vec![]), "{fault}");
        }
    }
    nothing_left_over(&home);
}
