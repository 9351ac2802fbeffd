//! Every command in folders and on files with hostile names: nothing panics, and no byte of a name acts on a terminal
//! or begins a line of the output.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;

use clap::{Arg, ArgAction, Command};

use crate::support::Home;

/// The text after a line break in a name.
const MARK: &str = "STOLEN-LINE";

fn names() -> Vec<Vec<u8>> {
    let all = format!("-x \x1b[31m\u{7}\r'\"$(id)`\n{MARK}\u{202e}\n::stop-commands::x\n##[y]").into_bytes();
    vec![
        b"odd\xff\xfe".to_vec(),
        format!("line\n{MARK}").into_bytes(),
        b"\x1b]0;x\x07\x1b[31m".to_vec(),
        b"-x".to_vec(),
        vec![b'x'; 255],
        b"::stop-commands::x".to_vec(),
        b"##[add-mask]x".to_vec(),
        [&all[..], b"\xff"].concat(),
    ]
}

/// Every command, from the program's own description of its command line.
fn leaves(command: &Command, above: &[String]) -> Vec<(Vec<String>, Command)> {
    let path = [above, &[command.get_name().to_owned()]].concat();
    let own = command.get_subcommands().flat_map(|below| leaves(below, &path));
    let own: Vec<_> = own.collect();
    if own.is_empty() { vec![(path, command.clone())] } else { own }
}

fn takes_path(argument: &Arg) -> bool {
    let names = argument.get_value_names().unwrap_or_default();
    names.iter().any(|name| ["PATH", "FILE", "DIR"].contains(&name.as_str()))
}

/// A value that is not a path.
fn value(argument: &Arg) -> OsString {
    let possible = argument.get_possible_values();
    if let Some(first) = possible.first() {
        return first.get_name().into();
    }
    let named = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    match named {
        "DATE" => "2025-01-02",
        "VAR" => "SOME_VARIABLE",
        "TIME" => "1h",
        "S" | "T" => "1",
        "SHELL" => "bash",
        "CMD" => "true",
        "KEY" => "nothing",
        _ => "dev",
    }
    .into()
}

fn word(argument: &Arg, path: &OsStr) -> OsString {
    if takes_path(argument) { path.to_owned() } else { value(argument) }
}

/// The command lines of one command: plain, with each flag, with each option that has a value.
fn lines(names: &[String], command: &Command, path: &OsStr, all: bool) -> Vec<Vec<OsString>> {
    let named: Vec<OsString> = names[1..].iter().map(OsString::from).collect();
    let positional = |wanted: &dyn Fn(&Arg) -> bool| -> Vec<OsString> {
        command
            .get_positionals()
            .filter(|argument| wanted(argument))
            .map(|argument| word(argument, path))
            .collect()
    };
    let (needed, every) = (positional(&|argument| argument.is_required_set()), positional(&|_| true));
    let mut lines = vec![[&named[..], &needed].concat(), [&named[..], &every].concat()];
    for argument in command.get_arguments().filter(|_| all).filter(|a| a.get_id() != "help") {
        let Some(flag) = argument.get_long().map(|long| OsString::from(format!("--{long}"))) else {
            continue;
        };
        let mut line = [&named[..], &[flag]].concat();
        if matches!(argument.get_action(), ArgAction::Set | ArgAction::Append) {
            line.push(word(argument, path));
        }
        lines.extend([[&line[..], &needed].concat(), [&line[..], &every].concat()]);
    }
    lines.sort();
    lines.dedup();
    lines
}

/// A repository below a folder with that name, with files of that name that a command reads.
fn place(home: &Home, name: &[u8]) -> PathBuf {
    let folder = home.work().join(OsStr::from_bytes(name));
    let own = OsStr::from_bytes(name);
    fs::create_dir_all(folder.join(own)).unwrap();
    let key = format!("GETIMG_API_KEY={}\n", crate::support::Key::v2().0);
    let dotenv = [b".env.", &name[..name.len().min(200)]].concat();
    for file in [OsStr::from_bytes(&dotenv), OsStr::new("plain")] {
        fs::write(folder.join(own).join(file), &key).unwrap();
    }
    fs::write(folder.join(".getimg-keys.toml"), "profile = \"dev\"\n").unwrap();
    git(home, &folder, &["init", "-q"]);
    git(home, &folder, &["add", "-A"]);
    git(home, &folder, &["commit", "-qm", "names"]);
    fs::write(folder.join(own).join("new"), &key).unwrap();
    git(home, &folder, &["add", "-A"]);
    folder
}

fn git(home: &Home, folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.hooksPath=.git/hooks"];
    let done = home.program("git").current_dir(folder).args(who).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// What is wrong with the output.
fn fault(output: &std::process::Output) -> Option<&'static str> {
    for said in [&output.stdout, &output.stderr] {
        let Ok(text) = std::str::from_utf8(said) else { return Some("it is not UTF-8") };
        let acts =
            |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}');
        if text.contains(acts) {
            return Some("a control character is raw");
        }
        if text
            .lines()
            .any(|line| line.starts_with(MARK) || line.starts_with("##[") || line.starts_with("::stop"))
        {
            return Some("a name begins a line");
        }
        if text.contains("fault of its own") {
            return Some("it panicked");
        }
    }
    output.status.code().is_none_or(|code| code > 9 && code < 126).then_some("it ended with no code of ours")
}

/// Runs one command line without standard input; fails if it does not end.
fn run(home: &Home, folder: &Path, line: &[OsString]) -> Option<String> {
    let mut call = home.program("timeout");
    call.args(["--kill-after=1", "30", env!("CARGO_BIN_EXE_getimg-keys")]).args(line).current_dir(folder);
    let output = call.stdin(Stdio::null()).output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    fault(&output).map(|fault| format!("{fault}: {line:?}\n{}", String::from_utf8_lossy(&said)))
}

#[test]
fn no_command_panics_or_lets_a_name_act_below_hostile_folders() {
    let home = Home::with_dev_and_prod();
    let program = getimg_keys::cli::command();
    let commands: Vec<_> =
        program.get_subcommands().flat_map(|below| leaves(below, &["getimg-keys".to_owned()])).collect();
    assert!(commands.len() > 35, "{}", commands.len());
    let (every, wrong) = (names(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for name in &every {
            let (home, commands, wrong, worst) = (&home, &commands, &wrong, Some(name) == every.last());
            scope.spawn(move || {
                let folder = place(home, name);
                let own = OsStr::from_bytes(name);
                let absolute = folder.join(own);
                let of = |(names, command): &(Vec<String>, Command)| {
                    // The demo takes seconds, and does not depend on the folder.
                    let is_long = names.contains(&"demo".to_owned());
                    let mut all = lines(names, command, own, worst && !is_long);
                    all.truncate(if !is_long { usize::MAX } else { usize::from(worst) });
                    if worst && !is_long {
                        all.extend(lines(names, command, absolute.as_os_str(), false));
                        let json =
                            |line: &Vec<OsString>| [&line[..1], &["--json".into()], &line[1..]].concat();
                        all.extend(lines(names, command, own, false).iter().map(json));
                    }
                    all
                };
                let faults = commands.iter().flat_map(of).filter_map(|line| run(home, &folder, &line));
                wrong.lock().unwrap().extend(faults.collect::<Vec<_>>());
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} runs:\n{}", wrong.len(), wrong.join("\n"));
}
