//! `demo`: the main job, with nothing of the user's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use getimg_keys::demo::{self, Answers, StandIn};
use getimg_keys::system::Variables;
use getimg_keys::system::process::end_asked_for::EndAskedFor;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::home::{Output, finish};
use crate::support::{program, skipped};

const NOBODY: &str = "65534";

/// A folder that any user may use, with the program and a place for temporary files.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        program::copy(&folder.path().join("getimg-keys"));
        fs::create_dir(folder.path().join("tmp")).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(folder.path().join("tmp"), fs::Permissions::from_mode(0o777)).unwrap();
        Self(folder)
    }

    fn program(&self) -> PathBuf {
        self.0.path().join("getimg-keys")
    }

    /// A call with only these variables; if this is root, as a user that does not exist.
    fn command(&self, before: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut words: Vec<String> = Vec::new();
        words.extend(before.iter().map(ToString::to_string));
        if rustix::process::geteuid().is_root() {
            let options = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
            words.push("/usr/bin/setpriv".into());
            words.extend(options.map(String::from));
        }
        words.push(self.program().to_str().unwrap().into());
        words.extend(arguments.iter().map(ToString::to_string));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env_clear().env("TMPDIR", self.tmp()).current_dir("/");
        command.envs(variables.iter().copied());
        command
    }

    fn play(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        finish(&mut self.command(&[], arguments, variables), "")
    }

    fn tmp(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    /// What is left in the place for temporary files.
    fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.tmp()).unwrap();
        names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

fn exit_codes(json: &str) -> Vec<u64> {
    let answer: Value = serde_json::from_str(json).unwrap();
    let steps = answer["steps"].as_array().unwrap();
    steps.iter().map(|step| step["exit_code"].as_u64().unwrap()).collect()
}

const AS_TOLD: [u64; 13] = [0, 6, 0, 0, 0, 2, 0, 0, 0, 0, 6, 0, 8];

