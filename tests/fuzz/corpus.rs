//! A short corpus for every fuzz target, made at run time, so that no key is in a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use getimg_keys::backend::local::profiles_file;
use getimg_keys::model::{ApiKey, KeyRecord, Profile, Profiles, retired};
use getimg_keys::scan::RULES;
use getimg_keys::system::{Places, Variables};
use zeroize::Zeroizing;

use super::bodies::ALL;

/// Changed copies of each seed.
const COPIES: u64 = 24;

fn key() -> String {
    format!("sk_{}", "aB3dE5".repeat(7))
}

/// A request with the token, after some limits, and with a model.
fn asked(limits: &str) -> Vec<u8> {
    let token = super::bodies::relay::token();
    let head = format!(
        "POST /v2/images HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 22\r\n\r\n"
    );
    format!("{limits}10\n9.5\n12\n11\n\0{head}{{\"model\":\"seedream-4\"}}").into_bytes()
}

fn written_profiles() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().canonicalize().unwrap().join("home");
    let variables = Variables::from_iter([("GETIMG_KEYS_HOME", home.to_str().unwrap())]);
    let places = Places::find(&variables).unwrap();
    let (mut edit, _) = profiles_file::edit(&places).unwrap();
    let now = "2024-01-02T03:04:05Z".parse().unwrap();
    let record = |key: String| KeyRecord::of(&ApiKey::parse(Zeroizing::new(key)).unwrap(), now);
    let mut profiles = Profiles::default();
    profiles.insert(Profile {
        name: "dev".parse().unwrap(),
        protected: true,
        note: Some("a note".to_owned()),
        added_at: now,
        rotated_at: None,
        key: record(key()),
        previous: None,
        pushed: Vec::new(),
    });
    let old = record("zYx-9._~+/".repeat(3));
    profiles.retire(old.retire(&"dev".parse().unwrap(), retired::Reason::Rotated, now));
    edit.profiles = profiles;
    edit.save().unwrap();
    fs::read(places.profiles()).unwrap()
}

/// What is inside a backup of one profile.
fn written_backup() -> Vec<u8> {
    let print = ApiKey::parse(Zeroizing::new(key())).unwrap().fingerprint().to_hex();
    let at = "2024-01-02T03:04:05Z";
    let profiles = format!(
        "[[profiles.profile]]\nname = 'dev'\nprotected = false\nadded_at = '{at}'\n\
         [profiles.profile.key]\nfingerprint = '{print}'\nlength = {}\nkind = 'v2'\nadded_at = '{at}'\n",
        key().len()
    );
    let head = format!("schema_version = 1\nmade_at = '{at}'\n[book]\nschema_version = 1\n");
    format!("{head}{profiles}[keys]\ndev = '{}'\n", key()).into_bytes()
}

/// An answer as the target reads one: two bytes of status, one of the question, the body.
fn answer(status: u16, how: u8, body: &str) -> Vec<u8> {
    let status = (status - 100).to_be_bytes();
    [&status[..], &[how], body.as_bytes()].concat()
}

/// The index of a small pack, its length before it, and the pack.
fn packed() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let repo = crate::support::repositories::Repo::new(folder.path());
    let text: String = (0..300).map(|n| format!("line {n}\n")).collect();
    repo.commit("a", &text);
    repo.commit("a", text.replace("line 7\n", "changed\n"));
    repo.git("repack -q -a -d -f");
    let files = fs::read_dir(folder.path().join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path());
    let of = |extension: &str, files: &[PathBuf]| {
        fs::read(files.iter().find(|path| path.extension().is_some_and(|e| e == extension)).unwrap()).unwrap()
    };
    let files: Vec<_> = files.collect();
    let (index, pack) = (of("idx", &files), of("pack", &files));
    let length = u16::try_from(index.len()).unwrap().to_be_bytes();
    [&length[..], &index, &pack].concat()
}

