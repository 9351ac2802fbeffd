//! Files of git that this user may not read: git stops at some and continues without others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use super::place::{Place, Ran, key};
use crate::support::repositories::Repo;

/// What git itself reads, in its order.
const OWN: [&str; 8] =
    ["", "HEAD", "config", "refs", "refs/heads", "refs/heads/other", "packed-refs", "index"];

/// Runs while a file or folder of git has mode 0.
fn without(place: &Place, name: &str, run: impl Fn() -> Ran) -> Ran {
    closed(&place.repo.0.join(".git").join(name), run)
}

/// Runs while a file or folder has mode 0.
fn closed(path: &Path, run: impl Fn() -> Ran) -> Ran {
    let mode = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o000);
    let ran = run();
    mode(0o755);
    ran
}

/// A repository with a commit, a packed branch and a loose one.
fn repository() -> Place {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.git("branch packed");
    place.repo.git("pack-refs --all");
    place.repo.git("branch other");
    place.repo.git("commit -q --allow-empty -m more");
    place
}

fn skipped(ran: &Ran) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let text = |part: &Value, name: &str| part[name].as_str().unwrap().to_owned();
    answer["skipped"].as_array().unwrap().iter().map(|part| (text(part, "path"), text(part, "why"))).collect()
}

fn is_named(parts: &[(String, String)], name: &str) -> bool {
    parts
        .iter()
        .any(|(path, why)| Path::new(path).ends_with(Path::new(".git").join(name)) && why == "forbidden")
}

#[test]
fn whatever_git_may_not_read_of_a_repository_is_listed_by_every_scan() {
    let place = repository();
    for name in OWN {
        for how in [&["scan"][..], &["scan", "--history"], &["scan", "--staged"]] {
            let run = |more: &str| {
                without(&place, name, || place.run_kept_out(&place.repo.0, &[how, &[more]].concat(), b""))
            };
            let ran = run("--json");
            assert!(is_named(&skipped(&ran), name), "{how:?} of {name}: {ran:?}");
            assert_eq!(ran.code, Some(5), "{how:?} of {name}: {ran:?}");
            assert_eq!(run("--allow-unread").code, Some(0), "{how:?} of {name}");
        }
    }
}

#[test]
fn what_can_be_read_beside_it_is_searched() {
    let place = repository();
    place.repo.write("new", key("dev"));
    for name in ["HEAD", "config", "index"] {
        let ran = without(&place, name, || place.run_kept_out(&place.repo.0, &["scan", "--json"], b""));
        assert!(ran.code == Some(8) && is_named(&skipped(&ran), name), "{name}: {ran:?}");
        let both = ["scan", "--history", "--staged", "--stdin", "--json"];
        let both = || place.run_kept_out(&place.repo.0, &both, key("retired").as_bytes());
        let ran = without(&place, name, both);
        assert!(ran.code == Some(8) && is_named(&skipped(&ran), name), "{name}: {ran:?}");
    }
    place.repo.git("add new");
    place.repo.git("commit -qm new");
    for name in ["packed-refs", "index", "refs/heads/other"] {
        let history = || place.run_kept_out(&place.repo.0, &["scan", "--history", "--json"], b"");
        let ran = without(&place, name, history);
        assert!(ran.code == Some(8) && is_named(&skipped(&ran), name), "{name}: {ran:?}");
    }
}

#[test]
fn the_objects_of_a_repository_that_git_does_not_read_are_read_all_the_same() {
    for is_packed in [false, true] {
        let place = repository();
        place.repo.commit("new", key("dev"));
        place.repo.git("rm -q new");
        place.repo.git("commit -qm gone");
        if is_packed {
            place.repo.git("gc -q");
        }
        for name in ["HEAD", "config", "refs"] {
            let history = || place.run_kept_out(&place.repo.0, &["scan", "--history", "--json"], b"");
            let ran = without(&place, name, history);
            assert!(ran.code == Some(8) && is_named(&skipped(&ran), name), "{name}: {ran:?}");
            let answer: Value = serde_json::from_str(&ran.out).unwrap();
            let found = super::findings(&answer, &["path", "pushed"]);
            assert_eq!(found, serde_json::json!([["new", null]]), "{name}");
        }
    }
}

