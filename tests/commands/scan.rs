//! `scan`, with profiles and real repositories.

mod agents;
mod budgets;
mod everything;
mod forbidden;
mod growth;
mod incomplete;
mod names;
pub(crate) mod place;
mod pushed;
mod remotes;
mod reports;
mod sarif;
mod submodules;
mod unread;
mod which;

use std::fs;

use serde_json::{Value, json};

use place::{Place, key, print};

/// Some members of every finding.
fn findings(answer: &Value, members: &[&str]) -> Value {
    let one = |finding: &Value| members.iter().map(|m| finding[*m].clone()).collect::<Value>();
    answer["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_clean_tree_is_said_to_be_clean() {
    let place = Place::new();
    place.repo.commit("README", "nothing here\n");
    let ran = place.run(&["scan"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(0), "no key in 1 file (13 bytes)\n", ""));
}

#[test]
fn the_worst_comes_first_with_its_line_masked_and_what_to_do() {
    let place = Place::new();
    let text = |name: &str| format!("\n  KEY={}\n", key(name));
    for name in ["retired", "removed", "previous", "leaked", "dev"] {
        place.repo.write(&format!("a-{name}"), text(name));
    }
    place.repo.write("a-unknown", format!("\n  GETIMG_API_KEY={}\n", key("unknown")));
    let ran = place.run(&["scan"]);
    assert_eq!((ran.code, &*ran.err), (Some(8), ""));
    let masked = |name: &str| format!("sk_…{}", &key(name)[39..]);
    let line = |name: &str, whose: &str| format!("✗ a-{name}:2:7  {whose}\n  | KEY={}\n\n", masked(name));
    let expected = [
        line("dev", "the key in use of dev"),
        line("leaked", "a compromised key of leaked"),
        line("previous", "the previous key of rotating"),
        format!(
            "✗ a-unknown:2:18  a key that is not known here\n  | GETIMG_API_KEY={}\n\n",
            masked("unknown")
        ),
        line("removed", "a key of dev that was removed"),
        line("retired", "a key of dev that was rotated out"),
        "6 keys in 6 files (317 bytes)\n".to_owned(),
        "→ getimg-keys compromised dev\n→ getimg-keys rotate dev\n".to_owned(),
        "→ getimg-keys rotate rotating --finish  # once it is revoked\n".to_owned(),
        "→ revoke it: https://getimg.ai/app/developer/api-keys\n".to_owned(),
    ];
    assert_eq!(ran.out, expected.concat());
}

#[test]
fn the_json_of_a_finding_is_whole() {
    let place = Place::new();
    place.repo.write("src/a b.rs", format!("let key = \"{}\";", key("dev")));
    let (code, answer) = place.json(&["scan"]);
    let expected = json!({
        "schema_version": 1,
        "notices": [],
        "findings": [{
            "kind": "file", "part": "content", "path": "src/a b.rs", "line": 1, "column": 12, "object": null, "commit": null,
            "author_date": null, "refs": [], "pushed": null, "reflog": false, "ignored": false, "agent": null, "cleaned": false, "profile": "dev",
            "state": "current", "rule": "known-key", "fingerprint": print("dev"),
            "redacted": format!("let key = \"sk_…{}\";", &key("dev")[39..]),
        }],
        "scanned": {"files": 1, "objects": 0, "bytes": 56},
        "skipped": [],
        "left": [],
        "listed": 0,
    });
    assert_eq!((code, answer), (Some(8), expected));
}

#[test]
fn a_key_in_an_ignored_file_is_a_note_unless_strict() {
    let place = Place::new();
    place.repo.commit(".gitignore", ".env\n");
    place.repo.write(".env", format!("GETIMG_API_KEY={}", key("dev")));
    let (code, answer) = place.json(&["scan"]);
    assert_eq!((code, findings(&answer, &["path", "ignored"])), (Some(0), json!([[".env", true]])));
    let read = ".env\n".len() + "GETIMG_API_KEY=".len() + key("dev").len();
    let said = format!("no key in 2 files ({read} bytes); 1 in files that git ignores\n");
    assert_eq!(place.run(&["scan"]).out.lines().last(), said.lines().last());
    assert_eq!(place.json(&["scan", "--strict"]).0, Some(8));
    place.repo.git("add -f .env");
    let (code, answer) = place.json(&["scan", "."]);
    assert_eq!((code, findings(&answer, &["path", "ignored"])), (Some(8), json!([[".env", false]])));
}

#[test]
fn only_the_paths_that_are_named_are_searched() {
    let place = Place::new();
    place.repo.write("in/a", key("dev"));
    place.repo.write("out/b", key("dev"));
    let (code, answer) = place.json(&["scan", "in"]);
    assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([["in/a"]])));
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), key("dev")).unwrap();
    let path = outside.path().join("file").display().to_string();
    let (code, answer) = place.json(&["scan", &path]);
    assert_eq!((code, findings(&answer, &["path"])), (Some(8), json!([[path]])));
    let ran = place.run(&["scan", "nowhere"]);
    assert_eq!(
        (ran.code, &*ran.out, &*ran.err),
        (Some(2), "", "error: there is no file or folder at nowhere\n\nhint: getimg-keys scan .\n")
    );
}

