use proptest::prelude::*;

use super::*;

/// The body of a text that comes in pieces of some size; `None` if it does not end.
fn body(text: &[u8], size: usize) -> Result<Option<(Vec<u8>, usize)>, Refusal> {
    let (mut chunks, mut out, mut at, mut read) = (Chunks::default(), Vec::new(), 0, 0);
    loop {
        match chunks.next(&text[at..read])? {
            Step::Skip(length) => at += length,
            Step::Data(length) => {
                out.extend_from_slice(&text[at..at + length]);
                at += length;
            }
            Step::End => return Ok(Some((out, at))),
            Step::More if read == text.len() => return Ok(None),
            Step::More => read = text.len().min(read + size),
        }
    }
}

#[test]
fn chunks_are_put_together_and_trailers_are_dropped() {
    let text = b"3\r\nabc\r\n00A; x=\"y\tz\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET";
    assert_eq!(body(text, 1), Ok(Some((b"abc0123456789".to_vec(), text.len() - 3))));
    assert_eq!(body(b"0\r\n\r\n", 9), Ok(Some((Vec::new(), 5))));
    assert_eq!(body(b"3\r\nab", 9), Ok(None));
    assert_eq!(body(b"0\r\n", 9), Ok(None));
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    for text in [
        "\r\n",
        " 3\r\nabc\r\n",
        "3 \r\nabc\r\n",
        "0x3\r\nabc\r\n",
        "-1\r\n",
        "+3\r\nabc\r\n",
        "3\nabc\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\r\nabcd\r\n",
        "3\rX",
        "3;\u{1}\r\nabc\r\n",
        "3;\u{7f}\r\nabc\r\n",
        "1234567890123456\r\n",
        "g\r\n",
        "0\r\nx\ny\r\n\r\n",
    ] {
        assert!(body(text.as_bytes(), 99).is_err(), "{text:?}");
    }
    let long = format!("3;{}\r\nabc\r\n", "x".repeat(sizes::CHUNK_LINE));
    assert_eq!(body(long.as_bytes(), 100), Err(Refusal::ChunkLine));
    let trailers = format!("0\r\n{}\r\n", "A: b\r\n".repeat(sizes::CHUNK_LINE / 5));
    assert_eq!(body(trailers.as_bytes(), 100), Err(Refusal::ChunkLine));
}

#[test]
fn a_line_is_too_long_by_its_first_byte_too_many_whether_or_not_its_end_was_read() {
    let extension = |more: usize| "x".repeat(sizes::CHUNK_LINE - "3;\r\n".len() + more);
    let whole = |more| body(format!("3;{}\r\nabc\r\n0\r\n\r\n", extension(more)).as_bytes(), usize::MAX / 2);
    assert_eq!(whole(0).unwrap().unwrap().0, b"abc");
    assert_eq!(whole(1), Err(Refusal::ChunkLine));
    let begun = |length| Chunks::default().next("f".repeat(length).as_bytes());
    assert_eq!(begun(sizes::CHUNK_LINE), Ok(Step::More));
    assert_eq!(begun(sizes::CHUNK_LINE + 1), Err(Refusal::ChunkLine));
}

#[test]
fn all_trailers_together_are_no_longer_than_one_line_may_be() {
    let mut chunks = Chunks::default();
    let first = format!("0\r\nA: {}\r\n", "b".repeat(sizes::CHUNK_LINE / 2));
    assert_eq!(chunks.next(first.as_bytes()), Ok(Step::Skip(3)));
    assert_eq!(chunks.next(&first.as_bytes()[3..]), Ok(Step::Skip(first.len() - 3)));
    let left = sizes::CHUNK_LINE - first.len();
    assert_eq!(chunks.clone().next("c".repeat(left).as_bytes()), Ok(Step::More));
    assert_eq!(chunks.next("c".repeat(left + 1).as_bytes()), Err(Refusal::ChunkLine));
}

proptest! {
    #[test]
    fn cuts_make_no_difference(pieces in prop::collection::vec("[a\r\n0]{1,20}", 0..8), size in 1..30_usize) {
        let mut text: String = pieces.iter().map(|p| format!("{:x}\r\n{p}\r\n", p.len())).collect();
        text.push_str("0\r\n\r\n");
        prop_assert_eq!(body(text.as_bytes(), size), Ok(Some((pieces.concat().into_bytes(), text.len()))));
    }
}