#[test]
fn git_is_not_asked_about_a_repository_in_which_it_would_wait_for_a_pipe() {
    let place = repository();
    place.repo.commit("config", key("dev"));
    let head = place.repo.0.join(".git/HEAD");
    fs::remove_file(&head).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &head, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    let ran = place.run(&["scan", "--history", "--json"]);
    assert_eq!((ran.code, skipped(&ran).len()), (Some(8), 1), "{ran:?}");
    assert!(ran.out.contains("it is a named pipe") && !ran.out.contains("neither answers"), "{ran:?}");
}

#[test]
fn a_repository_that_git_passes_over_for_one_around_it_is_read_and_listed() {
    let place = repository();
    let inner = Repo::new(&place.repo.0.join("inner"));
    inner.commit("config", key("dev"));
    fs::remove_file(inner.0.join(".git/HEAD")).unwrap();
    let ran = place.run_in(&inner.0, &["scan", "--history", "--json"], b"");
    let named = skipped(&ran).into_iter().filter(|(path, _)| Path::new(path).starts_with(&inner.0)).count();
    assert_eq!((ran.code, named), (Some(8), 1), "{ran:?}");
}

#[test]
fn a_pipe_among_borrowed_packs_is_listed_and_not_waited_for() {
    let place = repository();
    let lender = Repo::new(&place.home().join("lender"));
    let pack = lender.0.join(".git/objects/pack/pack-1.idx");
    fs::write(pack.with_extension("pack"), "").unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &pack, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    place.repo.write(".git/objects/info/alternates", format!("{}/.git/objects\n", lender.0.display()));
    let ran = place.run(&["scan", "--history", "--json"]);
    assert!(skipped(&ran).iter().any(|(path, _)| path.ends_with("pack-1.idx")), "{ran:?}");
    assert_eq!(ran.code, Some(5));
}

#[test]
fn check_and_guard_take_no_silence_of_gits_for_an_answer() {
    let place = repository();
    fs::remove_file(place.home().join("profiles.toml")).unwrap();
    place.repo.write(".gitignore", ".env\n");
    assert_eq!(place.run(&["check"]).code, Some(0));
    for name in OWN {
        let path = place.repo.0.join(".git").join(name);
        let named = |text: &str| text.contains(path.to_str().unwrap().trim_end_matches('/'));
        let check = without(&place, name, || place.run_kept_out(&place.repo.0, &["check"], b""));
        assert!(check.code == Some(5) && named(&check.out), "{name}: {check:?}");
        for action in ["status", "install"] {
            let ran = without(&place, name, || place.run_kept_out(&place.repo.0, &["guard", action], b""));
            assert!(ran.code == Some(5) && named(&ran.err) && ran.out.is_empty(), "{name}: {ran:?}");
        }
    }
    for list in [".gitignore", ".git/info/exclude"] {
        place.repo.write(list, "other\n");
        let name = if list == ".gitignore" { "../.gitignore" } else { "info/exclude" };
        let ran = without(&place, name, || place.run_kept_out(&place.repo.0, &["check"], b""));
        assert!(ran.code == Some(5) && ran.out.contains(list), "{ran:?}");
    }
}

#[test]
fn what_git_refuses_is_listed_with_its_advice_and_ends_no_other_search() {
    let place = repository();
    place.repo.write(".git/config", "[core\n");
    place.repo.write("new", key("dev"));
    for how in [&["scan", "--history"][..], &["scan", "--staged"]] {
        let ran = place.run(&[how, &["--json"]].concat());
        let told = skipped(&ran).into_iter().filter(|(_, why)| why == "unreadable").count();
        assert_eq!((ran.code, told), (Some(5), 1), "{ran:?}");
        let ran = place.run_in(&place.repo.0, &[how, &["--stdin"]].concat(), key("dev").as_bytes());
        assert!(ran.code == Some(8) && ran.err.contains("not read: "), "{ran:?}");
    }
    let none = place.run_in(place.home(), &["scan", "--history", "--json"], b"");
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "no repository is no report");
}