#[test]
fn a_path_inside_another_or_named_twice_is_searched_once() {
    let place = Place::new();
    place.repo.write("in/below/a", key("dev"));
    for paths in [&["in/below/a", "in"][..], &["in", "./in/below", "in"], &["in/below/a", "in/../in/below/a"]]
    {
        let (code, answer) = place.json(&[&["scan"], paths].concat());
        let found = answer["findings"].as_array().unwrap().len();
        assert_eq!((code, found, &answer["scanned"]["files"]), (Some(8), 1, &json!(1)), "{paths:?}");
    }
    place.repo.write(".git/description", key("dev"));
    let (_, answer) = place.json(&["scan", ".", ".git/description"]);
    assert_eq!(findings(&answer, &["path"]), json!([[".git/description"], ["in/below/a"]]));
}

#[test]
fn the_index_standard_input_and_shell_histories_are_places_too() {
    let place = Place::new();
    place.repo.write("staged", format!("a\n{}", key("dev")));
    place.repo.git("add staged");
    place.repo.write("staged", "gone");
    let (code, answer) = place.json(&["scan", "--staged"]);
    let members = ["kind", "path", "line", "profile"];
    assert_eq!((code, findings(&answer, &members)), (Some(8), json!([["index", "staged", 2, "dev"]])));

    let ran =
        place.run_in(&place.repo.0, &["scan", "--stdin", "--json"], format!("\n\n{}", key("dev")).as_bytes());
    let answer = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, findings(&answer, &members)), (Some(8), json!([["stdin", null, 3, "dev"]])));

    let history = place.home.join(".bash_history");
    fs::write(&history, format!("ls\ncurl -H 'Authorization: Bearer {}'\n", key("dev"))).unwrap();
    let (code, answer) = place.json(&["scan", "--shell-history"]);
    assert_eq!((code, findings(&answer, &members)), (Some(8), json!([["shell_history", history, 2, "dev"]])));

    fs::remove_file(&history).unwrap();
    std::os::unix::fs::symlink("/nowhere", &history).unwrap();
    let (code, answer) = place.json(&["scan", "--shell-history"]);
    let skipped = answer["skipped"].as_array().unwrap();
    assert_eq!((code, skipped.len()), (Some(5), 1), "a history that cannot be read is not none: {skipped:?}");
}

#[test]
fn the_history_tells_commit_date_refs_and_whether_it_was_pushed() {
    let place = Place::new();
    let commit = place.repo.commit("config.py", format!("KEY = '{}'\n", key("dev")));
    place.repo.commit("config.py", format!("# later\nKEY = '{}'\n", key("dev")));
    place.repo.git("update-ref refs/remotes/origin/main HEAD");
    place.repo.git("rm -q config.py");
    place.repo.git_with(&["commit", "-q", "-m", &format!("subject\n\nold: {}", key("retired"))], b"");
    let last = place.repo.git("rev-parse HEAD");
    let (code, answer) = place.json(&["scan", "--history"]);
    let members = ["kind", "path", "line", "commit", "author_date", "refs", "pushed", "state"];
    let date = "2024-05-06T07:08:09+02:00";
    let both = ["refs/heads/main", "refs/remotes/origin/main"];
    let expected = json!([
        ["history", "config.py", 1, commit, date, both, true, "current"],
        ["history", null, 3, last, date, ["refs/heads/main"], false, "retired"],
    ]);
    assert_eq!((code, findings(&answer, &members)), (Some(8), expected));
    assert_eq!(place.json(&["scan"]).0, Some(0));
    let text = place.run(&["scan", "--history"]).out;
    let first = format!("✗ {}:config.py:1:8  the key in use of dev\n", &commit[..12]);
    let about = "  pushed; 2024-05-06; in heads/main, remotes/origin/main\n";
    assert!(text.starts_with("pushed: 1 finding is on a remote; "), "{text}");
    assert!(text.contains(&(first + about)), "{text}");
}