fn seeds() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let with_key = |texts: &[&str]| texts.iter().map(|t| t.replace('@', &key()).into_bytes()).collect();
    let rules = RULES.iter().flat_map(|rule| (rule.examples)().into_iter().chain((rule.counter_examples)()));
    let invalid = "{\"error\":{\"code\":\"invalid_api_key\",\"message\":\"no\"}}";
    BTreeMap::from([
        ("profile_file", vec![written_profiles(), b"schema_version = 99\n".to_vec()]),
        (
            "config",
            texts(&[
                "[api]\nurl = 'https://a.example'\ntimeout_seconds = 3\n[policy.profiles.prod]\nmax_age_days = 9\n",
                "[file]\nunlock_for = '1h'\npassphrase_command = ['a']\n[polcy]\n",
            ]),
        ),
        (
            "pin",
            texts(&[
                "# ours\nprofile = 'dev' # this one\nallow = ['dev', 'ci']\n[policy]\nmax_age_days = 7\n",
                "[[scan.ignore]]\nfingerprint = '0123456789ab'\nreason = 'of the docs'\n[api]\nurl = 'x'\n",
            ]),
        ),
        (
            "dotenv",
            with_key(&[
                "\u{feff}export GETIMG_API_KEY=\"@\" # c\r\nOTHER=1\n",
                "A='two\nGETIMG_API_KEY=@\nlines'\n\n# B=1\nC=$A",
            ]),
        ),
        ("pack", vec![packed()]),
        (
            "paste",
            with_key(&["\u{feff} \"Bearer @\" \r\n", "export GETIMG_API_KEY='@'\n", "@=", "@\u{200b}"]),
        ),
        (
            "answer",
            vec![
                answer(200, 0, "{\"balance\":{\"amount\":\"1.5\",\"currency\":\"USD\"}}"),
                answer(200, 1, "{\"data\":[{\"id\":\"m\"}]}"),
                answer(401, 0, invalid),
                answer(402, 2, &invalid.replace("invalid_api_key", "quota_exceeded")),
                answer(404, 0, "<html>"),
            ],
        ),
        ("scan", rules.map(String::into_bytes).collect()),
        (
            "request",
            texts(&[
                "GET /v2/models?a='b' HTTP/1.1\r\nHost: a:1\r\nAuthorization: Bearer x\r\n\r\n",
                "POST /v2/%2e%2E/x HTTP/1.1\r\nHost: a\r\nConnection: x-a\r\nTransfer-Encoding: chunked\r\n\r\n",
                "PUT /v2/a%5c.;b HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 12\r\nX:\tb \r\n\r\n",
            ]),
        ),
        (
            "chunks",
            texts(&[
                "\u{3}3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET",
                "\u{1}0\r\n\r\n",
                "\u{7}5\r\nab\r\nc\r\n0\r\n\r\n",
            ]),
        ),
        ("limits", ["\0\0", "\u{1}\0", "\u{32}\u{2}", "\u{c}\0"].map(asked).into()),
        (
            "pins",
            texts(&[
                "allow = ['dev']\n[policy]\nmax_age_days = 7\noverdue = 'block'\n\0profile = 'dev'\n\0",
                "profile = 'ci'\n[policy.profiles.ci]\nmax_age_days = 1\n\0allow = []\n\0profile = 'dev'\nallow = ['ci']\n",
            ]),
        ),
        (
            "hook_state",
            texts(&[
                "GETIMG_API_KEY {\"before\":{\"GETIMG_API_KEY\":null,\"LD_PRELOAD\":\"x\"},\"pinned\":\"aa\",\"left\":true}+",
                "A,B {\"holder\":\"0123456789abcdef\",\"active\":\"dev\",\"loaded\":null,\"complaint\":\"0\"}",
            ]),
        ),
        (
            "backup",
            vec![written_backup(), b"age-encryption.org/v1\n-> scrypt AAAA 17\nAAAA\n--- AAAA\n".to_vec()],
        ),
        ("shell", with_key(&["@", "~/+=", "it's \"$HOME\" `x` \\ ;&|\n\t{a,b} é", "=ls", ""])),
    ])
}

/// The same changed copies in every run: some bytes replaced, removed, doubled, or cut off.
fn changed(seed: &[u8], round: u64) -> Vec<u8> {
    let (mut bytes, mut state) = (seed.to_vec(), round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    for _ in 0..=round % 4 {
        let at = random(bytes.len());
        match random(5) {
            _ if bytes.is_empty() => bytes.push(b'='),
            0 => bytes[at] = b"\"'\\\n\0=#$%[ \xff"[random(12)],
            1 => bytes[at] ^= 1 << random(8),
            2 => drop(bytes.remove(at)),
            3 => bytes.extend_from_within(at..),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn what_is_fuzzed_holds_for_a_short_corpus() {
    let seeds = seeds();
    // `tests/fuzz/run` starts from these.
    let wanted = std::env::var_os("GETIMG_KEYS_FUZZ_CORPUS").map(PathBuf::from);
    for (name, holds) in ALL {
        for (n, seed) in seeds[name].iter().enumerate() {
            if let Some(folder) = &wanted {
                fs::create_dir_all(folder.join(name)).unwrap();
                fs::write(folder.join(name).join(format!("seed-{n}")), seed).unwrap();
            }
            holds(seed);
            (0..COPIES).for_each(|round| holds(&changed(seed, round)));
        }
    }
}
