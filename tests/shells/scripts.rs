//! Scripts in every shell, whatever `$SHELL` is and however the program is wrapped: the key arrives and is never shown.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{OTHERS, POSIX, present};
use crate::support::Home;
use crate::support::home::finish;

/// The user's login shell, which must not matter in a script.
const LOGIN: [&str; 6] = ["/usr/bin/fish", "/usr/bin/nu", "/usr/bin/elvish", "/bin/tcsh", "/bin/zsh", ""];
const WRAPPERS: [&str; 6] = ["", "timeout 5 ", "nice ", "env ", "setsid ", "env timeout 5 nice "];

#[test]
fn a_script_gets_the_syntax_of_its_own_shell_whatever_the_login_shell_and_the_wrapper() {
    let home = Home::with_dev_and_prod();
    let key = &home.key("dev").0;
    for real in present(POSIX).chain(present(OTHERS)) {
        let line = |wrapper| {
            let load = real.shell.how_to_load(&format!("{wrapper}getimg-keys env"));
            format!("{load}\nprintenv GETIMG_API_KEY\n{}\n", real.shell.how_to_load("getimg-keys unset"))
        };
        // A script's name does not say which shell runs it.
        let script = home.work().join(if real.program == "fish" { "bash.ps1" } else { "fish.ps1" });
        fs::write(&script, WRAPPERS.map(line).concat()).unwrap();
        for login in LOGIN {
            let mut command = home.program(real.program);
            command.args(real.arguments).arg(&script).env("SHELL", login).env_remove("GETIMG_KEYS_SHELL");
            let seen = finish(&mut command, "");
            let (program, arguments) = (real.program, real.arguments);
            assert_eq!(
                seen.stdout,
                format!("{key}\n").repeat(WRAPPERS.len()),
                "{program} {arguments:?} {login}: {}",
                seen.stderr
            );
            let traces = (0..key.len() - 8).filter(|at| seen.stderr.contains(&key[*at..at + 8])).count();
            assert_eq!(traces, 0, "{program} {login}: {}", seen.stderr);
        }
    }
}

#[test]
fn an_interpreter_named_in_the_first_line_counts_and_not_the_script_s_name() {
    let home = Home::with_dev_and_prod();
    let script = home.work().join("elvish");
    fs::write(&script, "#!/bin/bash\neval $(getimg-keys env)\nprintenv GETIMG_API_KEY\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.program(script.to_str().unwrap());
    // A variable from the hook of another shell, which started the script, does not count.
    command.env("SHELL", "/usr/bin/elvish").env("GETIMG_KEYS_SHELL", format!("fish:{}", std::process::id()));
    let seen = finish(&mut command, "");
    assert_eq!((seen.stdout, seen.stderr.contains("sk_")), (format!("{}\n", home.key("dev").0), false));
}
