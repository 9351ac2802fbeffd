//! Files that were changed, lost, replaced by links, or belong to another user.

use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn refusal(path: &Path, what: &str) -> StoreError {
    StoreError::Failed(format!("{} {what}; nothing was written", path.display()))
}

#[test]
fn a_wrong_passphrase_is_named_asked_for_three_times_and_changes_nothing() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let asked = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = asked.clone();
    let prompt: Box<dyn Fn() -> _> = Box::new(move || {
        count.set(count.get() + 1);
        Ok(secret("correct horse batter"))
    });
    let store = place.store(Unlocking { prompt: Some(prompt), ..nothing(&place) });
    assert_eq!(read(&store, &dev()), Err(StoreError::WrongPassphrase(None)));
    assert_eq!(read(&store, &dev()), Err(StoreError::WrongPassphrase(None)));
    assert_eq!(asked.get(), 3);
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Ok(text('a')));
}

#[test]
fn every_changed_byte_and_every_lost_end_is_noticed() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let store = place.reader(PASSPHRASE);
    assert_eq!(read(&store, &dev()), Ok(text('a')));
    let whole = fs::read(place.file("dev.age")).unwrap();
    let changed = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    });
    for (at, bytes) in changed.chain((0..whole.len()).map(|end| whole[..end].to_vec())).enumerate() {
        fs::write(place.file("dev.age"), bytes).unwrap();
        let answer = read(&store, &dev()).unwrap_err();
        let tampered = damaged(&place.file("dev.age"), "is damaged or truncated");
        let foreign = damaged(&place.file("dev.age"), "was encrypted to another identity");
        assert!(answer == tampered || answer == foreign, "{at}: {answer}");
    }
}

#[test]
fn a_recipient_that_was_exchanged_is_noticed_before_a_key_is_handed_out() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let other = age::x25519::Identity::generate().to_public();
    fs::write(place.file("recipient"), other.to_string()).unwrap();
    let what =
        format!("{} is not the public key of the identity beside it", place.file("recipient").display());
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Err(StoreError::Damaged(what)));
}

#[test]
fn lost_and_broken_files_are_named() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    fs::write(place.file("recipient"), "age1nonsense\n").unwrap();
    let changed = "is damaged or truncated";
    assert_eq!(place.writer().put(&dev(), &key('b')), Err(damaged(&place.file("recipient"), changed)));
    fs::remove_file(place.file("recipient")).unwrap();
    let missing = damaged(&place.file("recipient"), "is missing");
    assert_eq!(place.writer().put(&dev(), &key('b')), Err(missing.clone()));
    assert_eq!(EncryptedFiles::create(&place.folder(), &secret("x")), Err(missing));

    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    fs::remove_file(place.file("identity")).unwrap();
    let missing = damaged(&place.file("identity"), "is missing");
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Err(missing.clone()));
    assert_eq!(place.reader(PASSPHRASE).health(), Health::Unwell(missing));
}

#[test]
fn a_key_that_nobody_could_read_again_is_not_written() {
    let place = Place::new();
    fs::write(place.file("identity"), "nonsense").unwrap();
    let broken = damaged(&place.file("identity"), "is damaged or truncated");
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(broken));
    fs::remove_file(place.file("identity")).unwrap();
    let missing = damaged(&place.file("identity"), "is missing");
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(missing));
    assert!(!place.file("dev.age").exists());
}

#[test]
fn an_identity_that_asks_for_hours_of_work_is_not_tried() {
    let place = Place::empty();
    EncryptedFiles::create(&place.folder(), &secret(PASSPHRASE)).unwrap();
    place.writer().put(&dev(), &key('a')).unwrap();
    let armored = fs::read(place.file("identity")).unwrap();
    let mut bytes = Vec::new();
    age::armor::ArmoredReader::new(&armored[..]).read_to_end(&mut bytes).unwrap();
    let at = bytes.windows(4).position(|part| part == b" 17\n").unwrap();
    bytes[at + 1..at + 3].copy_from_slice(b"20");
    fs::write(place.file("identity"), bytes).unwrap();
    let what = "has a work factor higher than any file of this program has";
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Err(damaged(&place.file("identity"), what)));
}

