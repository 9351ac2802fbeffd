//! `backup` and `restore`: into an empty home, over existing profiles, for other users of age.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::support::bare_home::{Home, PASSPHRASE, PROGRAM, Ran, USING, exported, ran};
use crate::support::canary::text;
use crate::support::have;

fn with_two() -> Home {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    home.add("prod", 'b');
    home
}

/// An empty home beside another one; both find the backup in the same folder.
fn beside(home: Home) -> Home {
    fs::rename(home.home(), home.root.path().join("lost")).unwrap();
    home
}

#[test]
fn a_backup_comes_back_on_an_empty_home() {
    let home = with_two();
    let wrote = home.run(&["backup", "all.age"]);
    assert_eq!(wrote, ran(0, "", "wrote 2 keys of dev, prod to ~/all.age\n"));
    assert_eq!(fs::metadata(home.path("all.age")).unwrap().permissions().mode() & 0o777, 0o600);
    let home = beside(home);
    let Ran(code, _, err) = home.run(&["restore", "all.age", "--store", "file"]);
    assert!(code == 0 && err.ends_with("restored dev, prod to the encrypted files\n"), "{err}");
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &exported('a'), USING));
    let again = home.run(&["restore", "all.age"]);
    assert_eq!(again, ran(0, "", "already here with the same key: dev, prod\n"));
    home.assert_no_secret();
}

#[test]
fn what_is_there_is_not_written_over_without_a_word() {
    let home = with_two();
    home.run(&["backup", "all.age"]);
    let told = "error: ~/all.age already exists; nothing was written\n\nhint: getimg-keys backup ~/all.age --overwrite\n";
    assert_eq!(home.run(&["backup", "all.age"]), ran(2, "", told));

    let home = beside(home);
    home.add("dev", 'c');
    let told = "error: the backup has another key for dev; nothing was restored\n\n\
                hint: getimg-keys restore all.age --overwrite\n";
    assert_eq!(home.run(&["restore", "all.age"]), ran(2, "", told));
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('c'));
    let restored = home.run(&["restore", "all.age", "--overwrite"]);
    assert_eq!(restored, ran(0, "", "restored dev, prod to the encrypted files\n"));
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('a'));
}

#[test]
fn what_is_no_regular_file_stays_as_it_is() {
    let home = with_two();
    assert!(Command::new("mkfifo").arg(home.path("pipe")).status().unwrap().success());
    fs::write(home.path("file"), "mine").unwrap();
    symlink("file", home.path("link")).unwrap();
    for (name, what) in [("pipe", "a named pipe"), ("link", "a symbolic link")] {
        for overwrite in [&["backup", name][..], &["backup", name, "--overwrite"]] {
            let told = format!(
                "error: nothing was written to ~/{name}: it is {what}, not a regular file\n\n\
                hint: getimg-keys backup FILE  # another name, or `-` for standard output\n"
            );
            assert_eq!(home.run(overwrite), ran(2, "", &told));
        }
        assert!(!fs::symlink_metadata(home.path(name)).unwrap().is_file());
    }
    assert_eq!(fs::read_to_string(home.path("file")).unwrap(), "mine");
}

#[test]
fn a_key_that_another_profile_holds_does_not_come_back() {
    let home = with_two();
    home.run(&["backup", "all.age"]);
    let home = beside(home);
    home.add("other", 'a');
    let Ran(code, out, err) = home.run(&["restore", "all.age"]);
    assert_eq!((code, out.as_str()), (6, ""));
    assert!(err.starts_with("error: `dev` in the backup: this key is already the key of `other`"), "{err}");
    assert_eq!(home.run(&["current"]).1, "other\n");
}

#[test]
fn a_wrong_passphrase_and_a_changed_backup_are_told_apart() {
    let home = with_two();
    home.run(&["backup", "all.age"]);
    let whole = fs::read(home.path("all.age")).unwrap();
    let home = beside(home);
    fs::write(home.path("passphrase"), "another one").unwrap();
    let told = "error: ~/all.age: wrong passphrase; nothing was restored\n\n\
                hint: unset GETIMG_KEYS_PASSPHRASE_FILE  # to be asked for it\n";
    assert_eq!(home.run(&["restore", "all.age"]), ran(7, "", told));
    fs::write(home.path("passphrase"), PASSPHRASE).unwrap();
    fs::write(home.path("all.age"), &whole[..whole.len() / 2]).unwrap();
    let told = "error: ~/all.age: it is not an age file, or it is damaged or truncated; nothing was restored\n\n\
                hint: getimg-keys restore FILE  # another copy of the backup\n";
    assert_eq!(home.run(&["restore", "all.age"]), ran(1, "", told));
    assert!(!home.home().join("keys").exists());
}

