//! Folders and files whose names have code for a shell: the hooks, the completions and the hints run none of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use getimg_keys::shell::Shell;

use super::is_here;
use super::stage::Stage;
use crate::support::Home;
use crate::support::home::finish;

/// Names that would leave a file `hit` behind, and names that only look dangerous.
const NAMES: &[&str] = &[
    "$(touch hit)",
    "`touch hit`",
    "a\ntouch hit\nb",
    "it's \"so\"; touch hit #",
    "&& touch hit |",
    "%F{red}$(touch hit)%{",
    "*?[a-z]~",
    "-rf",
    "{a,b};(touch hit)",
    "\\$(touch hit)\\",
    "'$(touch hit)'",
    "\u{1b}]0;hit\u{7}",
];

/// The files named `hit` below a folder.
fn hits(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let below = |entry: fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => hits(&entry.path()),
        false => usize::from(entry.file_name() == "hit"),
    };
    entries.map(below).sum()
}

/// Below `hostile`, one folder for each name: pinned, with a folder and a file of the same name inside.
fn build(work: &Path, pin: &str) {
    for (number, name) in NAMES.iter().enumerate() {
        let folder = work.join(format!("hostile/{number}")).join(name);
        fs::create_dir_all(folder.join(format!("in{name}"))).unwrap();
        fs::write(folder.join(".getimg-keys.toml"), pin).unwrap();
        fs::write(folder.join(format!("x{name}")), "").unwrap();
    }
}

#[test]
fn hooks_follow_a_pin_in_folders_named_to_break_a_shell_and_nothing_runs() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let stage = Stage::new(shell);
        build(&stage.path(), "profile = 'dev'");
        let steps = NAMES.iter().enumerate().map(|(number, _)| {
            format!(
                "cd hostile/{number}/*\nreport in {number}\ncd in*\nreport below {number}\ncd ..\ntext profile=\n\
                 report broken {number}\ncd ../../..\nreport out of {number}\n"
            )
        });
        let steps: String = steps.collect();
        let seen = match shell {
            Shell::Fish => {
                let prompt = "emit fish_prompt";
                stage.play("fish", &["--no-config"], &format!("source hook.ps1\n{prompt}"), prompt, &steps)
            }
            _ => stage.play_interactively("", &steps),
        };
        let Some(seen) = seen else { continue };
        let lines = seen.out.lines().map(|line| line.rsplitn(3, ' ').last().unwrap_or_default());
        let wanted = (0..NAMES.len()).flat_map(|number| {
            [
                format!("in {number} [<key of dev>]"),
                format!("below {number} [<key of dev>]"),
                format!("broken {number} [unset]"),
                format!("out of {number} [unset]"),
            ]
        });
        assert_eq!(lines.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{}", shell.as_str());
        assert!(!seen.err.contains(['\u{1b}', '\u{7}']) || shell != Shell::Fish, "{}", seen.err);
        assert_eq!(hits(&stage.path()), 0, "{}", shell.as_str());
    }
}

#[test]
fn a_tab_that_completes_a_hostile_name_runs_nothing_of_it() {
    let shells = [
        ("bash", "bash --norc --noprofile -i", "source <(getimg-keys completions bash)"),
        ("zsh", "zsh -f -i", "autoload -Uz compinit; compinit -u -D; source <(getimg-keys completions zsh)"),
        ("fish", "fish --no-config -i", "getimg-keys completions fish | source"),
    ];
    for (shell, start, completions) in shells {
        if !is_here(shell) || !is_here("script") {
            continue;
        }
        let home = Home::with_dev_and_prod();
        build(&home.work(), "profile = 'dev'");
        let bin = home.work().join("bin");
        fs::create_dir(&bin).unwrap();
        let real = env!("CARGO_BIN_EXE_getimg-keys");
        let wrapper = format!(
            "#!/bin/sh\n[ \"$1\" = -- ] || printf '<%s>' \"$@\" >>\"$CALLS\"\nexec '{real}' \"$@\"\n"
        );
        fs::write(bin.join("getimg-keys"), wrapper).unwrap();
        fs::set_permissions(bin.join("getimg-keys"), fs::Permissions::from_mode(0o755)).unwrap();
        let typed = (0..NAMES.len()).map(|number| {
            format!(
                " cd hostile/{number}/*\n getimg-keys scan x\t\n getimg-keys exec pr\t true\n cd ../../..\n"
            )
        });
        let typed = format!(" {completions}\n{} exit\n", typed.collect::<String>());
        let mut script = home.program("script");
        script.args(["-qec", start, "/dev/null"]).env("TERM", "dumb").env("HOME", home.work());
        let path = script.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
        let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(path))).unwrap();
        script.env("PATH", path).env("CALLS", home.work().join("calls"));
        let seen = finish(&mut script, &typed);
        let calls = fs::read_to_string(home.work().join("calls")).unwrap_or_default();
        for name in NAMES.iter().filter(|name| !name.contains(['\n', '\u{1b}'])) {
            assert!(calls.contains(&format!("<scan><x{name}>")), "{shell}: {calls}\n{}", seen.stdout);
        }
        assert!(calls.contains("<exec><prod><true>"), "{shell}: {calls}");
        assert_eq!(hits(&home.work()), 0, "{shell}");
    }
}

#[test]
fn what_a_hint_says_about_a_hostile_folder_can_be_pasted_and_runs_nothing_of_it() {
    let home = Home::with_dev_and_prod();
    build(&home.work(), "profile=");
    let mut pasted = 0;
    for (number, name) in NAMES.iter().enumerate() {
        let folder = home.work().join(format!("hostile/{number}")).join(name);
        finish(home.program("git").args(["init", "-q"]).arg(&folder), "");
        fs::write(folder.join(format!("in{name}/.env")), "A=b").unwrap();
        for arguments in
            [&["env"][..], &["check", "--offline"], &["check"], &["import", &format!("in{name}")]]
        {
            let output = finish(home.command(arguments).current_dir(&folder), "");
            let said = output.stdout + &output.stderr;
            for line in said.lines() {
                let line = line.trim_start();
                let Some(hint) = line.strip_prefix("hint: ").or(line.strip_prefix("→ ")) else { continue };
                if ![".env", "$EDITOR", ".gitignore"].iter().any(|part| hint.contains(part)) {
                    continue;
                }
                let mut shell = home.program("sh");
                shell.env("EDITOR", "true").current_dir(&folder).args(["-c", hint]);
                finish(&mut shell, "");
                pasted += 1;
            }
        }
    }
    assert!(pasted >= 2 * NAMES.len(), "{pasted}");
    assert_eq!(hits(&home.work()), 0);
}
