//! The program's environment, and where the key must not be.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::{before, printed};
use crate::support::home::finish;
use crate::support::raw_api::RawApi;
use crate::support::{Behaviour, Home, Key};

/// How a program's environment differs from this home's.
fn difference(home: &Home) -> String {
    let lines = |output: String| output.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let before = lines(home.shell("sh", "env").stdout);
    let after = lines(home.run(&["exec", "dev", "--broker", "--", "sh", "-c", "env"], "").stdout);
    let told = |line: &&String| !["_=", "SHLVL=", "PWD="].iter().any(|own| line.starts_with(own));
    let shown = |sign: &'static str| move |line: &String| format!("{sign} {}", scrubbed(line));
    let gone = before.difference(&after).filter(told).map(shown("-"));
    gone.chain(after.difference(&before).filter(told).map(shown("+"))).collect::<Vec<_>>().join("\n")
}

fn scrubbed(line: &str) -> String {
    match line.split_once('=') {
        Some(("GETIMG_API_KEY", token)) => {
            let is_alike = token.starts_with("sk_") && token.len() == 43;
            format!("GETIMG_API_KEY=<a token {} a key>", if is_alike { "like" } else { "unlike" })
        }
        Some(("GETIMG_AI_BASE_URL", url)) => {
            format!("GETIMG_AI_BASE_URL={}:<port>", url.rsplit_once(':').unwrap().0)
        }
        _ => line.to_owned(),
    }
}