#[test]
fn what_cannot_be_read_or_written_or_was_asked_for_wrongly_is_said_with_what_helps() {
    let home = with_two();
    home.run(&["backup", "all.age"]);
    let told = "error: ~/all.age: it was encrypted with a passphrase, not to an identity; nothing was restored\n\n\
                hint: getimg-keys restore all.age\n";
    assert_eq!(home.run(&["restore", "all.age", "--identity", "passphrase"]), ran(2, "", told));
    let told = "error: cannot read ~/none.age: no such file or directory\n\nhint: ls ~\n";
    assert_eq!(home.run(&["restore", "none.age"]), ran(1, "", told));
    let told = "error: cannot write ~/no/all.age: no such file or directory\n\nhint: mkdir -p ~/no\n";
    assert_eq!(home.run(&["backup", "no/all.age"]), ran(1, "", told));
    fs::create_dir_all(home.home().join("config.toml")).unwrap();
    let told = "error: cannot read ~/home/config.toml: it is a folder, not a regular file\n\nhint: ls -ld ~/home/config.toml\n";
    assert_eq!(home.run(&["list"]), ran(1, "", told));
}

#[test]
fn debians_age_opens_a_backup_to_a_recipient_and_restore_takes_its_identity() {
    if !have("age-keygen") {
        return;
    }
    let home = with_two();
    let sh = |script: &str| {
        let ran = home.command("sh").args(["-ec", script]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let recipient =
        sh("age-keygen -o other.txt 2>/dev/null; age-keygen -o key.txt 2>/dev/null; age-keygen -y key.txt");
    let wrote = home.run(&["backup", "all.age", "--recipient", recipient.trim(), "--json"]);
    assert_eq!(wrote.0, 0, "{wrote:?}");
    let inside = sh("age -d -i key.txt all.age");
    let lines = [format!("\"dev\" = \"{}\"", text('a')), format!("\"prod\" = \"{}\"", text('b'))];
    assert!(lines.iter().all(|line| inside.lines().any(|l| l == line)), "{inside}");
    let home = beside(home);
    let told = "error: ~/all.age was encrypted to a public key\n\n\
                hint: getimg-keys restore all.age --identity ~/.ssh/id_ed25519\n";
    assert_eq!(home.run(&["restore", "all.age"]), ran(2, "", told));
    let told = "error: ~/all.age: it was encrypted to another recipient; nothing was restored\n\n\
                hint: getimg-keys restore all.age --identity FILE  # another one\n";
    assert_eq!(home.run(&["restore", "all.age", "--identity", "other.txt"]), ran(1, "", told));
    let told = "error: cannot read ~/none.txt: no such file or directory\n\nhint: ls ~\n";
    assert_eq!(home.run(&["restore", "all.age", "--identity", "none.txt"]), ran(1, "", told));
    let restored = home.run(&["restore", "all.age", "--identity", "key.txt", "--store", "file"]);
    assert_eq!(restored.0, 0, "{restored:?}");
    assert_eq!(home.run(&["env", "dev", "--shell", "sh"]).1, exported('a'));
    assert_eq!(home.run_with(&["rotate", "dev", "--no-verify"], &text('c')).0, 0);
    let Ran(code, _, err) = home.run(&["restore", "all.age", "--identity", "key.txt"]);
    let hint = "\nhint: getimg-keys restore all.age --identity key.txt --overwrite\n";
    assert!(code == 2 && err.ends_with(hint), "{err}");
}

#[test]
fn a_rotation_needs_no_passphrase_and_an_open_one_survives_a_backup() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let variables = home.variables;
    let home = Home { variables: Vec::new(), ..home };
    assert_eq!(home.run_with(&["rotate", "dev", "--no-verify"], &text('b')).0, 0);
    for _ in 0..2 {
        assert_eq!(home.run(&["rotate", "dev", "--undo"]).0, 0);
    }
    let home = Home { variables, ..home };
    assert_eq!(home.run(&["backup", "all.age"]), ran(0, "", "wrote 2 keys of dev to ~/all.age\n"));
    let home = beside(home);
    assert_eq!(home.run(&["restore", "all.age", "--store", "file"]).0, 0);
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &exported('b'), USING));
    assert_eq!(home.run(&["rotate", "dev", "--undo"]).0, 0);
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &exported('a'), USING));
    home.assert_no_secret();
}

#[test]
fn a_backup_that_standard_output_did_not_take_is_not_said_to_be_written() {
    let home = with_two();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(PROGRAM).args(["backup", "-"]).stdout(full).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "error: cannot write to standard output: no space left on device\n");
    assert_eq!(output.status.code(), Some(1));
    let Ran(code, out, err) = home.run(&["backup", "-"]);
    assert!(code == 0 && out.starts_with("-----BEGIN AGE") && err.contains("wrote 2 keys"), "{err}");
}
