//! Everything that can contain a key is read.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};
use crate::support::repositories::Repo;

/// Runs a line of bash in a folder; `"$K"` is the program.
fn bash(place: &Place, line: &str) -> (Option<i32>, String) {
    let mut call = Command::new("bash");
    call.args(["-c", line]).current_dir(&place.repo.0).env("GETIMG_KEYS_HOME", &place.home);
    call.env("K", env!("CARGO_BIN_EXE_getimg-keys")).stdin(Stdio::null());
    let output = call.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn pipes_that_are_named_are_read() {
    let place = Place::new();
    place.repo.write("f", format!("\n{}\n", key("dev")));
    for line in [
        "\"$K\" scan <(cat f)",
        "cat f | \"$K\" scan /dev/stdin",
        "\"$K\" scan /dev/stdin < f",
        "mkfifo pipe; cat f > pipe & \"$K\" scan pipe",
        "cat f | \"$K\" scan --stdin",
    ] {
        let (code, said) = bash(&place, line);
        assert!(code == Some(8) && said.contains("1 key in 1 file"), "{line}: {said}");
    }
}

#[test]
fn a_standard_input_that_is_closed_was_not_read() {
    let place = Place::new();
    for line in ["\"$K\" scan --stdin <&-", "\"$K\" scan /dev/stdin <&-"] {
        let (code, said) = bash(&place, line);
        assert!(code == Some(5) && said.contains(": it is closed, or the null device"), "{line}: {said}");
    }
    let (_, said) = bash(&place, "\"$K\" scan --stdin --json <&-");
    assert!(said.contains("\"path\":\"<stdin>\",\"why\":\"unreadable\""), "{said}");
    let (code, said) = bash(&place, "\"$K\" scan --stdin </dev/null");
    assert!(code == Some(0) && !said.contains("not read"), "{said}");
}

#[test]
fn a_pipe_that_nothing_writes_to_is_listed_and_not_waited_for() {
    let place = Place::new();
    place.repo.write("f", key("dev"));
    let (code, said) =
        bash(&place, "mkfifo pipe; ln -s pipe link; timeout 20 \"$K\" scan pipe link f; echo $?");
    assert!(code == Some(0) && said.contains("\n8\n"), "{said}");
    let listed = said.matches("it is a named pipe, and nothing writes to").count();
    assert!(listed > 0 && said.contains("1 key in 1 file"), "{said}");
    let (_, said) = bash(&place, "timeout 20 \"$K\" scan pipe --json; echo $?");
    assert!(said.contains("\"why\":\"unreadable\"") && said.contains("\n5\n"), "{said}");
    // A writer that writes after a pause is waited for.
    let (_, said) = bash(&place, "(exec > pipe; sleep 2; cat f) & timeout 20 \"$K\" scan pipe; echo $?");
    assert!(said.contains("1 key in 1 file") && said.contains("\n8\n"), "{said}");
    let (_, said) = bash(&place, "timeout 20 \"$K\" scan <(true) /dev/null; echo $?");
    assert!(said.ends_with("\n0\n") && !said.contains("not read"), "{said}");
}

#[test]
fn where_a_link_leads_is_read_like_the_text_of_a_file_and_not_followed() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    fs::write(place.home().join("outside"), key("retired")).unwrap();
    symlink(place.home().join("outside"), place.repo.0.join("to")).unwrap();
    symlink(format!("https://{}@example.com", key("dev")), place.repo.0.join("link")).unwrap();
    symlink(OsStr::from_bytes(b"no\xfftext"), place.repo.0.join("odd")).unwrap();
    let (code, answer) = place.json(&["scan"]);
    assert_eq!((code, findings(&answer, &["path", "line"])), (Some(8), json!([["link", 1]])));
    place.repo.git("add link");
    assert_eq!(place.json(&["scan", "--staged"]).0, Some(8));
}

