//! CI: the action, the workflows to copy in docs/ci.md, and the script that installs a release.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{misunderstood, read, root};

const PROGRAM: &str = env!("CARGO_BIN_EXE_getimg-keys");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn action() -> String {
    read(&root().join("action.yml"))
}

#[test]
fn every_action_that_is_used_is_pinned_by_its_commit() {
    assert_eq!(unpinned("- uses: a/b@v1\nuses: a/b@main # v1"), ["a/b@v1", "a/b@main"]);
    assert_eq!(unpinned("- uses: a/b@0123456789abcdef0123456789abcdef01234567 # v1"), [""; 0]);

    let workflows =
        fs::read_dir(root().join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path());
    let files = workflows.chain([root().join("action.yml"), root().join("docs/ci.md")]);
    let found: Vec<String> = files.flat_map(|path| unpinned(&read(&path))).collect();
    assert_eq!(found, ["OWNER/getimg-keys@COMMIT"]);
}

fn unpinned(text: &str) -> Vec<String> {
    let used = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
    let is_pinned = |used: &str| {
        let commit =
            used.split_once('@').and_then(|(_, rest)| rest.split_once(" # v")).map_or("", |(at, _)| at);
        commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit())
    };
    used.filter(|used| !is_pinned(used)).map(|used| used.split(" #").next().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_of_workflows_and_of_the_skill_are_understood() {
    let page = read(&root().join("docs/ci.md"));
    let lines = page.lines().map(str::trim);
    let commands = lines.filter_map(|line| line.strip_prefix("- ").or(line.strip_prefix("sh '")));
    let ours =
        commands.map(|line| line.trim_end_matches('\'')).filter(|line| line.starts_with("getimg-keys "));
    let ours: Vec<String> = ours.map(|command| format!("`{command}`")).collect();
    assert!(ours.len() >= 8, "{ours:?}");
    assert_eq!(misunderstood(&ours.join(" ")), [""; 0]);
    assert_eq!(misunderstood(&read(&root().join("agents/getimg-keys/SKILL.md"))), [""; 0]);
    assert_eq!(page.matches(&format!("getimg-keys-{VERSION}")).count(), 1);
}

#[test]
fn every_input_of_the_action_is_in_the_documents_and_its_version_is_the_programs() {
    let action = action();
    let inputs = action.split_once("\ninputs:\n").unwrap().1.split_once("\noutputs:").unwrap().0;
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<&str> =
        inputs.lines().filter(is_name).map(|line| line.trim().trim_end_matches(':')).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    let page = read(&root().join("docs/ci.md"));
    let missing: Vec<_> = names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(inputs.contains(&format!("default: \"{VERSION}\"")), "{inputs}");
}

/// The script of a step of the action.
fn script(name: &str) -> String {
    let action = action();
    let step = action.split_once(&format!("- name: {name}\n")).unwrap().1;
    let step = step.split_once("      run: |").unwrap().1.split_once('\n').unwrap().1;
    let lines = step.lines().take_while(|line| line.starts_with("        ") || line.is_empty());
    lines.map(|line| format!("{}\n", line.trim_start())).collect()
}

#[cfg(unix)]
#[test]
fn the_step_that_looks_for_keys_tells_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let path =
        format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let look = || {
        let mut bash = Command::new("bash");
        bash.args(["-e", "-o", "pipefail", "-c", &script("look for keys")])
            .env_clear()
            .current_dir(folder.path());
        bash.env("PATH", &path).env("HOME", folder.path()).env("HISTORY", "false");
        bash.env("RUNNER_TEMP", folder.path()).env("GITHUB_OUTPUT", folder.path().join("output"));
        let output = bash.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        (said(&output), fs::read_to_string(folder.path().join("output")).unwrap())
    };
    assert!(look().1.ends_with("code=0\n"));
    let key = crate::support::Key::v2();
    fs::write(folder.path().join("leak.py"), format!("GETIMG_API_KEY = \"{}\"\n", key.0)).unwrap();
    let (log, output) = look();
    assert!(log.contains("::error file=leak.py,line=1,"), "{log}");
    assert!(output.ends_with("code=8\n"), "{output}");
    let sarif = fs::read_to_string(folder.path().join("getimg-keys.sarif")).unwrap();
    assert!(sarif.contains("leak.py") && !sarif.contains(&key.0) && !log.contains(&key.0));
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_release_is_installed_only_with_the_checksum_that_it_lists() {
    let folder = tempfile::tempdir().unwrap();
    let (release, to) = (folder.path().join("release"), folder.path().join("a bin"));
    fs::create_dir(&release).unwrap();
    fs::copy(PROGRAM, release.join("getimg-keys-linux-x86_64")).unwrap();
    let sums =
        Command::new("sha256sum").arg("getimg-keys-linux-x86_64").current_dir(&release).output().unwrap();
    fs::write(release.join("SHA256SUMS"), &sums.stdout).unwrap();
    let install = |version: &str| {
        let mut sh = Command::new("sh");
        sh.arg(root().join("packaging/install.sh")).args(["--version", version, "--from"]).arg(&release);
        let output = sh.arg("--to").arg(&to).output().unwrap();
        (output.status.code(), said(&output))
    };
    let (code, text) = install(VERSION);
    assert!(code == Some(0) && text.starts_with(&format!("getimg-keys {VERSION} is in ")), "{text}");
    let installed = fs::read(to.join("getimg-keys")).unwrap();
    let (code, text) = install("99.0.0");
    assert!(code == Some(1) && text.contains("not 99.0.0; nothing was installed"), "{text}");
    fs::write(release.join("SHA256SUMS"), sums.stdout.to_ascii_uppercase()).unwrap();
    assert!(install(VERSION).1.contains("checksums do not name"));
    fs::write(release.join("SHA256SUMS"), format!("{}  getimg-keys-linux-x86_64\n", "0".repeat(64))).unwrap();
    let (code, text) = install(VERSION);
    assert!(code == Some(1) && text.contains("is wrong"), "{text}");
    assert_eq!(fs::read(to.join("getimg-keys")).unwrap(), installed);
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
}
