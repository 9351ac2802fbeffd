//! Backups: their content, who can open them, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::DateTime;
use getimg_keys::backend::backup::{self, Backup, BackupError, Opening, Sealing};
use getimg_keys::backend::{MalformedRecipient, Recipient, Slot};
use getimg_keys::model::ApiKey;
use zeroize::Zeroizing;

use crate::encrypted_files::secret;
use crate::support::canary::text;
use crate::support::have;

type Remembered = BTreeMap<String, String>;

fn some_backup() -> Backup<Remembered> {
    let dev = "dev".parse().unwrap();
    let key = |letter| ApiKey::parse(secret(&text(letter))).unwrap();
    Backup {
        made_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        profiles: Remembered::from([("active".to_owned(), "dev".to_owned())]),
        keys: vec![(Slot::current(&dev), key('a')), (Slot::previous(&dev), key('b'))],
    }
}

/// The content, byte by byte.
fn inside() -> String {
    let (a, b) = (text('a'), text('b'));
    format!(
        "schema_version = 1\nmade_at = \"2023-11-14T22:13:20Z\"\n\n[book]\nactive = \"dev\"\n\n\
         [keys]\n\"dev\" = \"{a}\"\n\"dev~previous\" = \"{b}\"\n"
    )
}

fn passphrase(text: &str) -> Zeroizing<String> {
    secret(text)
}

fn assert_whole(backup: Backup<Remembered>) {
    let keys: Vec<_> =
        backup.keys.iter().map(|(slot, key)| (slot.to_string(), key.expose().to_owned())).collect();
    assert_eq!(keys, [("dev".to_owned(), text('a')), ("dev~previous".to_owned(), text('b'))]);
    assert_eq!(backup.profiles, some_backup().profiles);
    assert_eq!(backup.made_at, some_backup().made_at);
}

fn refusal(sealed: &[u8], opening: &Opening) -> BackupError {
    backup::open::<Remembered>(sealed, opening).err().unwrap()
}

fn sealed_to(recipient: &str) -> Vec<u8> {
    backup::seal(&some_backup(), &Sealing::Recipients(vec![recipient.parse().unwrap()])).unwrap()
}

