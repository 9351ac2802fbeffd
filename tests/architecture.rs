//! The shape of the code: which folder uses which, no circles, folders without an outside, one way to read a key's
//! text, short files and functions.
//!
//! Each rule is first shown a text that breaks it.

mod arrows;
mod circles;
pub(crate) mod source;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use source::{rust, tracked};

/// Every file that reads a key's text, and how often.
const EXPOSE: &[(&str, usize)] = &[
    ("src/api/credential.rs", 1),
    ("src/backend/backup.rs", 1),
    ("src/backend/local/encrypted_files.rs", 1),
    ("src/backend/local/keychain.rs", 1),
    ("src/backend/vault/keys.rs", 1),
    ("src/shell/mod.rs", 1),
    ("src/broker/relay/shared.rs", 1),
    ("src/broker/token.rs", 1),
    ("src/system/process/child.rs", 3),
    ("src/system/process/fed_program.rs", 1),
];

/// Who calls what `.clippy.toml` forbids, and why it must: all other code goes through one of these.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("src/git/tree.rs", "opens a whole tree of files, of which the walk has told that they are regular ones"),
    ("src/system/files/atomic_file.rs", "writes, moves and deletes files"),
    ("src/system/files/places.rs", "asks for the working directory"),
    ("src/system/files/regular_file.rs", "opens files to read"),
    ("src/system/mod.rs", "asks for the time, once"),
    ("src/system/process/child.rs", "starts the program that gets a key"),
    ("src/system/process/mod.rs", "ends the process"),
    (
        "src/system/process/open_files.rs",
        "opens a file without sharing it: only so does Windows say who has it open",
    ),
    ("src/system/process/other_programs.rs", "starts programs that get no key"),
    ("src/system/variables.rs", "reads the environment"),
];

#[test]
fn text_from_outside_reaches_a_person_through_one_function() {
    let uses = |file: &&source::File| file.shipped().contains(".as_it_came()");
    let found: Vec<_> = rust("src").iter().filter(uses).map(|f| f.path.clone()).collect();
    assert_eq!(found, ["src/output/untrusted.rs"]);
}

