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
