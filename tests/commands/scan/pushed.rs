//! Where a key in the history came from: every commit that adds it counts.

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};
use crate::support::repositories::Repo;

const MEMBERS: [&str; 5] = ["path", "commit", "refs", "pushed", "reflog"];

/// A repository with a remote beside it and one commit without keys.
pub(super) fn with_remote() -> Place {
    let place = Place::new();
    let remote = Repo(place.repo.0.with_file_name("remote.git"));
    place.repo.git_with(&["init", "-q", "--bare", remote.0.to_str().unwrap()], b"");
    place.repo.git("remote add origin ../remote.git");
    place.repo.commit("README", "nothing\n");
    place
}

fn history(place: &Place) -> Value {
    let (code, answer) = place.json(&["scan", "--history"]);
    assert_eq!((code, &answer["skipped"]), (Some(8), &json!([])), "{answer}");
    findings(&answer, &MEMBERS)
}

#[test]
fn a_commit_that_was_amended_and_then_pushed_is_pushed() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    place.repo.git("commit -q --amend -m amended");
    assert_eq!(history(&place)[0][3], false);
    place.repo.git("push -q origin main");
    let pushed = place.repo.git("rev-parse HEAD");
    let refs = json!(["refs/heads/main", "refs/remotes/origin/main"]);
    assert_eq!(history(&place), json!([["config", pushed, refs, true, false]]));
}

#[test]
fn a_commit_that_was_rebased_or_picked_and_then_pushed_is_pushed() {
    for how in ["rebase -q main", "cherry-pick topic"] {
        let place = with_remote();
        place.repo.git("checkout -q -b topic");
        place.repo.commit("deep/er/config", key("dev"));
        place.repo.git("checkout -q main");
        place.repo.commit("other", "text");
        place.repo.git(if how.starts_with("rebase") { "checkout -q topic" } else { "checkout -q main" });
        place.repo.git(how);
        place.repo.git("push -q origin HEAD");
        assert_eq!(history(&place)[0][3], true, "{how}");
        assert_eq!(history(&place)[0][0], "deep/er/config", "{how}");
    }
}

#[test]
fn what_was_pushed_and_then_forced_away_was_pushed_all_the_same() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    place.repo.git("push -q origin main");
    place.repo.git("reset -q --hard HEAD~1");
    place.repo.git("push -q --force origin main");
    let found = history(&place);
    assert_eq!((&found[0][2], &found[0][3]), (&json!([]), &json!(true)));
}

#[test]
fn what_only_a_reflog_or_a_stash_holds_is_said_to_be_there() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    place.repo.git("reset -q --hard HEAD~1");
    assert_eq!(history(&place)[0][4], true);
    let ran = place.run(&["scan", "--history"]);
    assert!(ran.out.contains("only a reflog holds it"), "{}", ran.out);
    assert!(ran.out.starts_with("not pushed: 1 finding is on no remote"), "{}", ran.out);
    assert!(ran.out.contains("git reflog expire --expire=now --all && git gc --prune=now"), "{}", ran.out);
    place.repo.write("README", key("retired"));
    place.repo.git("stash -q");
    let (_, answer) = place.json(&["scan", "--history"]);
    let stash = answer["findings"].as_array().unwrap().iter().find(|f| f["state"] == "retired").unwrap();
    assert_eq!((&stash["refs"], &stash["reflog"]), (&json!(["refs/stash"]), &json!(false)));
}

#[test]
fn a_note_and_a_merge_bring_keys_too() {
    let place = with_remote();
    place.repo.git_with(&["notes", "add", "-m", &format!("is {}", key("dev"))], b"");
    let found = history(&place);
    assert_eq!(found[0][2], json!(["refs/notes/commits"]));
}

#[test]
fn what_replaces_an_object_hides_nothing_of_it() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    let blob = place.repo.git("rev-parse HEAD:config");
    let clean = place.repo.git_with(&["hash-object", "-w", "--stdin"], b"clean");
    place.repo.git(&format!("replace {blob} {clean}"));
    assert_eq!(history(&place)[0][0], "config");
    place.repo.write("new", key("dev"));
    place.repo.git("add new");
    assert_eq!(place.json(&["scan", "--staged"]).0, Some(8));
}

