//! `exec --mask`: what the program prints does not have the key.

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
    for (signal, code) in [("TERM", 41), ("HUP", 42), ("INT", 43), ("USR1", 44), ("QUIT", 45), ("USR2", 46)] {
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

#[test]
fn what_was_stopped_is_continued() {
    let home = Home::with_dev_and_prod();
    let child = "echo $$ > pid; kill -STOP $$; exit 47";
    let script = format!(
        "getimg-keys exec dev --mask -- sh -c '{child}' & until [ -s pid ] && \\
         grep -q 'State:.T' /proc/$(cat pid)/status; do sleep 0.05; done; kill -CONT $!; wait $!; echo $?"
    );
    assert_eq!(home.shell("bash", &script).stdout, "47\n");
}

#[test]
fn what_was_ignored_stays_ignored() {
    let home = Home::with_dev_and_prod();
    let child = "echo ready > ready; until [ -s go ]; do sleep 0.05; done; grep SigIgn /proc/self/status";
    let script = format!(
        "set -m; (trap '' HUP; grep SigIgn /proc/self/status); (trap '' HUP; exec getimg-keys exec dev --mask -- sh -c '{child}') & \\
         until [ -s ready ]; do sleep 0.05; done; kill -HUP $!; sleep 0.2; echo > go; wait $!; echo $?"
    );
    let stdout = home.shell("bash", &script).stdout;
    let [plain, inside, code] = stdout.lines().collect::<Vec<_>>()[..] else { panic!("{stdout}") };
    assert!(plain.ends_with('1'), "{plain}");
    // The C library uses signals above 31 for itself.
    let standard = |line: &str| line[line.len() - 7..].to_owned();
    assert_eq!((standard(inside), code), (standard(plain), "0"));
}

/// What a user sees on a terminal of 61 columns.
fn at_a_terminal(home: &Home, redirected: &str, script: &str) -> String {
    let mut run = home.program("script");
    let command =
        format!("stty cols 61 rows 9; getimg-keys exec dev --mask -- sh -c '{script}' {redirected}");
    let output = finish(run.args(["-qec", &command, "/dev/null"]).env("SHELL", "/bin/sh"), "");
    home.transcript(&output).replace('\r', "")
}

#[test]
fn a_terminal_stays_a_terminal() {
    let home = Home::with_dev_and_prod();
    let script = "test -t 1 && test -t 2 && echo both; stty size <&1; printf \"%s\\n\" $GETIMG_API_KEY; \
                  echo one; echo two >&2; echo three; exit 7";
    assert_snapshot!(at_a_terminal(&home, "", script), @"
    warning: the key of `dev` was never verified:
      getimg-keys verify dev
    both
    9 61
    ********
    one
    two
    three
    → 7
    ");
    let looks = "test -t 1 && echo stdout; test -t 2 && echo stderr >&2; echo $GETIMG_API_KEY >&2; true";
    assert_snapshot!(at_a_terminal(&home, ">/dev/null", looks), @"
    stderr
    ********
    ");
    assert_snapshot!(at_a_terminal(&home, "2>/dev/null", looks), @"stdout");
    // A line end is written once, and bytes that are not text stay the same.
    let mut run = home.program("script");
    let bytes = "getimg-keys exec dev --mask -- printf \"a\\n\\t\\033[1mb\\351\"";
    let output = run.args(["-qec", bytes, "/dev/null"]).output().unwrap();
    assert_eq!(output.stdout, b"a\r\n\t\x1b[1mb\xe9");
}

#[test]
fn ctrl_c_and_ctrl_z_reach_the_program_and_the_shell() {
    let home = Home::with_dev_and_prod();
    let typed = "import os, pty, select, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp('bash', ['bash', '--norc', '--noprofile', '--noediting', '-i'])
seen = b''
def until(text):
    global seen
    end = time.monotonic() + 30
    while text not in seen:
        if time.monotonic() > end: sys.exit('waited in vain for %r: %r' % (text, seen))
        if select.select([terminal], [], [], 0.05)[0]: seen += os.read(terminal, 4096)
    seen = seen[seen.index(text) + len(text):]
def type(text): os.write(terminal, text)
type(b'PS1=ready:\\n'); until(b'ready:'); until(b'ready:')
loop = b'getimg-keys exec dev --mask -- sh -c \"trap \\'echo caught; exit 5\\' INT; echo begun; while :; do echo tick; sleep 0.1; done\"\\n'
type(loop); until(b'begun\\r\\n'); type(b'\\x1a'); until(b'Stopped'); until(b'ready:')
type(b'fg\\n'); until(b'--mask'); [until(b'tick\\r\\n') for _ in range(3)]; type(b'\\x03'); until(b'caught\\r\\n'); until(b'ready:')
type(b'echo code $?\\n'); until(b'code 5'); print('stopped, went on, and ended as it wanted')";
    let output = finish(home.program("python3").args(["-c", typed]), "");
    assert_eq!(
        (output.stdout.trim_end(), output.stderr.as_str()),
        ("stopped, went on, and ended as it wanted", "")
    );
}

#[test]
fn a_signal_to_this_process_alone_reaches_the_program_at_a_terminal_too() {
    let home = Home::with_dev_and_prod();
    let driver = "import os, pty, signal, sys
for number in (signal.SIGINT, signal.SIGQUIT):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp('getimg-keys', ['getimg-keys', 'exec', 'dev', '--mask', '--', 'sh', '-c', sys.argv[1]])
    seen = b''
    while b'begun' not in seen: seen += os.read(terminal, 4096)
    os.kill(pid, number)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";
    let script = "trap 'exit 48' INT; trap 'exit 49' QUIT; echo begun; while :; do sleep 0.1; done";
    let output = finish(home.program("python3").args(["-c", driver, script]), "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("48\n49\n", ""));
}

#[test]
fn with_json_the_programs_output_is_still_its_own() {
    let home = Home::with_dev_and_prod();
    assert_snapshot!(home.play("
        exec --json -- sh -c 'echo out $GETIMG_API_KEY; exit 3'
        exec --json --mask -- sh -c 'echo out $GETIMG_API_KEY; echo err >&2; exit 3'
        exec --json --mask nobody -- true
    "), @r#"
    $ exec --json -- sh -c 'echo out $GETIMG_API_KEY; exit 3'
    out <key of dev>
    → 3
    $ exec --json --mask -- sh -c 'echo out $GETIMG_API_KEY; echo err >&2; exit 3'
    out ********
    ! err
    → 3
    $ exec --json --mask nobody -- true
    ! {"error":{"exit_code":3,"hints":["getimg-keys add nobody"],"kind":"not_found","message":"there is no profile `nobody`"},"schema_version":1}
    → 3
    "#);
}

#[test]
fn the_screen_follows_the_terminals_width() {
    let home = Home::with_dev_and_prod();
    // The terminal tells the program too, perhaps before the program's own screen has the new size.
    let script = "exec 3>&1; trap '[ \"$(stty size <&3)\" = \"0 0\" ] || { stty size <&3; exit; }' WINCH
        echo begun; while :; do sleep 0.1; done";
    let driver = "import fcntl, os, pty, struct, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp('getimg-keys', ['getimg-keys', 'exec', 'dev', '--mask', '--', 'sh', '-c', sys.argv[1]])
seen = b''
while b'begun' not in seen: seen += os.read(terminal, 4096)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 33, 77, 0, 0))
try:
    while True:
        chunk = os.read(terminal, 4096)
        if not chunk: break
        seen += chunk
except OSError: pass
print(seen.decode().split()[-2:])";
    let output = finish(home.program("python3").args(["-c", driver, script]), "");
    assert_eq!((output.stdout.trim_end(), output.stderr.as_str()), ("['33', '77']", ""));
}

#[test]
fn what_the_program_left_running_does_not_make_us_deaf() {
    let home = Home::with_dev_and_prod();
    let script = "getimg-keys exec dev --mask -- sh -c 'sleep 30 & echo begun' >out & us=$!
        until grep -q begun out; do sleep 0.05; done; sleep 0.3
        kill -TERM $us; wait $us; echo $?";
    let output = home.shell("bash", script);
    assert_eq!(output.stdout, "143\n", "{}", output.stderr);
}

#[test]
fn output_that_cannot_be_written_is_told_and_is_no_success() {
    let home = Home::with_dev_and_prod();
    let told = "error: not all that the program printed could be written: no space left on device\n";
    for (script, redirected, code) in
        [("echo x", "", 1), ("echo x; exit 37", "", 37), ("exec yes", "", 141), ("echo x", "--broker", 1)]
    {
        let line = format!("getimg-keys exec dev {redirected} --mask -- sh -c '{script}' > /dev/full");
        let output = home.shell("bash", &line);
        assert_eq!((output.stderr.as_str(), output.code), (told, code), "{line}");
    }
    let line = "getimg-keys exec dev --mask -- sh -c 'echo x >&2' 2> /dev/full";
    assert_eq!(home.shell("bash", line).code, 1);
}
