//! What must be true for any bytes: one function for each fuzz target and for the short corpus of `cargo test`.

#![allow(dead_code, reason = "each fuzz target calls one of them")]

#[path = "relay.rs"]
pub mod relay;
#[path = "state.rs"]
mod state;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use getimg_keys::api::answer::{Answer, Next, Question};
use getimg_keys::api::{Allow, Endpoint};
use getimg_keys::backend::local::profiles_file;
use getimg_keys::broker::{head, target};
use getimg_keys::git::every_object::each_object;
use getimg_keys::git::{Blank, Progress, Repository};
use getimg_keys::model::{ApiKey, Verdict, paste};
use getimg_keys::scan::{KeyIndex, KnownKey, Matcher, State, Stream};
use getimg_keys::shell::format::{Format, github};
use getimg_keys::shell::{Change, Shell, VariableName};
use getimg_keys::system::files::{config, dotenv, pin};
use getimg_keys::system::{Places, Variables};
use zeroize::Zeroizing;

pub use relay::{chunks, limits};
pub use state::{backup, hook_state, pins};

/// Checks what must be true for some bytes; panics if it is not.
pub type Body = fn(&[u8]);

/// Every target, by its name.
pub const ALL: [(&str, Body); 15] = [
    ("profile_file", profile_file),
    ("config", config),
    ("pin", pin),
    ("dotenv", dotenv),
    ("pack", pack),
    ("paste", paste),
    ("answer", answer),
    ("scan", scan),
    ("shell", shell),
    ("request", request),
    ("chunks", chunks),
    ("limits", limits),
    ("pins", pins),
    ("hook_state", hook_state),
    ("backup", backup),
];

/// Profiles are refused with their name, or are the same when written again.
pub fn profile_file(bytes: &[u8]) {
    in_a_folder(|folder| {
        let variables = Variables::from_iter([("GETIMG_KEYS_HOME", folder.to_str().unwrap())]);
        let places = Places::find(&variables).unwrap();
        let path = places.profiles();
        fs::write(&path, bytes).unwrap();
        match profiles_file::read(&path) {
            Err(refused) => assert!(refused.message.contains(path.to_str().unwrap()), "{}", refused.message),
            Ok(profiles) => {
                let (mut edit, _) = profiles_file::edit(&places).unwrap();
                edit.save().unwrap();
                assert_eq!(profiles_file::read(&path).unwrap(), profiles);
            }
        }
    });
}

/// A configuration is read, or refused with file and line.
pub fn config(bytes: &[u8]) {
    in_a_folder(|folder| {
        let path = folder.join("config.toml");
        fs::write(&path, bytes).unwrap();
        if let Err(refused) = config::read(&path) {
            assert!(refused.message.contains(path.to_str().unwrap()), "{}", refused.message);
        }
    });
}

/// A pin is refused with its name; writing another profile into it changes nothing else.
pub fn pin(bytes: &[u8]) {
    in_a_folder(|folder| {
        let path = folder.join(pin::NAME);
        fs::write(&path, bytes).unwrap();
        match pin::read(&path) {
            Err(refused) => assert!(refused.message.contains(path.to_str().unwrap()), "{}", refused.message),
            Ok(before) => {
                let mut after = pin::write(folder, &"written".parse().unwrap()).unwrap();
                assert_eq!(after.profile.take().unwrap().as_str(), "written");
                (after.profile, after.sha256) = (before.profile.clone(), before.sha256.clone());
                assert_eq!(after, before);
            }
        }
    });
}

/// The assignments of a dotenv file are in lines that exist, in order, and are not shown.
pub fn dotenv(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (lines, mut last) = (text.split_inclusive('\n').count(), 0);
    for found in dotenv::assignments(text, |name| !name.starts_with("OTHER")) {
        assert!(found.lines.start >= last && found.lines.end <= lines, "{found:?} of {lines}");
        last = found.lines.start;
        if let dotenv::Value::Text(value) = &found.value {
            let shown = format!("{:?}", found.value);
            assert!(value.len() < 16 || !shown.contains(value.as_str()));
        }
    }
}

