//! `scan` of files, folders and branches with odd names.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::findings;
use super::place::{Place, key};

#[test]
fn a_key_in_the_name_of_a_file_or_a_branch_is_masked() {
    let place = Place::new();
    let (known, unknown) = (key("dev"), format!("sk_{}aB3", &key("unknown")[3..]));
    place.repo.commit(&format!("of {known}"), key("retired"));
    place.repo.git(&format!("branch b-{unknown}"));
    place.repo.git(&format!("tag t-{known}"));
    fs::create_dir(place.repo.0.join(".git/objects/pack")).unwrap_or_default();
    fs::write(place.repo.0.join(format!(".git/objects/pack/{known}.pack")), "PACK").unwrap();
    place.repo.write("staged", key("dev"));
    place.repo.git("add -A");
    for how in ["scan", "scan --json", "scan --staged", "scan --history", "scan --history --json"] {
        let ran = place.run(&how.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, Some(8), "{how}: {ran:?}");
        let said = ran.out + &ran.err;
        assert!(!said.contains(&known[3..]) && !said.contains(&unknown[3..]), "{how}: {said}");
    }
    let mask = |key: &str| format!("sk_…{}", &key[key.len() - 4..]);
    let said = place.run(&["scan", "--history"]).out;
    for name in [format!("of {}", mask(&known)), format!("heads/b-{}", mask(&unknown))] {
        assert!(said.contains(&name), "{name}: {said}");
    }
}

#[test]
fn of_commits_with_one_date_the_first_is_told_however_they_are_stored() {
    let place = Place::new();
    let (known, mut third) = (key("dev"), String::new());
    for n in 1..=8 {
        if n >= 3 {
            place.repo.write(&format!("of {known}"), "x");
            place.repo.write("version", format!("{}\n{known}\n", "\n".repeat(9 - n)));
        }
        place.repo.git("add -A");
        let commit = place.repo.commit(&format!("file{n}"), n.to_string());
        if n == 3 {
            third = commit;
        }
    }
    for _ in 0..2 {
        let (_, answer) = place.json(&["scan", "--history"]);
        assert_eq!(findings(&answer, &["commit"]), json!([[third], [third]]));
        place.repo.git("repack -q -a -d -f");
        place.repo.git("prune-packed");
    }
}

#[test]
fn a_name_that_only_looks_like_a_key_is_told_as_it_is() {
    let place = Place::new();
    let names =
        ["disk_images/of/2026/main_x.txt", "sk_learn_model_version_2_of_many.py", "task_A1b2C3d4E5f6G7h8I9"];
    for name in names {
        place.repo.write(name, key("dev"));
    }
    let (code, answer) = place.json(&["scan"]);
    assert_eq!(
        (code, findings(&answer, &["path"])),
        (Some(8), names.map(|name| [name]).into_iter().collect())
    );
}

#[test]
fn a_file_reached_through_a_link_to_its_folder_is_ignored_all_the_same() {
    let place = Place::new();
    place.repo.commit(".gitignore", ".env\n");
    place.repo.write("real/.env", key("dev"));
    place.repo.write("real/other", key("dev"));
    symlink("real", place.repo.0.join("link")).unwrap();
    let (code, answer) = place.json(&["scan", "link"]);
    let expected = json!([["link/other", false], ["link/.env", true]]);
    assert_eq!((code, findings(&answer, &["path", "ignored"])), (Some(8), expected));
    assert_eq!(place.json(&["scan", "link/.env"]).0, Some(0));
}

#[test]
fn a_colon_in_a_name_is_a_letter_to_git_too() {
    let place = Place::new();
    place.repo.commit(".gitignore", "*.secret\n");
    for name in [":!a.secret", ":(top)b.secret", "c.secret"] {
        place.repo.write(name, key("dev"));
    }
    let (code, answer) = place.json(&["scan"]);
    assert_eq!((code, findings(&answer, &["ignored"])), (Some(0), json!([[true], [true], [true]])));
}

#[test]
fn where_git_refuses_to_say_what_it_ignores_this_is_said_and_all_counts() {
    let place = Place::new();
    place.repo.commit(".gitignore", ".env\n");
    place.repo.write(".env", key("dev"));
    place.repo.git("config extensions.nonsense true");
    place.repo.git("config core.repositoryformatversion 1");
    let ran = place.run(&["scan"]);
    assert_eq!(ran.code, Some(8), "{ran:?}");
    assert!(
        ran.err.starts_with("which files git ignores is not known, so all of them count: git: "),
        "{}",
        ran.err
    );
}

#[test]
fn a_misspelt_path_of_the_index_is_no_all_clear() {
    let place = Place::new();
    let ran = place.run(&["scan", "--staged", "nowhere"]);
    assert_eq!(
        (ran.code, &*ran.out, &*ran.err),
        (Some(2), "", "error: there is no file or folder at nowhere\n\nhint: getimg-keys scan .\n")
    );
    place.repo.commit("old", "clean");
    place.repo.git("rm -q old");
    place.repo.write("new", key("dev"));
    place.repo.git("add new");
    fs::remove_file(place.repo.0.join("new")).unwrap();
    for (path, code) in [("nowhere", 2), ("old", 0), ("new", 8), ("n*", 8)] {
        assert_eq!(place.run(&["scan", "--staged", path]).code, Some(code), "{path}");
    }
}
