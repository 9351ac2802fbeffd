//! What checks a commit for keys, compared with what git does.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, commit, git, json, key};

pub(super) fn executable(path: &Path, text: &str) {
    crate::support::program::write(path, text);
}

pub(super) fn hook(place: &Place) -> PathBuf {
    place.repo.0.join(".git/hooks/pre-commit")
}

/// Every file below a folder, with its content.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(everything(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn below_a_folder_that_is_not_utf8_a_key_is_refused_too() {
    let place = Place::new();
    let folder = place.home().join(std::ffi::OsStr::from_bytes(b"n\xff'd"));
    let repo = crate::support::repositories::Repo::new(&folder);
    let ran = place.run_in(&folder, &["guard", "install", "--json"], b"");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(json(&ran)["path"].as_str().unwrap().contains("n\\xff'd"), "{}", ran.out);
    assert_eq!(place.run_in(&folder, &["guard", "status"], b"").code, Some(0));
    repo.write("a", key("dev"));
    repo.git("add a");
    assert_eq!(commit(&place, &folder).0, Some(1));
}

#[test]
fn the_proof_is_a_commit_that_would_be_refused_and_leaves_nothing_behind() {
    let place = Place::new();
    place.repo.commit("a", "clean");
    assert_eq!(place.run(&["guard", "status"]).code, Some(1));
    place.run(&["guard", "install"]);
    place.repo.write("b", "staged");
    place.repo.git("add b");
    let before = everything(&place.repo.0);
    let ran = place.run(&["guard", "status", "--json"]);
    assert_eq!((ran.code, json(&ran)["active"].clone()), (Some(0), true.into()), "{}", ran.out);
    assert!(everything(&place.repo.0) == before);

    for break_it in [
        "chmod -x .git/hooks/pre-commit",
        "sed -i '2i exit 0' .git/hooks/pre-commit",
        "rm .git/hooks/pre-merge-commit",
    ] {
        place.run(&["guard", "install"]);
        assert_eq!(place.run(&["guard", "status"]).code, Some(0), "before {break_it}");
        assert!(
            Command::new("sh").current_dir(&place.repo.0).args(["-c", break_it]).status().unwrap().success()
        );
        let ran = place.run(&["guard", "status", "--json"]);
        assert_eq!((ran.code, json(&ran)["active"].clone()), (Some(1), false.into()), "{break_it}");
        let codes = ["managed", "other-hook", "no-hook", "not-tried", "passes"];
        assert!(codes.contains(&json(&ran)["why"].as_str().unwrap()), "{break_it}");
        assert!(json(&ran)["message"].is_string(), "{break_it}");
        fs::remove_dir_all(place.repo.0.join(".git/hooks")).unwrap();
    }
}

