//! Forged backups: what they may say about a key, and how much work they may cause.

use std::fs;
use std::process::Command;

use crate::support::home::finish;
use crate::support::instructions::{can_be_counted, counted};
use crate::support::{Home, Key, Session};

/// A backup to a recipient, as text.
struct Forged {
    home: Home,
    identity: age::x25519::Identity,
}

impl Forged {
    fn new() -> Self {
        let home = Home::within(Session::without_bus()).with("GETIMG_KEYS_STORE", "file");
        let passphrase = home.work().join("passphrase");
        fs::write(&passphrase, "correct horse").unwrap();
        fs::set_permissions(&passphrase, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let home = home.with("GETIMG_KEYS_PASSPHRASE_FILE", passphrase.to_str().unwrap());
        let identity = age::x25519::Identity::generate();
        let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
        fs::write(home.work().join("identity"), secret).unwrap();
        // Adding a first key sets the passphrase and chooses the store.
        let added = home.run(&["add", "mine", "--no-verify"], &Key::v2().0);
        assert_eq!(added.code, 0, "{}", added.stderr);
        Self { home, identity }
    }

    fn write(&self, text: &str) {
        let sealed = age::encrypt(&self.identity.to_public(), text.as_bytes()).unwrap();
        fs::write(self.home.work().join("forged.age"), sealed).unwrap();
    }

    const RESTORE: [&'static str; 4] = ["restore", "forged.age", "--identity", "identity"];
}

/// A backup of these profiles: each with its name, its keys, and the lines about the key in use.
fn backup(profiles: &[(String, &[&Key], &str)]) -> String {
    let (mut table, mut keys) = ("[book]\nschema_version = 1\n".to_owned(), "[keys]\n".to_owned());
    let record = |key: &Key, lines: &str| {
        let plain = format!("hint = '{}'\nadded_at = '2024-01-02T03:04:05Z'\n", key.hint());
        let lines = if lines.is_empty() { &plain } else { lines };
        format!(
            "fingerprint = '{}'\nlength = {}\nkind = 'v2'\n{lines}\n",
            key.fingerprint().to_hex(),
            key.0.len()
        )
    };
    for (name, held, lines) in profiles {
        table += &format!(
            "[[book.profile]]\nname = '{name}'\nprotected = false\nadded_at = '2024-01-02T03:04:05Z'\n"
        );
        table += &format!("note = '{}'\n[book.profile.key]\n{}", "n".repeat(40_000), record(held[0], lines));
        keys += &format!("{name} = '{}'\n", held[0].0);
        if let Some(previous) = held.get(1) {
            table += "[book.profile.previous]\nsince = '2024-01-02T03:04:05Z'\n[book.profile.previous.key]\n";
            table += &record(previous, "");
            keys += &format!("'{name}~previous' = '{}'\n", previous.0);
        }
    }
    format!("schema_version = 1\nmade_at = '2024-01-02T03:04:05Z'\n{table}{keys}")
}

#[test]
fn what_a_backup_says_of_a_key_is_taken_from_the_key_and_no_moment_lies_ahead() {
    let forged = Forged::new();
    let (key, other) = (Key::v2(), Key::v2());
    let whole = format!(
        "hint = '{}'\nadded_at = '9999-12-31T23:59:59Z'\nissued_at = '9999-12-31T23:59:59Z'\n",
        key.0
    );
    let early = "hint = 'sk_…\u{202e}'\nadded_at = '0001-01-01T00:00:00Z'\n";
    forged.write(&backup(&[("a".into(), &[&key], &whole), ("b".into(), &[&other], early)]));
    let restored = forged.home.run(&Forged::RESTORE, "");
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    for command in [&["list"][..], &["list", "--json"], &["status"], &["log"]] {
        let run = forged.home.run(command, "");
        assert!(!key.is_in(run.stdout.as_bytes()), "{command:?}: {}", run.stdout);
        assert!(!run.stdout.contains(&"n".repeat(1001)), "{command:?}");
    }
    let list = forged.home.run(&["list", "--json"], "").stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    for (at, key) in [(0, &key), (1, &other)] {
        let profile = &list["profiles"][at];
        assert_eq!(profile["hint"], key.hint());
        let added = profile["added_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert!(added <= chrono::Utc::now() && added >= chrono::DateTime::UNIX_EPOCH, "{profile}");
    }
}

#[test]
fn a_backup_that_holds_a_key_twice_in_any_two_places_brings_nothing() {
    let forged = Forged::new();
    let (one, two) = (Key::v2(), Key::v2());
    let tables: [&[(String, &[&Key], &str)]; 4] = [
        &[("a".into(), &[&one], ""), ("b".into(), &[&one], "")],
        &[("a".into(), &[&one], ""), ("b".into(), &[&two, &one], "")],
        &[("a".into(), &[&two, &one], ""), ("b".into(), &[&one], "")],
        &[("a".into(), &[&one, &one], "")],
    ];
    for table in tables {
        forged.write(&backup(table));
        let run = forged.home.run(&Forged::RESTORE, "");
        assert_eq!((run.code, run.stdout.as_str()), (6, ""), "{}", run.stderr);
        assert!(run.stderr.contains("twice; nothing was restored"), "{}", run.stderr);
    }
    let list = forged.home.run(&["list", "--json"], "").stdout;
    assert_eq!(list.matches("\"name\"").count(), 1, "{list}");
}

#[test]
fn restoring_twice_as_many_profiles_takes_no_more_than_twice_the_work() {
    if !can_be_counted("a restore that grows") {
        return;
    }
    let of = |count: usize| {
        let forged = Forged::new();
        let keys: Vec<_> = (0..2 * count).map(|_| Key::v2()).collect();
        let pairs: Vec<[&Key; 2]> = keys.chunks(2).map(|pair| [&pair[0], &pair[1]]).collect();
        let profiles: Vec<_> =
            pairs.iter().enumerate().map(|(n, pair)| (format!("p{n}"), pair.as_slice(), "")).collect();
        forged.write(&backup(&profiles));
        let (instructions, code) = counted(&forged.home, &Forged::RESTORE);
        assert_eq!(code, 0);
        instructions
    };
    let (once, twice) = (of(40), of(80));
    assert!(twice * 10 <= once * 22, "{once}, then {twice}");
}

#[test]
fn a_backup_is_restored_in_bounded_memory_and_one_past_the_bound_is_refused() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return crate::support::skipped("a restore in little memory: there is no prlimit here");
    }
    let forged = Forged::new();
    let restore = || {
        let mut limited = forged.home.program("prlimit");
        limited.arg("--as=300000000").arg(env!("CARGO_BIN_EXE_getimg-keys"));
        finish(limited.args(Forged::RESTORE), "")
    };
    let keys: Vec<_> = (0..90).map(|_| Key::v2()).collect();
    let profiles: Vec<_> = keys.iter().enumerate().map(|(n, key)| (format!("p{n}"), [key], "")).collect();
    let profiles: Vec<_> =
        profiles.iter().map(|(name, key, lines)| (name.clone(), &key[..], *lines)).collect();
    forged.write(&backup(&profiles));
    let run = restore();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let filled = format!("{}\n#{}\n", backup(&profiles), "x".repeat(5 << 20));
    forged.write(&filled);
    let run = restore();
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
}
