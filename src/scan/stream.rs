//! A text that comes in chunks: large files and pipes.

use super::redact::{Section, characters, count};
use super::utf16::Utf16;
use super::{Hit, Matcher};

/// What is kept before and after the part that is judged: more than the longest encoded key, and its lines.
const MARGIN: usize = 8 * 1024;

/// Judges one text chunk by chunk, in memory that does not grow with it.
pub struct Stream<'m> {
    matcher: &'m Matcher,
    encoding: Option<Utf16>,
    begun: bool,
    /// A byte that waits for the other half of its UTF-16 code unit, or for enough bytes to detect the encoding.
    waiting: Vec<u8>,
    text: Vec<u8>,
    place: Section,
    is_whole: bool,
}

impl<'m> Stream<'m> {
    /// A text of which nothing was read yet.
    pub fn new(matcher: &'m Matcher) -> Self {
        let place = Section { owned: 0..0, ..Section::default() };
        Self {
            matcher,
            encoding: None,
            begun: false,
            waiting: Vec::new(),
            text: Vec::new(),
            place,
            is_whole: true,
        }
    }

    /// Takes the next chunk and reports what can already be judged.
    pub fn feed(&mut self, chunk: &[u8], found: &mut impl FnMut(Hit)) {
        self.waiting.extend_from_slice(chunk);
        if self.begun || self.waiting.len() >= 512 {
            self.take_in();
            if self.text.len() > 4 * MARGIN {
                self.settle(self.text.len() - MARGIN, found);
            }
        }
    }

    /// Reports the rest; returns whether all of the text was judged.
    pub fn finish(mut self, found: &mut impl FnMut(Hit)) -> bool {
        self.take_in();
        self.settle(usize::MAX, found);
        self.is_whole
    }

    fn take_in(&mut self) {
        if !self.begun {
            self.begun = true;
            self.encoding = Utf16::of(&self.waiting);
            self.place.width = if self.encoding.is_some() { 2 } else { 1 };
        }
        match self.encoding {
            None => self.text.append(&mut self.waiting),
            Some(encoding) => {
                let whole = self.waiting.len() / 2 * 2;
                self.text.extend(encoding.narrow(&self.waiting[..whole]));
                self.waiting.drain(..whole);
            }
        }
    }

    /// Reports the keys that start before `until`, then drops everything but a margin before it.
    fn settle(&mut self, until: usize, found: &mut impl FnMut(Hit)) {
        self.place.owned.end = until;
        self.is_whole &= self.matcher.report(&self.text, &self.place, found).is_whole;
        let Some(gone) = until.min(self.text.len()).checked_sub(MARGIN) else { return };
        let passed = &self.text[..gone];
        self.place.lines += count(passed);
        let last = memchr::memrchr(b'\n', passed);
        let before = if last.is_some() { 0 } else { self.place.columns };
        self.place.columns = before + characters(&passed[last.map_or(0, |at| at + 1)..]);
        self.place.offset += gone as u64 * self.place.width;
        self.text.drain(..gone);
        self.place.owned.start = until.saturating_sub(gone);
    }
}
