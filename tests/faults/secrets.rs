//! Keys are only where they were asked for.

use std::fs;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key, home::finish};

/// Every command, in success and failure; none of them is asked for a key.
const COMMANDS: &str = "
    add dev <dev
    add prod --note words <prod
    add dev <dev
    add ci <dev
    add ci <bad
    add 'No Name' <dev
    list
    list --json
    use prod
    use prod --yes
    use -
    current
    current --json
    status
    status --json
    env dev --json
    env nobody
    env dev --format github
    env dev --shell none
    exec dev -- true
    exec dev -- no-such-program
    exec nobody -- true
    unset
    verify
    verify --all --strict
    verify --all --json
    verify --all --timeout 0
    rename dev laptop
    rename laptop dev --json
    note dev words
    protect dev
    unprotect dev
    help
    help exit-codes
    nonsense
    import ../dotenv --dry-run
    import ../dotenv --json
    import ../dotenv --as GETIMG_API_KEY=two
    import ../dotenv --clean
    remove prod
    remove prod --yes
";

#[test]
fn a_key_in_the_place_of_something_else_is_not_repeated() {
    let home = Home::with_dev_and_prod();
    let key = format!("sk_{}", "ab3".repeat(12));
    let upper = format!("sk_{}", "aB3".repeat(12));
    let mut seen = String::new();
    for key in [&key, &upper] {
        for (variable, arguments) in [
            ("GETIMG_KEYS_HOME", &["list"][..]),
            ("GETIMG_KEYS_PROFILE", &["env"]),
            ("GETIMG_KEYS_STORE", &["list"]),
            ("GETIMG_KEYS_API_URL", &["verify", "dev"]),
            ("NOTHING", &["exec", "dev", "--", key]),
            ("NOTHING", &["exec", "dev", "--mask", "--json", "--", key]),
        ] {
            let output = home.command(arguments).env(variable, key).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap().to_lowercase();
            assert!(!said.contains(&key.to_lowercase()[3..]), "{variable} {arguments:?}: {said}");
            seen +=
                &format!("{variable}: {} {}\n", output.status.code().unwrap(), said.lines().next().unwrap());
        }
    }
    assert_snapshot!(seen, @r#"
    GETIMG_KEYS_HOME: 2 error: $getimg_keys_home is relative; it must be an absolute path
    GETIMG_KEYS_PROFILE: 3 error: a key was given instead of a profile name (named by $getimg_keys_profile)
    GETIMG_KEYS_STORE: 2 error: $getimg_keys_store does not name a store
    GETIMG_KEYS_API_URL: 2 error: $getimg_keys_api_url is not usable: it is not a url
    NOTHING: 127 error: a key cannot be run as a program; it is now in the shell's history
    NOTHING: 127 {"error":{"exit_code":127,"hints":["getimg-keys exec name -- cmd…  # the program finds the key in $getimg_api_key"],"kind":"failure","message":"a key cannot be run as a program; it is now in the shell's history"},"schema_version":1}
    GETIMG_KEYS_HOME: 2 error: $getimg_keys_home is relative; it must be an absolute path
    GETIMG_KEYS_PROFILE: 2 error: $getimg_keys_profile does not name a profile: a profile name has 1 to 64 of a-z, 0-9, `-` and `_`, the first a letter or digit
    GETIMG_KEYS_STORE: 2 error: $getimg_keys_store does not name a store
    GETIMG_KEYS_API_URL: 2 error: $getimg_keys_api_url is not usable: it is not a url
    NOTHING: 127 error: a key cannot be run as a program; it is now in the shell's history
    NOTHING: 127 {"error":{"exit_code":127,"hints":["getimg-keys exec name -- cmd…  # the program finds the key in $getimg_api_key"],"kind":"failure","message":"a key cannot be run as a program; it is now in the shell's history"},"schema_version":1}
    "#);
}

#[test]
fn no_command_says_or_writes_a_key_it_was_not_asked_for() {
    let home =
        Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("bad", Key::v2(), Behaviour::Revoked);
    let home = home.knows("prod", Key::v1(), Behaviour::Valid);
    let keys: Vec<Key> = ["dev", "prod", "bad"].map(|name| home.key(name).clone()).into();
    let unreadable =
        format!("GETIMG_API_KEY={0}\nGETIMG_KEY={0} {0}\nGETIMG_TOKEN='{1}\n", keys[0].0, keys[2].0);
    fs::write(home.work().with_file_name("dotenv"), unreadable).unwrap();
    let loud = home.with("RUST_LOG", "trace").with("RUST_BACKTRACE", "full");
    for line in COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (command, stdin) = line.split_once(" <").unwrap_or((line, ""));
        let words =
            if command.contains(" -- ") { format!("-vv {command}") } else { format!("{command} -vv") };
        let line = if stdin.is_empty() { words } else { format!("{words} <{stdin}") };
        let seen = loud.play(&line);
        assert!(!seen.contains("<key of"), "{seen}");
    }
    for key in &keys {
        assert!(!key.is_in(loud.play(COMMANDS).as_bytes()));
        assert_eq!(key.found_below(&loud.path()), Vec::<String>::new());
        assert_eq!(key.found_below(&loud.work()), Vec::<String>::new());
    }
}

