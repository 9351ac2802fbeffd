//! Every change, killed or refused at each of its steps, and what any other command does with the rest.
//!
//! Here a call of the store or a save is killed; `faults::kills` kills real processes.

mod cases;
mod in_memory;
mod interrupted;
mod older;
mod refused;

use std::fs;

use getimg_keys::backend::local::encrypted_files::EncryptedFiles;
use getimg_keys::backend::{self, Backend};
use getimg_keys::commands::{add, note, protect, remove, rename, rotate, r#use};
use getimg_keys::error::Result;
use getimg_keys::flows::hand_out;
use getimg_keys::model::StoreKind;
use getimg_keys::model::retired::Reason;
use getimg_keys::system::{Places, Terminal, Variables, World, variables};
use tempfile::TempDir;
use zeroize::Zeroizing;

use self::cases::{Case, Keys, agree, all_work, begin_anew, held, key, known, name};
use self::in_memory::InMemory;
use self::interrupted::{Fate, Interrupted};
#[cfg(target_os = "linux")]
use crate::support::{Team, bao::ROOT};

/// Opens the encrypted files of a scene.
const PASSPHRASE: &str = "correct horse battery";

/// A home for what a command writes apart from the profiles.
struct Scene {
    _home: TempDir,
    world: World,
}

impl Scene {
    fn new(store: Option<StoreKind>) -> Self {
        Self::with(store, &[])
    }

    fn with_files() -> Self {
        let scene = Self::new(Some(StoreKind::File));
        let passphrase = Zeroizing::new(PASSPHRASE.to_owned());
        EncryptedFiles::create(&scene.world.places.keys(), &passphrase).unwrap();
        scene
    }

    fn with(store: Option<StoreKind>, more: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let passphrase = home.path().join("passphrase");
        atomic(&passphrase, PASSPHRASE);
        let home_text = home.path().join("home").to_str().unwrap().to_owned();
        let keys = ["one", "two"].map(key);
        let own = [
            (variables::HOME, home_text.as_str()),
            (variables::PASSPHRASE_FILE, passphrase.to_str().unwrap()),
            ("ONE", keys[0].expose()),
            ("TWO", keys[1].expose()),
        ];
        let variables = own.into_iter().chain(more.iter().copied()).collect::<Variables>();
        let places = Places::find(&variables).unwrap();
        let mut terminal = Terminal::default();
        terminal.quiet = true;
        Self { _home: home, world: World::new(variables, places, terminal, store) }
    }
}

fn atomic(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn words<A: clap::Args>(words: &[&str]) -> A {
    let command = A::augment_args(clap::Command::new("x").no_binary_name(true));
    A::from_arg_matches(&command.get_matches_from(words)).unwrap()
}

/// A command that has nothing to do with the interrupted change.
type Next = fn(&World, &dyn Backend) -> Result<()>;

const NOTE: Next = |world, backend| note::run(words(&["prod", "words"]), world, backend).map(drop);
const NEXT: [Next; 7] = [
    NOTE,
    |world, backend| protect::run_protect(&words(&["prod"]), world, backend).map(drop),
    |world, backend| r#use::run(words(&["prod"]), world, backend, None).map(drop),
    |world, backend| rename::run(words(&["prod", "eu"]), world, backend).map(drop),
    |world, backend| remove::run(words(&["prod"]), world, backend).map(drop),
    |world, backend| add::run(words(&["eu", "--from-env", "ONE", "--no-verify"]), world, backend).map(drop),
    |world, backend| {
        rotate::run(words(&["prod", "--from-env", "TWO", "--no-verify"]), world, backend).map(drop)
    },
];

/// The profiles after a change, and how often it writes.
fn new(case: &Case, backend: &dyn Backend) -> (Keys, String) {
    begin_anew(backend);
    let whole = Interrupted::new(backend, usize::MAX, Fate::Killed, false);
    case.run(&whole).unwrap();
    agree(backend, case.told);
    assert_ne!(known(backend), cases::before(), "{} changes nothing", case.told);
    (known(backend), whole.done.take())
}

/// The possible states after a change: before it, after it, and with a restored key but not yet its previous key.
fn is_one_of(backend: &dyn Backend, old: &Keys, new: &Keys, told: &str) {
    let found = known(backend);
    let half = |(name, keys): (&String, &Vec<_>)| (name.clone(), keys[..1].to_vec());
    let restored = told.starts_with("restore, ")
        && found.iter().all(|(name, keys)| new[name] == *keys || half((name, &new[name])).1 == *keys);
    assert!(found == *old || found == *new || restored, "{told}: {found:?}");
}

/// Kills a change before each of its calls, which is after the call before, and passes on what is left.
fn kill_everywhere(backend: &dyn Backend, left: impl Fn(&Keys, &Keys, &str)) -> usize {
    let mut kills = 0;
    for case in cases::all() {
        let (new, calls) = new(&case, backend);
        for at in 0..calls.len() {
            begin_anew(backend);
            let old = known(backend);
            let told = format!("{}, killed at {at} of {calls}", case.told);
            let killed = Interrupted::new(backend, at, Fate::Killed, false);
            assert!(killed.run(|killed| case.run(killed)).is_none(), "{told}");
            all_work(backend, &old, &new, &told);
            left(&old, &new, &told);
            kills += 1;
        }
    }
    kills
}

#[test]
fn killed_at_any_step_every_change_is_made_or_taken_back_by_whatever_command_comes_next() {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    for (number, next) in NEXT.into_iter().enumerate() {
        let kills = kill_everywhere(&memory, |old, new, told| {
            next(&scene.world, &memory).unwrap();
            let told = format!("{told}, then {number}");
            agree(&memory, &told);
            if number < 3 {
                is_one_of(&memory, old, new, &told);
            }
        });
        assert!(kills > 70, "{kills}");
    }
}

#[test]
fn killed_again_while_it_is_settled_a_change_is_settled_the_next_time() {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    for again in 0..9 {
        kill_everywhere(&memory, |old, new, told| {
            let told = format!("{told}, then at {again}");
            let killed = Interrupted::new(&memory, again, Fate::Killed, false);
            killed.run(|killed| NOTE(&scene.world, killed));
            all_work(&memory, old, new, &told);
            NOTE(&scene.world, &memory).unwrap();
            agree(&memory, &told);
            is_one_of(&memory, old, new, &told);
        });
    }
}

#[test]
fn in_encrypted_files_and_a_profiles_file_it_is_the_same() {
    let scene = Scene::with_files();
    let files = backend::open(&scene.world);
    kill_everywhere(&*files, |old, new, told| {
        NOTE(&scene.world, &*files).unwrap();
        agree(&*files, told);
        is_one_of(&*files, old, new, told);
    });
}

#[test]
fn a_file_that_no_profile_has_is_not_written_over_though_nobody_can_read_it() {
    let scene = Scene::with_files();
    let files = backend::open(&scene.world);
    for case in cases::all().iter().filter(|case| ["add", "restore new"].contains(&case.told)) {
        begin_anew(&*files);
        cases::fill(files.keys().unwrap(), "ci", &["more"]);
        // A key that had the name once could be replaced; whether the file holds that one, the passphrase alone tells.
        let mut edit = files.edit().unwrap();
        edit.profiles.retire(cases::profile("ci", &["back"]).key.retire(
            &name("ci"),
            Reason::Removed,
            cases::now(),
        ));
        edit.commit().unwrap();
        let refused = case.run(&*files).unwrap_err();
        assert!(refused.message.contains("was not overwritten"), "{}: {}", case.told, refused.message);
        assert_eq!(held(&*files).get("ci"), Some(&key("more").fingerprint()), "{}", case.told);
        assert_eq!(known(&*files), cases::before(), "{}", case.told);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_shared_store_it_is_the_same() {
    let Some(team) = Team::new() else { return };
    let (address, token) = (team.bao.address(), ROOT);
    let scene = Scene::with(Some(StoreKind::Vault), &[("VAULT_ADDR", &address), ("VAULT_TOKEN", token)]);
    let config = scene.world.places.config();
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(config, format!("[vault]\nmount = \"{}\"\n", team.mount)).unwrap();
    let vault = backend::open(&scene.world);
    kill_everywhere(&*vault, |old, new, told| {
        NOTE(&scene.world, &*vault).unwrap();
        agree(&*vault, told);
        is_one_of(&*vault, old, new, told);
    });
}

#[test]
fn a_store_of_ones_own_takes_one_file_and_the_commands_work_on_it_as_they_are() {
    let (scene, memory) = (Scene::new(None), InMemory::default());
    begin_anew(&memory);
    let (world, backend): (&World, &dyn Backend) = (&scene.world, &memory);
    let handed_out = |of: &str, seed: &str| {
        let profiles = backend.profiles_now().unwrap();
        let read = hand_out::read(backend, &profiles, profiles.get(&name(of)).unwrap()).unwrap();
        assert_eq!(read.fingerprint(), key(seed).fingerprint());
    };
    add::run(words(&["ci", "--from-env", "ONE", "--no-verify"]), world, backend).unwrap();
    handed_out("ci", "one");
    rotate::run(words(&["ci", "--from-env", "TWO", "--no-verify"]), world, backend).unwrap();
    handed_out("ci", "two");
    rotate::run(words(&["ci", "--undo"]), world, backend).unwrap();
    handed_out("ci", "one");
    rename::run(words(&["ci", "laptop"]), world, backend).unwrap();
    handed_out("laptop", "one");
    agree(backend, "four changes");
    remove::run(words(&["laptop"]), world, backend).unwrap();
    assert_eq!(known(backend), cases::before());
    assert_eq!(held(backend).len(), 4);
}

#[test]
fn the_profiles_are_written_no_more_often_than_a_change_needs() {
    let memory = InMemory::default();
    let written = cases::all().iter().map(|case| (case.told, new(case, &memory).1)).collect::<Vec<_>>();
    let wanted = [
        ("add", "sks"),
        ("remove", "sks"),
        ("remove, of two keys", "skks"),
        ("rename", "sksks"),
        ("rename, of two keys", "skkskks"),
        ("rotate", "skksksks"),
        ("undo", "skskskks"),
        ("finish", "sks"),
        ("restore", "skskskks"),
        ("restore, of two keys", "skskskkks"),
        ("restore, two for two", "skskskkks"),
        ("restore, of the key before", "skkks"),
        ("restore new", "skkkks"),
    ];
    assert_eq!(written, wanted.map(|(told, calls)| (told, calls.to_owned())));
}
