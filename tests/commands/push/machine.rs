//! Targets on this machine, with the real programs: systemd's credentials and podman's secrets.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::stage::Stage;
use crate::support::home::finish;
use crate::support::skipped;

#[test]
fn a_credential_is_encrypted_by_systemd_and_read_back() {
    let stage = Stage::new();
    let works = |program: &str| {
        let mut probe = stage.home.program(program);
        probe.args(["encrypt", "--name=x", "-", "probe"]).output().is_ok_and(|output| output.status.success())
    };
    if !works("systemd-creds") {
        return skipped(
            "systemd's credentials: systemd-creds cannot encrypt here (apt-get install systemd, as root)",
        );
    }
    assert_snapshot!(stage.home.play("
        push dev --to systemd:getimg.cred
        push dev --to systemd:no/such/folder
        push list --json
    "), @r#"
    $ push dev --to systemd:getimg.cred
    ! pushed dev to systemd:/tmp/test/work/getimg.cred (confirmed: it was read back)
    $ push dev --to systemd:no/such/folder
    ! error: the key of `dev` was not pushed to systemd:/tmp/test/work/no/such/folder: `systemd-creds` ended with code 1: Credential secret file '/var/lib/systemd/credential.secret' is not located on encrypted media, using anyway.; Failed to write result: No such file or directory
    !
    ! hint: systemd-creds list
    ! hint: getimg-keys push dev --to systemd:/tmp/test/work/no/such/folder  # again
    → 1
    $ push list --json
    {"notices":[],"schema_version":1,"targets":[{"at":"<time>","how":"confirmed","profile":"dev","state":"current","target":"systemd:/tmp/test/work/getimg.cred"}]}
    "#);
    let file = stage.home.work().join("getimg.cred");
    assert!(!stage.home.key("dev").is_in(&fs::read(&file).unwrap()));
    let mut decrypt = stage.home.program("systemd-creds");
    decrypt.args(["decrypt", "--name=getimg"]).arg(&file).arg("-");
    assert_eq!(finish(&mut decrypt, "").stdout, stage.home.key("dev").0);
}

#[test]
fn a_secret_of_podman_s_takes_the_place_of_the_one_before() {
    let Some(storage) = podman() else { return };
    let stage = Stage::new();
    let home =
        stage.home.with("CONTAINERS_STORAGE_CONF", storage.path().join("storage.conf").to_str().unwrap());
    let held = || {
        let file = storage.path().join("graph/secrets/filedriver/secretsdata.json");
        fs::read_to_string(file).unwrap_or_default()
    };
    let first = home.run(&["push", "dev", "--to", "podman:getimg"], "");
    assert_eq!(first.code, 0, "{}", first.stderr);
    let told = ["listed", "confirmed"].iter().filter(|how| first.stderr.contains(**how)).count();
    assert_eq!(told, 1, "{}", first.stderr);
    let before = held();
    home.run(&["rotate", "dev"], &home.key("new").0);
    let second = home.run(&["push", "dev", "--to", "podman:getimg"], "");
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert_ne!(before, held());
    let listed = home.run(&["push", "list", "--json"], "");
    assert!(listed.stdout.contains(r#""state":"current","target":"podman:getimg""#), "{}", listed.stdout);
}

/// A place for podman's secrets; `None`, with a message, if podman cannot keep any here.
fn podman() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let text =
        format!("[storage]\ndriver = 'vfs'\ngraphroot = '{}'\nrunroot = '{}'\n", at("graph"), at("run"));
    fs::write(at("storage.conf"), text).unwrap();
    let mut list = Command::new("podman");
    list.args(["secret", "ls"]).env("CONTAINERS_STORAGE_CONF", at("storage.conf"));
    if Path::new("/usr/bin/podman").exists() && list.output().is_ok_and(|output| output.status.success()) {
        return Some(folder);
    }
    skipped("podman's secrets: no podman that works here (apt-get install podman)");
    None
}
