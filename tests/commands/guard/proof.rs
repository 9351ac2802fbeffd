//! What stands between a key and a commit, held against what git does.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Place, commit, json, key};

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn hook(place: &Place) -> PathBuf {
    place.repo.0.join(".git/hooks/pre-commit")
}

/// Everything below a folder, with what is in it.
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
    let repo = crate::repositories::Repo::new(&folder);
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
        assert!(json(&ran)["why"].is_string(), "{break_it}");
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
        let mut call = Command::new("git");
        call.current_dir(&place.repo.0).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "commit",
            "-qm",
            "x",
        ]);
        call.args(how).env("PATH", "/usr/local/bin:/usr/bin:/bin").env("GETIMG_KEYS_HOME", place.home());
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
    let mut call = Command::new("git");
    call.current_dir(&place.repo.0).args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "merge",
        "-q",
        "other",
    ]);
    call.env("PATH", format!("{}:{}", program.display(), env!("PATH"))).env("GETIMG_KEYS_HOME", place.home());
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
fn what_a_manager_writes_is_left_to_it_and_the_line_for_its_list_is_told() {
    for (text, list, told) in [
        (
            "#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n",
            "lefthook.yml",
            "getimg-keys: {run: getimg-keys scan",
        ),
        (
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
            ".pre-commit-config.yaml",
            "- {repo: local",
        ),
        (
            "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n",
            "prek.toml",
            "- {repo: local",
        ),
    ] {
        let place = Place::new();
        place.repo.write(list, "");
        place.repo.write("lefthook-local.yml", "pre-commit: {}\n");
        let listed = place.run(&["guard", "install"]);
        assert!(listed.code == Some(1) && listed.err.contains(told), "{}", listed.err);
        assert!(!hook(&place).exists());
        executable(&hook(&place), text);
        let ran = place.run(&["guard", "install"]);
        assert!(ran.code == Some(1) && ran.err.contains(told), "{}", ran.err);
        assert_eq!(fs::read_to_string(hook(&place)).unwrap(), text);
        assert_eq!(place.run(&["guard", "status"]).code, Some(1));
    }
}

#[test]
fn a_hook_that_calls_the_one_before_it_ends() {
    let place = Place::new();
    executable(&hook(&place), "#!/usr/bin/perl\nexit(system(\"$0\" =~ s/[^\\/]*$/pre-commit/r) >> 8);\n");
    place.run(&["guard", "install"]);
    place.repo.write("a", "clean");
    place.repo.git("add a");
    assert_eq!(commit(&place, &place.repo.0).0, Some(0));
}

#[test]
fn the_hook_that_is_offered_to_the_pre_commit_framework_reads_every_file_it_is_given() {
    let place = Place::new();
    place.repo.commit("old", key("dev"));
    let offered = include_str!("../../../.pre-commit-hooks.yaml");
    let entry = offered.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let run = |files: &str| {
        let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
        let mut call = Command::new("sh");
        call.current_dir(&place.repo.0).args(["-c", &format!("{entry} {files}")]);
        call.env("PATH", format!("{}:{}", program.display(), env!("PATH")))
            .env("GETIMG_KEYS_HOME", place.home());
        call.output().unwrap().status.code()
    };
    assert_eq!((run(""), run("old")), (Some(0), Some(8)));
    place.repo.write("new", key("dev"));
    place.repo.git("add new");
    assert_eq!(run(""), Some(8));
}

#[test]
fn the_lines_in_a_managers_list_are_proved_in_a_repository_of_their_own() {
    let place = Place::new();
    let list = "default_stages: [pre-push]\nrepos:\n  # the team's\n  - repo: local\n    hooks: []\n";
    place.repo.write(".pre-commit-config.yaml", list);
    let stand_in = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\ntouch ran\n";
    let runs = format!("{stand_in}$(sed -n 's/^ *entry: //p' .pre-commit-config.yaml)\n");
    executable(&hook(&place), &runs);
    let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
    let guard = |action: &str| {
        let mut call = Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
        call.current_dir(&place.repo.0).args(["guard", action]).env("GETIMG_KEYS_HOME", place.home());
        call.env("PATH", format!("{}:{}", program.display(), env!("PATH"))).output().unwrap().status.code()
    };
    assert_eq!((guard("install"), guard("status")), (Some(0), Some(0)));
    assert!(!place.repo.0.join("ran").exists());
    let added = fs::read_to_string(place.repo.0.join(".pre-commit-config.yaml")).unwrap();
    assert!(added.contains("\n  - repo: local\n    hooks:\n    - id: getimg-keys\n"), "{added}");
    for hook_text in [stand_in.to_owned(), format!("{stand_in}exit 1\n")] {
        executable(&hook(&place), &hook_text);
        assert_eq!(guard("status"), Some(1), "one that lets all through, or nothing, proves nothing");
    }
    executable(&hook(&place), &runs);
    assert_eq!((guard("uninstall"), guard("status")), (Some(0), Some(1)));
    assert_eq!(fs::read_to_string(place.repo.0.join(".pre-commit-config.yaml")).unwrap(), list);
}
