//! What cannot be read is always reported.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::place::{Place, key};
use crate::support::Key;
use crate::support::repositories::Repo;

/// The codes of what was not read, the exit code, and the exit code with `--allow-unread`.
fn unread(place: &Place, folder: &Path, how: &[&str]) -> (Value, Option<i32>, Option<i32>) {
    let ran = place.run_in(folder, &[&["scan", "--json"], how].concat(), b"");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let codes = answer["skipped"].as_array().unwrap().iter().map(|part| part["why"].clone()).collect();
    let allowed = place.run_in(folder, &[&["scan", "--allow-unread"], how].concat(), b"").code;
    (codes, ran.code, allowed)
}

fn clone(place: &Place, how: &[&str]) -> Repo {
    let name = format!("clone{}", how.concat().replace(':', ""));
    let to = place.repo.0.with_file_name(name);
    let url = format!("file://{}", place.repo.0.display());
    place.repo.git("config uploadpack.allowFilter true");
    place.repo.git_with(&[&["clone", "-q"], how, &[&url, to.to_str().unwrap()]].concat(), b"");
    Repo(to)
}

/// Runs the hint of a report.
fn follow(place: &Place, repo: &Repo) {
    let said = place.run_in(&repo.0, &["scan", "--history"], b"").err;
    let hint = said.lines().find_map(|line| line.strip_prefix("hint: git ")).unwrap().to_owned();
    repo.git(&hint);
}

#[test]
fn what_git_says_of_a_file_that_holds_a_key_is_told_without_it() {
    let place = Place::new();
    place.repo.commit("a", "clean");
    let foreign = Key::v2().0;
    for line in [format!("GETIMG_API_KEY={foreign}"), format!("x={foreign}"), format!("it is {}", key("dev"))]
    {
        fs::write(place.repo.0.join(".git/packed-refs"), format!("{line}\n")).unwrap();
        for how in [&["--history"][..], &["--history", "--json"], &["--history", "--format", "sarif"]] {
            let ran = place.run_in(&place.repo.0, &[&["scan"], how].concat(), b"");
            let said = format!("{}{}", ran.out, ran.err);
            assert!(said.contains("git: "), "{said}");
            let words = || line.split([' ', '=']).filter(|word| word.len() > 20);
            assert!(words().count() == 1 && words().all(|key| !said.contains(key)), "{how:?}");
        }
    }
}

#[test]
fn a_partial_clone_lacks_objects_until_its_hint_is_followed() {
    let place = Place::new();
    place.repo.commit("old", key("dev"));
    place.repo.git("rm -q old");
    place.repo.git("commit -qm gone");
    place.repo.commit("new", "clean");
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let partial = clone(&place, &[filter]);
        assert_eq!(
            unread(&place, &partial.0, &["--history"]),
            (json!(["partial-clone"]), Some(5), Some(0)),
            "{filter}"
        );
        follow(&place, &partial);
        assert_eq!(unread(&place, &partial.0, &["--history"]).1, Some(8), "{filter}");
    }
}

#[test]
fn a_shallow_clone_lacks_commits_until_its_hint_is_followed() {
    let place = Place::new();
    place.repo.commit("old", key("dev"));
    place.repo.git("rm -q old");
    place.repo.git("commit -qm gone");
    let shallow = clone(&place, &["--depth=1"]);
    assert_eq!(unread(&place, &shallow.0, &["--history"]), (json!(["shallow-clone"]), Some(5), Some(0)));
    follow(&place, &shallow);
    assert_eq!(unread(&place, &shallow.0, &["--history"]), (json!([]), Some(8), Some(8)));
}

#[test]
fn a_missing_or_damaged_object_is_named() {
    for kind in ["HEAD:a", "HEAD^{tree}", "HEAD~1"] {
        let place = Place::new();
        place.repo.commit("a", "some text");
        place.repo.commit("b", "some more");
        let id = place.repo.git(&format!("rev-parse {kind}"));
        let file = place.repo.0.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let mut whole = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert_eq!(
            unread(&place, &place.repo.0, &["--history"]),
            (json!(["missing"]), Some(5), Some(0)),
            "{kind}"
        );
        let half = whole.len() / 2;
        whole.truncate(half);
        fs::write(&file, &whole).unwrap();
        assert_eq!(unread(&place, &place.repo.0, &["--history"]).1, Some(5), "{kind}");
    }
}

#[test]
fn a_pack_that_is_gone_is_missed() {
    let place = Place::new();
    place.repo.commit("a", "some text");
    place.repo.git("repack -q -d");
    place.repo.commit("b", "some more");
    place.repo.git("repack -q -d");
    let packs = fs::read_dir(place.repo.0.join(".git/objects/pack")).unwrap();
    let packs: Vec<_> = packs.map(|entry| entry.unwrap().path()).collect();
    let first = packs.iter().find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    fs::remove_file(first).unwrap();
    let (codes, code, _) = unread(&place, &place.repo.0, &["--history"]);
    assert!(codes.as_array().unwrap().contains(&json!("missing")) && code == Some(5), "{codes}");
    fs::remove_file(first.with_extension("idx")).unwrap();
    assert_eq!(unread(&place, &place.repo.0, &["--history"]).1, Some(5));
}

#[test]
fn folders_that_may_not_be_read_are_named_in_the_tree_and_among_the_objects() {
    let place = Place::new();
    place.repo.commit("dir/a", "some text");
    let id = place.repo.git("rev-parse HEAD:dir/a");
    for (folder, how) in [("dir".to_owned(), &[][..]), (format!(".git/objects/{}", &id[..2]), &["--history"])]
    {
        let folder = place.repo.0.join(folder);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
        let run = |more| place.run_kept_out(&place.repo.0, &[&["scan", more], how].concat(), b"");
        let (ran, allowed) = (run("--json"), run("--allow-unread").code);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(answer["skipped"][0]["why"], "forbidden", "{answer}");
        assert_eq!((ran.code, allowed), (Some(5), Some(0)));
    }
}

