//! Detects UTF-16 by its first bytes.

/// The byte order of a UTF-16 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Utf16 {
    /// Low byte first.
    Little,
    /// High byte first.
    Big,
}

impl Utf16 {
    /// Detects it by the byte order mark, else by the zeros at the start of a text.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xfe, ..] => return Some(Self::Little),
            [0xfe, 0xff, ..] => return Some(Self::Big),
            _ => {}
        }
        let begins = |side: usize| start.iter().skip(side).step_by(2).take(4).all(|b| *b == 0);
        if start.len() < 16 || !begins(0) && !begins(1) {
            return None;
        }
        let sample = &start[..start.len().min(512) / 2 * 2];
        let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
        let (high, low, units) = (zeros(0), zeros(1), sample.len() / 2);
        if low * 4 > units * 3 && high * 4 < units && begins(1) {
            Some(Self::Little)
        } else if high * 4 > units * 3 && low * 4 < units && begins(0) {
            Some(Self::Big)
        } else {
            None
        }
    }

    /// One byte for each code unit; anything outside ASCII becomes a byte that no key contains.
    pub(super) fn narrow(self, text: &[u8]) -> Vec<u8> {
        let unit = |pair: &[u8]| match self {
            Self::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Self::Big => u16::from_be_bytes([pair[0], pair[1]]),
        };
        let narrow = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?');
        text.chunks_exact(2).map(|pair| narrow(unit(pair))).collect()
    }
}