#[test]
fn submodules_of_every_shape_are_read() {
    let place = Place::new();
    let other = Repo::new(&place.repo.0.with_file_name("other"));
    other.commit("a", key("dev"));
    other.git("rm -q a");
    other.git("commit -qm gone");
    place.repo.commit("README", "text");
    let url = other.0.to_str().unwrap();
    let finds = |folder: &std::path::Path, what: &str| {
        let ran = place.run_in(folder, &["scan", "--history", "--json"], b"");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &answer["skipped"]), (Some(8), &json!([])), "{what}: {answer}");
    };
    // A submodule with the name of git's own folder of objects.
    place.repo.git_with(&["submodule", "add", "-q", "--name", "objects", url, "lib"], b"");
    place.repo.git("commit -qm submodule");
    finds(&place.repo.0, "objects");
    // Only in a linked work tree.
    let linked = Repo(place.repo.0.with_file_name("linked"));
    place.repo.git_with(&["worktree", "add", "-q", linked.0.to_str().unwrap()], b"");
    place.repo.git("submodule deinit -q -f lib");
    fs::remove_dir_all(place.repo.0.join(".git/modules")).unwrap();
    linked.git("submodule update -q --init");
    finds(&linked.0, "linked");
    // A submodule with a `.git` folder of its own.
    let place = Place::new();
    place.repo.git_with(&["clone", "-q", url, "inner"], b"");
    place.repo.git("add inner");
    place.repo.git("commit -qm inner");
    let (code, answer) = place.json(&["scan", "--history"]);
    assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([["a"]])));
}

#[test]
fn a_bare_repository_is_searched_as_a_history_wherever_it_lies() {
    let place = Place::new();
    place.repo.commit("a", key("dev"));
    place.repo.git("clone -q --bare . ../below/bare.git");
    let below = place.repo.0.with_file_name("below");
    for (folder, path) in
        [(below.join("bare.git"), "."), (below.clone(), "."), (place.repo.0.clone(), "../below")]
    {
        let ran = place.run_in(&folder, &["scan", path, "--json"], b"");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        let found = findings(&answer, &["kind", "path"]);
        assert_eq!((ran.code, found), (Some(8), json!([["history", "a"]])), "{folder:?}");
    }
}

#[test]
fn gits_configuration_is_read() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place
        .repo
        .git_with(&["config", "http.extraHeader", &format!("Authorization: Bearer {}", key("dev"))], b"");
    for how in [&["scan"][..], &["scan", "--history"], &["scan", ".git"]] {
        let (code, answer) = place.json(how);
        let path = answer["findings"][0]["path"].as_str().unwrap_or_default().to_owned();
        assert!(code == Some(8) && path.ends_with(".git/config"), "{how:?} {answer}");
    }
}

#[test]
fn what_a_push_brings_is_searched_before_it_is_taken_in() {
    let place = Place::new();
    place.repo.commit("README", "text");
    place.repo.git("clone -q --bare . ../server.git");
    let server = place.repo.0.with_file_name("server.git");
    let hook = server.join("hooks/pre-receive");
    let program = env!("CARGO_BIN_EXE_getimg-keys");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec '{program}' scan --quiet\n")).unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let push = |place: &Place| {
        let mut call = Command::new("git");
        call.current_dir(&place.repo.0).env("GETIMG_KEYS_HOME", &place.home);
        call.args(["push", "-q", "../server.git", "HEAD:refs/heads/topic"]).output().unwrap().status.success()
    };
    place.repo.commit("b", "clean");
    assert!(push(&place));
    place.repo.commit("c", key("dev"));
    assert!(!push(&place));
}

#[test]
fn names_that_are_not_utf_8_are_told_apart() {
    let place = Place::new();
    place.repo.commit(".gitignore", "ignored*\n");
    for name in [&b"a\xff"[..], b"a\xfe", b"ignored\xff"] {
        fs::write(place.repo.0.join(OsStr::from_bytes(name)), key("dev")).unwrap();
    }
    let (code, answer) = place.json(&["scan"]);
    let expected = json!([["a\\xfe", false], ["a\\xff", false], ["ignored\\xff", true]]);
    assert_eq!((code, findings(&answer, &["path", "ignored"])), (Some(8), expected));
    place.repo.git("add -A");
    assert_eq!(findings(&place.json(&["scan", "--staged"]).1, &["path"]), json!([["a\\xfe"], ["a\\xff"]]));
    place.repo.git("commit -qm names");
    let found = findings(&place.json(&["scan", "--history"]).1, &["path"]);
    assert!(
        found.as_array().unwrap().len() == 1 && found[0][0].as_str().unwrap().starts_with("a\\xf"),
        "{found}"
    );
}

