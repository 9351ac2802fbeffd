//! Hints are run one after the other: none leads back to its own error.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Behaviour, Home, Key, Session, home::Output};

/// At most so many hints are run one after the other.
const DEEPEST: usize = 2;
const THREADS: usize = 6;

/// A state, the command that fails in it, and its exit code.
type State = (&'static str, fn() -> Home, &'static [&'static str], i32);

const STATES: &[State] = &[
    ("no profiles", new, &["env"], 3),
    ("no profiles, to be verified", new, &["verify"], 3),
    ("an unknown profile", two, &["env", "nobody"], 3),
    ("a profile with a similar name", two, &["env", "de"], 3),
    ("none selected", unselected, &["env"], 3),
    ("a profile that is there", two, &["add", "dev"], 2),
    ("a key that is known", known, &["add", "twin"], 6),
    ("an entry that was deleted", deleted, &["env", "dev"], 3),
    ("an entry that was deleted, to be rotated", deleted, &["rotate", "dev"], 3),
    ("every entry deleted", emptied, &["env", "dev"], 3),
    ("every entry deleted, to be verified", emptied, &["verify", "dev"], 3),
    ("another key in the place", collided, &["env", "dev"], 6),
    ("another key in the place, to be verified", collided, &["verify", "dev"], 6),
    ("another key in the place, to be moved", collided, &["store", "migrate", "--to", "file"], 7),
    ("two entries, none of them ours", doubled, &["env", "dev"], 7),
    ("no key in the place", damaged, &["env", "dev"], 7),
    ("an entry that no profile knows", occupied, &["add", "stage"], 6),
    ("a locked keychain", locked, &["env", "dev"], 7),
    ("a locked keychain, to be verified", locked, &["verify", "dev"], 7),
    ("no provider", || elsewhere(Session::without_provider()), &["env", "dev"], 7),
    ("no session", without_bus, &["env", "dev"], 7),
    ("no session, and another store", without_bus, &["env", "dev", "--store", "file"], 2),
    ("no session, to be moved", without_bus, &["store", "migrate", "--to", "file"], 7),
    ("no session at the first add", || first(Session::without_bus()), &["add", "dev"], 7),
    ("no collection", || first(Session::without_collection()), &["add", "dev"], 7),
    ("a keychain that denies", || elsewhere(Session::denying()), &["env", "dev"], 7),
    ("a rotation that is open", rotating, &["rotate", "dev"], 6),
    ("an old key that still works", rotating, &["rotate", "dev", "--finish"], 6),
    ("no rotation", two, &["rotate", "dev", "--finish"], 2),
    ("no rotation to swap back", two, &["rotate", "dev", "--undo"], 2),
    ("a key that was rejected", rejected, &["env", "dev"], 4),
    ("a key that is compromised", compromised, &["env", "dev"], 6),
    ("a protected profile", two, &["remove", "prod"], 2),
    ("a malformed selection", || two().with("GETIMG_KEYS_PROFILE", "Dev!"), &["env"], 2),
    ("a relative home", || two().with("GETIMG_KEYS_HOME", "here"), &["list"], 2),
    ("a header that replaces the key", headed, &["env", "dev"], 6),
    ("a pin to a protected profile", || pinned("profile = \"prod\"\n"), &["env"], 6),
    ("a pin to nobody", || pinned("profile = \"nobody\"\n"), &["env"], 3),
    ("a pin that permits another", || pinned("allow = [\"prod\"]\n"), &["env", "dev"], 6),
    ("a pin that does not parse", || pinned("profile = \n"), &["env"], 1),
    ("profiles that are cut short", cut_short, &["env", "dev"], 1),
    ("a setting that is not known", unknown_setting, &["env", "dev"], 1),
    ("a command without its `--`", two, &["exec", "dev", "true"], 2),
];

fn new() -> Home {
    Home::new().knows("new", Key::v2(), Behaviour::Valid)
}

fn two() -> Home {
    Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid)
}

fn known() -> Home {
    let home = two();
    assert_eq!(home.add("new").code, 0);
    home
}

fn unselected() -> Home {
    let home = two();
    assert_eq!(home.run(&["add", "ci", "--no-verify"], &Key::v2().0).code, 0);
    assert_eq!(home.run(&["remove", "dev"], "").code, 0);
    home
}

fn deleted() -> Home {
    let home = two();
    home.session.clear(&home.service(), "dev");
    home
}

fn emptied() -> Home {
    let home = deleted();
    home.session.clear(&home.service(), "prod");
    home
}

fn collided() -> Home {
    let home = two();
    home.session.store(&home.service(), "dev", &[], &home.key("new").0);
    home
}

fn doubled() -> Home {
    let home = deleted();
    for extra in ["1", "2"] {
        home.session.store(&home.service(), "dev", &["extra", extra], &Key::v2().0);
    }
    home
}

fn damaged() -> Home {
    let home = two();
    home.session.store(&home.service(), "dev", &[], "no key at all");
    home
}

fn occupied() -> Home {
    let home = two();
    home.session.store(&home.service(), "stage", &[], &Key::v2().0);
    home
}

fn locked() -> Home {
    let home = two();
    home.session.lock();
    home
}

fn first(session: Session) -> Home {
    Home::within(session).knows("new", Key::v2(), Behaviour::Valid)
}

fn elsewhere(session: Session) -> Home {
    let address = session.address.clone();
    let mut home = two();
    // The session must live as long as the home.
    home.session = session;
    home.with("DBUS_SESSION_BUS_ADDRESS", &address)
}

fn without_bus() -> Home {
    elsewhere(Session::without_bus())
}

fn headed() -> Home {
    two().with("GETIMG_AI_CUSTOM_HEADERS", "Authorization: x")
}

fn rotating() -> Home {
    let home = two();
    assert_eq!(home.run(&["rotate", "dev"], &home.key("new").0).code, 0);
    home
}

fn rejected() -> Home {
    let home = new().knows("dev", Key::v2(), Behaviour::Revoked);
    assert_eq!(home.add("dev").code, 0);
    assert_eq!(home.run(&["verify", "dev"], "").code, 4);
    home
}

fn compromised() -> Home {
    let home = two();
    assert_eq!(home.run(&["compromised", "dev", "--yes"], "").code, 0);
    home
}

fn pinned(text: &str) -> Home {
    let home = two();
    fs::write(home.work().join(".getimg-keys.toml"), text).unwrap();
    home
}

fn cut_short() -> Home {
    let home = two();
    let profiles = home.profiles_file();
    fs::write(home.path().join("profiles.toml"), &profiles[..profiles.len() / 2]).unwrap();
    home
}

fn unknown_setting() -> Home {
    let home = two();
    fs::write(home.path().join("config.toml"), "[api]\ntimeout = 3\n").unwrap();
    home
}

/// What a user reads at the end: the error, or what a report says is wrong; and the hints.
fn said(output: &Output) -> (String, Vec<String>) {
    let all = format!("{}{}", output.stderr, output.stdout);
    let what = all
        .lines()
        .find(|line| line.starts_with("error: ") || line.contains("? unknown"))
        .unwrap_or_default();
    let hints = all.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("hint: ")
            .or_else(|| line.strip_prefix("→ "))
            .or_else(|| line.strip_prefix("getimg-keys ").map(|_| line))
    });
    (what.to_owned(), hints.map(str::to_owned).collect())
}

