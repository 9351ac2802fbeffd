//! `guard`: the hook as git runs it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::scan::place::{Place, Ran, key};

mod language;
mod managers;
mod proof;

/// A call of git by somebody whose profiles are the place's.
fn git(place: &Place, folder: &Path, arguments: &[&str]) -> Command {
    let mut call = Command::new("git");
    call.current_dir(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
    call.env("GETIMG_KEYS_HOME", place.home());
    call
}

/// Commits the staged files, with the program on the PATH; its exit code and messages.
fn commit(place: &Place, folder: &Path) -> (Option<i32>, String) {
    commit_of(place, folder, "-qm")
}

fn commit_of(place: &Place, folder: &Path, how: &str) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env!("PATH"));
    let mut call = git(place, folder, &["commit", how, "x"]);
    call.env("PATH", path).env("HOME", place.home()).env("COLUMNS", crate::support::ONE_LINE);
    let output = call.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_commit_with_a_key_is_refused_and_one_without_goes_through() {
    let place = Place::new();
    let ran = place.run(&["guard", "install"]);
    let hook = place.repo.0.join(".git/hooks/pre-commit");
    assert_eq!((ran.code, &*ran.out), (Some(0), ""));
    assert!(ran.err.starts_with("wrote ") && ran.err.ends_with("/.git/hooks/pre-commit\n"), "{}", ran.err);
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);

    place.repo.write("a", key("dev"));
    place.repo.git("add a");
    let (code, said) = commit(&place, &place.repo.0);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("a:1:1  the key in use of dev"), "{said}");
    place.repo.write("a", "clean");
    place.repo.git("add a");
    assert_eq!(commit(&place, &place.repo.0), (Some(0), String::new()));

    place.repo.write("a", key("retired"));
    let (code, said) = commit_of(&place, &place.repo.0, "-qam");
    assert_eq!((code, said.contains("a:1:1  a key of dev that was rotated out")), (Some(1), true), "{said}");

    let again = place.run(&["guard", "install", "--json"]);
    assert_eq!(
        (json(&again)["changed"].clone(), json(&again)["installed"].clone()),
        (false.into(), true.into())
    );
    assert_eq!(place.run(&["guard", "uninstall"]).code, Some(0));
    assert!(!hook.exists());
    assert_eq!(json(&place.run(&["guard", "uninstall", "--json"]))["changed"], false);
}

#[test]
fn a_hook_that_was_there_runs_after_it_and_comes_back() {
    let place = Place::new();
    let hook = place.repo.0.join(".git/hooks/pre-commit");
    let before = "#!/bin/sh\necho the other hook\nexit 3\n";
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, before).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = place.run(&["guard", "install"]);
    assert!(ran.err.contains("the hook that was there runs after it"), "{}", ran.err);
    place.repo.write("a", "clean");
    place.repo.git("add a");
    let (code, said) = commit(&place, &place.repo.0);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the other hook"), "{said}");
    assert_eq!(json(&place.run(&["guard", "status", "--json"]))["chained"], true);
    place.run(&["guard", "uninstall"]);
    assert_eq!(fs::read_to_string(&hook).unwrap(), before);
    assert_eq!(
        fs::read_dir(hook.parent().unwrap())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().extension().is_none())
            .count(),
        1
    );
    let status = place.run(&["guard", "status"]);
    assert!(
        status.out.ends_with("is another hook; getimg-keys guard install runs before it\n"),
        "{}",
        status.out
    );
}

#[test]
fn a_hooks_path_and_linked_work_trees_are_respected() {
    let place = Place::new();
    place.repo.commit("a", "clean");
    place.repo.git("worktree add -q ../linked");
    let linked = place.repo.0.join("../linked").canonicalize().unwrap();
    assert_eq!(place.run_in(&linked, &["guard", "install"], b"").code, Some(0));
    assert!(place.repo.0.join(".git/hooks/pre-commit").exists());
    fs::write(linked.join("b"), key("dev")).unwrap();
    place.repo.git_with(&["-C", linked.to_str().unwrap(), "add", "b"], b"");
    assert_eq!(commit(&place, &linked).0, Some(1));
    place.run(&["guard", "uninstall"]);

    place.repo.git("config core.hooksPath .husky");
    place.run(&["guard", "install"]);
    assert!(
        place.repo.0.join(".husky/pre-commit").exists()
            && !place.repo.0.join(".git/hooks/pre-commit").exists()
    );
    let below = place.repo.0.join("sub");
    fs::create_dir(&below).unwrap();
    let status = json(&place.run_in(&below, &["guard", "status", "--json"], b""));
    assert_eq!((status["installed"].clone(), status["shared"].clone()), (true.into(), false.into()));
    let shared = place.home().join("hooks");
    place.repo.git_with(&["config", "core.hooksPath", shared.to_str().unwrap()], b"");
    assert!(place.run(&["guard", "install"]).err.contains("outside this repository"));
}

#[test]
fn outside_a_repository_it_says_so() {
    let place = Place::new();
    let ran = place.run_in(place.home(), &["guard", "status"], b"");
    let expected = format!("error: {} is in no git repository\n\nhint: git init\n", place.home().display());
    assert_eq!((ran.code, &*ran.out, ran.err), (Some(1), "", expected));
}

#[test]
fn a_hook_that_asks_for_its_own_name_finds_the_one_it_had() {
    let place = Place::new();
    let husky = place.repo.0.join(".husky");
    fs::create_dir_all(husky.join("_")).unwrap();
    let runner = "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\n";
    fs::write(husky.join("_/h"), runner).unwrap();
    let hook = "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"";
    fs::write(husky.join("_/pre-commit"), hook).unwrap();
    fs::set_permissions(husky.join("_/pre-commit"), fs::Permissions::from_mode(0o755)).unwrap();
    let own = "echo the checks of husky\nexit 3\n";
    fs::write(husky.join("pre-commit"), own).unwrap();
    place.repo.git("config core.hooksPath .husky/_");
    assert_eq!(place.run(&["guard", "install"]).code, Some(0));
    assert_eq!(
        fs::read_to_string(husky.join("_/pre-commit")).unwrap(),
        hook,
        "husky's next install writes it anew"
    );
    assert_eq!(place.run(&["guard", "status"]).code, Some(0));
    let below = place.repo.0.join("sub");
    fs::create_dir(&below).unwrap();
    for folder in [&place.repo.0, &below] {
        fs::write(folder.join("a"), "clean").unwrap();
        place.repo.git("add -A");
        let (code, said) = commit(&place, folder);
        assert_eq!((code, said.contains("the checks of husky")), (Some(1), true), "{said}");
    }
    assert_eq!(place.run(&["guard", "uninstall"]).code, Some(0));
    assert_eq!(fs::read_to_string(husky.join("pre-commit")).unwrap(), own);
}

#[test]
fn from_a_folder_below_the_hooks_place_is_told_as_from_the_top() {
    let place = Place::new();
    let below = place.repo.0.join("sub/deep");
    fs::create_dir_all(&below).unwrap();
    let told =
        |folder: &Path| json(&place.run_in(folder, &["guard", "status", "--json"], b""))["path"].clone();
    assert_eq!(told(&below), told(&place.repo.0));
    place.repo.git("config core.hooksPath .githooks");
    assert_eq!(told(&below), told(&place.repo.0));
}
