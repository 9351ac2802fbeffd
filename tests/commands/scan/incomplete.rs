//! Whether a key was pushed, if not everything that the remotes have is here: then it is unknown.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};
use super::pushed::with_remote;
use crate::support::repositories::Repo;

fn pushed(place: &Place, repo: &Repo) -> Value {
    let ran = place.run_in(&repo.0, &["scan", "--history", "--json"], b"");
    findings(&serde_json::from_str(&ran.out).unwrap(), &["pushed"])
}

fn lose(repo: &Repo, id: &str) {
    fs::remove_file(repo.0.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
}

fn clone(place: &Place, how: &str) -> Repo {
    let to = place.repo.0.with_file_name("clone");
    place.repo.git("config uploadpack.allowFilter true");
    let url = format!("file://{}", place.repo.0.display());
    place.repo.git_with(&["clone", "-q", how, &url, to.to_str().unwrap()], b"");
    Repo(to)
}

#[test]
fn a_pushed_commit_behind_a_missing_one_is_not_said_to_be_unpushed() {
    for lost in ["HEAD~1", "HEAD", "HEAD~1^{tree}"] {
        let place = with_remote();
        place.repo.commit("config", key("dev"));
        place.repo.commit("other", "text");
        place.repo.git("rm -q config");
        place.repo.git("commit -qm gone");
        place.repo.git("push -q origin main");
        assert_eq!(pushed(&place, &place.repo), json!([[true]]));
        let lost = place.repo.git(&format!("rev-parse {lost}"));
        place.repo.git("update-ref refs/heads/main HEAD~2");
        for log in ["HEAD", "refs/heads/main", "refs/remotes/origin/main"] {
            fs::remove_file(place.repo.0.join(".git/logs").join(log)).unwrap();
        }
        place.repo.write("new", key("retired"));
        place.repo.git("add new");
        place.repo.git("commit -qm new");
        lose(&place.repo, &lost);
        let both = pushed(&place, &place.repo);
        let all = both.as_array().unwrap();
        assert!(all.len() == 2 && all.contains(&json!([null])) && !all.contains(&json!([false])), "{both}");
    }
}

#[test]
fn what_is_not_known_is_told_in_every_format_and_its_history_is_not_rewritten() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    place.repo.git("push -q origin main");
    let shallow = clone(&place, "--depth=1");
    shallow.commit("new", key("retired"));
    assert_eq!(pushed(&place, &shallow), json!([[true], [null]]));
    let text = place.run_in(&shallow.0, &["scan", "--history"], b"").out;
    let unknown = "pushed or not is unknown: 1 finding is in a history of which a part could not be read; \
                   revoke as if pushed\n";
    assert!(text.contains(unknown) && !text.contains("not pushed"), "{text}");
    assert!(!text.contains("rebase") && text.contains("pushed or not is unknown; 2024-05-06; in heads/main"));
    let sarif = place.run_in(&shallow.0, &["scan", "--history", "--format", "sarif"], b"").out;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let told = |n: usize| sarif["runs"][0]["results"][n]["properties"]["pushed"].clone();
    assert_eq!((told(0), told(1)), (json!(true), Value::Null));
    shallow.git("fetch -q --unshallow");
    assert_eq!(pushed(&place, &shallow), json!([[true], [false]]));
}

#[test]
fn a_partial_clone_without_folders_cannot_tell_and_one_without_files_can() {
    for (filter, expected) in [("--filter=tree:0", json!([[null]])), ("--filter=blob:none", json!([[false]]))]
    {
        let place = with_remote();
        place.repo.commit("other", "text");
        place.repo.commit("more", "text");
        let partial = clone(&place, filter);
        partial.commit("new", key("dev"));
        assert_eq!(pushed(&place, &partial), expected, "{filter}");
    }
}

#[test]
fn what_is_missing_of_no_remote_changes_nothing() {
    let place = with_remote();
    place.repo.git("push -q origin main");
    let lost = place.repo.commit("lost", "text");
    place.repo.commit("config", key("dev"));
    lose(&place.repo, &lost);
    assert_eq!(pushed(&place, &place.repo), json!([[false]]));
}

#[test]
fn a_ref_that_a_crash_has_left_without_content_is_listed_and_makes_it_unknown() {
    let place = with_remote();
    place.repo.commit("config", key("dev"));
    assert_eq!(pushed(&place, &place.repo), json!([[false]]));
    let broken = place.repo.0.join(".git/refs/remotes/origin/topic");
    fs::create_dir_all(broken.parent().unwrap()).unwrap();
    fs::write(&broken, "").unwrap();
    let ran = place.run(&["scan", "--history", "--json"]);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(findings(&answer, &["pushed"]), json!([[null]]));
    let skipped = &answer["skipped"][0];
    assert_eq!((&skipped["path"], &skipped["why"]), (&json!(broken), &json!("damaged")), "{answer}");
}

#[test]
fn what_was_fetched_and_cannot_be_read_leaves_it_unknown_whether_a_key_was_pushed() {
    let place = with_remote();
    let commit = place.repo.commit("config", key("dev"));
    place.repo.git("worktree add -q --detach ../linked HEAD~1");
    let own = place.repo.0.join(".git");
    let linked = own.join("worktrees/linked");
    for name in ["worktrees/linked/FETCH_HEAD", "FETCH_HEAD", "worktrees", "worktrees/linked/HEAD"] {
        let file = if name == "FETCH_HEAD" { own.join(name) } else { linked.join("FETCH_HEAD") };
        fs::write(&file, format!("{commit}\t\tbranch 'main' of elsewhere\n")).unwrap();
        let pushed = || {
            let ran = place.run_kept_out(&place.repo.0, &["scan", "--history", "--json"], b"");
            let answer: Value = serde_json::from_str(&ran.out).unwrap();
            let told = answer["skipped"].to_string();
            (answer["findings"][0]["pushed"].clone(), told.contains(&format!(".git/{name}")))
        };
        assert_eq!(pushed(), (json!(true), false), "{name}");
        let mode = |mode| fs::set_permissions(own.join(name), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o000);
        let hidden = pushed();
        mode(0o755);
        assert_eq!(hidden, (Value::Null, true), "{name}");
        fs::remove_file(&file).unwrap();
    }
}
