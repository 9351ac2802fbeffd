//! Decodes the text of a dotenv file: its encoding and its line ends.

use zeroize::Zeroizing;

pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A text in UTF-16, as PowerShell's `>` writes it, recognized by its byte order mark. `None` for any other file, an
/// inner `None` for a truncated one.
pub(super) fn utf16(bytes: &[u8]) -> Option<Option<Zeroizing<String>>> {
    let unit = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Zeroizing<Vec<u16>> =
        Zeroizing::new(bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect());
    let text = String::from_utf16(&units).ok().filter(|_| bytes.len().is_multiple_of(2));
    Some(text.map(Zeroizing::new))
}

/// Line endings of other systems, and lone carriage returns, as line feeds; line numbers do not change.
pub(super) fn with_one_line_end(text: &str) -> Zeroizing<String> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.replace("\r\n", "").contains('\r') {
        Zeroizing::new(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Zeroizing::new(text.to_owned())
    }
}
