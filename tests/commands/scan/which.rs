//! Which repository, index and objects are searched: by the folder, the path, and git's variables.

use std::process::Command;

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, Ran, key};
use crate::support::repositories::Repo;

/// Runs with one of git's variables.
fn with(place: &Place, variables: &[(&str, &str)], arguments: &[&str]) -> (Ran, Value) {
    let mut call = Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
    call.envs(variables.iter().copied());
    let ran = place.run_with(call, &place.repo.0, &[&["scan", "--json"], arguments].concat(), b"");
    let answer = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
    (ran, answer)
}

#[test]
fn of_git_dir_the_history_is_read_beside_that_of_the_folder_and_the_index_in_its_place() {
    let place = Place::new();
    let other = Repo::new(&place.repo.0.with_file_name("other"));
    let git_dir = other.0.join(".git");
    let named = [("GIT_DIR", git_dir.to_str().unwrap())];
    other.commit("theirs", key("dev"));
    place.repo.commit("ours", key("retired"));
    let (ran, answer) = with(&place, &named, &["--history"]);
    assert_eq!((ran.code, findings(&answer, &["path"])), (Some(8), json!([["theirs"], ["ours"]])));
    // What git would commit here.
    other.write("staged", key("dev"));
    other.git("add staged");
    place.repo.write("mine", key("dev"));
    place.repo.git("add mine");
    let (ran, answer) = with(&place, &named, &["--staged"]);
    assert_eq!((ran.code, findings(&answer, &["path"])), (Some(8), json!([["staged"]])));
}

#[test]
fn a_path_in_no_repository_is_in_none_whatever_git_dir_names() {
    let place = Place::new();
    place.repo.commit("a", "text");
    let git_dir = place.repo.0.join(".git");
    let home = place.home().to_str().unwrap();
    let (ran, _) = with(&place, &[("GIT_DIR", git_dir.to_str().unwrap())], &["--history", home]);
    assert!(ran.code == Some(1) && ran.err.contains("is in no git repository"), "{ran:?}");
}

#[test]
fn a_git_dir_that_names_no_repository_is_told() {
    let place = Place::new();
    place.repo.commit("a", "text");
    for how in ["--history", "--staged"] {
        let (ran, answer) = with(&place, &[("GIT_DIR", "/nowhere")], &[how]);
        let said = answer["skipped"].to_string();
        assert!(
            ran.code == Some(5) && said.contains("GIT_DIR is set, and git finds no repository"),
            "{ran:?}"
        );
    }
}

#[test]
fn objects_that_git_would_borrow_are_read() {
    let place = Place::new();
    place.repo.commit("a", "text");
    let other = Repo::new(&place.repo.0.with_file_name("other"));
    let id = other.git_with(&["hash-object", "-w", "--stdin"], key("dev").as_bytes());
    let objects = other.0.join(".git/objects");
    for name in ["GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH"] {
        let (ran, answer) = with(&place, &[(name, objects.to_str().unwrap())], &["--history"]);
        assert_eq!((ran.code, findings(&answer, &["object"])), (Some(8), json!([[id]])), "{name}");
    }
    let (ran, _) = with(&place, &[("GIT_OBJECT_DIRECTORY", "/nowhere")], &["--history"]);
    assert_eq!(ran.code, Some(5), "git finds no repository then: {ran:?}");
}

#[test]
fn a_path_of_the_index_is_taken_letter_by_letter() {
    let place = Place::new();
    for name in [":y", "*", "[a]", ":(top)x"] {
        place.repo.write(name, key("dev"));
        place.repo.git_with(&["--literal-pathspecs", "add", name], b"");
        let (code, answer) = place.json(&["scan", "--staged", name]);
        assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([[name]])));
    }
    for name in [":y", "[a]"] {
        std::fs::remove_file(place.repo.0.join(name)).unwrap();
        let (code, answer) = place.json(&["scan", "--staged", name]);
        assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([[name]])), "as the index has it");
    }
    assert_eq!(place.run(&["scan", "--staged", "[b]"]).code, Some(2), "it is nowhere");
}

#[test]
fn both_sides_of_a_merge_that_is_not_done_are_read() {
    let place = Place::new();
    place.repo.commit("a", "base");
    place.repo.git("checkout -q -b topic");
    place.repo.commit("a", key("dev"));
    place.repo.git("checkout -q main");
    place.repo.commit("a", "ours");
    let merge = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@x", "merge", "-q", "topic"])
        .current_dir(&place.repo.0)
        .output()
        .unwrap();
    assert!(!merge.status.success());
    let (code, answer) = place.json(&["scan", "--staged"]);
    assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([["a"]])));
}

#[test]
fn a_folder_among_the_objects_is_read_as_a_history() {
    let place = Place::new();
    place.repo.commit("a", key("dev"));
    place.repo.git("clone -q --bare . ../bare.git");
    let bare = place.repo.0.with_file_name("bare.git/objects");
    for (folder, path) in
        [(&place.repo.0, ".git/objects"), (&bare, "."), (&place.repo.0, "../bare.git/objects/pack")]
    {
        let ran = place.run_in(folder, &["scan", path, "--json"], b"");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        let found = findings(&answer, &["kind", "path"]);
        assert_eq!((ran.code, found), (Some(8), json!([["history", "a"]])), "{path}");
    }
}

#[test]
fn a_line_for_standard_input_names_the_option() {
    let ran = Place::new().run(&["scan", "-"]);
    assert!(ran.code == Some(2) && ran.err.contains("getimg-keys scan --stdin"), "{ran:?}");
}
