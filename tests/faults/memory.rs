//! What is left of secrets in a waiting process and around it, read as only root can.

mod relay;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use age::secrecy::ExposeSecret;
use serde_json::json;

use super::scene::{self, PASSPHRASE, Scene, identity};
use crate::support::{home::finish, skipped};

/// The store, what is run before, and the command.
type Case = (&'static str, &'static str, &'static str);

/// Commands that have done their work and wait for a reader of their output.
const DONE: &[Case] = &[
    ("keychain", "", "add ci --no-verify --json <ci"),
    ("keychain", "", "add ci --json <ci"),
    ("keychain", "", "rotate dev --json <new"),
    ("keychain", "rotate dev --no-verify <new", "rotate dev --undo --json"),
    ("keychain", "add ci --no-verify <dead\nrotate ci --no-verify <new", "rotate ci --finish --json"),
    ("keychain", "", "rename dev laptop --json"),
    ("keychain", "", "remove dev --json"),
    ("keychain", "", "verify --all --json"),
    ("keychain", "", "env dev --json"),
    ("keychain", "", "list"),
    ("keychain", "", "compromised dev --json"),
    ("keychain", DOTENV, "import --clean --json"),
    ("keychain", "", "scan --stdin --json <dev"),
    ("keychain", "", "store migrate --to file --delete-source --json"),
    ("keychain", "", "backup all.age --json"),
    ("keychain", "backup all.age\nremove dev", "restore all.age --json"),
    ("keychain", BACKED_UP, "restore all.age --json --identity ../identity"),
    ("file", "", "add ci --no-verify --json <ci"),
    ("file", "", "env dev --json"),
    ("file", "", "rotate dev --json <new"),
    ("file", "", "unlock --for 1m --json"),
    ("file", "", "store migrate --to keychain --delete-source --json"),
    ("file", "", "store recipients add RECIPIENT --yes --json"),
    ("file", "store recipients add RECIPIENT --yes", "store recipients remove RECIPIENT --json"),
];
/// The same; a user types the secret.
const TYPED: &[Case] = &[
    ("keychain", "", "add ci --no-verify --json <ci"),
    ("keychain", "", "rotate dev --json <new"),
    ("file", "", "env dev --json <passphrase"),
    ("file", "", "unlock --for 1m --json <passphrase"),
];
/// A command that still needs keys, how it is made to wait, whose keys, and the threat model's line about it: how often
/// each key may be in memory, plain and in base64.
type AtWork = (Case, &'static str, &'static [&'static str], (&'static str, usize, usize));
const AT_WORK: &[AtWork] = &[
    (("keychain", "", "verify dev"), "silent", &["dev"], ASKING),
    (("keychain", "", "verify --all"), "silent", &["dev", "prod"], ASKING),
    (("keychain", "", "add ci <ci"), "silent", &["ci"], ASKING),
    (("keychain", "", "rotate dev <new"), "silent", &["new"], ASKING),
    (("keychain", DOTENV, "import"), "silent", &["ci", "new"], IMPORTING),
    (("file", "", "verify dev"), "silent", &["dev"], ASKING),
    (("keychain", "", "env dev --shell sh"), "full", &["dev"], ("`env` while its text is not read", 1, 0)),
    (("keychain", "", "exec dev -- sleep 60"), "doorstep", &["dev"], AT_DOORSTEP),
    (("file", "", "exec dev -- sleep 60"), "doorstep", &["dev"], AT_DOORSTEP),
    (("keychain", "", "exec dev --mask -- sleep 60"), "child", &["dev"], MASKING),
    (("keychain", "", "exec dev --broker -- sleep 60"), "child", &["dev"], WAITING),
];
const ASKING: (&str, usize, usize) = ("`verify`, `add`, `rotate` while an answer is waited for", 4, 0);
const IMPORTING: (&str, usize, usize) = ("`import` while an answer is waited for", 4, 0);
const AT_DOORSTEP: (&str, usize, usize) = ("`exec` in the instant before the program takes its place", 3, 0);
const MASKING: (&str, usize, usize) = ("`exec --mask` while its program runs", 2, 3);
const WAITING: (&str, usize, usize) = ("`exec --broker` while its program runs and asks nothing", 2, 0);
const DOTENV: &str = "!printf 'A=1\\nGETIMG_API_KEY_CI=%s\\nGETIMG_API_KEY_NEW=%s\\nB=2\\n' $CI $NEW >.env";
const BACKED_UP: &str = "backup all.age --recipient RECIPIENT\nremove dev";

/// A program that has secrets everywhere that is searched: also in a deleted open file, and in UTF-16.
const HOLDER: &str =
    "exec 7<>held; printf %s \"$1\" | iconv -t UTF-16LE >&7; printf %s \"$2\" >beside; rm held
    A=$1 B=$(printf x%s \"$2\" | base64 -w0) exec sh -c 'sleep 60; :' sh \"$1\" \"$2\"";

/// How often a secret is in memory: plain, in UTF-16, in base64; then where else it is.
type Found = BTreeMap<String, String>;

/// The secrets that are found anywhere while a command waits.
fn found(scene: &Scene, how: &str, command: &Command, stdin: &str) -> Found {
    let keys = ["dev", "prod", "ci", "new", "dead"].map(|name| (name, scene.key(name).to_owned()));
    let mut secrets = BTreeMap::from(keys);
    secrets.insert("passphrase", PASSPHRASE.to_owned());
    secrets.insert("identity", identity().to_string().expose_secret().to_owned());
    let mut python = scene.program("python3");
    python.args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/memory.py"), how]);
    python.arg(command.get_program()).args(command.get_args());
    let folders = [scene.path("home"), scene.path("work"), scene.path("temporary")];
    let exit = if command.get_args().any(|word| word == "scan") { 8 } else { 0 };
    let given = json!({"stdin": stdin, "exit": exit, "secrets": secrets, "folders": folders});
    let output = finish(&mut python, &given.to_string());
    assert_eq!(output.code, 0, "{:?}: {}", command.get_args(), output.stderr);
    let lines = output.stdout.lines().map(|line| line.split_once(' ').unwrap());
    let there = lines.filter(|(_, places)| *places != "0 0 0");
    there.map(|(name, places)| (name.to_owned(), places.to_owned())).collect()
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skipped("what is left in memory: only root may look");
    }
    root
}

/// What is found in each case, with several cases at a time; `None`, with a message, unless this is root.
fn look<T: Sync>(cases: &[T], of: impl Fn(&T) -> (Case, &'static str) + Sync) -> Option<Vec<(&T, Found)>> {
    if !is_root() {
        return None;
    }
    let (stage, all) = (scene::stage(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            let (stage, all, of) = (&stage, &all, &of);
            scope.spawn(move || {
                for case in part {
                    let ((store, before, line), how) = of(case);
                    let scene = Scene::new(stage, store, before);
                    let (command, stdin) = scene.command(line);
                    all.lock().unwrap().push((case, found(&scene, how, &command, &stdin)));
                }
            });
        }
    });
    Some(all.into_inner().unwrap())
}

#[test]
fn once_a_command_has_done_its_work_no_secret_is_left_in_it_or_around_it() {
    let Some(all) = look(DONE, |case| (*case, "full")) else { return };
    let left: Vec<_> = all.into_iter().filter(|(_, found)| !found.is_empty()).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn what_is_typed_at_a_terminal_is_left_nowhere_either() {
    let Some(all) = look(TYPED, |case| (*case, "typed")) else { return };
    let left: Vec<_> = all.into_iter().filter(|(_, found)| !found.is_empty()).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn at_work_a_key_is_in_memory_as_often_as_the_threat_model_says_and_nowhere_else() {
    let model = include_str!("../../docs/threat-model.md");
    for (.., (when, plain, base64)) in AT_WORK {
        assert!(model.contains(&format!("| {when} | {plain} | {base64} |")), "{when}: {plain}, {base64}");
    }
    let Some(all) = look(AT_WORK, |(case, how, ..)| (*case, *how)) else { return };
    assert_eq!(all.len(), AT_WORK.len());
    for ((case, how, keys, (_, plain, base64)), found) in all {
        assert_eq!(found.keys().collect::<Vec<_>>(), *keys, "{case:?} {how}: {found:?}");
        for places in found.values() {
            let counts: Vec<usize> = places
                .trim_end_matches(" .env")
                .split(' ')
                .map(|count| count.parse().unwrap_or(usize::MAX))
                .collect();
            let expected = counts.len() == 3 && counts[0] <= *plain && counts[1] == 0 && counts[2] <= *base64;
            assert!(expected, "{case:?} {how}: {found:?}");
        }
    }
}

#[test]
fn what_is_looked_for_is_found_in_every_place_and_form() {
    if !is_root() {
        return;
    }
    let stage = scene::stage();
    let scene = Scene::new(&stage, "keychain", "");
    let mut sh = scene.program("sh");
    sh.args(["-ec", HOLDER, "sh", scene.key("dev"), scene.key("prod")]);
    let found = found(&scene, "child", &sh, "");
    let places = |name: &str| {
        let mut words = found[name].splitn(4, ' ').map(str::to_owned);
        let counts = [(); 3].map(|()| words.next().unwrap() != "0");
        (counts, words.next().unwrap())
    };
    assert_eq!(places("dev"), ([true, false, false], "cmdline environ open file 7".to_owned()));
    assert_eq!(places("prod"), ([true, false, true], "beside cmdline environ".to_owned()));
}
