//! A panic of our own: a fixed text, whatever was in memory.

use std::process::Command;

use getimg_keys::system::process;

use crate::support::home::{Output, finish};
use crate::support::{self, Behaviour, Home, Key};

/// Tells [`a_child_that_panics`] that it is the child, and where it panics.
const CHILD: &str = "A_CHILD_THAT_PANICS";

/// Only the fixed text, apart from the place; the exit code is that of any other failure.
fn assert_it_says_nothing(output: &Output, key: &Key) {
    let said = &output.stderr;
    let (before, rest) = said.split_once(" (").unwrap_or_else(|| panic!("{said}"));
    let (place, after) = rest.split_once("); ").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(before, "error: internal error");
    assert_eq!(after, "please report it\n\nhint: getimg-keys doctor\n");
    let (file, line) = place.rsplit_once(':').unwrap();
    assert!(file.ends_with(".rs") && line.parse::<u32>().is_ok(), "{place}");
    assert_eq!(output.code, 1);
    assert!(!key.is_in(said.as_bytes()) && !key.is_in(output.stdout.as_bytes()));
}

/// The child: sets the hook of `main`, and panics with a key in the message.
#[test]
#[ignore = "a child of the other tests"]
fn a_child_that_panics() {
    use std::io::Read;
    let place = std::env::var(CHILD).unwrap();
    let mut key = String::new();
    std::io::stdin().read_to_string(&mut key).unwrap();
    process::harden();
    process::say_nothing_of_panics();
    match place.as_str() {
        "words" => panic!("the key is {key}"),
        "value" => std::panic::panic_any(key),
        "result" => std::hint::black_box(Err(key)).unwrap(),
        "thread" => drop(std::thread::spawn(move || panic!("{key}")).join()),
        _ => drop(std::panic::catch_unwind(move || panic!("{key}"))),
    }
    unreachable!("a panic ends the process, wherever it is");
}

#[test]
fn a_panic_says_fixed_words_and_ends_with_1_wherever_it_is() {
    let key = Key::v2();
    for place in ["words", "value", "result", "thread", "caught"] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "faults::panics::a_child_that_panics", "--ignored", "--nocapture"]);
        child.env(CHILD, place).env("RUST_BACKTRACE", "full").env("RUST_LIB_BACKTRACE", "1");
        let output = finish(&mut child, &key.0);
        assert!(output.stdout.contains("running 1 test"), "{}", output.stdout);
        assert_it_says_nothing(&output, &key);
    }
}

/// The real program with errors from some system calls; `None` if no tool here can do that.
fn refused(home: &Home, calls: &str, error: &str, arguments: &[&str], stdin: &str) -> Option<Output> {
    if Command::new("strace").arg("-V").output().is_err() {
        support::skipped("calls are refused by strace: apt-get install strace");
        return None;
    }
    let mut strace = home.program("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    strace.args(["-e", &format!("inject={calls}:error={error}"), env!("CARGO_BIN_EXE_getimg-keys")]);
    Some(finish(strace.args(arguments).env("RUST_BACKTRACE", "full"), stdin))
}

fn without_threads(home: &Home, arguments: &[&str], stdin: &str) -> Option<Output> {
    refused(home, "clone,clone3", "EAGAIN", arguments, stdin)
}

#[test]
fn a_library_that_panics_while_a_key_is_held_says_nothing_of_it() {
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    let before = home.profiles_file();
    // A wait for the keychain panics if it cannot wait.
    let arguments = ["add", "ci", "--no-verify"];
    let added = refused(&home, "epoll_wait,epoll_pwait", "EBADF", &arguments, &home.key("ci").0);
    let Some(added) = added else { return };
    assert_it_says_nothing(&added, home.key("ci"));
    assert_eq!(home.key("ci").found_below(&home.path()), Vec::<String>::new());
    let listed = home.run(&["list"], "");
    assert!(listed.code == 0 && !listed.stdout.contains("ci "), "{listed:?}");
    assert_eq!(home.add("ci").code, 0);
    assert_ne!(home.profiles_file(), before);
}

#[test]
fn a_key_is_stored_verified_and_handed_out_where_the_system_gives_no_thread() {
    let home = Home::new().knows("ci", Key::v2(), Behaviour::Valid);
    let Some(added) = without_threads(&home, &["add", "ci"], &home.key("ci").0) else { return };
    assert!(added.code == 0 && added.stderr.contains("verified"), "{added:?}");
    let handed = without_threads(&home, &["env", "ci", "--shell", "bash"], "").unwrap();
    assert!(handed.code == 0 && home.key("ci").is_in(handed.stdout.as_bytes()), "{handed:?}");
}

#[test]
fn a_thread_that_the_system_refuses_is_no_fault_of_ours() {
    let home = Home::new();
    assert_eq!(home.shell("sh", "git init -q && touch a && git add a").code, 0);
    for search in ["--staged", "--history"] {
        let Some(output) = without_threads(&home, &["scan", search], "") else { return };
        let said = output.stderr.as_str();
        assert!(
            said.starts_with("not read: ") && said.ends_with(": cannot run git: operation would block\n"),
            "{said}"
        );
        assert_eq!(output.code, 5);
    }
}

#[test]
fn a_tree_is_searched_on_one_thread_where_the_system_gives_no_other() {
    let home = Home::new();
    assert_eq!(home.shell("sh", "mkdir -p tree/below && echo text | tee tree/a tree/below/b").code, 0);
    let Some(output) = without_threads(&home, &["scan", "tree", "--json"], "") else { return };
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(said["scanned"]["files"], 2);
}
