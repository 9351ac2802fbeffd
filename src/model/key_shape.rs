//! Which texts could be a key, wherever they stand.

use super::api_key::{SHORTEST, is_token_character};

/// Whether a text holds one of the vendor's shapes: `sk_` or `key-`, and at least 13 more of a token's letters.
///
/// What does is never repeated to a person, wherever it came from.
pub fn holds_key(text: &str) -> bool {
    let long_enough = |rest: &str| rest.chars().take_while(|c| is_token_character(*c)).count() >= 13;
    ["sk_", "key-"].into_iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let starts_a_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            starts_a_word && long_enough(&text[at + prefix.len()..])
        })
    })
}

/// Whether a part of a text is as long as a key and mixes letters with digits, as few names do.
pub fn could_be_secret(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        word.len() >= SHORTEST
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// A text with `…` for every word that is a key or could be one, as a settings file may hold where a name is expected.
pub fn without_keys(text: &str) -> String {
    let is_between = |c: char| !is_token_character(c);
    let shown = |part: &str| {
        let word = part.trim_end_matches(is_between);
        if holds_key(word) || could_be_secret(word) {
            format!("…{}", &part[word.len()..])
        } else {
            part.to_owned()
        }
    };
    text.split_inclusive(is_between).map(shown).collect()
}

/// A name, or `…` for one that holds a key. `key-rotation-scripts` does not: it lacks letters among digits.
pub fn name_without_key(name: &str) -> String {
    if holds_key(name) && could_be_secret(name) { "…".to_owned() } else { name.to_owned() }
}

/// A path with `…` for every name in it that holds a key.
pub fn path_without_keys(path: &str) -> String {
    let is_between = |c: char| matches!(c, '/' | '\\');
    let shown = |part: &str| {
        let name = part.trim_end_matches(is_between);
        name_without_key(name) + &part[name.len()..]
    };
    path.split_inclusive(is_between).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v2(secret: usize) -> String {
        format!("sk_{}", "aB3".repeat(secret).get(..secret).unwrap())
    }

    #[test]
    fn a_name_that_holds_a_key_is_left_out_of_a_path() {
        let key = v2(40);
        for (path, shown) in [
            (format!("/srv/d-{key}/sub"), "/srv/…/sub"),
            (format!("~/.env.{key}"), "~/…"),
            ("/srv/key-rotation-scripts/2026".to_owned(), "/srv/key-rotation-scripts/2026"),
            (r"C:\a\b.txt".to_owned(), r"C:\a\b.txt"),
        ] {
            assert_eq!(path_without_keys(&path), shown);
        }
    }

    #[test]
    fn what_could_be_a_key_is_left_out_of_a_text() {
        let (v2, v1) = (v2(40), "a1".repeat(48));
        for (text, shown) in [
            (format!("unknown field `{v2}`, expected `api`"), "unknown field `…`, expected `api`"),
            (format!("{v1}\n"), "…\n"),
            (format!("a x {v1}, b"), "a x …, b"),
            ("rotate_after_days in 2026".to_owned(), "rotate_after_days in 2026"),
        ] {
            assert_eq!(without_keys(&text), shown);
        }
    }

    #[test]
    fn a_text_holds_a_key_where_a_word_has_its_shape() {
        let at_least = |prefix: &str, letters| format!("{prefix}{}", "a".repeat(letters));
        for text in [at_least("sk_", 13), at_least("key-", 13), format!("/x/{}.json", v2(13))] {
            assert!(holds_key(&text), "{text}");
        }
        for text in
            [at_least("sk_", 12), at_least("risk_", 20), at_least("monkey-", 20), v2(13).replace('_', "-")]
        {
            assert!(!holds_key(&text), "{text}");
        }
    }
}
