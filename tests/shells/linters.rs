//! Linters accept our code for shells.

use std::fs;

use getimg_keys::shell::{Change, Shell, VariableName};

use super::{command, is_here};

/// Panics if a program reports anything about a text.
fn is_liked(program: &str, arguments: &[&str], text: &str) {
    if !is_here(program) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    fs::write(&file, text).unwrap();
    let output = command(program).args(arguments).arg(&file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let verdict = format!("{}{}", output.status, String::from_utf8_lossy(&said));
    assert_eq!(verdict, "exit status: 0", "{program} {arguments:?}");
}

fn changes_in(shell: Shell) -> String {
    let names = ["A", "B", "C"].map(|name| name.parse::<VariableName>().unwrap());
    let changes = [
        Change::Set { name: &names[0], value: "~aB3-._~+/==" },
        Change::Set { name: &names[1], value: "it's $HOME\n`x` \\n" },
        Change::Unset { name: &names[2] },
    ];
    shell.dialect().apply(&changes).unwrap().to_string()
}

fn hook(shell: Shell) -> String {
    shell.dialect().hook("/opt/it's here/getimg-keys").unwrap().unwrap()
}

#[test]
fn shellcheck_likes_the_changes() {
    for (shell, dialect) in
        [(Shell::Bash, "bash"), (Shell::Sh, "sh"), (Shell::Sh, "dash"), (Shell::Ksh, "ksh")]
    {
        // The dollar sign is meant literally.
        is_liked("shellcheck", &["-s", dialect, "-e", "SC2016"], &changes_in(shell));
    }
}

#[test]
fn shellcheck_likes_the_hook_of_bash() {
    is_liked("shellcheck", &["-s", "bash"], &hook(Shell::Bash));
}

#[test]
fn fish_likes_its_changes_and_its_hook() {
    for text in [changes_in(Shell::Fish), hook(Shell::Fish)] {
        is_liked("fish", &["--no-config", "--no-execute"], &text);
    }
    is_liked("fish_indent", &["--check"], &hook(Shell::Fish));
}
