//! Runs the terminals of `docs/life-of-a-key.md` one after the other in one home.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::transcript::UNTOLD;
use crate::support::{Behaviour, Home, Key, scrub};

/// The last characters of the keys in the order of their use; the first is in the dotenv file.
const ENDS: [&str; 4] = ["3f9a", "81c6", "d27e", "05b4"];
const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];
const BEGIN: &str = "```console\n";

/// The document with the real output of its commands; days and latencies stay as they are.
pub(super) fn play(document: &str) -> String {
    let home = home();
    let mut parts = document.split(BEGIN);
    let mut played = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (shown, rest) = part.split_once("```").unwrap();
        played.push_str(&[BEGIN, &as_shown(&block(&home, shown), shown), "```", rest].concat());
    }
    played
}

/// The output; a line that differs from the document only in its times stays as in the document.
fn as_shown(said: &str, shown: &str) -> String {
    // On a busy machine a minute may pass, and a column gets wider.
    let is_late = said.contains(" min ago");
    let in_time = |line: String, minutes: u32| line.replace(&format!("{minutes} min ago"), "just now");
    let alike = |line: &str| match scrub::times(line) {
        line if is_late => (1..60).rev().fold(line, in_time).split_whitespace().collect::<Vec<_>>().join(" "),
        line => line,
    };
    let shown = shown.lines().chain(std::iter::repeat(""));
    let kept =
        said.lines().zip(shown).map(|(said, shown)| if alike(said) == alike(shown) { shown } else { said });
    kept.map(|line| format!("{line}\n")).collect()
}

fn home() -> Home {
    let keys = NAMES.iter().zip(ENDS).map(|(name, end)| (*name, Key(format!("sk_{}{end}", "aB3".repeat(9)))));
    let home = keys.fold(Home::new(), |home, (name, key)| home.knows(name, key, Behaviour::Valid));
    let (work, first) = (home.work(), &home.key("first").0);
    fs::write(work.join(".env"), format!("DEBUG=1\nGETIMG_API_KEY={first}\n")).unwrap();
    assert_eq!(home.shell("sh", "git init -q && echo .env > .gitignore").code, 0);
    fs::write(work.join("make-images"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(work.join("make-images"), fs::Permissions::from_mode(0o755)).unwrap();
    let clipboard: Vec<String> = [1, 2, 3].map(|n| home.key(NAMES[n]).0.clone()).to_vec();
    fs::write(work.with_file_name("clipboard"), clipboard.join("\n") + "\n").unwrap();
    home
}

/// Runs the commands of one terminal; at a comment, the key that the open rotation replaced is revoked.
fn block(home: &Home, shown: &str) -> String {
    let mut said = String::new();
    for line in shown.lines().filter(|line| line.starts_with(['$', '#'])) {
        said.push_str(&format!("{line}\n"));
        match line.strip_prefix("$ ") {
            Some(command) => said.push_str(&run(home, command)),
            None => assert!(revoke_the_previous(home), "no rotation is open:\n{said}"),
        }
    }
    said
}

fn revoke_the_previous(home: &Home) -> bool {
    let profiles = String::from_utf8(home.profiles_file()).unwrap();
    let previous = profiles.split_once("[profile.previous").map_or("", |(_, previous)| previous);
    let previous = previous.split_once("\nfingerprint").map_or("", |(_, rest)| rest.lines().next().unwrap());
    let old = NAMES.iter().find(|name| previous.contains(&home.key(name).fingerprint().to_hex()));
    old.is_some_and(|old| {
        home.api.takes(home.key(old), Behaviour::Revoked);
        true
    })
}

fn run(home: &Home, command: &str) -> String {
    let clipboard = home.work().with_file_name("clipboard");
    let paste = format!("wl-paste() {{ head -n 1 '{0}'; sed -i 1d '{0}'; }}", clipboard.display());
    let said = home.shell("bash", &format!("exec 2>&1\n{paste}\n{UNTOLD}\n{command}")).stdout;
    said.replace(home.work().to_str().unwrap(), "~/site")
}