#[test]
fn the_program_has_a_token_a_base_url_and_a_way_past_proxies_and_nothing_else_is_changed() {
    let home = before(&RawApi::saying("{}"));
    assert_snapshot!(difference(&home), @"
    + GETIMG_AI_BASE_URL=http://127.0.0.1:<port>
    + GETIMG_API_KEY=<a token like a key>
    + GETIMG_KEYS_PROFILE=dev
    + NO_PROXY=127.0.0.1
    + no_proxy=127.0.0.1
    ");
    let home = home.with("no_proxy", "a.example").with("GETIMG_AI_BASE_URL", "https://elsewhere.example:1");
    assert_snapshot!(difference(&home), @"
    - GETIMG_AI_BASE_URL=https://elsewhere.example:<port>
    - no_proxy=a.example
    + GETIMG_AI_BASE_URL=http://127.0.0.1:<port>
    + GETIMG_API_KEY=<a token like a key>
    + GETIMG_KEYS_PROFILE=dev
    + NO_PROXY=a.example,127.0.0.1
    + no_proxy=a.example,127.0.0.1
    ");
}

#[test]
fn no_variable_hands_the_key_on() {
    let home = Home::with_dev_and_prod();
    let (key, longer) = (home.key("dev").0.clone(), format!("--key={}", home.key("dev").0));
    let home = home.with("GETIMG_API_KEY", &key).with("OPTIONS", &longer).with("OTHER", "kept");
    let output = home.run(&["exec", "dev", "--broker", "--", "sh", "-c", "env"], "");
    assert!(!output.stdout.contains(&key), "the key is there");
    assert!(output.stdout.contains("OTHER=kept") && !output.stdout.contains("OPTIONS="), "{}", output.stdout);
    assert_eq!(output.stderr, "$OPTIONS holds the key; the program does not get it\n");
}

#[test]
fn the_token_is_another_each_run_and_of_use_to_nobody_after_it() {
    let home = before(&RawApi::saying("{}"));
    let one = printed(&home, &[], "print(TOKEN, BASE.port)");
    let two = printed(&home, &[], "print(TOKEN, BASE.port)");
    assert_ne!(one.split(' ').next(), two.split(' ').next());
    let port: u16 = one.trim().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn neither_memory_nor_environment_nor_files_of_the_program_hold_the_key() {
    let home = Home::with_dev_and_prod();
    let needle = home.path().join("needle");
    std::fs::write(&needle, home.key("dev").0.chars().rev().collect::<String>()).unwrap();
    // Only the searching process puts the key together, and that is another process than the searched one.
    let searched = "import json, os, subprocess, sys, urllib.request
url = os.environ['GETIMG_AI_BASE_URL'] + '/v2/models'
request = urllib.request.Request(url, headers={'Authorization': 'Bearer ' + os.environ['GETIMG_API_KEY']})
print(json.load(urllib.request.urlopen(request))[0]['id'], flush=True)
sys.exit(subprocess.run([sys.executable, '-c', sys.argv[1], str(os.getpid())]).returncode)";
    let search = "import glob, os, sys
key = open(os.environ['NEEDLE']).read()[::-1].encode()
pid, found, read = sys.argv[1], [], 0
with open(f'/proc/{pid}/mem', 'rb', 0) as memory:
    for line in open(f'/proc/{pid}/maps'):
        span, rights = line.split()[:2]
        start, end = (int(n, 16) for n in span.split('-'))
        try:
            memory.seek(start)
            part = memory.read(end - start)
        except (OSError, ValueError, OverflowError):
            continue
        read += len(part)
        if key in part: found.append(line)
for name in ('environ', 'cmdline'):
    if key in open(f'/proc/{pid}/{name}', 'rb').read(): found.append(name)
for folder, _, names in os.walk('.'):
    for name in names:
        if key in open(os.path.join(folder, name), 'rb').read(): found.append(name)
print('read', read > 1000000, 'found', found)";
    let home = home.with("NEEDLE", needle.to_str().unwrap());
    let output = home.run(&["exec", "dev", "--broker", "--", "python3", "-c", searched, search], "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("seedream-4\nread True found []\n", ""));
}

#[test]
fn the_program_cannot_read_the_memory_of_the_relay() {
    let home = Home::with_dev_and_prod();
    let script = "setpriv --reuid=65534 --clear-groups true 2>/dev/null; cat /proc/$PPID/environ; cat /proc/$PPID/maps";
    // Root may read any process.
    if rustix::process::geteuid().is_root() {
        let run = home.run(&["exec", "dev", "--broker", "--", "sh", "-c", "stat -c %U /proc/$PPID/mem"], "");
        assert_eq!(run.stdout, "root\n");
        return;
    }
    let run = home.run(&["exec", "dev", "--broker", "--", "sh", "-c", script], "");
    assert_eq!(run.stdout, "");
}

#[test]
fn exit_codes_signals_and_the_terminal_are_as_without_a_relay() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        exec dev --broker -- sh -c 'exit 37'
        exec dev --broker -- sh -c 'kill -KILL $$'
        exec dev --broker -- no-such-program
        exec nobody --broker -- true
    "), @"
    $ exec dev --broker -- sh -c 'exit 37'
    → 37
    $ exec dev --broker -- sh -c 'kill -KILL $$'
    → 137
    $ exec dev --broker -- no-such-program
    ! error: no-such-program: not found (no such file or directory)
    !
    ! hint: command -v no-such-program
    → 127
    $ exec nobody --broker -- true
    ! error: there is no profile `nobody`
    !
    ! hint: getimg-keys add nobody
    → 3
    ");
    for (signal, code) in [("TERM", 41), ("HUP", 42), ("INT", 43), ("USR1", 44)] {
        let child = format!("trap 'exit {code}' {signal}; echo ready > ready; while :; do sleep 0.05; done");
        let script = format!(
            "rm -f ready; set -m; getimg-keys exec dev --broker -- sh -c \"{child}\" & \
             until [ -s ready ]; do sleep 0.05; done; kill -{signal} $!; wait $!; echo $?"
        );
        assert_eq!(home.shell("bash", &script).stdout, format!("{code}\n"), "{signal}");
    }
    let looks = "getimg-keys exec dev --broker -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo all'";
    let mut run = home.program("script");
    let output = finish(run.args(["-qec", looks, "/dev/null"]).env("SHELL", "/bin/sh"), "");
    assert!(output.stdout.contains("all\r\n"), "{}", output.stdout);
}

#[test]
fn what_must_not_be_handed_out_is_not_lent_either() {
    let home = Home::with_dev_and_prod().with("GETIMG_AI_CUSTOM_HEADERS", "authorization: x");
    assert_snapshot!(home.play("
        exec dev --broker -- true
        compromised prod -q
        exec prod --broker --force -- true
    "), @"
    $ exec dev --broker -- true
    ! error: $GETIMG_AI_CUSTOM_HEADERS has an Authorization line, which would replace the key of `dev`
    !
    ! hint: unset GETIMG_AI_CUSTOM_HEADERS
    ! hint: or, this once: --force
    → 6
    $ compromised prod -q
    $ exec prod --broker --force -- true
    ! error: the key of `prod` was declared compromised on <day>; it is not handed out
    !
    ! hint: getimg-keys rotate prod
    → 6
    ");
}

#[test]
fn a_protected_key_works_behind_the_relay_whatever_base_url_is_set() {
    let home = Home::with_dev_and_prod().with("GETIMG_AI_BASE_URL", "https://elsewhere.example");
    let script = "getimg-keys exec prod --broker -- sh -c 'echo ${GETIMG_AI_BASE_URL%:*}'";
    let output = home.shell("sh", script);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("http://127.0.0.1\n", ""));
}

#[test]
fn an_agent_is_given_the_relay_where_the_person_wants_that() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid).with("CLAUDECODE", "1");
    assert_eq!(home.add("dev").code, 0);
    std::fs::write(home.path().join("config.toml"), "[agents]\nexec = \"broker\"\n").unwrap();
    assert_snapshot!(home.play("
        exec dev -- sh -c 'echo ${GETIMG_AI_BASE_URL%:*}'
        exec dev --read-only -- sh -c 'echo ${GETIMG_AI_BASE_URL%:*}'
        status
        env dev
    "), @r#"
    $ exec dev -- sh -c 'echo ${GETIMG_AI_BASE_URL%:*}'
    http://127.0.0.1
    ! the program gets a relay instead of the key (`[agents] exec = "broker"` in /tmp/test/home/config.toml)
    $ exec dev --read-only -- sh -c 'echo ${GETIMG_AI_BASE_URL%:*}'
    http://127.0.0.1
    ! the program gets a relay instead of the key (`[agents] exec = "broker"` in /tmp/test/home/config.toml)
    $ status
    profile   dev, the active profile
    key       sk_…last, 0 d old, rotate in 90 d
    verified  never
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env)
    agent     claude-code ($CLAUDECODE): env is refused, exec uses the relay (--broker)
    ! the key of `dev` was never verified
      → getimg-keys verify dev
    $ env dev
    ! error: the key of `dev` is not printed: $CLAUDECODE says that claude-code runs this, and its transcript keeps what it reads
    !
    ! hint: getimg-keys exec dev --broker -- CMD…  # the program uses the key without having it
    → 6
    "#);
    let events = home.run(&["log", "--json"], "").stdout;
    assert!(events.contains(r#""agent":"claude-code""#), "{events}");
}