#[test]
fn what_clippy_forbids_is_done_behind_known_doors() {
    let of_clippy = |file: &&source::File| file.shipped().contains("clippy::disallowed_methods");
    let found: BTreeSet<_> = rust("src").iter().filter(of_clippy).map(|f| f.path.clone()).collect();
    assert_eq!(found, EXCEPTIONS.iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[test]
fn data_runs_one_way_through_the_rooms() {
    assert_eq!(
        arrows::forbidden("src/model/pin.rs", "use crate::system::World;"),
        ["src/model/pin.rs: model → system"]
    );
    assert_eq!(
        arrows::forbidden("src/shell/fish.rs", "use crate::{model::X, error::{A, B}};"),
        ["src/shell/fish.rs: shell → error"]
    );
    assert_eq!(
        arrows::forbidden("src/api/client.rs", "super::super::cli::run()"),
        ["src/api/client.rs: api → cli"]
    );
    assert_eq!(arrows::forbidden("src/cli/usage.rs", "crate::cli::command()"), [""; 0]);
    assert_eq!(arrows::forbidden("src/commands/x.rs", "super::unset; r#crate; mycrate::cli::x"), [""; 0]);
    assert_eq!(
        arrows::forbidden("src/attic.rs", ""),
        ["src/attic.rs: `attic` is no room of tests/architecture/arrows.rs"]
    );

    let found: Vec<_> = rust("src").iter().flat_map(|f| arrows::forbidden(&f.path, &f.shipped())).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn every_arrow_of_the_table_leads_down() {
    let place = |room: &str| arrows::MAY_USE.iter().position(|(name, _)| *name == room);
    for (room, allowed) in arrows::MAY_USE {
        for used in *allowed {
            assert!(place(room) < place(used), "{room} → {used} leads back, or to no room");
        }
    }
}

#[test]
fn the_pure_rooms_know_no_outside() {
    let broken = "use std::{fs, io};\nlet now = Instant::now();";
    assert_eq!(
        arrows::outdoors("src/scan/matcher.rs", broken),
        ["src/scan/matcher.rs: std::fs", "src/scan/matcher.rs: Instant::now"]
    );
    assert_eq!(arrows::outdoors("src/api/answer.rs", "std::env::var(x)"), ["src/api/answer.rs: std::env"]);
    assert_eq!(arrows::outdoors("src/system/mod.rs", broken), [""; 0]);

    let found: Vec<_> = rust("src").iter().flat_map(|f| arrows::outdoors(&f.path, &f.shipped())).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_key_leaves_through_one_door_and_each_use_is_known() {
    let mut found = BTreeMap::new();
    for file in rust("src") {
        let uses = exposures(&file.shipped());
        if uses > 0 {
            found.insert(file.path, uses);
        }
    }
    assert_eq!(exposures("send(key.expose()); keep(ApiKey::expose(&key))"), 2);
    let known: BTreeMap<_, _> = EXPOSE.iter().map(|(path, uses)| ((*path).to_owned(), *uses)).collect();
    assert_eq!(found, known);
}

fn exposures(code: &str) -> usize {
    code.matches(".expose()").count() + code.matches("ApiKey::expose").count()
}

/// Where profiles are shared, this machine's copy must not decide whether a key is handed out: somebody may have
/// rotated it or declared it compromised.
#[test]
fn whoever_reads_a_key_asks_for_the_profiles_as_they_are_now() {
    let reads = |code: &str| code.contains("hand_out::read(") || code.contains(".keys()?");
    let from_a_copy = |code: &str| reads(code) && code.contains("backend.profiles()");
    assert!(from_a_copy(
        "let profiles = self.backend.profiles()?; hand_out::read(backend, &profiles, profile)"
    ));
    // The hook decides by the copy, and asks the vault before it loads a key.
    let may = ["src/commands/hook_env.rs"];
    let files = rust("src").into_iter().filter(|f| !f.path.starts_with("src/backend/"));
    let others = files.filter(|f| !may.contains(&f.path.as_str()));
    let found: Vec<_> = others.filter(|f| from_a_copy(&f.shipped())).map(|f| f.path).collect();
    assert_eq!(found, [""; 0]);
}

/// The commands that hints name in a piece of code, and whether a hint is made of plain text.
fn hints(code: &str) -> (Vec<&str>, bool) {
    let named = code.split("Hint::run(\"").skip(1).filter_map(|rest| rest.split([' ', '"']).next());
    (
        named.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect(),
        code.contains(".hint(\"getimg-keys"),
    )
}

#[test]
fn a_hint_names_a_command_that_is_there() {
    assert_eq!(
        hints(r#"Hint::run("use dev"); Hint::run("--help"); e.hint("getimg-keys x")"#),
        (vec!["use"], true)
    );
    let commands = getimg_keys::cli::command();
    let mut seen = 0;
    for file in rust("src") {
        let code = file.shipped();
        let (named, is_text) = hints(&code);
        assert!(!is_text, "{}: a hint of ours is made by Hint::run", file.path);
        for command in named {
            seen += 1;
            assert!(commands.find_subcommand(command).is_some(), "{}: {command}", file.path);
        }
    }
    assert!(seen > 50, "{seen}");
}

/// A change is a list of steps (docs/decisions/journal.md): nothing else writes keys or records how far a change has
/// come.
#[test]
fn a_change_is_made_in_one_place() {
    let says_how_far = |code: &str| {
        ["begin(", "reach(", "end("].iter().any(|what| code.contains(&format!("profiles.{what}")))
    };
    assert!(says_how_far("edit.profiles.begin(Change::Remove { name });"));
    let writes_keys =
        |code: &str| [".put(", ".put_all(", ".copy(", ".forget("].iter().any(|what| code.contains(what));
    assert!(writes_keys("store.forget(&slot)?"));
    let assigns = |code: &str| code.contains(".unfinished = ") || code.contains("mut self.unfinished");
    assert!(assigns("edit.profiles.unfinished = None;"));

    let shipped: Vec<_> = rust("src").into_iter().map(|f| (f.shipped(), f.path)).collect();
    let named = |what: &dyn Fn(&str) -> bool, rooms: &[&str]| {
        let found = shipped
            .iter()
            .filter(|(code, path)| rooms.iter().any(|room| path.starts_with(room)) && what(code));
        found.map(|(_, path)| path.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(named(&assigns, &["src/"]), ["src/model/change/unfinished.rs"]);
    assert_eq!(named(&says_how_far, &["src/"]), ["src/flows/journal.rs"]);
    // A key that the profiles know and the store has lost changes no profile; a migration keeps the keys in the old store
    // until each was read back from the new one.
    let others = ["src/commands/restore/lost.rs", "src/commands/store/migrate.rs"];
    assert_eq!(
        named(&writes_keys, &["src/commands/", "src/flows/"]),
        [others[0], others[1], "src/flows/journal.rs"]
    );
}

/// A file below `tests` that no module declares is not compiled, and its tests never run.
#[test]
fn no_test_file_is_forgotten() {
    let files: Vec<_> = rust("tests").into_iter().filter(|f| !f.path.starts_with("tests/fuzz/")).collect();
    let declares = |path: &str, name: &str| {
        let lines = [format!("mod {name};"), format!("mod r#{name};")];
        files.iter().any(|f| {
            f.path == path && f.text.lines().any(|l| lines.iter().any(|line| l.trim().ends_with(line)))
        })
    };
    let is_declared = |path: &str| {
        let (folder, name) = path.trim_end_matches(".rs").rsplit_once('/').unwrap_or_default();
        let above = [format!("{folder}.rs"), format!("{folder}/mod.rs"), "tests/main.rs".to_owned()];
        above.iter().any(|above| declares(above, name))
    };
    assert!(is_declared("tests/architecture.rs") && !is_declared("tests/commands/nowhere.rs"));
    let modules = files.iter().filter(|f| f.path != "tests/main.rs" && !f.path.ends_with("/mod.rs"));
    let forgotten: Vec<_> = modules.filter(|f| !is_declared(&f.path)).map(|f| f.path.clone()).collect();
    assert_eq!(forgotten, [""; 0]);
}

#[test]
fn code_that_is_shipped_does_not_give_up() {
    assert_eq!(text::gives_up("x.rs", "a.unwrap(); todo!()"), ["x.rs: .unwrap()", "x.rs: todo!("]);
    let found: Vec<_> = rust("src").iter().flat_map(|f| text::gives_up(&f.path, &f.shipped())).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn comments_and_tests_are_not_shipped() {
    let code =
        "//! crate::cli\nlet a = 1; // crate::cli\n#[cfg(test)]\nmod tests {\n    crate::cli::run();\n}";
    let shipped = |path: &str| source::File { path: path.to_owned(), text: code.to_owned() }.shipped();
    assert_eq!(shipped("src/model/x.rs"), "\nlet a = 1;");
    assert_eq!(shipped("src/api/tests/wire.rs"), "");
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    let long = "\n".repeat(text::LINES + 1);
    assert_eq!(text::shape("src/model/long.rs", &long), Some("src/model/long.rs: 301 lines".to_owned()));
    assert_eq!(
        text::shape("src/common/x.rs", ""),
        Some("src/common/x.rs: `common` does not say what it holds".to_owned())
    );
    let files = rust("src").into_iter().chain(rust("tests"));
    let found: Vec<_> = files.filter_map(|f| text::shape(&f.path, &f.text)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn functions_are_short() {
    let body = |lines: usize| "        a();\n".repeat(lines);
    let function =
        |lines| format!("impl A {{\n    pub(crate) async fn a<T>(\n    ) {{\n{}    }}\n}}\n", body(lines));
    assert_eq!(text::long_functions("x.rs", &function(48)), ["x.rs: a has 51 lines"]);
    assert_eq!(text::long_functions("x.rs", &function(47)), [""; 0]);
    let without_body = format!("trait A {{\n    fn a(\n    ) -> B;\n    fn b();\n{}}}\n", body(60));
    assert_eq!(text::long_functions("x.rs", &without_body), [""; 0]);

    let found: Vec<_> = rust("src").iter().flat_map(|f| text::long_functions(&f.path, &f.text)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn no_file_holds_anything_of_a_keys_shape() {
    let key = format!("first\nsk_{}", "aB3".repeat(8));
    assert_eq!(text::keys("x", &key), ["x:2: sk_…"]);
    assert_eq!(text::keys("x", &format!("key-{}", "a1".repeat(30))), ["x:1: key-…"]);
    assert_eq!(text::keys("x", &format!("sk_{}", "a".repeat(23))), [""; 0]);

    let found: Vec<_> = tracked().iter().flat_map(|f| text::keys(&f.path, &f.text)).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn no_file_names_a_registry_or_a_path_of_one_machine() {
    let path = ["/ho", "me/ana/getimg"].concat();
    assert_eq!(text::places("x", &format!("cd {path}")), [format!("x:1: {}", &path[..6])]);
    assert_eq!(text::places("x", &["pip --index-url https://pypi", ".org"].concat()).len(), 1);
    assert_eq!(text::places("x", &format!("$HOME{path}")), [""; 0]);

    let found: Vec<_> = tracked().iter().flat_map(|f| text::places(&f.path, &f.text)).collect();
    assert_eq!(found, [""; 0]);
}
