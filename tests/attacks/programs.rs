//! Programs with a well-known name in a repository, and lists that git would wait for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::home::finish;
use crate::support::{Home, Key, Session};

fn program(path: &Path, text: &str) {
    crate::support::program::write(path, &format!("#!/bin/sh\n{text}\n"));
}

#[test]
fn no_program_of_the_working_directory_is_run_wherever_path_leads() {
    let home = Home::within(Session::without_bus()).with("GETIMG_KEYS_STORE", "file");
    let (work, ran) = (home.work(), home.work().join("ran"));
    for name in ["git", "our-pass", "xdg-open", "bin/git", "bin/our-pass"] {
        program(&work.join(name), &format!("touch {}; echo correct horse", ran.display()));
    }
    fs::create_dir(home.path()).unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    for (command, told) in [
        ("our-pass", "did not start"),
        ("./our-pass", "write an absolute one"),
        ("bin/our-pass", "relative path"),
    ] {
        let config = format!("[file]\npassphrase_command = ['{command}']\n");
        fs::write(home.path().join("config.toml"), config).unwrap();
        for path in [".", "", ":", "bin:.:/usr/bin:/bin", "/usr/bin::/bin"] {
            for arguments in [&["check"][..], &["doctor", "--offline"], &["guard", "status"], &["scan"]] {
                finish(home.command(arguments).env("PATH", path), "");
                assert!(!ran.exists(), "{arguments:?} with PATH={path}");
            }
            let mut add = home.command(&["add", "dev", "--no-verify", "--stdin"]);
            let run = finish(add.env("PATH", path), &Key::v2().0);
            assert!(!ran.exists(), "add with PATH={path}");
            assert!(run.code != 0 && run.stderr.contains(told), "{command}: {}", run.stderr);
        }
    }
    let config = format!("[file]\npassphrase_command = ['{}']\n", work.join("our-pass").display());
    fs::write(home.path().join("config.toml"), config).unwrap();
    // Another test may have forked while the script was written. The script is busy until that child runs its own
    // program.
    let told = (0..20).find_map(|_| {
        let run = finish(&mut home.command(&["add", "dev", "--no-verify", "--stdin"]), &Key::v2().0);
        ran.exists().then_some(run.stderr)
    });
    assert!(told.is_some(), "a whole path is run");
}

#[test]
fn a_pipe_in_the_place_of_a_list_of_ignored_files_is_named_and_never_waited_for() {
    let home = Home::within(Session::without_bus()).with("GETIMG_KEYS_STORE", "env");
    let git = |arguments: &[&str]| {
        let mut git = home.program("git");
        assert!(git.args(arguments).output().unwrap().status.success());
    };
    git(&["init", "-q"]);
    fs::create_dir(home.work().join("below")).unwrap();
    fs::write(home.work().join("below/.env"), format!("GETIMG_API_KEY={}\n", Key::v2().0)).unwrap();
    for list in [".gitignore", "below/.gitignore", ".git/info/exclude"] {
        let path = home.work().join(list);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let check = home.run(&["check"], "");
        let said = format!("{}{}", check.stdout, check.stderr);
        assert!(said.contains(list) && said.contains("a named pipe"), "{list}: {said}");
        let scan = home.run(&["scan"], "");
        assert_eq!(scan.code, 8, "{list}: {}", scan.stderr);
        assert!(home.run(&["doctor", "--offline"], "").stdout.contains("profiles"));
        fs::remove_file(&path).unwrap();
    }
}
