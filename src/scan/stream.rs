//! A text that comes in chunks: large files and pipes.

use std::collections::VecDeque;
use std::ops::Range;

use super::redact::{Section, characters, count};
use super::utf16::Utf16;
use super::{Hit, Matcher};

/// What is kept before and after the part that is judged: more than the longest encoded key, and its lines.
const MARGIN: usize = 8 * 1024;

/// Judges one text chunk by chunk, in memory that does not grow with it.
///
/// A text that begins in UTF-16 is judged as bytes too, like a whole one.
pub struct Stream<'m> {
    matcher: &'m Matcher,
    encoding: Option<Utf16>,
    begun: bool,
    /// A byte that waits for the other half of its UTF-16 code unit, or for enough bytes to detect the encoding.
    waiting: Vec<u8>,
    text: Vec<u8>,
    place: Section,
    is_whole: bool,
    plain: Option<Box<Plain<'m>>>,
}

/// The same text as bytes, beside its reading in UTF-16, which comes first.
struct Plain<'m> {
    stream: Stream<'m>,
    /// What was found in the bytes, and the other reading has not come to.
    later: VecDeque<Hit>,
    /// Where the other reading found something.
    wide: VecDeque<Range<u64>>,
}

impl Plain<'_> {
    fn feed(&mut self, chunk: &[u8]) {
        let Self { stream, later, .. } = self;
        stream.feed(chunk, &mut |hit| later.push_back(hit));
    }

    /// Reports what is before a place and was not found in the other reading.
    fn release(&mut self, until: u64, found: &mut impl FnMut(Hit)) {
        while let Some(hit) = self.later.pop_front_if(|hit| hit.range.end <= until) {
            if is_new(&hit, &mut self.wide) {
                found(hit);
            }
        }
        let next = self.later.front().map_or(self.stream.settled(), |hit| hit.range.start);
        forget(&mut self.wide, next);
    }

    /// The rest of what only the bytes have, and whether all of them were judged.
    fn finish(self) -> (Vec<Hit>, bool) {
        let Self { stream, later, mut wide } = self;
        let mut rest = Vec::from(later);
        let is_whole = stream.finish(&mut |hit| rest.push(hit));
        rest.retain(|hit| is_new(hit, &mut wide));
        (rest, is_whole)
    }
}

/// Whether none of these places, which are in order, is the hit's too; those before it are dropped.
fn is_new(hit: &Hit, wide: &mut VecDeque<Range<u64>>) -> bool {
    forget(wide, hit.range.start);
    wide.front().is_none_or(|wide| wide.start >= hit.range.end)
}

fn forget(wide: &mut VecDeque<Range<u64>>, until: u64) {
    while wide.pop_front_if(|wide| wide.end <= until).is_some() {}
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
            plain: None,
        }
    }

    /// Takes the next chunk and reports what can already be judged.
    pub fn feed(&mut self, chunk: &[u8], found: &mut impl FnMut(Hit)) {
        self.waiting.extend_from_slice(chunk);
        if self.begun {
            if let Some(plain) = &mut self.plain {
                plain.feed(chunk);
            }
        } else if self.waiting.len() >= 512 {
            self.begin();
        } else {
            return;
        }
        self.take_in();
        if self.text.len() > 4 * MARGIN {
            self.settle(self.text.len() - MARGIN, found);
        }
    }

    /// Reports the rest; returns whether all of the text was judged.
    pub fn finish(mut self, found: &mut impl FnMut(Hit)) -> bool {
        if !self.begun {
            self.begin();
        }
        self.take_in();
        self.settle(usize::MAX, found);
        let Some(plain) = self.plain else { return self.is_whole };
        let (later, is_whole) = plain.finish();
        later.into_iter().for_each(found);
        self.is_whole && is_whole
    }

    fn begin(&mut self) {
        self.begun = true;
        self.encoding = Utf16::of(&self.waiting);
        if self.encoding.is_some() {
            self.place.width = 2;
            let stream = Stream { begun: true, ..Stream::new(self.matcher) };
            let mut plain = Plain { stream, later: VecDeque::new(), wide: VecDeque::new() };
            plain.feed(&self.waiting);
            self.plain = Some(Box::new(plain));
        }
    }

    /// Everything before this place was judged.
    fn settled(&self) -> u64 {
        let owned = (self.place.owned.start as u64).saturating_mul(self.place.width);
        self.place.offset.saturating_add(owned)
    }

    fn take_in(&mut self) {
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
        let (matcher, mut plain) = (self.matcher, self.plain.take());
        let scanned = matcher.report(&self.text, &self.place, &mut |hit: Hit| {
            if let Some(plain) = &mut plain {
                plain.wide.push_back(hit.range.clone());
            }
            found(hit);
        });
        self.is_whole &= scanned.is_whole;
        self.drop_settled(until);
        if let Some(plain) = &mut plain {
            plain.release(self.settled(), found);
        }
        self.plain = plain;
    }

    fn drop_settled(&mut self, until: usize) {
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
