//! What a repository knows of its remotes, in every form.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::findings;
use super::place::{Place, key};
use crate::support::repositories::Repo;

/// A repository that adds a key and removes it again, and the path of one to be made beside it.
fn upstream() -> (Place, Repo) {
    let place = Place::new();
    place.repo.commit("config", key("dev"));
    place.repo.git("rm -q config");
    place.repo.git("commit -qm gone");
    let other = Repo(place.repo.0.with_file_name("other"));
    (place, other)
}

/// Whether the findings in a repository were pushed, according to the report.
fn pushed(place: &Place, folder: &Path) -> Vec<bool> {
    let ran = place.run_in(folder, &["scan", "--history", "--json"], b"");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let pushed = findings(&answer, &["pushed"]);
    pushed.as_array().unwrap().iter().map(|one| one[0].as_bool().unwrap()).collect()
}

#[test]
fn what_a_mirror_or_a_bare_clone_holds_is_on_a_remote() {
    for how in ["--mirror", "--bare"] {
        let (place, other) = upstream();
        place.repo.git_with(&["clone", "-q", how, ".", "../other"], b"");
        assert_eq!(pushed(&place, &other.0), [true], "{how}");
    }
}

#[test]
fn what_a_bare_repository_was_sent_was_pushed_and_what_is_committed_into_one_was_not() {
    let (place, other) = upstream();
    fs::create_dir(&other.0).unwrap();
    other.git("init -q --bare");
    place.repo.git("push -q ../other main");
    for bare in ["true", "yes", "1"] {
        other.git(&format!("config core.bare {bare}"));
        assert_eq!(pushed(&place, &other.0), [true], "{bare}");
    }
    let dotfiles = place.repo.0.with_file_name("dotfiles");
    place.repo.git_with(&["init", "-q", "--bare", dotfiles.to_str().unwrap()], b"");
    place.repo.write("dot", key("dev"));
    let call = ["--git-dir", dotfiles.to_str().unwrap(), "--work-tree", "."];
    for last in [&["add", "-f", "dot"][..], &["commit", "-qm", "dot"]] {
        place.repo.git_with(&[&call, last].concat(), b"");
    }
    assert_eq!(pushed(&place, &dotfiles), [false]);
}

#[test]
fn whatever_a_remote_is_configured_to_be_kept_as_is_a_remotes() {
    let (place, other) = upstream();
    fs::create_dir(&other.0).unwrap();
    other.git("init -q -b main");
    other.git("remote add origin ../work");
    other.git("config remote.origin.fetch +refs/heads/*:refs/elsewhere/*");
    other.git("fetch -q");
    assert_eq!(pushed(&place, &other.0), [true]);
}

#[test]
fn what_was_fetched_without_a_remote_was_pushed() {
    for how in ["pull -q ../work main", "fetch -q ../work main", "fetch -q ../work main:fetched"] {
        let (place, other) = upstream();
        fs::create_dir(&other.0).unwrap();
        other.git("init -q -b main");
        other.git(how);
        assert_eq!(pushed(&place, &other.0), [true], "{how}");
        if !how.ends_with("fetch -q ../work main") {
            fs::remove_file(other.0.join(".git/FETCH_HEAD")).unwrap();
        }
    }
    // What comes from the repository itself does not count as another's.
    let (place, _) = upstream();
    place.repo.git("fetch -q . main:again");
    assert_eq!(pushed(&place, &place.repo.0), [false]);
}

#[test]
fn a_branch_that_was_merged_and_deleted_at_the_remote_was_pushed() {
    let (place, other) = upstream();
    place.repo.git("clone -q . ../other");
    let server = place.repo.0.with_file_name("server");
    place.repo.git_with(&["init", "-q", "--bare", server.to_str().unwrap()], b"");
    other.git("remote set-url origin ../server");
    other.git("checkout -q -b topic");
    other.commit("topic", key("retired"));
    other.git("push -q -u origin topic");
    other.git("push -q origin :topic");
    other.git("fetch -q --prune");
    assert!(!other.0.join(".git/logs/refs/remotes/origin/topic").exists());
    assert_eq!(pushed(&place, &other.0), [true, true]);
}

#[test]
fn a_tag_that_came_with_a_clone_is_on_the_remote_and_one_made_here_is_not() {
    let (place, other) = upstream();
    place.repo.git("checkout -q --detach");
    place.repo.commit("released", key("retired"));
    place.repo.git_with(&["tag", "-a", "v1", "-m", &format!("is {}", key("removed"))], b"");
    place.repo.git("checkout -q main");
    place.repo.git("clone -q . ../other");
    assert_eq!(pushed(&place, &other.0), [true; 3]);
    other.git("checkout -q -b fix v1");
    assert_eq!(pushed(&place, &other.0), [true; 3]);
    other.git("checkout -q main");
    other.commit("new", key("previous"));
    other.git_with(&["tag", "-a", "v2", "-m", &format!("is {}", key("leaked"))], b"");
    let answer = place.run_in(&other.0, &["scan", "--history", "--json"], b"").out;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let tagged = |f: &&Value| f["refs"].as_array().unwrap().iter().any(|name| name == "refs/tags/v2");
    let made: Vec<_> = answer["findings"].as_array().unwrap().iter().filter(tagged).collect();
    let made = |state: &str| made.iter().find(|f| f["state"] == state).unwrap()["pushed"].clone();
    assert_eq!((made("previous"), made("compromised")), (false.into(), false.into()));
}

#[test]
fn where_refs_are_kept_in_a_table_their_logs_are_read_too() {
    let (place, other) = upstream();
    if std::process::Command::new("git")
        .args(["init", "-q", "--bare", "--ref-format=reftable"])
        .arg(&other.0)
        .output()
        .unwrap()
        .status
        .code()
        != Some(0)
    {
        return crate::support::skipped("refs in a table: this git knows none");
    }
    let mine = Repo(place.repo.0.with_file_name("mine"));
    place.repo.git("clone -q --ref-format=reftable ../other ../mine");
    mine.git("checkout -q -b main");
    mine.commit("a", "text");
    mine.commit("b", key("dev"));
    mine.git("push -q origin main");
    mine.git("reset -q --hard HEAD~1");
    mine.git("push -q --force origin main");
    mine.commit("c", key("retired"));
    assert_eq!(pushed(&place, &mine.0), [true, false]);
}

#[test]
fn what_a_work_tree_without_a_branch_holds_is_held_by_its_head() {
    let (place, _) = upstream();
    place.repo.git("config core.logAllRefUpdates false");
    place.repo.git("checkout -q --detach");
    place.repo.commit("new", key("retired"));
    let answer = place.json(&["scan", "--history"]).1;
    let refs = findings(&answer, &["path", "refs"]);
    assert_eq!(refs, serde_json::json!([["config", ["HEAD", "refs/heads/main"]], ["new", ["HEAD"]]]));
}
