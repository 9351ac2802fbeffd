//! Backups that are made to use up time or memory when they are restored.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Home, Session};

/// A header with so many recipients, as age writes it; the rest of the file is invalid.
fn many_recipients(count: usize) -> Vec<u8> {
    let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "A".repeat(43));
    format!("age-encryption.org/v1\n{}--- {}\n{}", stanza.repeat(count), "A".repeat(43), "D".repeat(64))
        .into_bytes()
}

/// A header with so high a work factor.
fn much_work(factor: usize) -> Vec<u8> {
    let (salt, body, mac) = ("A".repeat(22), "A".repeat(43), "A".repeat(43));
    format!("age-encryption.org/v1\n-> scrypt {salt} {factor}\n{body}\n--- {mac}\n{}", "D".repeat(64))
        .into_bytes()
}

#[test]
fn a_backup_that_asks_for_more_work_than_ours_by_far_is_refused_before_any_is_done() {
    let home = Home::within(Session::without_bus()).with("GETIMG_KEYS_PASSPHRASE_FILE", "/nonexistent");
    let passphrase = home.work().join("passphrase");
    fs::write(&passphrase, "correct horse").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let home = home.with("GETIMG_KEYS_PASSPHRASE_FILE", passphrase.to_str().unwrap());
    let mut armored = Vec::new();
    let mut writer =
        age::armor::ArmoredWriter::wrap_output(&mut armored, age::armor::Format::AsciiArmor).unwrap();
    std::io::Write::write_all(&mut writer, &many_recipients(20_000)).unwrap();
    writer.finish().unwrap();
    for (name, sealed) in [
        ("recipients", many_recipients(20_000)),
        ("armored", armored),
        ("endless", [b"age-encryption.org/v1\n-> X25519 ".as_slice(), &vec![b'A'; 1 << 20]].concat()),
        ("work", much_work(20)),
        ("more", much_work(63)),
    ] {
        fs::write(home.work().join(name), sealed).unwrap();
        let run = home.run(&["restore", name], "");
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("work factor is higher than any backup"), "{name}: {}", run.stderr);
        assert!(!home.path().exists(), "{name}: nothing was restored");
    }
}