#[test]
fn what_is_no_key_inside_is_said_and_a_pipe_in_its_place_does_not_hang() {
    let place = Place::new();
    let recipient: age::x25519::Recipient =
        fs::read_to_string(place.file("recipient")).unwrap().trim().parse().unwrap();
    fs::write(place.file("dev.age"), age::encrypt(&recipient, b"two words").unwrap()).unwrap();
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Err(StoreError::NotAKey));
    fs::remove_file(place.file("dev.age")).unwrap();
    assert!(Command::new("mkfifo").arg(place.file("dev.age")).status().unwrap().success());
    let what =
        format!("cannot read {}: it is a named pipe, not a regular file", place.file("dev.age").display());
    assert_eq!(read(&place.reader(PASSPHRASE), &dev()), Err(StoreError::Failed(what)));
}

#[test]
fn links_and_other_kinds_of_entry_are_never_written_through() {
    let place = Place::new();
    let elsewhere = place.root.path().join("elsewhere");
    fs::write(&elsewhere, "untouched").unwrap();
    symlink(&elsewhere, place.file("dev.age")).unwrap();
    let refused = refusal(&place.file("dev.age"), "is a symbolic link");
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(refused));

    fs::remove_file(place.file(".lock")).unwrap();
    symlink(&elsewhere, place.file(".lock")).unwrap();
    let refused = refusal(&place.file(".lock"), "is a symbolic link");
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(refused));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");

    let real = Place::new();
    let place = Place::empty();
    symlink(real.folder(), place.folder()).unwrap();
    let refused =
        StoreError::Failed(format!("{} is a symbolic link; it is not written to", place.folder().display()));
    assert_eq!(place.writer().put(&dev(), &key('a')), Err(refused));
    assert_eq!(real.names(), ["identity", "recipient"]);
}

#[test]
fn what_somebody_else_owns_is_not_written() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    if chown(place.file("dev.age"), Some(65534), None).is_err() {
        return skipped("only root can give a file away");
    }
    let refused = refusal(&place.file("dev.age"), "belongs to another user");
    assert_eq!(place.writer().put(&dev(), &key('b')), Err(refused));
    chown(place.folder(), Some(65534), None).unwrap();
    let refused = StoreError::Failed(format!(
        "{} belongs to another user; it is not written to",
        place.folder().display()
    ));
    assert_eq!(place.writer().put(&Slot::next(&dev().profile), &key('b')), Err(refused));
}

#[test]
fn every_file_is_for_its_owner_alone_whatever_the_umask() {
    let place = Place::empty();
    let umask = "umask 000; exec \"$0\" \"$@\"";
    let mut made =
        writers::child("encrypted_files::writers::makes_a_folder_and_a_key", &place, &["sh", "-c", umask]);
    assert!(made.output().unwrap().status.success());
    assert_eq!(mode(&place.folder()), 0o700);
    assert_eq!(place.names(), [".lock", "dev.age", "identity", "recipient"]);
    for name in place.names() {
        assert_eq!(mode(&place.file(&name)), 0o600, "{name}");
    }
}

#[test]
fn modes_of_files_are_mended_and_named_and_a_folder_that_others_can_write_to_is_refused() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    fs::set_permissions(place.file("dev.age"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(place.writer().mend_modes(), Ok(vec![place.file("dev.age")]));
    assert_eq!(mode(&place.file("dev.age")), 0o600);
    assert_eq!(place.writer().mend_modes(), Ok(vec![]));
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    let refused = format!("others can write to the folder {} (mode 0777)", place.folder().display());
    assert_eq!(place.writer().put(&dev(), &key('b')), Err(StoreError::Failed(refused)));
    assert_eq!(mode(&place.folder()), 0o777);
}
