//! Releases: one version everywhere, one list of systems, and scripts that refuse what is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{read, root};
use crate::support::skipped;

const PROGRAM: &str = env!("CARGO_BIN_EXE_getimg-keys");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A copy of what a release is made from, in a repository of its own.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut cp = Command::new("cp");
    cp.arg("-R").current_dir(root());
    cp.args(["Cargo.toml", "Cargo.lock", "CHANGELOG.md", "action.yml", "docs", "packaging", "src", "tests"]);
    assert!(cp.arg(folder.path()).status().unwrap().success());
    // The checkout may be for reading alone, and cp copies that too.
    let mut chmod = Command::new("chmod");
    assert!(chmod.args(["-R", "u+w"]).arg(folder.path()).status().unwrap().success());
    for words in ["init --quiet --initial-branch=main", "add .", "commit --quiet --message everything"] {
        assert_eq!(git(folder.path(), words), "");
    }
    folder
}

fn git(folder: &Path, words: &str) -> String {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.args(["-c", "user.name=a", "-c", "user.email=a@localhost"]).args(words.split(' '));
    let output = git.output().unwrap();
    assert!(output.status.success(), "{words}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a script of a folder without the variables that it depends on; returns its exit code and output.
fn run(folder: &Path, script: &str, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(folder.join("packaging").join(script));
    command.args(words).current_dir(folder);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
        command.env(format!("{name}_NAME"), "a").env(format!("{name}_EMAIL"), "a@localhost");
    }
    let unset = [
        "CARGO_TARGET_DIR",
        "GETIMG_KEYS_PACKAGES",
        "GITHUB_ACTIONS",
        "MACOS_CERTIFICATE",
        "WINDOWS_CERTIFICATE",
    ];
    for name in unset {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// The columns of packaging/systems.
fn systems() -> Vec<Vec<String>> {
    let text = read(&root().join("packaging/systems"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn every_file_names_one_version_and_one_command_changes_it() {
    assert_eq!(run(root(), "bump", &["--check", VERSION]), (Some(0), String::new()));
    let copy = copy();
    let bump = |words: &[&str]| run(copy.path(), "bump", words);
    assert_eq!(bump(&["99.1.0"]), (Some(0), format!("{VERSION} is 99.1.0 now; look at git diff\n")));
    assert_eq!(bump(&["--check", "99.1.0"]).0, Some(0));
    let changed = git(copy.path(), "diff --name-only");
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "action.yml",
        "docs/ci.md",
        "docs/release.md",
        "packaging/install.sh",
    ];
    assert_eq!(changed.lines().collect::<Vec<_>>(), expected);
    let changelog = read(&copy.path().join("CHANGELOG.md"));
    assert!(changelog.contains("## [Unreleased]\n\n## [99.1.0] - 20"), "{}", &changelog[..400]);
    for name in ["Cargo.toml", "action.yml", "docs/ci.md", "docs/release.md", "packaging/install.sh"] {
        let text = read(&copy.path().join(name));
        let left: Vec<_> = text.lines().filter(|line| line.contains(VERSION)).collect();
        assert!(left.is_empty(), "{name}: {left:?}");
    }

    for refused in ["99.1.0", "0.0.1", "99.2", "v100.0.0", "99.02.0"] {
        assert_eq!(bump(&[refused]).0, Some(1), "{refused}");
    }
    assert!(bump(&["100.0.0"]).1.contains("tells of no change since 99.1.0"));
    let action = copy.path().join("action.yml");
    fs::write(&action, read(&action).replace("99.1.0", "99.0.0")).unwrap();
    assert_eq!(bump(&["--check"]), (Some(1), "error: action.yml names 99.0.0, not 99.1.0\n".into()));
}

#[test]
fn a_release_is_cut_in_a_clone_and_a_dry_run_leaves_nothing() {
    let copy = copy();
    let release = |words: &[&str]| run(copy.path(), "release", words);
    let (code, said) = release(&["99.1.0", "--dry-run"]);
    assert!(code == Some(0) && said.ends_with("a dry run: no commit and no tag was kept\n"), "{said}");
    assert_eq!(git(copy.path(), "log --format=%s --all"), "everything\n");
    assert_eq!(git(copy.path(), "tag"), "");
    assert_eq!(git(copy.path(), "status --porcelain"), "");

    let (code, said) = release(&["99.1.0"]);
    assert!(code == Some(0) && said.ends_with("git push origin main v99.1.0\n"), "{said}");
    assert_eq!(git(copy.path(), "log --format=%s v99.1.0"), "release: 99.1.0\neverything\n");
    assert_eq!(git(copy.path(), "rev-parse HEAD"), git(copy.path(), "rev-parse v99.1.0^{commit}"));
    assert!(git(copy.path(), "log -1 --format=%b").contains("### Added"));
    assert!(release(&["99.1.0"]).1.contains("error: there is a tag v99.1.0"));
    fs::write(copy.path().join("CHANGELOG.md"), "").unwrap();
    assert!(release(&["99.2.0", "--dry-run"]).1.contains("changes that are not committed"));
}

#[test]
fn every_system_of_a_release_is_known_to_all_that_install_it() {
    let systems = systems();
    assert_eq!(systems.len(), 7);
    let [workflow, page, manifest, installer, formula, launcher] = [
        ".github/workflows/release.yml",
        "docs/release.md",
        "Cargo.toml",
        "packaging/install.sh",
        "packaging/templates/getimg-keys.rb",
        "packaging/templates/getimg-keys.package.json",
    ]
    .map(|name| read(&root().join(name)));
    for system in &systems {
        let [name, target, wheel, npm, ..] = system.as_slice() else { panic!("{system:?}") };
        let target = target.trim_end_matches(".2.17");
        assert!(workflow.contains(&format!("system: {name}, target: {target}")), "{name}: the workflow");
        assert!(
            page.contains(&format!("`getimg-keys-{name}")) && !wheel.is_empty(),
            "{name}: docs/release.md"
        );
        let file = format!("getimg-keys-{name}");
        // On Linux, by the machine's name.
        let by_machine = name.starts_with("linux") && manifest.contains("getimg-keys-linux-{ target-arch }");
        if npm != "-" {
            assert!(launcher.contains(&format!("\"getimg-keys-{npm}\": \"@VERSION@\"")), "{name}: npm");
            assert!(by_machine || manifest.contains(&file), "{name}: cargo binstall");
        }
        if npm != "-" && !name.starts_with("windows") {
            assert!(installer.contains(&file) && formula.contains(&format!("@SHA256 {file}@")), "{name}");
        }
    }
}

#[test]
fn formula_and_manifest_are_filled_in_from_the_checksums_of_a_release() {
    let folder = tempfile::tempdir().unwrap();
    let sums = folder.path().join("SHA256SUMS");
    let line = |(n, system): (usize, &Vec<String>)| {
        let suffix = if system[0].starts_with("windows") { ".exe" } else { "" };
        format!("{:064x}  getimg-keys-{}{suffix}\n", n + 1, system[0])
    };
    let lines: Vec<String> = systems().iter().enumerate().map(line).collect();
    fs::write(&sums, lines.concat()).unwrap();
    let [sums, out] = [sums.to_str().unwrap(), folder.path().to_str().unwrap()];
    assert_eq!(run(root(), "taps", &["a/b", "1.2.3", sums, out]), (Some(0), String::new()));
    let manifest: Value = serde_json::from_str(&read(&folder.path().join("getimg-keys.json"))).unwrap();
    let windows = &manifest["architecture"]["64bit"];
    assert_eq!(
        windows["url"],
        "https://github.com/a/b/releases/download/v1.2.3/getimg-keys-windows-x86_64.exe#/getimg-keys.exe"
    );
    assert_eq!(windows["hash"], format!("{:064x}", 5));
    let formula = read(&folder.path().join("getimg-keys.rb"));
    assert!(formula.matches("sha256 \"000000").count() == 4 && !formula.contains('@'), "{formula}");
    fs::write(sums, &lines[0]).unwrap();
    let (code, said) = run(root(), "taps", &["a/b", "1.2.3", sums, out]);
    assert!(code == Some(1) && said.contains("does not name getimg-keys-"), "{said}");
}

#[test]
fn a_build_that_does_not_hold_what_it_promises_is_not_packed() {
    if Command::new("file").arg("--version").output().is_err() {
        return skipped("no `file`");
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let examine = |system: &str| run(root(), "examine", &[system, program.to_str().unwrap()]);
    fs::write(&program, "#!/bin/sh\n").unwrap();
    for system in systems() {
        let (code, said) = examine(&system[0]);
        assert!(code == Some(1) && said.contains(&format!("is not for {}", system[0])), "{said}");
    }
    assert!(examine("amiga").1.contains("amiga is none of the systems: linux-x86_64 "));
    if cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")) {
        fs::copy(PROGRAM, &program).unwrap();
        assert!(examine("linux-x86_64").1.contains("asks for a loader"));
        assert!(examine("windows-x86_64").1.contains("is not for windows-x86_64"));
        assert_eq!(examine("linux-x86_64-gnu").0, Some(1), "a debug build is too large, and names folders");
    }
}

#[test]
fn what_is_not_signed_is_said_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (system, said) in [
        ("windows-x86_64", "getimg-keys-windows-x86_64.exe is not signed: there is no WINDOWS_CERTIFICATE\n"),
        ("macos-aarch64", "getimg-keys-macos-aarch64 is not signed: there is no MACOS_CERTIFICATE\n"),
        ("linux-x86_64", "getimg-keys-linux-x86_64: nothing asks for a signature in it\n"),
    ] {
        let program = folder.path().join(system);
        fs::write(&program, "as it is").unwrap();
        let ended = run(root(), "sign", &[system, program.to_str().unwrap()]);
        assert_eq!(ended, (Some(0), said.to_owned()));
        assert_eq!(read(&program), "as it is");
    }
}

#[test]
fn every_script_may_be_run() {
    let folder = fs::read_dir(root().join("packaging")).unwrap().flatten();
    let scripts =
        folder.filter(|entry| fs::read(entry.path()).is_ok_and(|text| text.starts_with(b"#!/usr/bin/env")));
    let without: Vec<_> = scripts
        .filter(|s| s.metadata().unwrap().permissions().mode() & 0o111 == 0)
        .map(|s| s.path())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
