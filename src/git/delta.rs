//! Deltas: an object as copies of another object and new bytes.

use std::ops::Range;

use super::Why;
use super::walk::{Fault, NO_MEMORY};

const DAMAGED: Fault = (Why::Damaged, "its delta is damaged or too large");

/// The object that a delta makes from its base, in a buffer whose earlier content is ignored; and where it differs.
///
/// Every place that was not copied together with its neighbours is in one of the parts that `changed` then has, in their
/// order: the new bytes, and an empty part between two copies.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    largest: usize,
    into: Vec<u8>,
    changed: &mut Vec<Range<usize>>,
) -> Result<Vec<u8>, Fault> {
    let (mut at, mut result) = (0, into);
    result.clear();
    changed.clear();
    let (from, to) = (size(delta, &mut at).ok_or(DAMAGED)?, size(delta, &mut at).ok_or(DAMAGED)?);
    if from != base.len() || to > largest {
        return Err(DAMAGED);
    }
    result.try_reserve_exact(to).map_err(|_| NO_MEMORY)?;
    put_together(base, delta, at, to, &mut result, changed).ok_or(DAMAGED)?;
    Ok(result)
}

fn put_together(
    base: &[u8],
    delta: &[u8],
    mut at: usize,
    to: usize,
    result: &mut Vec<u8>,
    changed: &mut Vec<Range<usize>>,
) -> Option<()> {
    // Where the base goes on after the last copy.
    let mut next = 0;
    while at < delta.len() {
        let from = result.len();
        let piece = match byte(delta, &mut at)? {
            0 => return None,
            command if command & 0x80 == 0 => {
                let piece = delta.get(at..at + usize::from(command))?;
                at += usize::from(command);
                changed.push(from..from + piece.len());
                piece
            }
            command => {
                let piece = copied(delta, &mut at, command)?;
                if piece.start != next {
                    changed.push(from..from);
                }
                next = piece.end;
                base.get(piece)?
            }
        };
        if result.len() + piece.len() > to {
            return None;
        }
        result.extend_from_slice(piece);
    }
    (result.len() == to).then_some(())
}

/// The part of the base that is copied.
fn copied(delta: &[u8], at: &mut usize, command: u8) -> Option<Range<usize>> {
    let mut number = |bits: std::ops::Range<u8>| {
        let first = bits.start;
        bits.filter(|bit| command & 1 << bit != 0)
            .try_fold(0, |value, bit| Some(value | usize::from(byte(delta, at)?) << (8 * (bit - first))))
    };
    let offset = number(0..4)?;
    let length = match number(4..7)? {
        0 => 0x10000,
        length => length,
    };
    Some(offset..offset.checked_add(length)?)
}

fn size(delta: &[u8], at: &mut usize) -> Option<usize> {
    let (mut size, mut shift) = (0_usize, 0);
    loop {
        let next = byte(delta, at)?;
        size |= usize::from(next & 0x7f).checked_shl(shift)?;
        shift += 7;
        if next & 0x80 == 0 {
            return Some(size);
        }
    }
}

