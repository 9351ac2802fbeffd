//! A repository without one of its objects, whose remote is a program: git would run it to fetch the object.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::commands::scan::place::Place;

/// Every command that asks git about objects.
const COMMANDS: [&[&str]; 6] = [
    &["scan"],
    &["scan", "--staged"],
    &["scan", "--history"],
    &["check"],
    &["guard", "status"],
    &["doctor", "--offline"],
];

/// A partial clone. Only the remote has one file of the index and one folder of a commit; the remote leaves a mark if
/// it is asked.
fn trap(place: &Place) -> PathBuf {
    let mark = place.home().join("mark");
    place.repo.commit("a", "text");
    let blob = "12".repeat(20);
    let tree = place.repo.git_with(&["mktree", "--missing"], format!("100644 blob {blob}\tx\n").as_bytes());
    let commit = place.repo.git_with(&["commit-tree", "-m", "m", &tree], b"");
    place.repo.git(&format!("update-ref refs/heads/main {commit}"));
    place.repo.git(&format!("update-index --add --cacheinfo 100644,{},.env", "34".repeat(20)));
    let url = format!("ext::sh -c touch% {}", mark.display());
    for (name, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &url),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
    ] {
        place.repo.git_with(&["config", name, value], b"");
    }
    mark
}

/// A folder with a git that does not know `GIT_NO_LAZY_FETCH`, as before version 2.45.
fn old_git(place: &Place) -> PathBuf {
    let real = Command::new("sh").args(["-c", "command -v git"]).output().unwrap();
    let real = String::from_utf8(real.stdout).unwrap();
    let folder = place.home().join("old");
    let script = format!("#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec {} \"$@\"\n", real.trim());
    crate::support::program::write(&folder.join("git"), &script);
    folder
}

fn first_on_path(folder: &Path) -> String {
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn no_object_is_fetched_by_any_command_whichever_git_there_is() {
    let place = Place::new();
    let mark = trap(&place);
    let old = old_git(&place);
    // The remote would be asked if nothing forbade it.
    let asked = ["cat-file", "-p", "HEAD:x"];
    let git = |folder: &Path| {
        let mut call = Command::new("git");
        call.current_dir(&place.repo.0).env("PATH", first_on_path(folder)).args(asked).output().unwrap();
    };
    git(&old);
    assert!(mark.exists(), "the trap does not work");
    fs::remove_file(&mark).unwrap();
    let none = place.home().join("none");
    for (what, folder) in [("the git that is here", &none), ("a git that fetches what it lacks", &old)] {
        for command in COMMANDS {
            let mut call = Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
            call.env("PATH", first_on_path(folder));
            let ran = place.run_with(call, &place.repo.0, command, b"");
            assert!(!mark.exists(), "{command:?} fetched by {what}: {ran:?}");
        }
    }
}
