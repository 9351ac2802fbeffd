#![expect(clippy::disallowed_methods, reason = "the tests write the files")]

use std::fs;

use super::*;
use crate::model::test_support::{name, profiles};
use crate::system::variables::{HOME, Variables};

fn home() -> (tempfile::TempDir, Places) {
    let folder = tempfile::tempdir().unwrap();
    let places = Places::find(&Variables::from_iter([(HOME, folder.path().to_str().unwrap())])).unwrap();
    (folder, places)
}

fn written() -> (tempfile::TempDir, Places, String) {
    let (folder, places) = home();
    let (mut edit, _) = edit(&places).unwrap();
    edit.profiles = profiles(&["dev", "prod"]);
    edit.commit().unwrap();
    let text = fs::read_to_string(places.profiles()).unwrap();
    (folder, places, text)
}

#[test]
fn it_reads_what_it_writes() {
    let (_folder, places, _) = written();
    assert_eq!(read(&places.profiles()).unwrap(), profiles(&["dev", "prod"]));
}

#[test]
fn an_edit_that_is_dropped_changes_nothing() {
    let (_folder, places, text) = written();
    let (mut edit, _) = edit(&places).unwrap();
    edit.profiles.active = Some(name("prod"));
    drop(edit);
    assert_eq!(fs::read_to_string(places.profiles()).unwrap(), text);
}

#[test]
fn every_beginning_of_it_is_noticed() {
    let (_folder, places, text) = written();
    for length in 0..text.len() {
        fs::write(places.profiles(), &text.as_bytes()[..length]).unwrap();
        let refused = read(&places.profiles()).unwrap_err();
        assert_eq!(refused.kind.code(), 1, "{length} bytes");
        assert_eq!(fs::read(places.profiles()).unwrap(), text.as_bytes()[..length]);
    }
}

#[test]
fn a_newer_schema_is_explained() {
    let (_folder, places, text) = written();
    fs::write(places.profiles(), text.replace("schema_version = 1", "schema_version = 2\nnews = 1")).unwrap();
    let refused = read(&places.profiles()).unwrap_err();
    assert!(refused.message.ends_with("was written by a newer getimg-keys (schema 2)"), "{refused}");
}

#[test]
fn left_over_temporary_files_are_swept() {
    let (folder, places, _) = written();
    let stray = folder.path().join("profiles.toml.getimg-keys-tmp-abc");
    fs::write(&stray, "half").unwrap();
    drop(edit(&places).unwrap());
    assert!(!stray.exists());
}

#[cfg(unix)]
#[test]
fn files_are_the_owners_alone_and_mended_with_a_word_and_folders_keep_their_mode() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, places, _) = written();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!((mode(&places.profiles()), mode(&places.lock())), (0o600, 0o600));
    set(&places.profiles(), 0o644);
    set(folder.path(), 0o755);
    let (edited, mended) = edit(&places).unwrap();
    assert_eq!((mode(&places.profiles()), mode(folder.path())), (0o600, 0o755));
    assert_eq!(mended.len(), 1, "{mended:?}");
    drop(edited);
    for shared in [0o777, 0o1777, 0o775] {
        set(folder.path(), shared);
        let refused = edit(&places).err().expect("others can write there");
        assert!(refused.message.contains(&format!("(mode {shared:04o})")), "{refused}");
        assert_eq!(mode(folder.path()), shared);
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_its_place_is_refused() {
    let (folder, places, _) = written();
    let elsewhere = folder.path().join("elsewhere");
    for path in [places.profiles(), places.lock()] {
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refused = edit(&places).err().expect("a link is refused");
        assert!(refused.message.ends_with("is a symbolic link; it is not written to"), "{refused}");
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
    }
}
