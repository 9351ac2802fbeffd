//! Reads a chunked body (RFC 9112, section 7.1), strictly.

use super::{Refusal, sizes};

/// How far a body has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunks {
    state: State,
    /// The bytes of lines since the last data.
    lines: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before a chunk, at its size.
    #[default]
    Size,
    /// In a chunk's data, with this many bytes to come.
    Data(u64),
    /// After a chunk's data, at the end of the line.
    AfterData,
    /// After the last chunk, at the beginning of a line.
    Trailer,
    End,
}

/// What follows in the text that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// This many bytes that do not belong to the body.
    Skip(usize),
    /// This many bytes of the body.
    Data(usize),
    /// Unknown until more is read.
    More,
    /// The body has ended.
    End,
}

impl Chunks {
    /// What is at the beginning of a text. The caller must not pass skipped or taken bytes again.
    ///
    /// # Errors
    /// A line that is malformed, or longer than [`sizes::CHUNK_LINE`].
    pub fn next(&mut self, text: &[u8]) -> Result<Step, Refusal> {
        match self.state {
            State::End => Ok(Step::End),
            State::Data(_) if text.is_empty() => Ok(Step::More),
            State::Data(left) => {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(text.len());
                let left = left - here as u64;
                self.state = if left == 0 { State::AfterData } else { State::Data(left) };
                self.lines = 0;
                Ok(Step::Data(here))
            }
            State::Size | State::AfterData | State::Trailer => self.line(text),
        }
    }

    fn line(&mut self, text: &[u8]) -> Result<Step, Refusal> {
        let Some(length) = line_length(text)? else {
            let is_long = self.lines + text.len() > sizes::CHUNK_LINE;
            return if is_long { Err(Refusal::ChunkLine) } else { Ok(Step::More) };
        };
        self.lines += length;
        if self.lines > sizes::CHUNK_LINE {
            return Err(Refusal::ChunkLine);
        }
        let line = &text[..length - 2];
        self.state = match self.state {
            State::AfterData if line.is_empty() => State::Size,
            State::AfterData => return Err(Refusal::Malformed("a chunk longer than it says")),
            State::Trailer if line.is_empty() => State::End,
            State::Trailer => State::Trailer,
            _ => match size(line)? {
                0 => State::Trailer,
                size => State::Data(size),
            },
        };
        Ok(Step::Skip(length))
    }
}

/// The length of the first line, with its CR LF; `None` if its end was not read yet.
fn line_length(text: &[u8]) -> Result<Option<usize>, Refusal> {
    let Some(at) = memchr::memchr2(b'\n', b'\r', text) else { return Ok(None) };
    match text[at..] {
        [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => Ok(Some(at + 2)),
        _ => Err(Refusal::Malformed("a chunk's line that does not end with CR LF")),
    }
}

/// The size in hexadecimal digits; the relay ignores an extension after `;`.
fn size(line: &[u8]) -> Result<u64, Refusal> {
    let bad = Refusal::Malformed("a chunk's size");
    let digits = line.split(|b| *b == b';').next().unwrap_or_default();
    let is_size = (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    if line.iter().any(|b| *b < b' ' && *b != b'\t' || *b == 0x7f) {
        return Err(bad);
    }
    let text = std::str::from_utf8(digits).ok().filter(|_| is_size);
    text.and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or(bad)
}

#[cfg(test)]
#[path = "tests/chunks.rs"]
mod tests;
