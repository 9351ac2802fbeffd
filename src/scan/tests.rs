use proptest::prelude::*;

use super::rules::known;
use super::*;
use crate::model::{ApiKey, Fingerprint};

mod floods;
mod utf16;
mod versions;

/// A matcher that knows these keys as current keys of `prod`.
pub(super) fn knowing(keys: &[&str]) -> Matcher {
    let mut profiles = KeyIndex::default();
    for key in keys {
        let key = ApiKey::parse(zeroize::Zeroizing::new((*key).to_owned())).unwrap();
        let known = KnownKey {
            profile: "prod".parse().unwrap(),
            state: State::Current,
            length: key.expose().len(),
            hint: key.hint(),
        };
        profiles.insert(key.fingerprint(), known);
    }
    Matcher::new(profiles)
}

fn hits(matcher: &Matcher, text: impl AsRef<[u8]>) -> Vec<Hit> {
    let mut hits = Vec::new();
    matcher.scan(text.as_ref(), &mut |hit| hits.push(hit));
    hits
}

fn streamed(matcher: &Matcher, text: &[u8], chunk: usize) -> Vec<Hit> {
    let (mut hits, mut stream) = (Vec::new(), Stream::new(matcher));
    text.chunks(chunk).for_each(|chunk| stream.feed(chunk, &mut |hit| hits.push(hit)));
    stream.finish(&mut |hit| hits.push(hit));
    hits
}

fn found_once(matcher: &Matcher, text: impl AsRef<[u8]>, key: &str) {
    let text = text.as_ref();
    let all = hits(matcher, text);
    let shown = String::from_utf8_lossy(text).into_owned();
    assert_eq!(all.len(), 1, "{shown}: {all:#?}");
    assert_eq!(
        (all[0].state, all[0].fingerprint),
        (State::Current, Fingerprint::of(key.as_bytes())),
        "{shown}"
    );
    assert!(!all[0].redacted.contains(&key[key.len() - 8..]), "{}", all[0].redacted);
}

/// Base64, encoded in the tests only: the program only needs a decoder.
fn base64(text: &[u8], url_safe: bool) -> String {
    let alphabet = if url_safe { b"-_" } else { b"+/" };
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*alphabet).collect();
    let mut out = String::new();
    for group in text.chunks(3) {
        let bits = group.iter().chain(&[0; 2]).take(3).fold(0_usize, |bits, b| bits << 8 | usize::from(*b));
        let sextets = (0..=group.len()).map(|n| char::from(letters[bits >> (18 - 6 * n) & 63]));
        out.extend(sextets.chain("==".chars().take(3 - group.len())));
    }
    out
}

/// Keys of every kind: the vendor's two shapes, another, a short one, and one of the hardest characters.
fn every_kind() -> Vec<String> {
    vec![
        known(40),
        known(13),
        format!("key-{}", "aB3".repeat(32)),
        "0123456789abcdef".chars().rev().collect::<String>() + "wxyz9",
        "zYx-9._~+/8".repeat(3) + "==",
        "sk_".to_owned() + &"aB3+/~.".repeat(145) + "=",
    ]
}

#[test]
fn every_rule_finds_its_examples_and_leaves_its_counter_examples_alone() {
    let sample = known(40);
    let matcher = knowing(&[&sample]);
    for (place, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id as usize, place);
        for text in (rule.examples)() {
            let rules: Vec<_> = hits(&matcher, &text).into_iter().map(|hit| hit.rule).collect();
            assert_eq!(rules, [rule.id], "{} in {text}", rule.id.as_str());
        }
        for text in (rule.counter_examples)() {
            assert_eq!(hits(&matcher, &text), [], "{} in {text}", rule.id.as_str());
        }
    }
}

#[test]
fn a_known_key_of_any_shape_is_found_wherever_it_stands() {
    let keys = every_kind();
    let matcher = knowing(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    for key in &keys {
        for (before, after) in [
            ("", ""),
            ("KEY=", "\n"),
            ("a: \"", "\""),
            ("x/", "?y"),
            ("Bearer ", "\r\n"),
            ("\0\u{1}\u{ff}", "\0"),
        ] {
            found_once(&matcher, format!("{before}{key}{after}"), key);
        }
    }
}

#[test]
fn a_known_key_is_found_at_every_place_between_words_alone_and_among_shorter_ones() {
    let keys = every_kind();
    let all = knowing(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    for key in &keys {
        let alone = knowing(&[key]);
        for before in 0..64 {
            let text = format!("{:.before$} {key} and more words", "some words ".repeat(6));
            found_once(&all, &text, key);
            found_once(&alone, &text, key);
        }
    }
}

#[test]
fn a_known_key_of_twenty_characters_is_found_inside_a_longer_word() {
    let keys = every_kind();
    for key in keys.iter().filter(|key| key.len() >= 20) {
        found_once(
            &knowing(&[key]),
            format!("aaa{key}{}", if key.ends_with('=') { "x" } else { "bbb" }),
            key,
        );
    }
}

#[test]
fn base64_is_seen_through_at_every_alignment_and_in_both_alphabets() {
    let keys = every_kind();
    for key in keys.iter().filter(|key| key.len() >= 20) {
        let matcher = knowing(&[key]);
        for (before, url_safe) in
            ["", "a", "ab", "user:", "name=ä "].iter().flat_map(|b| [(b, false), (b, true)])
        {
            let text = base64(format!("{before}{key}\nmore text").as_bytes(), url_safe);
            found_once(&matcher, format!("  key: {text}\n"), key);
        }
    }
}

#[test]
fn base64_may_be_wrapped_into_lines() {
    let key = known(40);
    let text = base64(format!("some words before it: {key}").as_bytes(), false);
    let wrapped: Vec<&str> = [&text[..40], &text[40..]].into();
    found_once(&knowing(&[&key]), wrapped.join("\r\n"), &key);
}

#[test]
fn url_encoding_and_json_escapes_are_seen_through() {
    for key in every_kind().iter().filter(|key| key.len() >= 20) {
        let some: String = key
            .chars()
            .map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("%{:02X}", c as u32) })
            .collect();
        let all: String = key.bytes().map(|b| format!("%{b:02x}")).collect();
        let matcher = knowing(&[key]);
        found_once(&matcher, format!("https://host/?a=%20b&key={some}&c=1"), key);
        found_once(&matcher, format!("key={all}"), key);
        found_once(&matcher, format!("{{\"key\": \"{}\"}}", key.replace('/', "\\/")), key);
    }
}

