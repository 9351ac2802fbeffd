//! Texts that are made to take long.

use super::*;

/// Texts in which every few characters look like the beginning of a key, in every way of writing one.
const FLOODS: [&str; 12] = [
    "c2tf",
    "nNrX",
    "c2tf\n",
    "%73%6b%5f",
    "sk%5F",
    "\\u0073\\u006b\\u005f",
    "s\0k\0_\0",
    "sk_/",
    "getimg sk_/a1B2",
    "getimg_key=",
    "getimgkey=a1 ",
    "Bearer getimg ",
];

#[test]
fn what_is_decoded_grows_no_faster_than_the_text() {
    let (key, other) = (known(40), "zYx-9._~+/8".repeat(3));
    let matcher = knowing(&[&key, &other]);
    for flood in FLOODS {
        let of = |size: usize| matcher.decoded_bytes(flood.repeat(size / flood.len()).as_bytes());

        let (once, twice) = (of(40_000), of(80_000));
        assert!(twice <= once * 22 / 10 + 200_000, "{flood:?}: {once}, then {twice}");
        assert!(once <= 4 * 40_000 + 200_000, "{flood:?}: {once}");
    }
}

#[test]
fn a_known_key_in_a_flood_is_found() {
    let key = known(40);
    let matcher = knowing(&[&key]);
    let percent: String = key.bytes().map(|b| format!("%{b:02x}")).collect();
    let wide: String = key.chars().flat_map(|c| [c, '\0']).collect();
    let floods =
        [("%73%6b%5f", percent), ("s\0k\0_\0", wide), ("sk_/", key.clone()), ("getimg_key=", key.clone())];
    for (flood, form) in floods {
        for before in [10, 7_000, 30_001] {
            let text = flood.repeat(before) + &form + &flood.repeat(9_000);
            let known = hits(&matcher, &text).into_iter().filter(|hit| hit.rule == RuleId::KnownKey).count();
            assert_eq!(known, 1, "{flood:?} {before}");
        }
    }
    for before in 300..303 {
        let plain = "sk_".repeat(30 * before) + &key + &"sk_".repeat(9_000);
        let text = base64(plain.as_bytes(), false);
        let known = hits(&matcher, &text).into_iter().filter(|hit| hit.rule == RuleId::KnownKey).count();
        assert_eq!(known, 1, "{before}");
    }
}

#[test]
fn what_the_budget_leaves_out_is_said() {
    let matcher = knowing(&[&known(40)]);
    let run = format!("{} ", "sk_a1/".repeat(170));
    let text = run.repeat(400);
    assert!(!matcher.scan(text.as_bytes(), &mut |_| {}));
    assert!(matcher.scan(run.as_bytes(), &mut |_| {}));
}
