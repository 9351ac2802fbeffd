//! An interrupted change that an older version recorded is still settled.

use getimg_keys::backend::Backend;
use getimg_keys::flows::journal;
use getimg_keys::model::Change;

use super::cases::{self, Keys, agree, begin_anew, key, known, name, now, profile};
use super::in_memory::InMemory;

/// A form of the record, its further fields, which keys are where, and the keys of `dev` and `open` at the end.
type Form = (&'static str, &'static [(&'static str, &'static str)], [&'static [&'static str]; 2]);

const DEV: &[&str] = &["dev"];
const OPEN: &[&str] = &["open", "older"];

/// `FRESH` and the like are replaced by a fingerprint, `=FRESH` by a key's record, `%open` by a profile.
const FORMS: &[Form] = &[
    ("change = 'add'\nname = 'ci'\nfingerprint = FRESH", &[("ci", "fresh")], [DEV, OPEN]),
    ("change = 'remove'\nname = 'dev'", &[("dev", "")], [&[], OPEN]),
    ("change = 'rename'\nfrom = 'dev'\nto = 'laptop'", &[("laptop", "dev")], [DEV, OPEN]),
    ("change = 'rotate'\nname = 'dev'\nstep = 'stage'\nnew = =FRESH", &[("dev~next", "fresh")], [DEV, OPEN]),
    (
        "change = 'rotate'\nname = 'dev'\nstep = 'keep'\nnew = =FRESH",
        &[("dev~next", "fresh"), ("dev~previous", "dev")],
        [DEV, OPEN],
    ),
    (
        "change = 'rotate'\nname = 'dev'\nstep = 'switch'\nnew = =FRESH",
        &[("dev~next", "fresh"), ("dev~previous", "dev"), ("dev", "fresh")],
        [&["fresh", "dev"], OPEN],
    ),
    // `--undo` was a rotation, too.
    (
        "change = 'rotate'\nname = 'open'\nstep = 'stage'\nnew = =OLDER",
        &[("open~next", "older")],
        [DEV, OPEN],
    ),
    (
        "change = 'rotate'\nname = 'open'\nstep = 'keep'\nnew = =OLDER",
        &[("open~next", "older"), ("open~previous", "open")],
        [DEV, &["older", "open"]],
    ),
    (
        "change = 'rotate'\nname = 'open'\nstep = 'switch'\nnew = =OLDER",
        &[("open~next", "older"), ("open~previous", "open"), ("open", "older")],
        [DEV, &["older", "open"]],
    ),
    ("change = 'rotate'\nname = 'open'\nstep = 'sweep'\nnew = =OPEN", &[("open~next", "open")], [DEV, OPEN]),
    ("change = 'restore'\nin_store = false\nprofile = %dev", &[("dev~next", "back")], [DEV, OPEN]),
    ("change = 'restore'\nin_store = true\nprofile = %dev", &[("dev~next", "back")], [&["back"], OPEN]),
    ("change = 'restore'\nin_store = false\nprofile = %ci", &[("ci", "back")], [DEV, OPEN]),
    (
        "change = 'restore-new'\n[[unfinished.profiles]]\nname = 'ci'\nkeys = [FRESH, BACK]",
        &[("ci", "fresh"), ("ci~previous", "back")],
        [DEV, OPEN],
    ),
    ("change = 'stage'\nname = 'ci'\nkeys = [FRESH]", &[("ci", "fresh")], [DEV, OPEN]),
    ("change = 'finish'\nname = 'dev'", &[("dev~previous", "")], [DEV, OPEN]),
];

fn in_toml(form: &str) -> String {
    let mut text = form.to_owned();
    for seed in ["fresh", "back", "older", "open"] {
        let record = serde_json::to_value(profile("x", &[seed]).key).unwrap();
        text = text.replace(&format!("={}", seed.to_uppercase()), &inline(&record));
        let print = format!("'{}'", key(seed).fingerprint().to_hex());
        text = text.replace(&seed.to_uppercase(), &print);
    }
    for of in ["dev", "ci"] {
        let back = serde_json::to_value(profile(of, &["back"])).unwrap();
        text = text.replace(&format!("%{of}"), &inline(&back));
    }
    format!("[unfinished]\n{text}")
}

/// A value as TOML in one line.
fn inline(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name} = {}", inline(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

#[derive(serde::Deserialize)]
struct Written {
    unfinished: Change,
}

#[test]
fn a_change_that_an_older_version_left_interrupted_is_settled() {
    for (form, there, [dev, open]) in FORMS {
        let memory = InMemory::default();
        begin_anew(&memory);
        let store = memory.keys().unwrap();
        for (slot, seed) in *there {
            let (of, role) = slot.split_once('~').unwrap_or((slot, ""));
            let slot = match role {
                "next" => getimg_keys::backend::Slot::next(&name(of)),
                "previous" => getimg_keys::backend::Slot::previous(&name(of)),
                _ => getimg_keys::backend::Slot::current(&name(of)),
            };
            let slot = slot.holding(["dev", "open", "older"].map(|seed| key(seed).fingerprint()));
            match *seed {
                "" => store.forget(&slot).unwrap(),
                seed => store.put(&slot, &key(seed)).unwrap(),
            }
        }
        let written: Written = toml::from_str(&in_toml(form)).unwrap_or_else(|why| panic!("{form}: {why}"));
        let mut edit = memory.edit().unwrap();
        edit.profiles.begin(written.unfinished);
        let told = journal::settle(&mut edit, store, now()).unwrap();
        assert!(told.is_some(), "{form}");
        drop(edit);
        agree(&memory, form);
        let mut wanted: Keys = cases::before();
        let keys = |seeds: &[&str]| seeds.iter().map(|seed| key(seed).fingerprint()).collect::<Vec<_>>();
        wanted.insert("dev".to_owned(), keys(dev));
        wanted.insert("open".to_owned(), keys(open));
        wanted.retain(|_, keys| !keys.is_empty());
        assert_eq!(known(&memory), wanted, "{form}");
    }
}
