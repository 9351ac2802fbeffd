//! The decoded pieces of a text: each run of base64 or of escapes is decoded once for all the anchors in it.

use std::collections::VecDeque;

use super::decode::{AHEAD, REACH, base64_within, unescaped_around, widened_around};
use super::window::Window;

/// The decoded pieces of one text.
#[derive(Default)]
pub(super) struct Decoded {
    /// One for each position in a group of four at which the base64 may begin; the last one used comes first.
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
