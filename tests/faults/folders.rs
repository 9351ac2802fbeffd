//! The program's folders: each has entries of its own in the keychain, however its path is spelled.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;

use crate::support::home::{Output, finish};
use crate::support::{Behaviour, Home, Key};

fn home() -> Home {
    Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("other", Key::v2(), Behaviour::Valid)
}

/// Runs the program without `GETIMG_KEYS_HOME`, with these variables instead.
fn run(home: &Home, variables: &[(&str, &Path)], arguments: &[&str], stdin: &str) -> Output {
    let mut command = home.command(arguments);
    command.env_remove("GETIMG_KEYS_HOME").envs(variables.iter().copied());
    finish(&mut command, stdin)
}

fn key_of_dev(home: &Home, variables: &[(&str, &Path)]) -> String {
    run(home, variables, &["env", "dev", "--format", "docker"], "").stdout
}

/// The service name that an earlier version gave to a folder.
fn as_spelled(folder: &Path) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("getimg-keys:{}", &hex[..12])
}

#[test]
fn two_data_folders_on_one_keychain_never_meet() {
    let home = home();
    let (own, snap) = (home.work().join("own"), home.work().join("snap"));
    let default = [("HOME", own.as_path())];
    let elsewhere = [("HOME", own.as_path()), ("XDG_DATA_HOME", snap.as_path())];
    for (variables, key) in [(&default[..], "dev"), (&elsewhere[..], "other")] {
        let added = run(&home, variables, &["add", "dev", "--no-verify"], &home.key(key).0);
        assert_eq!(added.code, 0, "{}", added.stderr);
    }
    assert_eq!(home.session.lookup("getimg-keys", "dev"), home.key("dev").0);
    let line = |key: &str| format!("GETIMG_API_KEY={}\n", home.key(key).0);
    assert_eq!((key_of_dev(&home, &default), key_of_dev(&home, &elsewhere)), (line("dev"), line("other")));
    let renamed = run(&home, &elsewhere, &["rename", "dev", "stage"], "");
    assert_eq!(renamed.code, 0, "{}", renamed.stderr);
    assert_eq!(run(&home, &elsewhere, &["remove", "stage"], "").code, 0);
    assert_eq!(key_of_dev(&home, &default), line("dev"));
    let by_name = own.join(".local/share/getimg-keys");
    assert_eq!(key_of_dev(&home, &[("HOME", &own), ("GETIMG_KEYS_HOME", &by_name)]), line("dev"));
}

#[test]
fn one_folder_spelled_in_several_ways_is_one() {
    let home = home();
    let path = home.path();
    home.add("dev");
    symlink(path.parent().unwrap(), home.work().join("link")).unwrap();
    let spelled = [path.join(""), path.join("../home"), path.join("."), home.work().join("link/home")];
    for folder in &spelled {
        let wanted = format!("GETIMG_API_KEY={}\n", home.key("dev").0);
        assert_eq!(key_of_dev(&home, &[("GETIMG_KEYS_HOME", folder)]), wanted, "{}", folder.display());
    }
}

#[test]
fn keys_under_the_name_that_an_earlier_version_gave_are_found_and_only_the_recorded_ones() {
    let home = home();
    home.add("dev");
    let (folder, service) = (home.path().join(""), as_spelled(&home.path().join("")));
    let spelled = [("GETIMG_KEYS_HOME", folder.as_path())];
    home.session.clear(&home.service(), "dev");
    home.session.store(&service, "dev", &[], &home.key("other").0);
    assert_eq!(run(&home, &spelled, &["env", "dev"], "").code, 3);
    home.session.store(&service, "dev", &[], &home.key("dev").0);
    assert_eq!(key_of_dev(&home, &spelled), format!("GETIMG_API_KEY={}\n", home.key("dev").0));
    let rotated = run(&home, &spelled, &["rotate", "dev", "--no-verify"], &home.key("other").0);
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    let here = |account| home.session.lookup(&home.service(), account);
    assert_eq!((here("dev"), here("dev~previous")), (home.key("other").0.clone(), home.key("dev").0.clone()));
    assert_eq!(home.session.lookup(&service, "dev"), "");
}

#[test]
fn what_other_folders_may_share_is_read_and_not_deleted() {
    let home = home();
    let snap = home.work().join("snap");
    let own = home.work().join("own");
    let elsewhere = [("HOME", own.as_path()), ("XDG_DATA_HOME", snap.as_path())];
    assert_eq!(run(&home, &elsewhere, &["add", "dev", "--no-verify"], &home.key("dev").0).code, 0);
    let folder = snap.canonicalize().unwrap().join("getimg-keys");
    home.session.clear(&as_spelled(&folder), "dev");
    home.session.store("getimg-keys", "dev", &[], &home.key("dev").0);
    assert_eq!(key_of_dev(&home, &elsewhere), format!("GETIMG_API_KEY={}\n", home.key("dev").0));
    assert_eq!(run(&home, &elsewhere, &["remove", "dev"], "").code, 0);
    assert_eq!(home.session.lookup("getimg-keys", "dev"), home.key("dev").0);
}

#[test]
fn root_creates_nothing_in_somebody_elses_home() {
    let home = home();
    let theirs = home.work().join("theirs");
    fs::create_dir(&theirs).unwrap();
    if chown(&theirs, Some(65534), None).is_err() {
        return crate::support::skipped("only root can be root in another user's home");
    }
    let variables = [("HOME", theirs.as_path())];
    for arguments in [&["add", "dev", "--no-verify"][..], &["add", "dev", "--store", "file"], &["allow"]] {
        let refused = run(&home, &variables, arguments, &home.key("dev").0);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
        assert!(refused.stderr.contains("belongs to another user"), "{}", refused.stderr);
        assert!(refused.stderr.contains("hint: sudo -H getimg-keys"), "{}", refused.stderr);
    }
    let listed = run(&home, &variables, &["list"], "");
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let warning = "warning: these are another user's profiles, read as root";
    assert!(listed.stderr.contains(warning), "{}", listed.stderr);
    for arguments in [&["add", "dev", "--no-verify"][..], &["doctor", "--offline"]] {
        let told = run(&home, &variables, arguments, &home.key("dev").0).stderr;
        assert!(told.matches(warning).count() < 2, "{told}");
    }
    let mut command = home.command(&["env", "--store", "env", "--format", "docker"]);
    command.env_remove("GETIMG_KEYS_HOME").env("HOME", &theirs).env("GETIMG_API_KEY", &home.key("dev").0);
    assert_eq!(finish(&mut command, "").code, 0);
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0);
    assert_eq!(home.session.lookup("getimg-keys", "dev"), "");
}