/// Any pack with its index is read in limited memory, and what cannot be read is named.
pub fn pack(bytes: &[u8]) {
    fn make() -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status();
        assert!(made.unwrap().success());
        let repository = Repository::around(folder.path()).unwrap().unwrap();
        (folder, repository)
    }
    // It is removed when the thread ends.
    thread_local!(static MADE: (tempfile::TempDir, Repository) = make());
    let length = u16::from_be_bytes(*bytes.first_chunk().unwrap_or(&[0; 2]));
    let body = bytes.get(2..).unwrap_or_default();
    let (index, pack) = body.split_at(body.len().min(usize::from(length)));
    MADE.with(|(folder, repository)| {
        let packs = folder.path().join(".git/objects/pack");
        fs::create_dir_all(&packs).unwrap();
        fs::write(packs.join("pack-1.idx"), index).unwrap();
        fs::write(packs.join("pack-1.pack"), pack).unwrap();
        each_object(repository, &Progress::default(), &|_| Blank(true));
    });
}

/// A pasted text has the key in it, or is refused without being repeated.
pub fn paste(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (inner, _) = paste::unwrap(text);
    assert!(text.contains(inner.as_str()));
    match ApiKey::parse(Zeroizing::new(inner.to_string())) {
        Err(refused) => {
            let said = format!("{refused} {refused:?}");
            assert!(inner.len() < 16 || !said.contains(inner.as_str()));
        }
        Ok(key) => {
            assert_eq!(key.expose(), inner.as_str());
            assert!(!format!("{key:?} {:?} {}", key.hint(), key.fingerprint()).contains(key.expose()));
            let (again, taken) = paste::unwrap(key.expose());
            assert_eq!((again.as_str(), taken.len()), (key.expose(), 0));
        }
    }
}

/// Only 401 rejects a key, only 2xx and 402 accept it, and a code is a plain word.
pub fn answer(bytes: &[u8]) {
    let [high, low, how, body @ ..] = bytes else { return };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 500;
    let question = if how & 1 == 0 { Question::Balance } else { Question::Models };
    let judged = Answer { question, status, body, truncated: how & 2 != 0 }.judge();
    match judged.next {
        Next::AskModels => assert_eq!((question, status), (Question::Balance, 404)),
        Next::Settled(Verdict::Rejected) => assert_eq!(status, 401),
        Next::Settled(Verdict::Valid(_)) => assert!(matches!(status, 200..=299 | 402)),
        Next::Settled(Verdict::Unknown(_)) => {}
    }
    let code = judged.code.unwrap_or_default();
    assert!(code.len() <= 64 && code.chars().all(|c| c.is_ascii_graphic()), "{code}");
}

/// Keys in the vendor's form, in another form and a short one, and a matcher that knows them.
fn matcher() -> (Vec<String>, Matcher) {
    let key = |prefix: &str, n: u8| -> String {
        let letters = (0..40_u32).map(|at| char::from(b'a' + ((at * at * 7 + at * u32::from(n)) % 26) as u8));
        prefix.chars().chain(letters).collect()
    };
    let keys = vec![key("sk_", 3), key("", 5), key("", 11)[..17].to_owned()];
    let mut known = KeyIndex::default();
    for key in &keys {
        let key = ApiKey::parse(Zeroizing::new(key.clone())).unwrap();
        let (profile, length, hint) = ("prod".parse().unwrap(), key.expose().len(), key.hint());
        known.insert(key.fingerprint(), KnownKey { profile, state: State::Current, length, hint });
    }
    let matcher = Matcher::new(known);
    (keys, matcher)
}