#[test]
fn a_key_in_an_answer_is_not_repeated_and_what_would_act_on_a_terminal_is_shown() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Echo);
    home.add("dev");
    let seen = home.play(
        "
        verify dev
        verify dev --json
        list --json
    ",
    );
    assert!(seen.contains("→ 4") && seen.contains("]52;c;eA=="), "{seen}");
    assert!(!seen.contains("<key of") && !seen.contains(['\u{1b}', '\u{7}']), "{seen}");
    assert_eq!(home.key("dev").found_below(&home.path()), Vec::<String>::new());
}

#[test]
fn a_key_on_the_command_line_is_refused_wherever_it_stands_and_never_repeated() {
    let home = Home::with_dev_and_prod();
    let key = Key::v2();
    let equals = format!("--note={}", key.0);
    for arguments in [
        &["add", "ci", key.0.as_str()][..],
        &["add", &key.0],
        &["add", "ci", "--note", &key.0],
        &["add", "ci", &equals],
        &["use", &key.0],
        &["-p", &key.0, "env"],
        &["verify", "dev", &key.0],
        &["note", "dev", &key.0],
        &[&key.0],
        &["help", &key.0],
        &["list", "--json", &key.0],
    ] {
        let output = home.run(arguments, "");
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.stderr);
        assert!(
            output.stderr.contains("history") && !key.is_in(output.stderr.as_bytes()),
            "{}",
            output.stderr
        );
        let shown = &key.0[3..11];
        assert!(!output.stderr.contains(shown), "{}", output.stderr);
    }
    assert_eq!(key.found_below(&home.path()), Vec::<String>::new());
}

#[test]
fn no_core_is_dumped_while_a_key_is_held() {
    let home = Home::new();
    let mut child =
        home.command(&["add", "dev"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let mut tries = 0;
    let mut now = limits;
    while !core_limit(&now).starts_with('0') && tries < 500 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        now = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        tries += 1;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(core_limit(&now).starts_with('0'), "{now}");
}

fn core_limit(limits: &str) -> String {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    line.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn the_process_is_closed_to_others_before_it_reads_anything() {
    let home = Home::with_dev_and_prod();
    let trace = home.work().join("trace");
    let mut strace = home.program("strace");
    strace.args(["-f", "-o", trace.to_str().unwrap(), "-e", "trace=prctl,openat,execve,socket"]);
    strace.args([env!("CARGO_BIN_EXE_getimg-keys"), "env", "dev"]);
    assert_eq!(finish(&mut strace, "").code, 0, "strace is needed: apt-get install strace");
    let trace = std::fs::read_to_string(trace).unwrap();
    let closed = trace.find("PR_SET_DUMPABLE, SUID_DUMP_DISABLE").expect(&trace);
    // After that strace shows file names only to root: the process is closed to it as well.
    let (before, after) = trace.split_at(closed);
    assert!(!before.contains("profiles.toml") && !before.contains("socket("), "{trace}");
    assert!(after.contains("socket("), "{trace}");
}

#[test]
fn the_keys_memory_of_a_process_is_not_for_its_neighbours() {
    let home = Home::with_dev_and_prod();
    let output = home.shell(
        "sh",
        "getimg-keys exec dev -- sleep 5 & child=$!; sleep 0.5; tr '\\0' '\\n' </proc/$child/cmdline; kill $child",
    );
    assert_eq!(output.stdout, "sleep\n5\n", "the key is in the environment, never in the arguments");
}