#[test]
fn one_key_in_six_hundred_versions_of_a_file_is_one_finding() {
    let place = with_remote();
    let mut stream = String::new();
    for n in 0..600 {
        let text = format!("{n}\nKEY={}\n{}", key("dev"), "line\n".repeat(n % 7));
        let from = if n == 0 { "from refs/heads/main^0\n" } else { "" };
        stream.push_str(&format!(
            "commit refs/heads/main\ncommitter t <t@example.com> {} +0200\ndata 1\nx\n{from}M 100644 inline config\ndata {}\n{text}\n",
            1_700_000_000 + n,
            text.len()
        ));
    }
    place.repo.git_with(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    let (code, answer) = place.json(&["scan", "--history"]);
    let found = findings(&answer, &["path", "line", "author_date", "refs", "pushed"]);
    let date = "2023-11-15T00:13:20+02:00";
    assert_eq!((code, found), (Some(8), json!([["config", 2, date, ["refs/heads/main"], false]])));
}

#[test]
fn the_commands_of_the_report_are_for_the_repository_that_was_searched() {
    let place = with_remote();
    let commit = place.repo.commit("config", key("dev"));
    let (here, there) = (place.repo.0.as_path(), place.repo.0.parent().unwrap());
    for (folder, path, git) in
        [(here, ".", "git".to_owned()), (there, "work", format!("git -C {}", here.display()))]
    {
        let said = place.run_in(folder, &["scan", "--history", path], b"").out;
        for command in [
            format!("→ {git} rebase --interactive --rebase-merges {}^", &commit[..12]),
            format!("→ {git} reflog expire --expire=now --all && {git} gc --prune=now"),
        ] {
            assert!(said.contains(&command), "{command}: {said}");
        }
    }
}

#[test]
fn a_pointer_of_git_lfs_and_the_name_of_a_file_are_pushed_with_the_commit_that_brings_them() {
    let place = with_remote();
    let id = "ab".repeat(32);
    place.repo.write(&format!(".git/lfs/objects/ab/ab/{id}"), key("dev"));
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 43\n");
    let first = place.repo.commit("deep/model.bin", pointer);
    let name = format!("of {}", key("retired"));
    place.repo.write(&format!("deep/{name}"), "text");
    place.repo.git("add -A");
    place.repo.git("commit -qm name");
    let second = place.repo.git("rev-parse HEAD");
    let found = |pushed: bool, refs: &Value| {
        let (code, answer) = place.json(&["scan", "--history"]);
        let members = ["part", "commit", "refs", "pushed"];
        assert_eq!(code, Some(8));
        let expected = json!([["content", first, refs, pushed], ["file_name", second, refs, pushed]]);
        assert_eq!(findings(&answer, &members), expected, "{answer}");
    };
    found(false, &json!(["refs/heads/main"]));
    place.repo.git("push -q origin main");
    found(true, &json!(["refs/heads/main", "refs/remotes/origin/main"]));
    // Neither file exists any more, and all objects are in one pack.
    place.repo.git("rm -q -r deep");
    place.repo.git("commit -qm gone");
    place.repo.git("gc -q");
    found(true, &json!(["refs/heads/main", "refs/remotes/origin/main"]));
}

#[test]
fn a_commit_without_a_date_has_none() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    let whole = place.repo.git("cat-file commit HEAD");
    let undated: Vec<_> = whole
        .lines()
        .map(
            |line| if line.starts_with("author ") { "author t <t@example.com> some day +0000" } else { line },
        )
        .collect();
    let write = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
    let commit = place.repo.git_with(&write, format!("{}\n", undated.join("\n")).as_bytes());
    place.repo.git(&format!("reset -q --hard {}", commit.trim()));
    place.repo.git("reflog expire --expire=now --all");
    place.repo.git("prune --expire=now");
    let (_, answer) = place.json(&["scan", "--history"]);
    assert_eq!(findings(&answer, &["commit", "author_date"]), json!([[commit.trim(), null]]), "{answer}");
}