/// A hint as a script without a user: placeholders are filled in; a sentence is left out.
fn script(hint: &str) -> Option<String> {
    let command = hint.split("  # ").next()?;
    let begins = ["getimg-keys ", "export ", "unset ", "chmod "].iter().any(|word| command.starts_with(word));
    let command = command.replace("NAME", "dev").replace("< FILE", "").replace("=FILE", "=$PWD/passphrase");
    (begins && !command.contains('…') && command.trim() != "getimg-keys doctor").then_some(command)
}

/// Runs a series of hints in a fresh state. After the last one that changes something, the command is run again.
fn follow(state: &State, way: &[String]) -> Output {
    let home = state.1();
    let key = home.key("new").0.clone();
    let command = format!("getimg-keys {}", state.2.join(" "));
    let mut lines = vec![format!("{command} <key")];
    for hint in way {
        let again = if hint.starts_with("getimg-keys ") {
            hint.replace(" && ", " <key && ") + " <key"
        } else {
            format!("{hint}; {}", lines[lines.len() - 1])
        };
        lines.push(again);
    }
    fs::write(home.work().join("key"), key).unwrap();
    let passphrase = home.work().join("passphrase");
    fs::write(&passphrase, "a passphrase").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    // Only the last result matters: a hint may only be something to try.
    let (last, before) = lines.split_last().unwrap();
    let before: String = before.iter().map(|line| format!("{{ {line}; }} >/dev/null 2>&1\n")).collect();
    home.shell("bash", &format!("{before}{last}"))
}

fn walk(
    state: &State,
    output: &Output,
    way: &mut Vec<String>,
    met: &mut Vec<String>,
    faults: &mut Vec<String>,
) {
    let (what, hints) = said(output);
    if output.code == 0 {
        return;
    }
    if met.contains(&what) {
        faults.push(format!("{}: `{}` leads back to: {what}", state.0, way.join("` then `")));
        return;
    }
    if way.len() == DEEPEST {
        return;
    }
    met.push(what);
    for command in hints.iter().filter_map(|hint| script(hint)) {
        way.push(command);
        walk(state, &follow(state, way), way, met, faults);
        way.pop();
    }
    met.pop();
}

fn faults_of(state: &State) -> Vec<String> {
    let first = follow(state, &[]);
    let all = format!("{}{}", first.stdout, first.stderr);
    if first.code != state.3 {
        return vec![format!("{}: ends with {}: {all}", state.0, first.code)];
    }
    if said(&first).1.is_empty() {
        return vec![format!("{}: no way on is told: {all}", state.0)];
    }
    let mut faults = Vec::new();
    walk(state, &first, &mut Vec::new(), &mut Vec::new(), &mut faults);
    faults
}

#[test]
fn no_hint_leads_back_to_the_error_that_it_was_given_for() {
    let next = AtomicUsize::new(0);
    let one_after_the_other = || {
        let states = std::iter::from_fn(|| STATES.get(next.fetch_add(1, Ordering::Relaxed)));
        states.flat_map(faults_of).collect::<Vec<_>>()
    };
    // Most of the time is spent waiting for a keychain.
    let faults: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one_after_the_other)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// CASES 15b: whichever of these hints is run, a profile whose key still exists stays.
#[test]
fn no_hint_drops_a_profile_whose_key_may_still_be_there() {
    let unsure = |state: &&State| state.0.starts_with("every entry") || state.0.starts_with("no session");
    for state in STATES.iter().filter(unsure) {
        let (_, hints) = said(&follow(state, &[]));
        assert!(!hints.iter().any(|hint| hint.contains("remove")), "{}: {hints:?}", state.0);
    }
}
