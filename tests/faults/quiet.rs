//! Commands for prompts and overviews open neither the keychain nor a connection.

use crate::support::{Home, home::finish};

fn sockets_of(home: &Home, arguments: &[&str]) -> String {
    let trace = home.work().join("trace");
    let mut strace = home.program("strace");
    strace.args(["-f", "-o", trace.to_str().unwrap(), "-e", "trace=socket,connect"]);
    strace.arg(env!("CARGO_BIN_EXE_getimg-keys")).args(arguments);
    let output = finish(&mut strace, "");
    assert_eq!(output.code, 0, "strace is needed (apt-get install strace): {}", output.stderr);
    std::fs::read_to_string(trace).unwrap().lines().filter(|line| line.contains('(')).collect()
}

#[test]
fn current_list_status_and_use_open_no_socket() {
    let home = Home::with_dev_and_prod();
    for arguments in
        [&["current"][..], &["list"], &["status"], &["list", "--json"], &["use", "prod", "--yes"], &["unset"]]
    {
        assert_eq!(sockets_of(&home, arguments), "", "{arguments:?}");
    }
    assert!(
        sockets_of(&home, &["env", "dev"]).contains("socket("),
        "the tool sees sockets where there are some"
    );
    assert!(home.api.seen().is_empty());
}

#[test]
fn env_and_exec_talk_to_the_keychain_and_to_nobody_else() {
    let home = Home::with_dev_and_prod();
    for arguments in [&["env", "dev"][..], &["exec", "dev", "--", "true"]] {
        let sockets = sockets_of(&home, arguments);
        assert!(!sockets.contains("AF_INET"), "{sockets}");
    }
}
