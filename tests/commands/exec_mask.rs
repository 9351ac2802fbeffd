//! `exec --mask`: the key does not stand in what a program prints.

use insta::assert_snapshot;

use crate::support::{Home, home::finish};

#[test]
fn the_key_is_masked_in_both_streams_and_the_end_is_the_programs_own() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        exec dev --mask -- sh -c 'echo out $GETIMG_API_KEY.; echo err $GETIMG_API_KEY. >&2; exit 37'
        exec dev --mask -- sh -c 'kill -KILL $$'
        exec dev --mask -- no-such-program
        exec dev --mask --json -- no-such-program
    "), @r#"
    $ exec dev --mask -- sh -c 'echo out $GETIMG_API_KEY.; echo err $GETIMG_API_KEY. >&2; exit 37'
    out ********.
    ! err ********.
    → 37
    $ exec dev --mask -- sh -c 'kill -KILL $$'
    → 137
    $ exec dev --mask -- no-such-program
    ! error: no-such-program: not found (no such file or directory)
    !
    ! hint: command -v no-such-program
    → 127
    $ exec dev --mask --json -- no-such-program
    ! {"error":{"exit_code":127,"hints":["command -v no-such-program"],"kind":"failure","message":"no-such-program: not found (no such file or directory)"},"schema_version":1}
    → 127
    "#);
}

#[test]
fn a_key_in_two_writes_is_masked_and_a_prompt_does_not_wait() {
    let home = Home::with_dev_and_prod();
    let script = "import os, sys, time
key = os.environ['GETIMG_API_KEY']
for part in ('Name? ', key[:9], key[9:] + '\\n', key[:9]):
    sys.stdout.write(part)
    sys.stdout.flush()
    time.sleep(0.1)
sys.exit(3)";
    let output = home.run(&["exec", "dev", "--mask", "--", "python3", "-c", script], "");
    assert_eq!(output.stdout, format!("Name? ********\n{}", &home.key("dev").0[..9]));
    assert_eq!(output.code, 3);

    let asks = "printf 'Name? '; read name; echo \"hello $name\"";
    let answers = "import os, subprocess, sys
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(os.read(program.stdout.fileno(), 6).decode())
print(program.communicate(b'Ada\\n')[0].decode(), end='')";
    let words = [env!("CARGO_BIN_EXE_getimg-keys"), "exec", "dev", "--mask", "--", "sh", "-c", asks];
    let output = finish(home.program("python3").args(["-c", answers]).args(words), "");
    assert_eq!(output.stdout, "Name? \nhello Ada\n");
}

#[test]
fn standard_input_passes_and_a_reader_that_leaves_ends_it_quietly() {
    let home = Home::with_dev_and_prod();
    let output = home.run(&["exec", "dev", "--mask", "--", "cat"], "one\ntwo");
    assert_eq!((output.stdout.as_str(), output.code), ("one\ntwo", 0));
    let script = "getimg-keys exec dev --mask -- yes | head -n 1; echo ${PIPESTATUS[0]}";
    let output = home.shell("bash", script);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("y\n141\n", ""));
}

#[test]
fn signals_reach_the_program() {
    let home = Home::with_dev_and_prod();
    for (signal, code) in [("TERM", 41), ("HUP", 42), ("INT", 43), ("USR1", 44)] {
        let child = format!("trap 'exit {code}' {signal}; echo ready > ready; while :; do sleep 0.05; done");
        let script = format!(
            "rm -f ready; set -m; getimg-keys exec dev --mask -- sh -c \"{child}\" & \
             until [ -s ready ]; do sleep 0.05; done; kill -{signal} $!; wait $!; echo $?"
        );
        assert_eq!(home.shell("bash", &script).stdout, format!("{code}\n"), "{signal}");
    }
    let child = "echo ready > ready; exec sleep 60";
    let script = format!(
        "rm -f ready; getimg-keys exec dev --mask -- sh -c '{child}' & \
         until [ -s ready ]; do sleep 0.05; done; sleep 0.2; kill -TERM $!; wait $!; echo $?"
    );
    assert_eq!(home.shell("bash", &script).stdout, "143\n");
}
