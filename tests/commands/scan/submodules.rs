//! Submodules in every state.

use std::fs;

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};
use crate::support::repositories::Repo;

/// A repository beside the test's own; an older commit of it has the key.
fn other(place: &Place) -> Repo {
    let other = Repo::new(&place.repo.0.with_file_name("other"));
    other.commit("a", key("dev"));
    other.git("rm -q a");
    other.git("commit -qm gone");
    place.repo.commit("README", "text");
    other
}

fn history(place: &Place) -> (Option<i32>, Value) {
    let ran = place.run(&["scan", "--history", "--json"]);
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}")))
}

#[test]
fn one_that_the_index_alone_names_and_that_is_not_here_is_missed() {
    let place = Place::new();
    let other = Repo::new(&place.repo.0.join("inner"));
    other.commit("a", "text");
    place.repo.git_with(&["-c", "advice.addEmbeddedRepo=false", "add", "inner"], b"");
    place.repo.git("commit -qm inner");
    assert_eq!(place.json(&["scan"]).0, Some(0));
    std::fs::remove_dir_all(&other.0).unwrap();
    for how in [&["scan", "--json"][..], &["scan", "--history", "--json"]] {
        let ran = place.run(how);
        assert!(ran.code == Some(5) && ran.out.contains("submodule-missing"), "{how:?} {ran:?}");
    }
}

#[test]
fn one_that_was_removed_is_read_as_long_as_git_keeps_it() {
    let place = Place::new();
    let other = other(&place);
    place.repo.git_with(&["submodule", "add", "-q", other.0.to_str().unwrap(), "lib"], b"");
    place.repo.git("commit -qm submodule");
    place.repo.git("rm -q -f lib");
    place.repo.git("commit -qm removed");
    assert!(!place.repo.0.join("lib").exists() && place.repo.0.join(".git/modules/lib").is_dir());
    let (code, answer) = history(&place);
    assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([["a"]])), "{answer}");
    assert_eq!(answer["skipped"], json!([]));
}

#[test]
fn one_that_git_cannot_read_is_named_and_hides_nothing_else() {
    let place = Place::new();
    let other = other(&place);
    place.repo.git_with(&["submodule", "add", "-q", other.0.to_str().unwrap(), "lib"], b"");
    place.repo.git("commit -qm submodule");
    place.repo.write("new", key("retired"));
    let link = place.repo.0.join("lib/.git");
    for (what, text) in [("leads nowhere", "gitdir: /nowhere\n"), ("is damaged", "nonsense\n")] {
        fs::write(&link, text).unwrap();
        let (code, answer) = history(&place);
        let lib = place.repo.0.join("lib");
        assert_eq!(code, Some(8), "{what}: {answer}");
        assert!(
            answer["skipped"].as_array().unwrap().iter().any(|part| part["path"] == json!(lib)),
            "{answer}"
        );
        let ran = place.run(&["scan", "--json"]);
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(findings(&answer, &["path"]), json!([["new"]]), "{what}: {answer}");
        assert!(answer["skipped"].to_string().contains("/lib"), "{what}: {answer}");
    }
    fs::remove_dir_all(place.repo.0.join(".git/modules")).unwrap();
    assert_eq!(history(&place).0, Some(5), "nothing is left of it to be read");
}

#[test]
fn one_in_a_linked_work_tree_with_a_git_folder_of_its_own_is_read_from_any_of_the_trees() {
    let place = Place::new();
    let other = other(&place);
    let linked = Repo(place.repo.0.with_file_name("linked"));
    place.repo.git_with(&["worktree", "add", "-q", linked.0.to_str().unwrap()], b"");
    linked.git_with(&["clone", "-q", other.0.to_str().unwrap(), "inner"], b"");
    linked.git("add inner");
    linked.git("commit -qm inner");
    for folder in [&place.repo.0, &linked.0] {
        let ran = place.run_in(folder, &["scan", "--history", "--json"], b"");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, findings(&answer, &["path"])), (Some(8), json!([["a"]])), "{folder:?}");
    }
}
