//! Reports for other programs, and lists of known leaks: their paths begin at the searched repository.

use std::fs;

use serde_json::{Value, json};

use super::place::{Place, key, print};

fn ignoring(name: &str) -> String {
    format!("[[scan.ignore]]\nfingerprint = \"{}\"\nreason = \"of the docs\"\n", print(name))
}

#[test]
fn the_list_of_known_leaks_is_that_of_the_repository_that_is_searched() {
    let place = Place::new();
    let elsewhere = place.repo.0.with_file_name("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    place.repo.write("sub/a", key("retired"));
    let repo = place.repo.0.to_str().unwrap();
    let code = |how: &[&str]| place.run_in(&elsewhere, &[&["scan", "-q", repo], how].concat(), b"").code;
    fs::write(elsewhere.join(".getimg-keys.toml"), ignoring("retired")).unwrap();
    assert_eq!(code(&[]), Some(8));
    place.repo.write(".getimg-keys.toml", ignoring("retired"));
    fs::remove_file(elsewhere.join(".getimg-keys.toml")).unwrap();
    assert_eq!(code(&[]), Some(0));
    place.repo.git("add -A");
    place.repo.git("commit -qm all");
    assert_eq!(code(&["--history"]), Some(0));
}

#[test]
fn a_list_that_cannot_be_read_leaves_nothing_out_and_is_named() {
    for text in ["[[scan.ignore]", "pipe"] {
        let place = Place::new();
        place.repo.write("a", key("retired"));
        match text {
            "pipe" => fs::create_dir(place.repo.0.join(".getimg-keys.toml")).unwrap(),
            text => place.repo.write(".getimg-keys.toml", text),
        }
        let ran = place.run_in(place.home(), &["scan", place.repo.0.to_str().unwrap()], b"");
        assert_eq!(ran.code, Some(8), "{ran:?}");
        assert!(ran.err.starts_with("no key is left out below "), "{ran:?}");
    }
}

#[test]
fn sarif_and_annotations_tell_paths_from_the_top_of_the_repository() {
    let place = Place::new();
    place.repo.write("deep/a", key("dev"));
    let repo = place.repo.0.to_str().unwrap();
    for (folder, how) in [
        (place.home(), &["scan", repo][..]),
        (&place.repo.0.join("deep"), &["scan"]),
        (&place.repo.0, &["scan", "deep/a"]),
    ] {
        let ran = place.run_in(folder, &[how, &["--format", "sarif"]].concat(), b"");
        let log: Value = serde_json::from_str(&ran.out).unwrap();
        let uri =
            &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "deep/a", "{how:?}");
        let ran = place.run_in(folder, &[how, &["--format", "github"]].concat(), b"");
        assert!(ran.out.starts_with("::error file=deep/a,line=1,"), "{ran:?}");
    }
}

#[test]
fn a_key_in_a_files_name_is_masked_for_other_programs_too() {
    let place = Place::new();
    place.repo.write(&format!("n-{}.txt", key("dev")), format!("also {}", key("dev")));
    for format in ["github", "sarif"] {
        let ran = place.run(&["scan", "--format", format]);
        assert!(ran.code == Some(8) && ran.out.contains("n-"), "{ran:?}");
        assert!(!ran.out.contains(&key("dev")), "{}", ran.out);
    }
}

#[test]
fn sarif_says_what_was_not_read() {
    let place = Place::new();
    place.repo.commit("a", "text");
    place.repo.write(".git/objects/pack/pack-1.pack", "PACK");
    let ran = place.run(&["scan", "--history", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    let said = &invocation["toolExecutionNotifications"][0];
    assert_eq!((ran.code, &invocation["executionSuccessful"]), (Some(5), &json!(false)));
    assert_eq!((&said["level"], &said["descriptor"]["id"]), (&json!("error"), &json!("missing")));
    assert!(said["message"]["text"].as_str().unwrap().contains("pack-1.pack"));
    assert!(ran.err.contains("not read: "), "{}", ran.err);
}

#[test]
fn a_known_key_in_a_name_is_found_and_shown_masked() {
    let place = Place::new();
    let known = key("dev");
    place.repo.commit("clean", "text");
    place.repo.write(&format!("a/of-{known}.txt/b"), "text");
    let find = |how: &[&str]| {
        let (code, answer) = place.json(&[&["scan"], how].concat());
        assert!(!answer.to_string().contains(&known[3..]), "{answer}");
        let parts: Vec<_> =
            answer["findings"].as_array().unwrap().iter().map(|f| f["part"].clone()).collect();
        (code, Value::from(parts))
    };
    assert_eq!(find(&[]), (Some(8), json!(["file_name"])));
    place.repo.git("add -A");
    assert_eq!(find(&["--staged"]), (Some(8), json!(["file_name"])));
    place.repo.git("commit -qm names");
    assert_eq!(find(&["--history"]), (Some(8), json!(["file_name"])));
    place.repo.git("reset -q --hard HEAD~1");
    place.repo.git(&format!("branch of-{known}"));
    place.repo.git(&format!("tag {known}"));
    assert_eq!(find(&["--history"]), (Some(8), json!(["file_name", "ref_name", "ref_name"])));
}

#[test]
fn no_line_of_the_report_begins_with_a_name_or_with_what_a_file_says() {
    let place = Place::new();
    let hostile = "::stop-commands::x";
    place.repo.write(&format!("{hostile}\n{hostile}"), format!("{hostile} {}\n", key("dev")));
    place.repo.write("##[add-mask]y", format!("   ##[add-mask]y {}\n", key("dev")));
    place.repo.write(&format!("{hostile}2"), key("retired"));
    place.repo.git("add -A");
    place.repo.git("commit -qm hostile");
    place.repo.write(&format!("{hostile}3"), format!("\n{hostile} {}", key("retired")));
    place.repo.git("add -A");
    for how in [&["scan"][..], &["scan", "--staged"], &["scan", "--history"]] {
        let ran = place.run(how);
        assert_eq!(ran.code, Some(8), "{ran:?}");
        let said = ran.out + &ran.err;
        assert!(!said.lines().any(|line| line.trim_start().starts_with("::")), "{said}");
        assert!(!said.contains("##["), "{said}");
    }
}
