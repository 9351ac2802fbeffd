//! Several writers at once, and writers that are killed.

use std::time::Duration;

use super::*;

/// How often a writer is killed.
pub const KILLS: usize = 40;
/// The variable that tells a child of a test its folder.
const FOLDER: &str = "TEST_FOLDER";

/// Starts this test program again with one of the ignored tests in a folder.
pub(super) fn child(test: &str, place: &Place, before: &[&str]) -> Command {
    let mut line: Vec<_> = before.iter().map(Into::into).collect();
    line.push(std::env::current_exe().unwrap().into_os_string());
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).args(["--exact", test, "--ignored", "--nocapture"]);
    command.env(FOLDER, place.folder());
    command
}

pub(super) fn in_child() -> EncryptedFiles<'static> {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let session = Session::of(&folder);
    let unlocking =
        Unlocking { session, own_key: None, passphrase_file: None, passphrase_command: None, prompt: None };
    EncryptedFiles::open(&folder, unlocking)
}

#[test]
#[ignore = "a child of the other tests"]
fn makes_a_folder_and_a_key() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    EncryptedFiles::create(&folder, &secret(PASSPHRASE)).unwrap();
    in_child().put(&dev(), &key('a')).unwrap();
}

#[test]
#[ignore = "a child of the other tests"]
fn writes_until_it_is_killed() {
    let store = in_child();
    loop {
        store.put(&dev(), &key('a')).unwrap();
        store.put(&dev(), &key('b')).unwrap();
    }
}

#[test]
#[ignore = "a child of the other tests"]
fn writes_fifty_times() {
    let store = in_child();
    for _ in 0..50 {
        store.put(&dev(), &key('a')).unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_the_old_key_or_the_new_one_and_no_lock() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let reader = place.reader(PASSPHRASE);
    let first = fs::read(place.file("dev.age")).unwrap();
    for wait in 0..KILLS as u64 {
        let mut writer = child("encrypted_files::writers::writes_until_it_is_killed", &place, &[]);
        let mut writer = writer.stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(10 + wait));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let left = read(&reader, &dev()).unwrap();
        assert!(left == text('a') || left == text('b'));
    }
    assert_ne!(fs::read(place.file("dev.age")).unwrap(), first, "nothing was written before the kill");
    place.writer().put(&dev(), &key('c')).unwrap();
    assert_eq!(read(&reader, &dev()), Ok(text('c')));
    assert_eq!(place.names(), [".lock", "dev.age", "identity", "recipient"]);
}

#[test]
fn what_a_killed_writer_left_unfinished_is_swept_by_the_next() {
    let place = Place::new();
    fs::write(place.file("dev.age.getimg-keys-tmp-x7Yz"), "half a file").unwrap();
    place.writer().put(&dev(), &key('a')).unwrap();
    assert_eq!(place.names(), [".lock", "dev.age", "identity", "recipient"]);
}

#[test]
fn a_folder_whose_making_was_cut_short_can_be_made_again() {
    let place = Place::new();
    fs::remove_file(place.file("recipient")).unwrap();
    EncryptedFiles::create(&place.folder(), &secret("another one")).unwrap();
    place.writer().put(&dev(), &key('a')).unwrap();
    assert_eq!(read(&place.reader("another one"), &dev()), Ok(text('a')));
}

#[test]
fn threads_and_processes_write_at_once_and_every_read_is_whole() {
    let place = Place::new();
    place.writer().put(&dev(), &key('a')).unwrap();
    let mut other = child("encrypted_files::writers::writes_fifty_times", &place, &[]);
    let mut other = other.stdout(Stdio::null()).spawn().unwrap();
    std::thread::scope(|scope| {
        for letter in ['b', 'c'] {
            let place = &place;
            scope.spawn(move || (0..50).for_each(|_| place.writer().put(&dev(), &key(letter)).unwrap()));
        }
        let reader = place.reader(PASSPHRASE);
        for _ in 0..200 {
            let found = read(&reader, &dev()).unwrap();
            assert!(['a', 'b', 'c'].map(text).contains(&found));
        }
    });
    assert!(other.wait().unwrap().success());
    assert_eq!(place.names(), [".lock", "dev.age", "identity", "recipient"]);
}
