//! Removes what people paste around a key.

use zeroize::Zeroizing;

/// What was removed from a pasted text; the user is told of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOff {
    /// A byte order mark.
    ByteOrderMark,
    /// ASCII spaces around it.
    Spaces,
    /// `export ` before it.
    Export,
    /// `GETIMG_API_KEY=` before it.
    Assignment,
    /// Quotes around it.
    Quotes,
    /// `Bearer ` before it.
    Bearer,
}

impl TakenOff {
    /// What it is called in a sentence.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "a byte order mark",
            Self::Spaces => "surrounding spaces",
            Self::Export => "`export `",
            Self::Assignment => "`GETIMG_API_KEY=`",
            Self::Quotes => "surrounding quotes",
            Self::Bearer => "`Bearer `",
        }
    }
}

/// Removes one trailing newline without a notice, and what people paste around a key with one.
pub fn unwrap(text: &str) -> (Zeroizing<String>, Vec<TakenOff>) {
    let mut taken = Vec::new();
    let mut rest = text.strip_suffix('\n').map_or(text, |t| t.strip_suffix('\r').unwrap_or(t));
    while let Some((inner, what)) = peel(rest) {
        rest = inner;
        if !taken.contains(&what) {
            taken.push(what);
        }
    }
    (Zeroizing::new(rest.to_owned()), taken)
}

fn peel(text: &str) -> Option<(&str, TakenOff)> {
    let spaceless = text.trim_matches(' ');
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        return Some((rest, TakenOff::ByteOrderMark));
    }
    if spaceless.len() < text.len() {
        return Some((spaceless, TakenOff::Spaces));
    }
    let prefixes = [
        ("export ", TakenOff::Export),
        ("GETIMG_API_KEY=", TakenOff::Assignment),
        ("Bearer ", TakenOff::Bearer),
        ("bearer ", TakenOff::Bearer),
    ];
    for (prefix, what) in prefixes {
        if let Some(rest) = text.strip_prefix(prefix) {
            return Some((rest, what));
        }
    }
    ['"', '\'', '`']
        .into_iter()
        .find_map(|q| text.strip_prefix(q)?.strip_suffix(q))
        .map(|rest| (rest, TakenOff::Quotes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrapping_is_taken_off_and_named() {
        use TakenOff::{Assignment, Bearer, ByteOrderMark, Export, Quotes, Spaces};
        let table: [(&str, &[TakenOff]); 11] = [
            ("KEY", &[]),
            ("KEY\n", &[]),
            ("KEY\r\n", &[]),
            ("\u{feff}KEY", &[ByteOrderMark]),
            ("  KEY ", &[Spaces]),
            ("\"KEY\"", &[Quotes]),
            ("\"\"KEY\"\"", &[Quotes]),
            ("Bearer KEY\n", &[Bearer]),
            ("GETIMG_API_KEY=KEY", &[Assignment]),
            ("export GETIMG_API_KEY='KEY'\n", &[Export, Assignment, Quotes]),
            ("\u{feff} \"Bearer KEY\" \n", &[ByteOrderMark, Spaces, Quotes, Bearer]),
        ];
        for (text, taken) in table {
            let (rest, was) = unwrap(text);
            assert_eq!((rest.as_str(), was.as_slice()), ("KEY", taken), "{text:?}");
        }
        let words = [ByteOrderMark, Spaces, Export, Assignment, Quotes, Bearer].map(TakenOff::in_words);
        let expected = ["a byte order mark", "surrounding spaces", "`export `", "`GETIMG_API_KEY=`"];
        assert_eq!((&words[..4], words[4], words[5]), (&expected[..], "surrounding quotes", "`Bearer `"));
    }

    #[test]
    fn what_is_not_known_stays_and_is_refused_later() {
        for text in ["KEY\n\n", "\tKEY", "KEY\u{a0}", "'KEY", "K EY", "KEY\u{200b}"] {
            assert_ne!(unwrap(text).0.as_str(), "KEY", "{text:?}");
        }
    }

    #[test]
    fn a_lone_quote_is_no_pair() {
        assert_eq!(unwrap("\"").0.as_str(), "\"");
    }
}