#[test]
fn a_linked_work_tree_of_a_folder_that_is_not_utf_8_has_a_history() {
    let place = Place::new();
    let odd = Repo::new(&place.repo.0.with_file_name(OsStr::from_bytes(b"odd\xff")));
    odd.commit("a", key("dev"));
    let linked = place.repo.0.with_file_name("linked");
    odd.git_with(&["worktree", "add", "-q", linked.to_str().unwrap()], b"");
    assert_eq!(place.run_in(&linked, &["scan", "--history"], b"").code, Some(8));
    assert_eq!(place.run_in(&odd.0, &["scan", "--history"], b"").code, Some(8));
}

#[test]
fn gits_variables_for_paths_change_no_answer() {
    let place = Place::new();
    place.repo.commit(".gitignore", "*.env\n");
    place.repo.write("sub/new", key("dev"));
    place.repo.write("a.env", key("dev"));
    place.repo.git("add sub/new");
    for variable in ["LITERAL", "GLOB", "ICASE", "NOGLOB"].map(|name| format!("GIT_{name}_PATHSPECS")) {
        for how in ["--staged", "--staged n*w sub", "a.env", "--history"] {
            let answers =
                ["0", "1"].map(|value| bash(&place, &format!("{variable}={value} \"$K\" scan {how}")));
            assert_eq!(answers[0], answers[1], "{variable} {how}");
        }
    }
}

#[test]
fn text_in_utf_16_without_a_mark_is_read_from_a_pipe_too() {
    let place = Place::new();
    let text: Vec<u8> =
        format!("first line of it\r\n{}\r\n", key("dev")).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_getimg-keys"));
    child.args(["scan", "--stdin", "--quiet"]).env("GETIMG_KEYS_HOME", &place.home).stdin(Stdio::piped());
    let mut child = child.stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(8));
}

#[test]
fn what_git_keeps_for_itself_is_read_but_for_the_history() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.git_with(&["update-ref", "--create-reflog", "-m", &key("dev"), "refs/heads/b", "HEAD"], b"");
    let files = ["hooks/pre-commit", "MERGE_MSG", "rebase-apply/0001", "info/exclude", "annex/objects/k"];
    for file in files {
        place.repo.write(&format!(".git/{file}"), key("dev"));
    }
    for how in [&["scan"][..], &["scan", ".", ".git/hooks", ".git/info/exclude"]] {
        let (code, answer) = place.json(how);
        let found = findings(&answer, &["path"]).to_string();
        assert_eq!(code, Some(8));
        files.iter().for_each(|file| assert!(found.contains(&format!(".git/{file}\"")), "{how:?} {file}"));
        assert_eq!(answer["findings"].as_array().unwrap().len(), 5, "{how:?} {found}");
    }
}

#[test]
fn in_a_linked_work_tree_what_git_keeps_for_all_of_them_is_read() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.git_with(&["config", "http.extraHeader", &format!("X-Getimg-Key: {}", key("dev"))], b"");
    let linked = place.repo.0.with_file_name("linked");
    place.repo.git_with(&["worktree", "add", "-q", linked.to_str().unwrap()], b"");
    let answer: Value = serde_json::from_str(&place.run_in(&linked, &["scan", "--json"], b"").out).unwrap();
    let config = place.repo.0.join(".git/config");
    assert_eq!(findings(&answer, &["path"]), json!([[config]]));
}

#[test]
fn what_only_looks_like_a_repository_hides_nothing() {
    for in_repository in [true, false] {
        let place = Place::new();
        let top = if in_repository { place.repo.0.clone() } else { place.repo.0.with_file_name("other") };
        for folder in ["data/objects/ab", "data/refs"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        fs::write(top.join("data/HEAD"), "nonsense").unwrap();
        fs::write(top.join("data/objects/ab/file"), key("dev")).unwrap();
        fs::write(top.join("data/refs/file"), key("retired")).unwrap();
        let answer = place.run_in(&top, &["scan", "data", "--json"], b"").out;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["findings"].as_array().unwrap().len(), 2, "{answer}");
    }
}
