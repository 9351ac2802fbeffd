//! profiles.toml: many writers at once, truncated, from a newer version, killed at any moment.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Behaviour, Home, Key, home::finish};

/// The names in profiles.toml.
pub fn names(home: &Home) -> Vec<String> {
    let listed: Value = serde_json::from_str(&home.run(&["list", "--json"], "").stdout).unwrap();
    let profiles = listed["profiles"].as_array().unwrap();
    profiles.iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
}

/// How many runs there are at once.
pub const AT_ONCE: usize = 20;

#[test]
fn twenty_adds_at_once_lose_nothing() {
    let home = Home::new();
    let keys: Vec<Key> = (0..AT_ONCE).map(|_| Key::v2()).collect();
    std::thread::scope(|scope| {
        for (number, key) in keys.iter().enumerate() {
            let home = &home;
            scope.spawn(move || {
                let output = home.run(&["add", &format!("p{number:02}"), "--no-verify"], &key.0);
                assert_eq!(output.code, 0, "{}", output.stderr);
            });
        }
    });
    let expected: Vec<String> = (0..AT_ONCE).map(|number| format!("p{number:02}")).collect();
    assert_eq!(names(&home), expected);
    for (name, key) in expected.iter().zip(&keys) {
        assert_eq!(home.session.lookup(&home.service(), name), key.0, "{name}");
    }
}

#[test]
fn of_the_same_key_added_twenty_times_at_once_one_is_taken() {
    let home = Home::new();
    let key = Key::v2();
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let add = |number: usize| {
            let (home, key) = (&home, &key);
            scope.spawn(move || home.run(&["add", &format!("p{number}"), "--no-verify"], &key.0).code)
        };
        let runs: Vec<_> = (0..AT_ONCE).map(add).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [0, 6].contains(code)), "{codes:?}");
    assert_eq!(names(&home).len(), 1);
}

