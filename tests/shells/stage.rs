//! Folders with pins, and a real shell that moves through them, for the tests of the hooks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use getimg_keys::shell::Shell;

use super::is_here;
use crate::support::{Behaviour, Home, Key, program, scrub};

/// Small programs, so that the steps are the same in every shell.
const PROGRAMS: &[(&str, &str)] = &[
    ("report", r#"echo "$* [${GETIMG_API_KEY-unset}] $(grep -c . "$CALLS") $(env | grep -c ^__)""#),
    ("pin", r#"printf 'profile = "%s"' "$1" >.getimg-keys.toml"#),
    ("text", r#"printf %s "$1" >.getimg-keys.toml"#),
];

/// The folders, the programs, and the shell's hook for the wrapper.
pub(super) struct Stage {
    home: Home,
    shell: Shell,
}

/// What a shell printed.
pub(super) struct Seen {
    pub(super) out: String,
    pub(super) err: String,
}

impl Stage {
    pub(super) fn new(shell: Shell) -> Self {
        let home = ["dev", "staging", "prod"]
            .into_iter()
            .fold(Home::new(), |home, name| home.knows(name, Key::v2(), Behaviour::Valid));
        ["dev", "staging", "prod"].iter().for_each(|name| assert_eq!(home.add(name).code, 0));
        let stage = Self { home, shell };
        for folder in ["site/a/b", "el se $(touch hit)*", "pipe", "it's bin"] {
            fs::create_dir_all(stage.path().join(folder)).unwrap();
        }
        let real = env!("CARGO_BIN_EXE_getimg-keys");
        let wrapper = format!("echo \"$*\" >>\"$CALLS\"\nexec '{real}' \"$@\"");
        for (name, text) in PROGRAMS.iter().copied().chain([("wrapper", wrapper.as_str())]) {
            let file = stage.path().join("it's bin").join(name);
            program::write(&file, &format!("#!/bin/sh\n{text}\n"));
        }
        fs::write(stage.path().join("calls"), "").unwrap();
        fs::write(stage.path().join("site/.getimg-keys.toml"), "profile = 'dev'").unwrap();
        let wrapper = stage.path().join("it's bin/wrapper");
        let hook = shell.dialect().hook(wrapper.to_str().unwrap()).unwrap().unwrap();
        fs::write(stage.path().join("hook.ps1"), hook).unwrap();
        let pipe = stage.path().join("pipe/.getimg-keys.toml");
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        stage
    }

    pub(super) fn path(&self) -> PathBuf {
        self.home.work()
    }

    /// A step in the shell's syntax.
    fn step(&self, line: &str) -> String {
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| name.starts_with("GETIMG")) else {
            return line.to_owned();
        };
        match self.shell {
            Shell::Fish => format!("set -gx {name} '{value}'"),
            Shell::Powershell => format!("$env:{name} = '{value}'"),
            Shell::Nushell => format!("$env.{name} = '{value}'"),
            Shell::Elvish => format!("set-env {name} '{value}'"),
            _ => format!("export {name}='{value}'"),
        }
    }

    /// What a shell started this way prints for the steps; `None` if there is no such shell.
    pub(super) fn play(
        &self,
        program: &str,
        arguments: &[&str],
        beginning: &str,
        prompt: &str,
        steps: &str,
    ) -> Option<Seen> {
        if !is_here(program) {
            return None;
        }
        let steps: String = steps.lines().map(|line| format!("{}\n{prompt}\n", self.step(line))).collect();
        let script = self.path().join("script.ps1");
        fs::write(&script, format!("{beginning}\n{steps}")).unwrap();
        let mut command = self.home.program(program);
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
        let folders = [self.path().join("it's bin")].into_iter().chain(std::env::split_paths(path));
        let path = std::env::join_paths(folders).unwrap();
        command.env("PATH", path).env("CALLS", self.path().join("calls")).env("ZDOTDIR", self.path());
        command.env("LC_ALL", "C.UTF-8").env("HOME", self.path()).env_remove("GETIMG_KEYS_SHELL");
        // An interactive zsh fills the line before each prompt.
        command.env_remove("COLUMNS");
        let output = command.args(arguments).stdin(fs::File::open(script).unwrap()).output().unwrap();
        let still = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap().replace(self.path().to_str().unwrap(), "~");
            let text = scrub::times(&text);
            ["dev", "staging", "prod"]
                .iter()
                .fold(text, |text, name| scrub::key(&text, name, self.home.key(name)))
        };
        let (out, err) = (still(output.stdout), still(output.stderr));
        assert!(!out.is_empty(), "{err}");
        assert!(!self.path().join("el se $(touch hit)*/hit").exists());
        Some(Seen { out, err })
    }

    /// The same in an interactive shell, without the terminal of the tests.
    pub(super) fn play_interactively(&self, beginning: &str, steps: &str) -> Option<Seen> {
        let name = self.shell.as_str();
        if !is_here(name) {
            return None;
        }
        for start_up in ["rc", ".zshrc"] {
            fs::write(self.path().join(start_up), format!("{beginning}\n. ~/hook.ps1\n. ~/hook.ps1\n"))
                .unwrap();
        }
        let arguments: &[&str] = match self.shell {
            Shell::Bash => &["--wait", "bash", "--noprofile", "--rcfile", "rc", "-i"],
            _ => &["--wait", "zsh", "--no-globalrcs", "-i"],
        };
        self.play("setsid", arguments, "", "", steps)
    }
}
