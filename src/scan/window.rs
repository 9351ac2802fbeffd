//! A decoded piece of a text, and the place in the text of each of its bytes.

use std::ops::Range;

use zeroize::Zeroizing;

use super::context::VendorNames;

/// A decoded piece of a text.
pub(super) struct Window {
    /// Its bytes.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// For each decoded byte, and for the end, its place in the text.
    pub(super) origin: Vec<usize>,
    /// Whether a decoded byte may share characters with its neighbours.
    pub(super) shared: bool,
    /// The anchors around which it contains everything that may belong to a key.
    pub(super) covers: Range<usize>,
    /// Where the vendor is named in it.
    pub(super) vendor: VendorNames,
}

impl Window {
    /// The characters of the text that contain any part of these decoded bytes.
    pub(super) fn range_of(&self, start: usize, end: usize) -> Range<usize> {
        let group = |n: usize| if self.shared { n / 3 * 3 } else { n };
        let last = if self.shared { end.div_ceil(3) * 3 } else { end };
        let from = self.origin.get(group(start)).copied().unwrap_or_default();
        let to = self.origin.get(last).or(self.origin.last()).copied().unwrap_or(from);
        from..to.max(from)
    }

    /// The decoded byte at an anchor that is escaped or wide; `None` if it is not in this window.
    pub(super) fn place_of(&self, anchor: usize) -> Option<usize> {
        let place = self.origin.partition_point(|origin| *origin <= anchor).checked_sub(1)?;
        self.covers.contains(&anchor).then_some(place)
    }

    /// The decoded byte at an anchor in base64, whose group of four begins `back` characters before it.
    pub(super) fn place_in_base64(&self, text: &[u8], anchor: usize, back: usize) -> Option<usize> {
        if !self.covers.contains(&anchor) {
            return None;
        }
        match (self.origin.binary_search(&anchor), back) {
            (Ok(place), 0 | 1) if place % 3 == back => Some(place),
            (Ok(place), 2) if place % 3 == 2 => Some(place - 1),
            // The fourth character of a group begins no byte.
            (Err(next), 3) if next > 0 && next % 3 == 0 => {
                let between = text.get(self.origin[next - 1] + 1..anchor)?;
                between.iter().all(|b| matches!(b, b'\r' | b'\n')).then_some(next - 1)
            }
            _ => None,
        }
    }
}