#[test]
fn what_cannot_be_read_is_named_and_ends_with_five() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.write(".git/objects/pack/pack-1.pack", "PACK");
    let (code, answer) = place.json(&["scan", "--history"]);
    let pack = place.repo.0.join(".git/objects/pack/pack-1.pack");
    assert_eq!(
        (code, &answer["skipped"]),
        (
            Some(5),
            &json!([{"path": pack, "why": "missing", "message": "the pack has no index", "hint": null}])
        )
    );
    assert_eq!(place.json(&["scan", "--history", "--allow-unread"]).0, Some(0));
    let ran = place.run(&["scan", "--history", "--quiet"]);
    assert_eq!(ran.err, format!("not read: {}: the pack has no index\n", pack.display()));
    place.repo.commit("b", key("dev"));
    assert_eq!(place.json(&["scan", "--history"]).0, Some(8));
}

#[test]
fn the_repositorys_list_leaves_out_by_fingerprint_but_no_key_that_works() {
    let place = Place::new();
    place.repo.write("a", format!("getimg {}\n{}\n{}", key("example"), key("retired"), key("dev")));
    let entry = |name: &str| {
        format!("[[scan.ignore]]\nfingerprint = \"{}\"\nreason = \"of the docs\"\n", print(name))
    };
    place.repo.write(".getimg-keys.toml", ["example", "retired", "dev"].map(entry).concat());
    let (code, answer) = place.json(&["scan", "a"]);
    assert_eq!(
        (code, findings(&answer, &["profile"]), &answer["listed"]),
        (Some(8), json!([["dev"]]), &json!(2))
    );
    place.repo.write("a", format!("getimg {}\n", key("example")));
    let ran = place.run(&["scan", "a"]);
    assert_eq!(
        (ran.code, &*ran.out),
        (Some(0), "no key in 1 file (51 bytes); 1 left out by .getimg-keys.toml\n")
    );
}

#[test]
fn sarif_and_annotations_are_for_other_programs() {
    let place = Place::new();
    place.repo.write("a b,c", format!("x\n {}", key("dev")));
    let ran = place.run(&["scan", "--format", "github"]);
    let line =
        "::error file=a b%2Cc,line=2,col=2,title=getimg.ai key::A getimg.ai key: the key in use of dev.\n";
    assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(8), line, ""));
    let ran = place.run(&["scan", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &log["version"]), (Some(8), &json!("2.1.0")));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 5);
    let location = json!({
        "artifactLocation": {"uri": "a%20b%2Cc"},
        "region": {"startLine": 2, "startColumn": 2},
    });
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"], location);
    assert_eq!(
        (&run["results"][0]["ruleId"], &run["results"][0]["level"]),
        (&json!("known-key"), &json!("error"))
    );
}

#[test]
fn no_key_and_no_control_character_is_ever_printed() {
    let place = Place::new();
    let text = format!("\x1b]52;c;AAAA\x07 {} {} \u{202e}", key("dev"), key("retired"));
    place.repo.commit("bad\x1b[31m name", &text);
    place.repo.git("branch bad\u{202e}branch");
    place.repo.write("bad\x1b[31m name", format!("getimg {text} {}", key("unknown")));
    place.repo.git("add -A");
    for how in [
        &["scan"][..],
        &["scan", "--json"],
        &["scan", "--staged"],
        &["scan", "--history"],
        &["scan", "--format=sarif"],
        &["scan", "--format=github"],
    ] {
        let ran = place.run(how);
        assert_eq!(ran.code, Some(8), "{how:?} {ran:?}");
        let said = ran.out + &ran.err;
        for name in ["dev", "retired", "unknown"] {
            assert!(
                !said.contains(&key(name)[3..]) && !said.contains(['\x1b', '\x07', '\u{202e}']),
                "{how:?}"
            );
        }
    }
}