#[test]
fn no_file_of_the_work_tree_is_taken_for_one_of_gits_objects() {
    let place = Place::new();
    place.repo.commit("ab", "a name like that of a folder of objects");
    place.repo.commit(&format!("cd/{}", "e".repeat(38)), "a name like that of an object");
    assert_eq!(unread(&place, &place.repo.0, &["--history"]), (json!([]), Some(0), Some(0)));
}

#[test]
fn a_repository_that_git_cannot_read_is_not_taken_for_none() {
    let place = Place::new();
    place.repo.commit("a", "text");
    fs::remove_file(place.repo.0.join(".git/HEAD")).unwrap();
    let ran = place.run(&["scan", "--history"]);
    let said = format!("{}/.git is there, and git cannot read it as a repository", place.repo.0.display());
    assert!(ran.code == Some(5) && ran.err.contains(&said), "{ran:?}");
}

pub(super) fn pointer(id: &str) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 12\n")
}

#[test]
fn an_object_of_git_lfs_is_searched_where_it_is_held_and_named_where_it_is_not() {
    let place = Place::new();
    let id = "ab".repeat(32);
    place.repo.write("model.bin", pointer(&id));
    place.repo.git("add model.bin");
    for how in [&[][..], &["--staged"]] {
        assert_eq!(
            unread(&place, &place.repo.0, how),
            (json!(["lfs-object-missing"]), Some(5), Some(0)),
            "{how:?}"
        );
    }
    place.repo.git("commit -qm pointer");
    assert_eq!(unread(&place, &place.repo.0, &["--history"]).1, Some(5));
    place.repo.write(&format!(".git/lfs/objects/ab/ab/{id}"), format!("\nkey {}", key("dev")));
    place.repo.git("commit -q --amend --allow-empty -m x");
    place.repo.git("rm -q --cached model.bin");
    place.repo.git("commit -qm gone");
    place.repo.git("add model.bin");
    for how in [&[][..], &["--staged"], &["--history"]] {
        let (code, answer) = place.json(&[&["scan"], how].concat());
        assert_eq!((code, &answer["skipped"]), (Some(8), &json!([])), "{how:?}");
        assert_eq!(answer["findings"][0]["line"], 2, "{how:?}");
    }
}

#[test]
fn a_submodule_that_is_not_here_is_named() {
    let place = Place::new();
    let other = Repo::new(&place.repo.0.with_file_name("other"));
    other.commit("a", "text");
    place.repo.git_with(&["submodule", "add", "-q", other.0.to_str().unwrap(), "lib"], b"");
    place.repo.git("commit -qm submodule");
    let copy = clone(&place, &[]);
    for how in [&[][..], &["--history"]] {
        let (codes, code, allowed) = unread(&place, &copy.0, how);
        assert_eq!((codes, code, allowed), (json!(["submodule-missing"]), Some(5), Some(0)), "{how:?}");
    }
    let above = copy.0.parent().unwrap();
    for how in [&["clone"][..], &["clone", "work"]] {
        let codes = unread(&place, above, how).0;
        assert_eq!(codes, json!(["submodule-missing"]), "below what is searched");
    }
    fs::remove_file(copy.0.join(".gitmodules")).unwrap();
    for index in ["--no-split-index", "--split-index"] {
        copy.git(&format!("update-index {index}"));
        assert_eq!(unread(&place, &copy.0, &[]).0, json!(["submodule-missing"]), "no list of them, {index}");
    }
    copy.git("checkout -q .gitmodules");
    copy.git("submodule update -q --init");
    assert_eq!(unread(&place, &copy.0, &["--history"]), (json!([]), Some(0), Some(0)));
    fs::remove_file(copy.0.join(".gitmodules")).unwrap();
    fs::write(copy.0.join(".git/index"), "damaged").unwrap();
    assert_eq!(unread(&place, &copy.0, &[]), (json!(["unreadable"]), Some(5), Some(0)), "a damaged index");
}

#[test]
fn a_bare_repository_that_git_refuses_is_told_and_the_rest_is_read() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.git("clone -q --bare . below.git");
    place.repo.write("b", key("dev"));
    let refusing =
        ["GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.bareRepository", "GIT_CONFIG_VALUE_0=explicit"];
    let mut call = std::process::Command::new("env");
    call.args(refusing).arg(env!("CARGO_BIN_EXE_getimg-keys")).args(["scan", "--json"]);
    call.current_dir(&place.repo.0).env("GETIMG_KEYS_HOME", &place.home);
    let answer: Value = serde_json::from_slice(&call.output().unwrap().stdout).unwrap();
    assert_eq!(answer["findings"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["skipped"][0]["why"], "unreadable", "{answer}");
}

#[test]
fn a_pointer_of_git_lfs_is_no_clean_file_where_git_does_not_say_which_repository_it_is_in() {
    let place = Place::new();
    place.repo.write("deep/model.bin", pointer(&"ab".repeat(32)));
    let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
    call.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let ran = place.run_with(call, &place.repo.0, &["scan", "--json"], b"");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let part = &answer["skipped"][0];
    assert_eq!((ran.code, &part["why"]), (Some(5), &json!("unreadable")), "{answer}");
    assert!(part["path"].as_str().unwrap().ends_with("deep/model.bin"), "{answer}");
    assert!(part["message"].as_str().unwrap().contains("dubious ownership"), "{answer}");
}