#[test]
fn a_plain_user_in_an_empty_environment_sees_all_of_it_and_nothing_is_left() {
    let place = Place::new();
    let output = place.play(&["demo"], &[]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    let commands: Vec<&str> = output.stdout.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(
        commands,
        [
            "getimg-keys add dev --stdin < ~/keys/dev",
            "getimg-keys add prod --stdin < ~/keys/dev",
            "getimg-keys add prod --stdin < ~/keys/prod",
            "getimg-keys list",
            "getimg-keys verify --all",
            "getimg-keys use prod",
            "getimg-keys use prod --yes",
            "getimg-keys use -",
            "eval $(getimg-keys env) && getimg-keys status",
            "getimg-keys rotate dev --stdin < ~/keys/dev-new",
            "getimg-keys rotate dev --finish",
            "getimg-keys rotate dev --finish",
            "getimg-keys scan --history",
        ]
    );
    assert!(output.stdout.ends_with("\n  getimg-keys add dev\n\n"), "{}", output.stdout);
    assert!(!output.stdout.contains('\x1b'));
    assert_eq!(place.left(), [""; 0]);
}

#[test]
fn a_script_gets_one_object_and_no_key() {
    let place = Place::new();
    let output = place.play(&["demo", "--json"], &[("CLAUDECODE", "1"), ("FORCE_COLOR", "1")]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    assert_eq!(exit_codes(&output.stdout), AS_TOLD);
    let is_whole = |word: &str| word.starts_with("sk_") && word.len() > 20;
    assert!(!output.stdout.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_whole));
    assert!(!output.stdout.contains("u001b"), "{}", output.stdout);
}

#[test]
fn without_a_shell_and_without_git_two_steps_are_played_otherwise() {
    let place = Place::new();
    let output = place.play(&["demo"], &[("PATH", "/nonexistent")]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    for said in [
        "There is no sh here, so one program gets it.\n$ getimg-keys exec -- getimg-keys status\n",
        "There is no git here, so the folder is searched.\n$ getimg-keys scan .\n",
    ] {
        assert!(output.stdout.contains(said), "{}", output.stdout);
    }
}

#[test]
fn a_root_with_nothing_but_the_program_is_enough() {
    if !rustix::process::geteuid().is_root() {
        return skipped("only root may enter a root of its own");
    }
    let place = Place::new();
    let libraries = Command::new("ldd").arg(place.program()).output().unwrap();
    for library in
        String::from_utf8_lossy(&libraries.stdout).split_whitespace().filter(|w| w.starts_with('/'))
    {
        let copy = place.0.path().join(library.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(library, copy).unwrap();
    }
    let mut chroot = Command::new("chroot");
    chroot.arg(place.0.path()).args(["/getimg-keys", "demo"]).env_clear().env("TMPDIR", "/tmp");
    let output = finish(chroot.env("PATH", "/usr/sbin:/usr/bin"), "");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{}", output.stdout);
    assert!(output.stdout.contains("There is no sh here") && output.stdout.contains("There is no git here"));
    assert_eq!(place.left(), [""; 0]);
}

#[test]
fn where_no_folder_can_be_made_nothing_is_played() {
    let place = Place::new();
    fs::set_permissions(place.tmp(), fs::Permissions::from_mode(0o555)).unwrap();
    if !rustix::process::geteuid().is_root() || Path::new("/usr/bin/setpriv").exists() {
        let output = place.play(&["demo"], &[]);
        assert_eq!((output.code, output.stdout.as_str()), (1, ""));
        assert!(output.stderr.starts_with("error: cannot make a folder in "), "{}", output.stderr);
        assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    }
}

/// What is left after a signal, and the exit code.
fn ended_by(signal: &str) -> (Option<i32>, Vec<String>) {
    let place = Place::new();
    let mut command = place.command(&[], &["demo"], &[]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while place.left().is_empty() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    let code = child.wait().unwrap().code();
    (code, place.left())
}

#[test]
fn ctrl_c_clears_up_and_a_kill_leaves_one_folder_at_most() {
    assert_eq!(ended_by("INT"), (Some(9), Vec::new()));
    assert_eq!(ended_by("TERM"), (Some(9), Vec::new()));
    let (code, left) = ended_by("KILL");
    assert_eq!(code, None);
    assert!(left.len() == 1 && left[0].starts_with("getimg-keys-demo-"), "{left:?}");
}

#[test]
fn a_shell_is_opened_in_its_home_with_the_stand_in_still_answering() {
    let place = Place::new();
    let mut command = place.command(&[], &["demo", "--shell"], &[("SHELL", "/nonexistent/shell")]);
    let script = "getimg-keys add ci --stdin < ~/keys/spare && getimg-keys verify ci; pwd; exit 3\n";
    let output = finish(&mut command, script);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("added ci to the encrypted files, verified"), "{}", output.stderr);
    assert!(output.stdout.contains("getimg-keys-demo-") && output.stdout.contains("/site\n"));
    assert_eq!(place.left(), [""; 0]);
    let refused = place.play(&["demo", "--shell", "--json"], &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
}

/// The end of the demo when the API answers otherwise.
fn against(answers: Answers) -> String {
    let api = StandIn::start(answers).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_getimg-keys"));
    let path = std::env::var("PATH").unwrap();
    let variables = Variables::from_iter([("PATH", path.as_str())]);
    let home = demo::Home::make(program, &api, false, &variables).unwrap();
    let end = EndAskedFor::watch().unwrap();
    let mut seen = 0;
    let error = demo::play(&home, &api, &end, &mut |_| seen += 1).unwrap_err();
    assert_eq!(error.kind.code(), 1);
    assert!(seen > 0 && !error.hints.is_empty());
    error.message
}

#[test]
fn a_stand_in_that_misbehaves_is_not_taken_for_a_success() {
    const BALANCE: &str = r#"{"balance":"12.50","currency":"USD"}"#;
    let refuses_all = against(|_, path| demo::as_documented(false, path));
    assert_eq!(
        refuses_all,
        "step 1 of the demo, `getimg-keys add dev --stdin < ~/keys/dev`, ended with exit code 4, not 0"
    );
    let is_down = against(|_, _| (500, "<html></html>"));
    assert!(is_down.starts_with("step 1 of the demo") && is_down.contains("did not say"), "{is_down}");
    let forgets_nothing = against(|_, _| (200, BALANCE));
    assert_eq!(
        forgets_nothing,
        "step 12 of the demo, `getimg-keys rotate dev --finish`, ended with exit code 6, not 0"
    );
}

/// System calls that change files, ask for keys of the kernel, or talk to others.
const CALLS: &str = "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,symlink,\
    symlinkat,link,linkat,chmod,fchmodat,truncate,mknod,mknodat,connect,bind,sendto,sendmsg,add_key,chdir";

#[test]
fn no_file_but_those_of_its_folder_is_written_and_no_address_but_loopback_is_spoken_to() {
    let place = Place::new();
    let log = place.0.path().join("strace");
    let strace =
        ["/usr/bin/strace", "-f", "-qq", "-y", "-s", "300", "-e", CALLS, "-o", log.to_str().unwrap()];
    if !rustix::process::geteuid().is_root() {
        return skipped("only root is shown the names in the calls of a process that gives nothing away");
    }
    let output = match Path::new(strace[0]).exists() {
        true => finish(&mut place.command(&strace, &["demo", "--json"], &[]), ""),
        false => return skipped("strace is not there"),
    };
    if output.code != 0 && output.stderr.contains("ptrace") {
        return skipped("nothing may be traced here");
    }
    assert_eq!(exit_codes(&output.stdout), AS_TOLD, "{}", output.stderr);
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.lines().count() > 100);
    let ours = log.split(' ').next().unwrap();
    let outside = |line: &&str| goes_outside(line, ours, &place.tmp());
    assert_eq!(log.lines().filter(outside).collect::<Vec<_>>(), [""; 0]);
}

/// Whether a call changes a file outside a folder, or talks to another machine or to a service of this one.
///
/// A relative path is below the folder: every program of the demo starts there and stays there.
fn goes_outside(line: &str, ours: &str, folder: &Path) -> bool {
    let (process, call) = line.split_once(' ').unwrap();
    let Some((name, arguments)) = call.trim_start().split_once('(') else { return false };
    let is_relative = process != ours && !arguments.contains("\"/");
    match name {
        "connect" | "bind" | "sendto" | "sendmsg" => {
            arguments.contains("sa_family=") && !is_loopback(arguments)
        }
        "open" | "openat" if !["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|w| arguments.contains(w)) => {
            false
        }
        _ => !is_relative && !within(arguments, folder),
    }
}

fn is_loopback(arguments: &str) -> bool {
    // The C library asks for a cache of user names if there is one.
    ["inet_addr(\"127.0.0.1\")", "/var/run/nscd/socket"].iter().any(|known| arguments.contains(known))
}

/// Whether the call names the folder, as the path itself or by a descriptor.
fn within(arguments: &str, folder: &Path) -> bool {
    let folder = folder.to_str().unwrap();
    arguments.contains(folder) || ["/dev/null", "/dev/tty"].iter().any(|device| arguments.contains(device))
}