#[test]
fn of_a_line_every_key_is_masked_and_the_rest_is_cut() {
    let (ours, other) = (known(40), format!("sk_live_{}", "aB3".repeat(9)));
    let text = format!("é{}\nA={ours} B={other} C=12345{}\n", "x".repeat(300), " z".repeat(100));
    let hit = hits(&knowing(&[&ours]), &text).remove(0);
    let hint = format!("sk_…{}", &ours[ours.len() - 4..]);
    let rest = " z".repeat(100);
    let expected = format!("A={hint} B=sk_…3aB3 C=12345{}", &rest[..60 - 3 - other.len() - 8]);
    assert_eq!((hit.line, hit.column, hit.redacted), (2, 3, expected));
}

#[test]
fn a_short_key_is_masked_whole() {
    let key = known(13);
    let hit = hits(&knowing(&[&key]), format!("key: {key}")).remove(0);
    assert_eq!(hit.redacted, "key: …");
}

#[test]
fn an_encoded_unknown_key_counts_near_the_vendors_name() {
    let key = known(40);
    let matcher = knowing(&[]);
    let encoded = base64(format!("GETIMG_API_KEY={key}").as_bytes(), false);
    let states: Vec<_> = hits(&matcher, &encoded).into_iter().map(|h| (h.state, h.rule)).collect();
    assert_eq!(states, [(State::Unknown, RuleId::NearGetimg)]);
    assert_eq!(hits(&matcher, base64(key.as_bytes(), false)), []);
}

#[test]
fn the_worse_state_of_a_key_is_told() {
    let key = known(40);
    let print = Fingerprint::of(key.as_bytes());
    let is = |name: &str, state| KnownKey {
        profile: name.parse().unwrap(),
        state,
        length: 43,
        hint: Some(format!("sk_…{}", &key[39..])),
    };
    let mut profiles = KeyIndex::default();
    profiles.insert(print, is("old", State::Retired));
    profiles.insert(print, is("prod", State::Current));
    profiles.insert(print, is("other", State::Removed));
    let hit = hits(&Matcher::new(profiles), &key).remove(0);
    assert_eq!((hit.state, hit.profile.unwrap().as_str().to_owned()), (State::Current, "prod".to_owned()));
}

#[test]
fn a_stream_finds_what_the_whole_text_holds() {
    let key = known(40);
    let matcher = knowing(&[&key]);
    let filler = "é some words of no interest\n".repeat(1500);
    let text = format!("{key}{filler}k={key} {filler}{}{key}{filler}{key}", "w".repeat(90_000));
    for chunk in [1000, 8192, 65_536, 1 << 20] {
        let whole: Vec<_> = hits(&matcher, &text).into_iter().map(|h| (h.range, h.line, h.column)).collect();
        let parts: Vec<_> = streamed(&matcher, text.as_bytes(), chunk)
            .into_iter()
            .map(|h| (h.range, h.line, h.column))
            .collect();
        assert_eq!((whole.len(), parts), (4, whole), "{chunk}");
    }
}

/// Random bytes that contain many parts of keys.
fn suggestive() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "sk_",
        "key-",
        "getimg",
        "GETIMG_API_KEY=",
        "Bearer ",
        "c2tf",
        "nNrX",
        "za19",
        "sk%5F",
        "%",
        "\\u00",
        "=",
        "\n",
        "\u{fffd}",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
        "[A-Za-z0-9+/_.~-]{0,60}".prop_map(String::into_bytes),
        Just(known(40).into_bytes()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_or_show_a_key(bytes in suggestive()) {
        let (key, short, other) = (known(40), known(13), "zYx-9._~+/8".repeat(3));
        let matcher = knowing(&[&key, &short, &other]);
        for hit in hits(&matcher, &bytes) {
            prop_assert!(!hit.redacted.contains(&key));
            prop_assert!(hit.range.start < hit.range.end && hit.range.end <= bytes.len() as u64);
        }
        streamed(&matcher, &bytes, 7);
    }

    #[test]
    fn a_known_key_is_found_in_any_bytes_that_do_not_touch_it(
        before in suggestive(), after in suggestive(), key in prop::sample::select(every_kind()),
    ) {
        let text = [&before[..], b"\n\"", key.as_bytes(), b"\"\n", &after].concat();
        let matcher = knowing(&[&key]);
        let range = before.len() as u64 + 2..before.len() as u64 + 2 + key.len() as u64;
        prop_assert!(hits(&matcher, &text).iter().any(|h| h.state == State::Current && h.range == range));
    }
}