#[test]
fn a_profiles_file_that_cannot_be_read_is_left_as_it_is() {
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    let file = home.path().join("profiles.toml");
    let whole = fs::read_to_string(&file).unwrap();
    let broken = [
        whole.replace("schema_version = 1", "schema_version = 99"),
        whole[..whole.len() / 2].to_owned(),
        String::new(),
        whole.replace("name = \"dev\"", "name = \"prod\""),
        whole.replace("name =", "nome ="),
    ];
    let mut seen = String::new();
    for text in &broken {
        fs::write(&file, text).unwrap();
        seen.push_str(&home.play("list"));
        for command in
            ["add ci --no-verify <ci", "env dev", "use prod --yes", "remove dev", "note dev x", "current"]
        {
            let transcript = home.play(command);
            assert!(transcript.ends_with("→ 1\n"), "{transcript}");
            assert_eq!(fs::read_to_string(&file).unwrap(), *text, "{command}");
        }
        assert_eq!(home.run(&["help", "exit-codes"], "").code, 0);
    }
    assert_snapshot!(seen, @"
    $ list
    ! error: /tmp/test/home/profiles.toml was written by a newer getimg-keys (schema 99)
    !
    ! hint: cargo install --locked --path .  # in a newer checkout
    → 1
    $ list
    ! error: /tmp/test/home/profiles.toml is cut short; it was not changed
    !
    ! hint: getimg-keys doctor
    ! hint: mv /tmp/test/home/profiles.toml /tmp/test/home/profiles.toml.broken  # then getimg-keys store adopt records the keys again
    → 1
    $ list
    ! error: /tmp/test/home/profiles.toml is cut short; it was not changed
    !
    ! hint: getimg-keys doctor
    ! hint: mv /tmp/test/home/profiles.toml /tmp/test/home/profiles.toml.broken  # then getimg-keys store adopt records the keys again
    → 1
    $ list
    ! error: /tmp/test/home/profiles.toml is inconsistent: it names profile `prod` twice; it was not changed
    !
    ! hint: getimg-keys doctor
    ! hint: mv /tmp/test/home/profiles.toml /tmp/test/home/profiles.toml.broken  # then getimg-keys store adopt records the keys again
    → 1
    $ list
    ! error: /tmp/test/home/profiles.toml cannot be understood: line 6: unknown field `nome`, expected one of `name`, `protected`, `note`, `added_at`, `rotated_at`, `key`, `previous`, `pushed`; it was not changed
    !
    ! hint: getimg-keys doctor
    ! hint: mv /tmp/test/home/profiles.toml /tmp/test/home/profiles.toml.broken  # then getimg-keys store adopt records the keys again
    → 1
    ");
    fs::write(&file, whole).unwrap();
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_dev_and_prod();
    let mode = |name: &str| fs::metadata(home.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for name in ["profiles.toml", "profiles.lock", "log.jsonl"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for (name, loose) in [("profiles.toml", 0o644), ("", 0o755)] {
        fs::set_permissions(home.path().join(name), fs::Permissions::from_mode(loose)).unwrap();
    }
    assert_snapshot!(home.play("note dev words"), @"
    $ note dev words
    ! /tmp/test/home/profiles.toml had mode 0644; it is 0600 now
    ! set the note of dev
    ");
    assert_eq!((mode("profiles.toml"), mode("")), (0o600, 0o755));
}

#[test]
fn a_profiles_file_that_is_a_symbolic_link_is_not_written_to() {
    let home = Home::with_dev_and_prod();
    let (file, elsewhere) = (home.path().join("profiles.toml"), home.work().join("elsewhere"));
    fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    let before = fs::read(&elsewhere).unwrap();
    assert_snapshot!(home.play("note dev words"), @"
    $ note dev words
    ! error: /tmp/test/home/profiles.toml is a symbolic link; it is not written to
    !
    ! hint: ls -ld /tmp/test/home/profiles.toml
    → 1
    ");
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
}

#[test]
fn a_profiles_file_a_lock_or_a_home_of_another_user_is_not_written_to() {
    let home = Home::with_dev_and_prod();
    let (before, mut seen) = (home.profiles_file(), String::new());
    for name in ["profiles.toml", "profiles.lock", ""] {
        let path = home.path().join(name);
        if std::os::unix::fs::chown(&path, Some(65534), None).is_err() {
            return crate::support::skipped("only root can give a file away");
        }
        seen += &home.play("note dev words");
        assert_eq!(home.profiles_file(), before, "{name}");
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    }
    assert_snapshot!(seen, @"
    $ note dev words
    ! error: /tmp/test/home/profiles.toml belongs to another user; it is not written to
    !
    ! hint: ls -ld /tmp/test/home/profiles.toml
    → 1
    $ note dev words
    ! error: /tmp/test/home/profiles.lock belongs to another user; it is not written to
    !
    ! hint: ls -ld /tmp/test/home/profiles.lock
    → 1
    $ note dev words
    ! error: /tmp/test/home belongs to another user; it is not written to
    !
    ! hint: ls -ld /tmp/test/home
    → 1
    ");
    assert_eq!(home.run(&["note", "dev", "words"], "").code, 0);
}

#[test]
fn whatever_the_umask_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let script = "umask 000; exec getimg-keys add dev --no-verify";
    let added = finish(home.program("sh").args(["-c", script]), &home.key("dev").0);
    assert_eq!(added.code, 0, "{added:?}");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.path()), 0o700);
    for entry in fs::read_dir(home.path()).unwrap().flatten() {
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
    }
}

#[test]
fn a_profiles_file_of_a_newer_version_is_left_alone_and_the_doctor_still_ends() {
    let home = Home::with_dev_and_prod();
    let text =
        String::from_utf8(home.profiles_file()).unwrap().replace("schema_version = 1", "schema_version = 2");
    fs::write(home.path().join("profiles.toml"), &text).unwrap();
    assert_snapshot!(home.play("
        note dev words
        env dev
        verify dev
    "), @"
    $ note dev words
    ! error: /tmp/test/home/profiles.toml was written by a newer getimg-keys (schema 2)
    !
    ! hint: cargo install --locked --path .  # in a newer checkout
    → 1
    $ env dev
    ! error: /tmp/test/home/profiles.toml was written by a newer getimg-keys (schema 2)
    !
    ! hint: cargo install --locked --path .  # in a newer checkout
    → 1
    $ verify dev
    ! error: /tmp/test/home/profiles.toml was written by a newer getimg-keys (schema 2)
    !
    ! hint: cargo install --locked --path .  # in a newer checkout
    → 1
    ");
    let doctor = home.run(&["doctor", "--offline", "--json"], "");
    let told: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let profiles = told["checks"].as_array().unwrap().iter().find(|check| check["id"] == "profiles").unwrap();
    assert_snapshot!(home.transcript(&crate::support::home::Output { stdout: profiles.to_string(), ..doctor }), @r#"{"hint":"cargo install --locked --path .  # in a newer checkout","id":"profiles","message":"/tmp/test/home/profiles.toml was written by a newer getimg-keys (schema 2)","outcome":"fail"}→ 1"#);
    assert_eq!(home.profiles_file(), text.as_bytes());
}