fn byte(delta: &[u8], at: &mut usize) -> Option<u8> {
    let byte = delta.get(*at).copied();
    *at += 1;
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_new_bytes_are_put_together() {
        let base = b"the quick brown fox";
        // Copy 4 bytes from 0, insert two, copy 3 bytes from 16.
        let delta = [19, 9, 0x90, 4, 2, b'a', b' ', 0x91, 16, 3];
        let mut changed = vec![1..2, 7..9];
        assert_eq!(apply(base, &delta, 100, b"old".to_vec(), &mut changed).unwrap(), b"the a fox");
        assert_eq!(changed, [4..6, 6..6]);
        assert!(apply(base, &delta, 8, Vec::new(), &mut changed).is_err());
        assert!(apply(&base[1..], &delta, 100, Vec::new(), &mut changed).is_err());
    }

    /// What a delta with these commands makes of a base, in which parts it differs; `None` if it is refused.
    fn made(base: &[u8], to: usize, commands: &[u8]) -> Option<(Vec<u8>, Vec<Range<usize>>)> {
        let size =
            |size: usize| (0..4).map(move |n| (size >> (7 * n) & 0x7f) as u8 | if n < 3 { 0x80 } else { 0 });
        let delta: Vec<u8> = size(base.len()).chain(size(to)).chain(commands.iter().copied()).collect();
        let mut changed = Vec::new();
        let result = apply(base, &delta, 1 << 20, Vec::new(), &mut changed).ok()?;
        Some((result, changed))
    }

    #[test]
    fn a_copy_says_its_place_and_its_length_in_as_many_bytes_as_they_need() {
        let base: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        for (command, from, length) in [
            (&[0xb7, 3, 2, 1, 5, 4][..], 0x01_02_03, 0x04_05),
            (&[0x96, 2, 1, 5], 0x01_02_00, 5),
            (&[0xa1, 9, 1], 9, 0x01_00),
            (&[0xc0, 2], 0, 0x02_00_00),
            (&[0x80], 0, 0x01_00_00),
        ] {
            let (copy, _) = made(&base, length, command).unwrap();
            assert!(copy == base[from..from + length], "{command:x?}");
        }
        assert_eq!(made(&base, 1, &[0x98, 1, 1]), None, "a place of four bytes lies behind this base");
    }

    #[test]
    fn what_was_not_beside_its_neighbours_has_changed() {
        let base = b"0123456789";
        for (commands, text, changed) in [
            (&[0x90, 4, 0x91, 4, 6][..], "0123456789", &[][..]),
            (&[0x90, 4, 1, b'x', 0x91, 4, 6], "0123x456789", &[(4, 5)]),
            (&[0x90, 4, 0x91, 5, 5], "012356789", &[(4, 4)]),
            (&[0x91, 1, 9], "123456789", &[(0, 0)]),
            (&[0x91, 8, 2, 0x90, 2, 2, b'x', b'y', 1, b'z'], "8901xyz", &[(0, 0), (2, 2), (4, 6), (6, 7)]),
        ] {
            let (result, parts) = made(base, text.len(), commands).unwrap();
            let parts: Vec<_> = parts.iter().map(|part| (part.start, part.end)).collect();
            assert_eq!((result.as_slice(), &parts[..]), (text.as_bytes(), changed), "{text}");
        }
    }

    #[test]
    fn a_delta_that_does_not_make_what_it_says_is_refused() {
        let base = b"0123456789";
        assert!(made(base, 10, &[0x90, 10]).is_some());
        for (to, commands) in [
            (9, &[0x90, 10][..]),
            (11, &[0x90, 10]),
            (10, &[0, 0x90, 10]),
            (11, &[0x90, 11]),
            (10, &[0x91, 1, 10]),
            (2, &[3, b'x', b'y']),
            (3, &[3, b'x', b'y']),
            (10, &[0x90]),
        ] {
            assert_eq!(made(base, to, commands), None, "{to} {commands:x?}");
        }
        let apply = |delta: &[u8]| super::apply(base, delta, 100, Vec::new(), &mut Vec::new()).is_ok();
        let long = |to: u8| [&[10, to, 0x90, 10, to - 10][..], &vec![b'x'; usize::from(to - 10)]].concat();
        assert!(apply(&long(100)) && !apply(&long(101)), "100 bytes are the most");
        assert!(!apply(&[]) && !apply(&[10]) && !apply(&[0x8a, 0x80]) && !apply(&[0xff; 12]));
    }

    #[test]
    fn broken_deltas_are_refused() {
        proptest::proptest!(|(base: Vec<u8>, delta: Vec<u8>)| {
            let mut changed = Vec::new();
            if let Ok(result) = apply(&base, &delta, 1000, Vec::new(), &mut changed) {
                proptest::prop_assert!(result.len() <= 1000);
                proptest::prop_assert!(changed.is_sorted_by_key(|part| (part.start, part.end)));
            }
        });
    }
}
