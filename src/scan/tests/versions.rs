//! Versions of a text, of which only the changed parts are read.

use std::ops::Range;
use std::slice;

use super::*;

/// Text without a key, and parts of what indicates one: two or three of them beside each other make a key, plain or
/// encoded, or a run that is long enough for one.
fn pieces(key: &str, other: &str) -> Vec<String> {
    let encoded = base64(key.as_bytes(), false);
    let cut = |text: &str, parts: usize| -> Vec<String> {
        let length = text.len().div_ceil(parts);
        text.as_bytes().chunks(length).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    };
    let words = [
        "a word ",
        "\n",
        " = ",
        "0123456789",
        "abcdefghijklmnopqrst",
        "%2",
        "sk",
        "disk_",
        "key-",
        "_",
        "Bear",
        "er ",
        "get",
        "img",
    ];
    let parts = [cut(key, 2), cut(key, 3), cut(other, 2), cut(other, 4), cut(&encoded, 3)].concat();
    words.iter().map(|word| (*word).to_owned()).chain(parts).collect()
}

/// One part of a version: copied from the text before, or new.
#[derive(Clone, Debug)]
enum Part {
    Copied(usize, usize),
    New(String),
}

/// A version, and where it differs.
fn version(base: &str, parts: &[Part]) -> (String, Vec<Range<usize>>) {
    let (mut text, mut changed, mut next) = (String::new(), Vec::new(), 0);
    for part in parts {
        let from = text.len();
        match part {
            Part::Copied(start, length) => {
                let start = start % (base.len() + 1);
                let end = base.len().min(start + length);
                if start != next {
                    changed.push(from..from);
                }
                next = end;
                text.push_str(&base[start..end]);
            }
            Part::New(new) => {
                text.push_str(new);
                changed.push(from..text.len());
            }
        }
    }
    (text, changed)
}

fn texts() -> impl Strategy<Value = (String, String, String, Vec<Part>)> {
    let (key, other) = (known(40), "zYx-9._~+/8".repeat(3));
    let piece = prop::sample::select(pieces(&key, &other));
    let part = prop_oneof![
        (0..400_usize, 0..200_usize).prop_map(|(start, length)| Part::Copied(start, length)),
        piece.clone().prop_map(Part::New),
    ];
    let base = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    (Just(key), Just(other), base, prop::collection::vec(part, 0..8))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_version_of_a_blank_text_is_judged_as_if_it_were_read_whole((key, other, base, parts) in texts()) {
        let matcher = knowing(&[&key, &other]);
        let is_blank = matcher.scan_version(base.as_bytes(), None, &mut |_| {}).is_blank;
        let (text, changed) = version(&base, &parts);
        let mut found = Vec::new();
        let changed = is_blank.then_some(&changed[..]);
        let judged = matcher.scan_version(text.as_bytes(), changed, &mut |hit| found.push(hit));
        let whole = matcher.scan_version(text.as_bytes(), None, &mut |_| {});
        prop_assert_eq!(judged, whole);
        prop_assert_eq!(found, hits(&matcher, &text));
    }
}

#[test]
fn a_key_that_a_change_puts_together_is_found_and_an_unchanged_text_is_not_read_again() {
    let key = known(40);
    let matcher = knowing(&[&key]);
    let (start, rest) = key.split_at(2);
    let base = format!("{start} and {rest}");
    assert!(matcher.scan_version(base.as_bytes(), None, &mut |_| {}).is_blank);
    let mut found = 0;
    let joined = matcher.scan_version(key.as_bytes(), Some(slice::from_ref(&(2..2))), &mut |_| found += 1);
    assert_eq!((joined.is_blank, found), (false, 1));
    // What is said to be unchanged is not looked at: this is what makes it fast.
    assert!(matcher.scan_version(key.as_bytes(), Some(&[]), &mut |_| {}).is_blank);
}

#[test]
fn a_key_is_found_whichever_part_of_it_a_change_adds() {
    for key in [known(40), "zYx-9._~+/8".repeat(3)] {
        let matcher = knowing(&[&key]);
        let text = format!("is {key} now");
        for from in 0..=key.len() {
            for to in from..=key.len() {
                let base = format!("is {}{} now", &key[..from], &key[to..]);
                let was_blank = matcher.scan_version(base.as_bytes(), None, &mut |_| {}).is_blank;
                let added = 3 + from..3 + to;
                let changed = was_blank.then(|| slice::from_ref(&added));
                let mut found = 0;
                let judged = matcher.scan_version(text.as_bytes(), changed, &mut |_| found += 1);
                assert_eq!((judged.is_blank, found), (false, 1), "{from}..{to} of {}", key.len());
            }
        }
    }
}

#[test]
fn the_beginning_of_a_key_counts_where_there_is_room_for_the_rest() {
    let key = known(40);
    let matcher = knowing(&[&key, &"zYx-9._~+/8".repeat(3)]);
    let is_blank = |text: &str| matcher.scan_version(text.as_bytes(), None, &mut |_| {}).is_blank;
    for form in [key.clone(), base64(key.as_bytes(), false)] {
        for length in 0..=form.len() {
            assert_eq!(is_blank(&format!("is {} now", &form[..length])), length < 20, "{length}");
        }
    }
    for (text, blank) in [("a task_size of 3", true), ("Bearer of", false), ("at getimg", false)] {
        assert_eq!(is_blank(text), blank, "{text}");
    }
}
