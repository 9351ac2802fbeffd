//! Decoded pieces of a text: each run of base64 or of escapes is decoded once for all the anchors in it.

use std::collections::VecDeque;
use std::ops::Range;

use zeroize::Zeroizing;

use super::context::VendorNames;
use super::decode::{AHEAD, REACH, base64_within, unescaped_around, widened_around};

/// A decoded piece of a text.
pub(super) struct Window {
    /// What it says.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// For each decoded byte, and for the end, where in the text it comes from.
    pub(super) origin: Vec<usize>,
    /// Whether a decoded byte may share characters with its neighbours.
    pub(super) shared: bool,
    /// The anchors around which it holds all that may belong to a key.
    pub(super) covers: Range<usize>,
    /// Where the vendor is named in it.
    pub(super) vendor: VendorNames,
}

impl Window {
    /// The characters of the text that hold any part of these decoded bytes.
    pub(super) fn range_of(&self, start: usize, end: usize) -> Range<usize> {
        let group = |n: usize| if self.shared { n / 3 * 3 } else { n };
        let last = if self.shared { end.div_ceil(3) * 3 } else { end };
        let from = self.origin.get(group(start)).copied().unwrap_or_default();
        let to = self.origin.get(last).or(self.origin.last()).copied().unwrap_or(from);
        from..to.max(from)
    }

    /// The decoded byte at an anchor that is escaped or wide; `None` where it is not in this window.
    fn place_of(&self, anchor: usize) -> Option<usize> {
        let place = self.origin.partition_point(|origin| *origin <= anchor).checked_sub(1)?;
        self.covers.contains(&anchor).then_some(place)
    }

    /// The decoded byte at an anchor in base64, whose group of four begins `back` characters before it.
    fn place_in_base64(&self, text: &[u8], anchor: usize, back: usize) -> Option<usize> {
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

/// What was decoded of one text: each run of base64 or of escapes once for every anchor in it.
#[derive(Default)]
pub(super) struct Decoded {
    /// One for each place in a group of four that the base64 may begin at, the last one used in front.
    base64: VecDeque<Window>,
    escaped: Option<Window>,
    /// One for each parity.
    wide: [Option<Window>; 2],
    /// How much was decoded, in bytes.
    #[cfg(test)]
    pub(super) bytes: usize,
}

impl Decoded {
    /// The base64 around an anchor, and the decoded byte at the anchor.
    pub(super) fn base64(&mut self, text: &[u8], anchor: usize, back: usize) -> Option<(&mut Window, usize)> {
        let known =
            self.base64.iter().position(|window| window.place_in_base64(text, anchor, back).is_some());
        match known {
            Some(known) => self.base64.swap(0, known),
            None => {
                let (window, _) = base64_within(REACH, AHEAD, text, anchor, back)?;
                self.count(&window);
                self.base64.truncate(3);
                self.base64.push_front(window);
            }
        }
        let window = self.base64.front_mut()?;
        let place = window.place_in_base64(text, anchor, back)?;
        Some((window, place))
    }

    /// The text around an escaped anchor without `%XX`, `\/` and `\uXXXX`.
    pub(super) fn unescaped(&mut self, text: &[u8], anchor: usize) -> Option<(&mut Window, usize)> {
        if self.escaped.as_ref().and_then(|window| window.place_of(anchor)).is_none() {
            let window = unescaped_around(text, anchor);
            self.count(&window);
            self.escaped = Some(window);
        }
        let window = self.escaped.as_mut()?;
        let place = window.place_of(anchor)?;
        Some((window, place))
    }

    /// The UTF-16 around an anchor, of either byte order, without its zeros.
    pub(super) fn widened(&mut self, text: &[u8], anchor: usize) -> Option<(&mut Window, usize)> {
        let known = self.wide[anchor % 2].as_ref().and_then(|window| window.place_of(anchor));
        if known.is_none() {
            let window = widened_around(text, anchor);
            self.count(&window);
            self.wide[anchor % 2] = Some(window);
        }
        let window = self.wide[anchor % 2].as_mut()?;
        let place = window.place_of(anchor)?;
        Some((window, place))
    }

    #[cfg(test)]
    fn count(&mut self, window: &Window) {
        self.bytes += window.bytes.len();
    }

    #[cfg(not(test))]
    fn count(&self, _: &Window) {}
}