/// A key between any bytes is found and not shown, however the input is cut.
pub fn scan(bytes: &[u8]) {
    static MATCHER: LazyLock<(Vec<String>, Matcher)> = LazyLock::new(matcher);
    let (keys, matcher) = &*MATCHER;
    let mut shown = |hit: getimg_keys::scan::Hit| {
        assert!(hit.range.start < hit.range.end && keys.iter().all(|key| !hit.redacted.contains(key)));
    };
    matcher.scan(bytes, &mut shown);
    let mut stream = Stream::new(matcher);
    bytes.chunks(7).for_each(|chunk| stream.feed(chunk, &mut shown));
    stream.finish(&mut shown);

    let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0);
    for key in keys.iter().filter(|_| !is_wide) {
        let (before, after) = bytes.split_at(bytes.len() / 2);
        let text = [before, b"\n\"", key.as_bytes(), b"\"\n", after].concat();
        let (mut whole, at) = (false, before.len() as u64 + 2);
        matcher.scan(&text, &mut |hit| whole |= hit.state == State::Current && hit.range.start == at);
        let (mut parts, mut stream) = (false, Stream::new(matcher));
        let mut found = |hit: getimg_keys::scan::Hit| {
            parts |= hit.state == State::Current && hit.range.start == at;
        };
        text.chunks(11).for_each(|chunk| stream.feed(chunk, &mut found));
        stream.finish(&mut found);
        assert!(whole && parts, "a key was passed over");
    }
}

/// A format or a POSIX shell reads back exactly what was written for it.
pub fn shell(bytes: &[u8]) {
    let Ok(value) = std::str::from_utf8(bytes) else { return };
    let name: VariableName = "V".parse().unwrap();
    let changes = [Change::Set { name: &name, value }];
    for shell in ["bash", "zsh", "sh", "ksh", "fish", "pwsh", "nu", "elvish", "tcsh", "cmd"] {
        let _ = Shell::from_program(shell).unwrap().dialect().apply(&changes);
    }
    let _ = (Format::Systemd.write(&changes), Format::Docker.write(&changes), github(&changes));
    if let Ok(text) = Format::Json.write(&changes) {
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["V"], value);
    }
    if let Ok(text) = Format::Dotenv.write(&changes) {
        let read = dotenv::assignments(&text, |name| name == "V");
        let [found] = &read[..] else { panic!("{read:?}") };
        match &found.value {
            dotenv::Value::Text(read) => assert_eq!(read.as_str(), value),
            other => assert!(value.contains('$'), "{other:?}"),
        }
    }
    if let Ok(text) = Shell::Sh.dialect().apply(&changes) {
        let script = format!("{}\nprintf %s \"$V\"", *text);
        let read = std::process::Command::new("sh").args(["-c", &script]).env_clear().output().unwrap();
        assert_eq!(
            (String::from_utf8_lossy(&read.stderr), read.stdout),
            ("".into(), value.as_bytes().to_vec())
        );
    }
}

/// A head that passes has each field once, as another reader would split it; a target that passes stays below `/v2/`.
pub fn request(bytes: &[u8]) {
    let Ok(Some(length)) = head::length(bytes) else { return };
    let Ok(read) = head::Head::parse(&bytes[..length]) else { return };
    let text = String::from_utf8_lossy(&bytes[..length]);
    assert_eq!(text.split('\n').count(), text.split("\r\n").count());
    let mut again = format!("{} {} HTTP/1.1\r\n", read.method, read.target).into_bytes();
    for field in &read.fields {
        again.extend([field.name.as_bytes(), b": ", field.value, b"\r\n"].concat());
    }
    again.extend(b"\r\n");
    assert_eq!(head::Head::parse(&again).as_ref(), Ok(&read));
    let times = |name: &str| read.values(name).count();
    assert!(times("host") == 1 && times("content-length") + times("transfer-encoding") <= 1);
    assert!(read.passed_on().all(|field| !field.name.eq_ignore_ascii_case("authorization")));
    if target::check(read.target).is_ok() {
        let path = read.target.split('?').next().unwrap();
        if let Ok(url) = Endpoint::parse(&format!("http://127.0.0.1{path}"), Allow::Loopback) {
            assert!(url.to_string().starts_with("http://127.0.0.1/v2/"), "{url}");
        }
    }
}

fn in_a_folder(act: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
    act(&folder.path().canonicalize().unwrap());
}
