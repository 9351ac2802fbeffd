//! A user without a home, as in some containers: advice and searches work, keys need a place.

use std::process::Command;

use insta::assert_snapshot;

use crate::support::{self, home::finish};

/// Runs the program as a user that the system does not know; `None` if that is not possible.
fn nobody(arguments: &[&str]) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let setpriv = |program: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "12345", "--clear-groups", program]).env_clear().current_dir(folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command
    };
    let ours = env!("CARGO_BIN_EXE_getimg-keys");
    let possible = setpriv(ours).arg("--version").output().is_ok_and(|run| run.status.success());
    if !possible {
        support::skipped("a user without a home can only be played by root, with setpriv");
        return None;
    }
    let run = finish(setpriv(ours).args(arguments), "");
    let (out, err) = (run.stdout.replace(folder.path().to_str().unwrap(), "/tmp/test"), run.stderr);
    Some(format!("{out}{err}→ {}", run.code))
}

#[test]
fn without_a_home_advice_and_searches_work() {
    let Some(advice) = nobody(&["check", "--ci"]) else { return };
    assert_snapshot!(advice, @"
    - separate-keys     there are no profiles here
    - none-compromised  there are no profiles here
    - none-rejected     there are no profiles here
    - ages              there are no profiles here
    - verified          there are no profiles here
    - rotations         there are no profiles here
    ✓ shell             $GETIMG_API_KEY is not set
    ✓ redirects         no variable sends a key elsewhere
    ✓ dotenv            there are no .env files here
    - repository        no .getimg-keys.toml from here upwards
    → 0
    ");
    let ends = |arguments: &[&str]| nobody(arguments).unwrap().rsplit_once("→ ").unwrap().1.to_owned();
    for arguments in [&["scan", "."][..], &["help"], &["help", "exit-codes"], &["log"]] {
        assert_eq!(ends(arguments), "0", "{arguments:?}");
    }
    let doctor = nobody(&["doctor", "--offline"]).unwrap();
    assert!(doctor.contains("this user has no home directory"), "{doctor}");
}

#[test]
fn without_a_home_whatever_needs_one_says_so_and_writes_nothing() {
    for arguments in [&["list"][..], &["add", "dev", "--no-verify"], &["use", "dev"], &["env", "dev"]] {
        let Some(refused) = nobody(arguments) else { return };
        let told = "error: this user has no home directory\n\nhint: export GETIMG_KEYS_HOME=/a/folder\n→ 1";
        assert_eq!(refused, told, "{arguments:?}");
    }
}