#[test]
fn a_folder_that_is_gone_is_no_clean_one() {
    let place = Place::new();
    let gone = place.repo.0.join("gone");
    fs::create_dir(&gone).unwrap();
    let script = "cd gone && rmdir ../gone && exec \"$0\" \"$@\"";
    for how in [&["scan"][..], &["scan", "--history"], &["scan", "--staged"]] {
        fs::create_dir_all(&gone).unwrap();
        let mut call = std::process::Command::new("sh");
        call.args(["-c", script, env!("CARGO_BIN_EXE_getimg-keys")]);
        let ran = place.run_with(call, &place.repo.0, how, b"");
        assert!(ran.code == Some(5) && ran.out.is_empty(), "{how:?} {ran:?}");
        assert!(ran.err.contains("no longer exists"), "{}", ran.err);
    }
}

#[test]
fn a_git_file_that_leads_where_this_user_may_not_look_is_listed() {
    let place = Place::new();
    let outside = place.repo.0.with_file_name("outside");
    let kept = Repo::new(&outside.join("kept"));
    place.repo.write("sub/.git", format!("gitdir: {}\n", kept.0.join(".git").display()));
    let run = || place.run_kept_out(&place.repo.0, &["scan", "--json"], b"");
    assert_eq!(skipped(&run()), []);
    let ran = closed(&outside, run);
    let parts = skipped(&ran);
    assert!(
        parts.iter().any(|(path, why)| Path::new(path).starts_with(&outside) && why == "forbidden"),
        "{ran:?}"
    );
    assert_eq!(ran.code, Some(5));
}

#[test]
fn a_linked_work_tree_whose_place_may_not_be_read_is_listed() {
    let place = repository();
    place.repo.git("worktree add -q ../linked");
    let ran = without(&place, "worktrees/linked/gitdir", || {
        place.run_kept_out(&place.repo.0, &["scan", "--history", "--json"], b"")
    });
    assert!(is_named(&skipped(&ran), "worktrees/linked/gitdir"), "{ran:?}");
    assert_eq!(ran.code, Some(5));
}

#[test]
fn a_path_that_may_not_be_looked_at_is_not_said_to_be_absent() {
    let place = Place::new();
    place.repo.write("closed/in/.env", "text");
    let folder = place.repo.0.join("closed");
    let run = |command: &str| {
        let run = || place.run_kept_out(&place.repo.0, &[command, "closed/in"], b"");
        closed(&folder, run)
    };
    let (scanned, checked) = (run("scan"), run("check"));
    assert!(scanned.code == Some(5) && scanned.err.contains("may not be read"), "{scanned:?}");
    assert!(checked.out.contains("was not searched: it may not be read"), "{checked:?}");
    for command in ["scan", "check"] {
        assert_eq!(
            place.run(&[command, "closed/out"]).code,
            Some(2),
            "what is not there is a slip of the pen"
        );
    }
}

#[test]
fn an_object_of_git_lfs_that_may_not_be_read_is_not_said_to_be_missing() {
    let place = repository();
    let id = "ab".repeat(32);
    place.repo.write("model.bin", super::unread::pointer(&id));
    let object = format!(".git/lfs/objects/ab/ab/{id}");
    place.repo.write(&object, key("dev"));
    for closed_part in [".git/lfs/objects/ab", &object] {
        let scan = || place.run_kept_out(&place.repo.0, &["scan", "model.bin", "--json"], b"");
        let ran = closed(&place.repo.0.join(closed_part), scan);
        let why = skipped(&ran).into_iter().map(|(_, why)| why).collect::<Vec<_>>();
        assert_eq!((ran.code, why), (Some(5), vec!["forbidden".to_owned()]), "{ran:?}");
        assert!(ran.out.contains("the object of git-lfs that it stands for cannot be read"), "{ran:?}");
    }
}
