//! The kernel's keyring: `unlock`, `lock`, and machines without it.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// Ends the session of a folder even if the test fails: the keyring outlives the process.
struct Locked<'a>(&'a Place);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let _ = self.0.writer().lock();
    }
}

fn unlocked_for(place: &Place, time: Duration) -> Option<Locked<'_>> {
    match place.reader(PASSPHRASE).unlock(time, now()) {
        Ok(until) => {
            assert_eq!(until, now() + time);
            Some(Locked(place))
        }
        Err(StoreError::NoSession(why)) => {
            skipped(&format!("the kernel's keyring cannot be used here: {why}"));
            None
        }
        Err(why) => panic!("{why}"),
    }
}

fn with_key() -> Place {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    place
}

#[test]
#[ignore = "a child of the other tests"]
fn reads_by_the_session_alone() {
    assert_eq!(read(&writers::in_child(), &dev()), Ok(text('a')));
}

#[test]
#[ignore = "a child of the other tests"]
fn is_told_why_there_is_no_session() {
    let why = StoreError::NoSession("this system forbids it, as containers usually do".to_owned());
    assert_eq!(writers::in_child().unlock(Duration::from_secs(60), now()), Err(why.clone()));
    assert_eq!(writers::in_child().lock(), Err(why));
    assert_eq!(read(&writers::in_child(), &dev()), Err(StoreError::PassphraseNeeded));
}

#[test]
fn after_unlock_no_passphrase_is_needed_until_lock() {
    let place = with_key();
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::PassphraseNeeded));
    let Some(_locked) = unlocked_for(&place, Duration::from_secs(8 * 3600)) else { return };
    assert_eq!(read(&place.writer(), &dev()), Ok(text('a')));
    assert_eq!(place.writer().unlocked_until(), Ok(Some(now() + Duration::from_secs(8 * 3600))));
    assert_eq!(place.writer().health(), Health::Ready);
    assert_eq!(place.writer().lock(), Ok(true));
    assert_eq!(place.writer().lock(), Ok(false));
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::PassphraseNeeded));
}

#[test]
fn other_processes_and_other_sessions_find_it_too() {
    let place = with_key();
    let Some(_locked) = unlocked_for(&place, Duration::from_secs(60)) else { return };
    let test = "encrypted_files::sessions::reads_by_the_session_alone";
    assert!(writers::child(test, &place, &[]).output().unwrap().status.success());
    if have("keyctl") {
        let other = writers::child(test, &place, &["keyctl", "session", "-"]).output().unwrap();
        assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stderr));
    }
}

#[test]
fn the_kernel_ends_a_session_when_its_time_is_over() {
    let place = with_key();
    let Some(_locked) = unlocked_for(&place, Duration::from_secs(1)) else { return };
    let patience = Instant::now() + Duration::from_secs(20);
    while place.writer().unlocked_until() != Ok(None) {
        assert!(Instant::now() < patience, "it is still unlocked");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(read(&place.writer(), &dev()), Err(StoreError::PassphraseNeeded));
    let Some(_locked) = unlocked_for(&place, Duration::from_secs(60)) else { return };
    assert_eq!(read(&place.writer(), &dev()), Ok(text('a')));
}

#[test]
fn a_session_of_a_folder_that_was_made_anew_does_not_count() {
    let place = with_key();
    let Some(_locked) = unlocked_for(&place, Duration::from_secs(60)) else { return };
    fs::remove_dir_all(place.folder()).unwrap();
    EncryptedFiles::create(&place.folder(), &secret("another one")).unwrap();
    place.writer().put(&dev(), &key('b')).unwrap();
    assert_eq!(place.writer().unlocked_until(), Ok(None));
    assert_eq!(read(&place.reader("another one"), &dev()), Ok(text('b')));
}

#[test]
fn a_wrong_passphrase_unlocks_nothing() {
    let place = with_key();
    match place.reader("wrong").unlock(Duration::from_secs(60), now()) {
        Err(StoreError::NoSession(why)) => {
            skipped(&format!("the kernel's keyring cannot be used here: {why}"))
        }
        answer => assert_eq!(answer, Err(StoreError::WrongPassphrase(None))),
    }
}

#[test]
fn where_the_system_forbids_the_keyring_it_is_said_and_the_other_ways_serve() {
    if !have("strace") {
        return;
    }
    let place = with_key();
    let forbid = ["strace", "-f", "-o", "/dev/null", "-e", "inject=keyctl,add_key:error=EPERM"];
    let mut told =
        writers::child("encrypted_files::sessions::is_told_why_there_is_no_session", &place, &forbid);
    let told = told.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
