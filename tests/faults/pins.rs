//! Several pins together; one that cannot be read or belongs to another user never leads to another key.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::support::{Home, home::Output, home::finish, skipped};

const PIN: &str = ".getimg-keys.toml";

fn pinned(text: &str) -> Home {
    let home = Home::with_dev_and_prod();
    fs::write(home.work().join(PIN), text).unwrap();
    fs::create_dir(home.work().join("a")).unwrap();
    home
}

fn below(home: &Home, folder: &Path, arguments: &[&str]) -> Output {
    finish(home.command(arguments).current_dir(folder), "")
}

#[test]
fn a_nested_pin_lifts_neither_the_list_nor_the_policy_above_it() {
    let home = pinned("allow = ['dev']\n[policy]\nmax_age_days = 7\n");
    let nested = home.work().join("a");
    for text in ["", "profile = 'prod'\n", "allow = ['prod', 'dev']\n[policy]\nmax_age_days = 900\n"] {
        fs::write(nested.join(PIN), text).unwrap();
        let run = |arguments: &[&str]| below(&home, &nested, arguments);
        for refused in [
            &["env", "prod"][..],
            &["exec", "prod", "--", "true"],
            &["use", "prod", "-y"],
            &["verify", "prod"],
        ] {
            let refused = run(refused);
            assert_eq!((refused.code, refused.stdout.as_str()), (6, ""), "{text}: {}", refused.stderr);
        }
        let list = run(&["list"]);
        assert!(list.stdout.contains("in 7 d"), "{text}: {}", list.stdout);
    }
    assert_eq!(below(&home, &nested, &["use", "prod", "--here", "-y"]).code, 6);
    assert!(!fs::read_to_string(nested.join(PIN)).unwrap().contains("profile"));
    assert_eq!(home.api.seen().len(), 0, "a key that may not be used here was sent");
}

#[test]
fn the_nearest_that_names_a_profile_selects_through_nearer_ones_that_name_none() {
    let home = pinned("profile = 'dev'\n");
    fs::write(home.work().join("a").join(PIN), "[policy]\nmax_age_days = 5\n").unwrap();
    assert_eq!(home.run(&["use", "prod", "-y"], "").code, 0);
    assert_eq!(below(&home, &home.work().join("a"), &["current"]).stdout, "dev\n");
}

#[test]
fn a_pin_that_is_there_but_cannot_be_read_ends_whatever_needs_a_selection() {
    let home = pinned("profile = 'dev'\n");
    let folder = home.work().join("a");
    let pin = folder.join(PIN);
    let forms: [(&str, &dyn Fn()); 8] = [
        ("a folder", &|| fs::create_dir(&pin).unwrap()),
        ("a link to nothing", &|| symlink("nowhere", &pin).unwrap()),
        ("a loop", &|| symlink(PIN, &pin).unwrap()),
        ("a pipe", &|| assert!(std::process::Command::new("mkfifo").arg(&pin).status().unwrap().success())),
        ("a socket", &|| drop(UnixListener::bind(&pin).unwrap())),
        ("a device", &|| symlink("/dev/zero", &pin).unwrap()),
        ("too large", &|| fs::write(&pin, " ".repeat(64 * 1024 + 1)).unwrap()),
        ("no text", &|| fs::write(&pin, b"profile = '\xff'").unwrap()),
    ];
    for (form, make) in forms {
        make();
        for arguments in
            [&["env"][..], &["env", "dev"], &["exec", "--", "true"], &["current"], &["verify"], &["status"]]
        {
            let seen = below(&home, &folder, arguments);
            assert_eq!((seen.code, seen.stdout.as_str()), (1, ""), "{form} {arguments:?}: {}", seen.stderr);
            assert!(seen.stderr.contains(&format!("a/{PIN}")), "{form}: {}", seen.stderr);
        }
        let written = below(&home, &folder, &["use", "dev", "--here"]);
        assert_eq!(written.code, 1, "{form}");
        fs::remove_file(&pin).or_else(|_| fs::remove_dir(&pin)).unwrap();
    }
}

#[test]
fn a_working_directory_that_is_gone_selects_nothing() {
    let home = pinned("profile = 'dev'\n");
    let seen = home.shell("sh", "mkdir gone; cd gone; rmdir ../gone; getimg-keys env; echo $?");
    assert_eq!(seen.stdout, "1\n", "{}", seen.stderr);
    assert!(seen.stderr.contains("no longer exists"), "{}", seen.stderr);
}

#[test]
fn another_person_s_pin_counts_only_once_it_is_allowed() {
    let home = pinned("profile = 'prod'\nallow = ['prod']\n");
    let pin = home.work().join(PIN);
    if chown(&pin, Some(54_321), None).is_err() {
        skipped("only root can give a file away");
        return;
    }
    for arguments in [&["env"][..], &["current"], &["exec", "--", "true"]] {
        let seen = home.run(arguments, "");
        assert_eq!((seen.code, seen.stdout.as_str()), (6, ""), "{}", seen.stderr);
        assert!(seen.stderr.contains("belongs to another user"), "{}", seen.stderr);
    }
    assert_eq!(home.run(&["current", "-p", "dev"], "").stdout, "dev\n");
    assert_eq!(home.run(&["allow"], "").code, 0);
    assert_eq!(home.run(&["current"], "").stdout, "prod\n");
    assert_eq!(home.run(&["current", "-p", "dev"], "").code, 6);
    fs::write(&pin, "profile = 'dev'\n").unwrap();
    assert_ne!(fs::metadata(&pin).unwrap().uid(), 0);
    assert_eq!(home.run(&["current"], "").code, 6, "another content has to be allowed again");
}

#[test]
fn a_pin_is_not_written_through_a_link() {
    let home = pinned("");
    let (pin, target) = (home.work().join("a").join(PIN), home.work().join("target.toml"));
    fs::write(&target, "profile = 'dev'\n").unwrap();
    symlink(&target, &pin).unwrap();
    let seen = below(&home, &home.work().join("a"), &["use", "prod", "--here", "-y"]);
    assert_eq!(seen.code, 1, "{}", seen.stderr);
    assert_eq!(fs::read_to_string(&target).unwrap(), "profile = 'dev'\n");
    assert!(fs::symlink_metadata(&pin).unwrap().is_symlink());
}

#[test]
fn a_key_as_long_as_a_pin_is_not_repeated_whole() {
    let home = pinned(&format!("[policy]\n{} = 1\n", "x".repeat(62_000)));
    let seen = home.run(&["env"], "");
    assert_eq!(seen.code, 1);
    assert!(seen.stderr.len() < 2000, "{} bytes", seen.stderr.len());
    let ignored = pinned(&format!("{} = 1\n", "x".repeat(62_000))).run(&["status"], "");
    assert_eq!(ignored.code, 0, "{}", ignored.stderr);
    assert!(ignored.stdout.len() < 2000, "{} bytes", ignored.stdout.len());
}