fn run(folder: &Path, script: &str) -> String {
    let ran = Command::new("sh").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn a_backup_comes_back_whole_with_its_passphrase() {
    let sealed = backup::seal(&some_backup(), &Sealing::Passphrase(passphrase("tea"))).unwrap();
    assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n"));
    assert_eq!(backup::is_under_passphrase(&sealed), Ok(true));
    assert_eq!(refusal(&sealed, &Opening::Passphrase(passphrase("coffee"))), BackupError::WrongPassphrase);
    assert_whole(backup::open(&sealed, &Opening::Passphrase(passphrase("tea"))).unwrap());
}

#[test]
fn debians_age_opens_a_backup_to_an_age_recipient_and_we_open_its_own() {
    if !have("age-keygen") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let recipient = run(folder.path(), "age-keygen -o key.txt 2>/dev/null; age-keygen -y key.txt");
    fs::write(folder.path().join("backup.age"), sealed_to(&recipient)).unwrap();
    assert_eq!(run(folder.path(), "age -d -i key.txt backup.age"), inside());
    let identity = || Opening::Identity(secret(&fs::read_to_string(folder.path().join("key.txt")).unwrap()));
    fs::write(folder.path().join("plain.toml"), inside()).unwrap();
    run(folder.path(), "age -r $(age-keygen -y key.txt) -o binary.age plain.toml");
    for name in ["backup.age", "binary.age"] {
        let sealed = fs::read(folder.path().join(name)).unwrap();
        assert_eq!(backup::is_under_passphrase(&sealed), Ok(false));
        assert_whole(backup::open(&sealed, &identity()).unwrap());
        let with_passphrase = refusal(&sealed, &Opening::Passphrase(passphrase("tea")));
        assert_eq!(with_passphrase, BackupError::NeedsIdentity);
    }
}

#[test]
fn debians_age_opens_a_backup_to_an_ssh_key_and_so_do_we() {
    if !have("ssh-keygen") || !have("age") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let recipient = run(folder.path(), "ssh-keygen -q -t ed25519 -N '' -f id -C me@example; cat id.pub");
    let sealed = sealed_to(&recipient);
    fs::write(folder.path().join("backup.age"), &sealed).unwrap();
    assert_eq!(run(folder.path(), "age -d -i id backup.age"), inside());
    let key = |name| Opening::Identity(secret(&fs::read_to_string(folder.path().join(name)).unwrap()));
    assert_whole(backup::open(&sealed, &key("id")).unwrap());

    run(
        folder.path(),
        "ssh-keygen -q -t ed25519 -N '' -f other; ssh-keygen -q -t ed25519 -N 'secret' -f locked",
    );
    assert_eq!(refusal(&sealed, &key("other")), BackupError::NotForUs);
    let why = "the SSH key has a passphrase; use a copy without one";
    assert_eq!(refusal(&sealed, &key("locked")), BackupError::Identity(why));
    let why = "it contains neither an age identity nor an OpenSSH private key";
    assert_eq!(refusal(&sealed, &key("id.pub")), BackupError::Identity(why));
}

#[test]
fn every_changed_byte_and_every_lost_end_is_noticed() {
    let identity = age::x25519::Identity::generate();
    let sealed = sealed_to(&identity.to_public().to_string());
    let text = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    let opening = Opening::Identity(secret(&text));
    assert_whole(backup::open(&sealed, &opening).unwrap());
    let changed = (0..sealed.len()).map(|at| {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        bytes
    });
    // The newline at the very end is not part of the armor.
    for bytes in changed.take(sealed.len() - 1).chain((0..sealed.len() - 1).map(|end| sealed[..end].to_vec()))
    {
        let refused = refusal(&bytes, &opening);
        assert!(matches!(refused, BackupError::Tampered | BackupError::NotForUs), "{refused}");
    }
}

#[test]
fn what_is_inside_must_be_a_backup_and_no_error_quotes_it() {
    let identity = age::x25519::Identity::generate();
    let text_of = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    let opening = Opening::Identity(secret(&text_of));
    let key = text('a');
    let head = "schema_version = 1\nmade_at = \"2023-11-14T22:13:20Z\"\nbook = {}\n[keys]\n";
    let table = [
        (String::new(), BackupError::NotABackup(Some(1))),
        (format!("schema_version = 2\nkeys = \"{key}\""), BackupError::Newer(2)),
        (format!("{head}dev = {key}\n"), BackupError::NotABackup(Some(5))),
        (format!("{head}dev = [\"{key}\"]\n"), BackupError::NotABackup(Some(5))),
        (format!("{head}dev = \"{key} \"\n"), BackupError::NotABackup(None)),
        (format!("{head}\"../dev\" = \"{key}\"\n"), BackupError::NotABackup(None)),
        (format!("{head}\"dev~other\" = \"{key}\"\n"), BackupError::NotABackup(None)),
    ];
    for (plaintext, why) in table {
        let sealed = age::encrypt(&identity.to_public(), plaintext.as_bytes()).unwrap();
        let refused = refusal(&sealed, &opening);
        assert_eq!(refused, why, "{plaintext}");
        assert!(!format!("{refused} {refused:?}").contains(&key));
    }
    assert_eq!(refusal(b"not an age file", &opening), BackupError::Tampered);
    assert_eq!(backup::is_under_passphrase(b"not an age file"), Err(BackupError::Tampered));
}

#[test]
fn a_recipient_is_an_age_or_an_ed25519_public_key() {
    let age = age::x25519::Identity::generate().to_public().to_string();
    assert_eq!(format!("{:?}", format!(" {age}\n").parse::<Recipient>().unwrap()), age);
    for text in ["", "age1", "somebody", "ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ"] {
        assert_eq!(text.parse::<Recipient>().err(), Some(MalformedRecipient), "{text}");
    }
}
