//! Texts in UTF-16, in whole or in part.

use super::*;

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    let key = known(40);
    let matcher = knowing(&[&key]);
    let text = format!("first line, long enough to tell\r\n  key = \"{key}\"\r\n");
    for marked in [format!("\u{feff}{text}"), text] {
        let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            found_once(&matcher, &bytes, &key);
            let hit = &hits(&matcher, &bytes)[0];
            assert_eq!((hit.line, hit.column), (2, 10));
            assert_eq!(hit.range.end - hit.range.start, 2 * key.len() as u64);
        }
    }
}

#[test]
fn utf_16_amid_other_bytes_is_read_too() {
    for key in every_kind().iter().filter(|key| key.len() >= 20) {
        let little: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = key.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for wide in [little, big] {
            let text = [b"\x7fELF\x01\x02\x03 text\xff".as_slice(), &wide, b"\x02\x01 and more"].concat();
            found_once(&knowing(&[key]), text, key);
        }
    }
}

#[test]
fn a_text_that_begins_in_utf_16_is_read_however_it_goes_on() {
    let (key, other) = (known(40), "zYx-9._~+/8".repeat(3));
    let matcher = knowing(&[&key, &other]);
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for lines in [5, 100, 40_000] {
        let start = "a line\n".repeat(lines);
        let marked = format!("\u{feff}{start}");
        for start in [little(&start), little(&marked), big(&start), big(&marked)] {
            for key in [&key, &other] {
                let line = format!("GETIMG_API_KEY={key}\n");
                for end in
                    [line.as_bytes().to_vec(), little(&line), big(&line), little(&format!("\u{feff}{line}"))]
                {
                    for between in ["", "\n"] {
                        let text = [&start[..], between.as_bytes(), &end, b"and \n more"].concat();
                        found_once(&matcher, &text, key);
                        let found = streamed(&matcher, &text, 1000);
                        assert_eq!(found.len(), 1, "{lines} lines, then {end:?}");
                        assert_eq!(found[0].range, hits(&matcher, &text)[0].range);
                    }
                }
            }
        }
    }
}