#[test]
fn where_git_runs_no_hook_nothing_is_installed_and_doctor_does_not_say_so() {
    let place = Place::new();
    for path in ["", "/dev/null"] {
        place.repo.git_with(&["config", "core.hooksPath", path], b"");
        for action in ["install", "status"] {
            let ran = place.run(&["guard", action]);
            assert_eq!(ran.code, Some(1), "{path} {action}");
            assert!(ran.err.contains("git runs no hook here"), "{}", ran.err);
        }
        let doctor = place.run(&["doctor", "--offline"]);
        assert!(doctor.out.contains("commits are not scanned here"), "{}", doctor.out);
    }
    place.repo.git("config --unset core.hooksPath");
    let said = |place: &Place| place.run(&["doctor", "--offline"]).out;
    place.run(&["guard", "install"]);
    assert!(said(&place).contains("a made-up key was refused"), "{}", said(&place));
    fs::set_permissions(hook(&place), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(said(&place).contains("is not active"), "{}", said(&place));
}

#[test]
fn a_bare_repository_of_dotfiles_is_refused_and_its_commits_go_through() {
    let place = Place::new();
    let bare = place.home().join("dotfiles");
    place.repo.git_with(&["init", "-q", "--bare", bare.to_str().unwrap()], b"");
    let ran = place.run_in(&bare, &["guard", "install"], b"");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("has no work tree of its own"), "{}", ran.err);
    assert!(!bare.join("hooks/pre-commit").exists());

    // A hooks folder that all repositories share also checks the commits of this one.
    let hooks = place.home().join("hooks");
    for config in [["-C", place.repo.0.to_str().unwrap()], ["-C", bare.to_str().unwrap()]] {
        let set = [&config[..], &["config", "core.hooksPath", hooks.to_str().unwrap()]].concat();
        place.repo.git_with(&set, b"");
    }
    assert_eq!(place.run(&["guard", "install"]).code, Some(0));
    let files = place.home().join("files");
    fs::create_dir(&files).unwrap();
    let call = |arguments: &[&str]| {
        let folders = [format!("--git-dir={}", bare.display()), format!("--work-tree={}", files.display())];
        let mut call = git(&place, &files, &folders.each_ref().map(String::as_str));
        call.args(arguments).output().unwrap()
    };
    for (content, code) in [(key("dev"), 1), ("clean".to_owned(), 0)] {
        fs::write(files.join("rc"), content).unwrap();
        call(&["add", "rc"]);
        let output = call(&["commit", "-qm", "x"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(said.contains("the key in use of dev"), code == 1, "{said}");
    }
}

#[test]
fn a_program_that_is_gone_stops_the_commit_and_names_the_way_out() {
    let place = Place::new();
    let program = place.home().join("it's/getimg-keys");
    fs::create_dir(program.parent().unwrap()).unwrap();
    symlink(env!("CARGO_BIN_EXE_getimg-keys"), &program).unwrap();
    let install = Command::new(&program)
        .args(["guard", "install"])
        .current_dir(&place.repo.0)
        .env("GETIMG_KEYS_HOME", place.home())
        .status();
    assert!(install.unwrap().success());
    let commit = |how: &[&str]| {
        let mut call = git(&place, &place.repo.0, &["commit", "-qm", "x"]);
        call.args(how).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        let output = call.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    place.repo.write("a", key("dev"));
    place.repo.git("add a");
    let (code, said) = commit(&[]);
    assert!(code == Some(1) && said.contains("the key in use of dev"), "{said}");
    place.repo.write("a", "clean");
    place.repo.git("add a");
    fs::remove_file(&program).unwrap();
    let (code, said) = commit(&[]);
    assert!(code == Some(1) && said.contains("git commit --no-verify"), "{said}");
    assert_eq!(place.run(&["guard", "status"]).code, Some(1));
    assert_eq!(commit(&["--no-verify"]).0, Some(0));
}

#[test]
fn a_merge_that_brings_a_key_is_refused() {
    let place = Place::new();
    place.repo.commit("a", "clean");
    place.repo.git("checkout -q -b other");
    place.repo.commit("b", key("dev"));
    place.repo.git("checkout -q main");
    place.repo.commit("c", "clean");
    place.run(&["guard", "install"]);
    let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
    let mut call = git(&place, &place.repo.0, &["merge", "-q", "other"]);
    call.env("PATH", format!("{}:{}", program.display(), env!("PATH")));
    assert_ne!(call.output().unwrap().status.code(), Some(0));
    assert_eq!(place.repo.git("log --format=%s -1"), "change c");
}

#[test]
fn a_teams_script_keeps_its_name_and_place_and_lines_that_were_added() {
    let place = Place::new();
    let text = "#!/usr/bin/env bash\nset -eu\n[ \"$(basename \"$0\")\" = pre-commit ]\n. \"$(dirname \"$0\")/lib\"\n";
    executable(&hook(&place), text);
    executable(&hook(&place).with_file_name("lib"), "touch ran\n");
    assert_eq!(place.run(&["guard", "install"]).code, Some(0));
    place.repo.write("a", "clean");
    place.repo.git("add a");
    assert!(!place.repo.0.join("ran").exists(), "the proof runs our lines alone");
    assert_eq!(commit(&place, &place.repo.0).0, Some(0));
    assert!(place.repo.0.join("ran").exists());
    let with_ours = fs::read_to_string(hook(&place)).unwrap();
    executable(&hook(&place), &format!("{with_ours}echo added\n"));
    assert_eq!(place.run(&["guard", "uninstall"]).code, Some(0));
    assert_eq!(fs::read_to_string(hook(&place)).unwrap(), format!("{text}echo added\n"));
}

#[test]
fn a_link_and_a_program_run_after_it_as_they_are() {
    let place = Place::new();
    let script = place.repo.0.join("scripts/check");
    executable(&script, "#!/bin/sh\n[ \"$(basename \"$(readlink -f \"$0\")\")\" = check ] && touch ran\n");
    fs::create_dir_all(hook(&place).parent().unwrap()).unwrap();
    symlink("../../scripts/check", hook(&place)).unwrap();
    assert_eq!(place.run(&["guard", "install"]).code, Some(0));
    place.repo.git("add scripts");
    assert_eq!(commit(&place, &place.repo.0).0, Some(0));
    assert!(place.repo.0.join("ran").exists());
    place.run(&["guard", "uninstall"]);
    assert_eq!(fs::read_link(hook(&place)).unwrap(), Path::new("../../scripts/check"));
}

#[test]
fn a_hook_that_calls_the_one_before_it_ends() {
    let place = Place::new();
    executable(&hook(&place), "#!/usr/bin/perl -l\nexit(system(\"$0\" =~ s/[^\\/]*$/pre-commit/r) >> 8);\n");
    place.run(&["guard", "install"]);
    place.repo.write("a", "clean");
    place.repo.git("add a");
    assert_eq!(commit(&place, &place.repo.0).0, Some(0));
}

#[test]
fn a_second_install_does_not_call_a_hook_that_does_not_work_installed() {
    for break_it in ["chmod -x .git/hooks/pre-commit", "sed -i '2i exit 0' .git/hooks/pre-commit"] {
        let place = Place::new();
        assert_eq!(place.run(&["guard", "install"]).code, Some(0));
        assert_eq!(place.run(&["guard", "install"]).code, Some(0), "one that works stays");
        assert!(
            Command::new("sh").current_dir(&place.repo.0).args(["-c", break_it]).status().unwrap().success()
        );
        let ran = place.run(&["guard", "install"]);
        assert_eq!(ran.code, Some(1), "{break_it}: {}", ran.err);
        assert!(ran.err.contains("the hook is installed, but it does not work: "), "{break_it}: {}", ran.err);
    }
}
