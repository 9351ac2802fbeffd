//! What is too large is named and not read.

use std::fs::{self, File};

use getimg_keys::git::every_object::each_object;
use getimg_keys::git::{Blank, Progress};
use getimg_keys::scan::Matcher;

use super::{Found, in_tree};
use crate::support::repositories::{Keys, Repo};

const GIB: u64 = 1024 * 1024 * 1024;

fn matcher() -> Matcher {
    Keys::default().matcher()
}

#[test]
fn a_file_of_more_than_four_gibibytes_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse");
    File::create(&path).unwrap().set_len(4 * GIB + 1).unwrap();
    let word = format!("{}: it is larger than 4 GiB", path.display());
    assert_eq!(in_tree(&matcher(), &[folder.path().to_path_buf()]), (Found::new(), vec![word]));
}

/// A zlib stream of these bytes as they are: one stored block and the checksum.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    let head = [&[0x78, 1, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    [&head, bytes, &(high << 16 | low).to_be_bytes()].concat()
}

#[test]
fn an_object_that_says_it_is_too_large_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::new(folder.path());
    let objects = repo.0.join(".git/objects/ab");
    fs::create_dir_all(&objects).unwrap();
    let mut words = Vec::new();
    for (n, size, word) in
        [(1, GIB / 2, "the object is damaged"), (2, GIB / 2 + 1, "it is larger than 512 MiB"), (3, 3, "")]
    {
        let path = objects.join(format!("{n:038}"));
        fs::write(&path, stored(format!("blob {size}\0abc").as_bytes())).unwrap();
        words.extend((!word.is_empty()).then(|| (path.canonicalize().unwrap().display().to_string(), word)));
    }
    let walked = each_object(&repo.repository(), &Progress::default(), &|object| {
        assert_eq!(object.bytes, b"abc");
        Blank(false)
    });
    let mut named: Vec<_> = walked.skipped.iter().map(|s| (s.path.clone(), s.message.as_str())).collect();
    named.sort();
    assert_eq!(named, words.iter().map(|(path, word)| (path.clone(), *word)).collect::<Vec<_>>());
}
