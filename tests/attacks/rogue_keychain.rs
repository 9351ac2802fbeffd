//! A hostile provider of the Secret Service, on a bus of its own.
//!
//! It gets the same calls as a real one. Its answers are checked, limited in time and memory, and never run as code.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, MessageIterator, connection::Builder};
use zbus::message::{Message, Type};
use zbus::zvariant::{ObjectPath, Value};

use crate::support::home::{Output, finish};
use crate::support::{Home, Key, Session};

const COLLECTION: &str = "/org/freedesktop/secrets/collection/x";
const ITEM: &str = "/org/freedesktop/secrets/collection/x/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";
const HOSTILE: &str = "\x1b]52;c;eA==\x07\u{202e}\r\n::stop-commands::x";
/// The most bytes of an array of D-Bus: 64 MiB.
const LARGEST: usize = (64 << 20) - 4096;

/// What it does.
#[derive(Clone, Debug, PartialEq)]
enum Mode {
    /// The same as a real provider, with the keys it was given.
    Honest,
    /// Returns this text as every secret.
    Gives(Vec<u8>),
    /// Returns the secret of another entry.
    OtherEntry,
    /// Returns no secret.
    None,
    /// Returns so many entries.
    Entries(usize),
    /// Returns a reply as large as a message may be.
    Huge,
    /// Never answers.
    Mute,
    /// Asks for a prompt for everything, and no prompt ends.
    EndlessPrompt,
    /// Returns every answer with another type.
    OtherTypes,
    /// Refuses with many words and control characters for the terminal.
    Words,
    /// Is locked at the first call and open at the next.
    Fickle,
}

struct Rogue {
    home: Home,
    mode: Arc<Mutex<Mode>>,
    key: Key,
}

impl Rogue {
    /// A home whose one key was stored while the provider behaved.
    fn new() -> Self {
        let home = Home::within(Session::without_limits());
        let mode = Arc::new(Mutex::new(Mode::Honest));
        let connection = Builder::address(home.session.address.as_str()).unwrap().build().unwrap();
        connection.request_name("org.freedesktop.secrets").unwrap();
        let set = Arc::clone(&mode);
        std::thread::spawn(move || serve(&connection, &set));
        let rogue = Self { home, mode, key: Key::v2() };
        let added = rogue.home.run(&["add", "dev", "--no-verify", "--store", "keychain"], &rogue.key.0);
        assert_eq!(added.code, 0, "{}", added.stderr);
        assert!(rogue.env().stdout.contains(&rogue.key.0));
        rogue
    }

    fn turns(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    fn env(&self) -> Output {
        self.run(&["env", "dev", "--shell", "sh"])
    }

    /// A run with limited memory.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut limited = self.home.program("prlimit");
        limited.arg("--as=1500000000").arg(env!("CARGO_BIN_EXE_getimg-keys"));
        finish(limited.args(arguments), &Key::v2().0)
    }
}

fn serve(connection: &Connection, mode: &Mutex<Mode>) {
    let mut secrets: HashMap<String, Vec<u8>> = HashMap::new();
    for message in MessageIterator::from(connection) {
        let Ok(message) = message else { return };
        if message.message_type() != Type::MethodCall {
            continue;
        }
        let mode = mode.lock().unwrap().clone();
        // The client may have gone.
        let _ = answer(connection, &message, &mode, &mut secrets);
    }
}

fn path(text: &str) -> ObjectPath<'_> {
    ObjectPath::try_from(text).unwrap()
}

/// The account that is asked for.
fn asks_for(message: &Message) -> zbus::Result<String> {
    let (attributes,): (HashMap<String, String>,) = message.body().deserialize()?;
    Ok(attributes.get("username").cloned().unwrap_or_default())
}

/// A secret in the format of the wire.
type Wire<'a> = (ObjectPath<'a>, Vec<u8>, Vec<u8>, String);

fn answer(
    connection: &Connection,
    message: &Message,
    mode: &Mode,
    secrets: &mut HashMap<String, Vec<u8>>,
) -> zbus::Result<()> {
    let header = message.header();
    let member = header.member().map(|member| member.to_string()).unwrap_or_default();
    let wire = |secret: &[u8]| -> Wire<'static> {
        let parameters = if *mode == Mode::Huge { vec![0; LARGEST] } else { Vec::new() };
        (path("/s").into_owned(), parameters, secret.to_vec(), "text/plain".into())
    };
    match (mode, &*member) {
        (Mode::Mute, _) => return Ok(()),
        (Mode::OtherTypes, _) => return connection.reply(&header, &(7_u32, "x")),
        (Mode::Words, _) => {
            return connection.reply_error(&header, "org.x.Failed", &HOSTILE.repeat(100_000));
        }
        _ => {}
    }
    match &*member {
        "ReadAlias" => connection.reply(&header, &path(COLLECTION)),
        "Get" => {
            let (_, name): (String, String) = message.body().deserialize()?;
            let of_all = HashMap::from([("username", HOSTILE)]);
            let value = match &*name {
                "Locked" => Value::from(*mode == Mode::Fickle),
                "Label" => Value::from(HOSTILE.repeat(1000)),
                "Modified" => Value::from(u64::MAX),
                _ => Value::from(of_all),
            };
            connection.reply(&header, &value)
        }
        "SearchItems" => {
            let found: Vec<_> = match mode {
                Mode::Entries(count) => {
                    let paths: Vec<_> = (0..*count).map(|n| format!("{ITEM}{n}")).collect();
                    let paths: Vec<_> = paths.iter().map(|text| path(text)).collect();
                    return connection.reply(&header, &(paths, Vec::<ObjectPath<'_>>::new()));
                }
                Mode::Fickle => {
                    return connection.reply(&header, &(Vec::<ObjectPath<'_>>::new(), vec![path(ITEM)]));
                }
                _ if secrets.is_empty() || asks_for(message)? != "dev" => Vec::new(),
                _ => vec![path(ITEM)],
            };
            connection.reply(&header, &(found, Vec::<ObjectPath<'_>>::new()))
        }
        "OpenSession" => connection.reply(&header, &(Value::from(""), path("/s"))),
        "GetSecrets" => {
            let body = message.body();
            let (asked, _): (Vec<ObjectPath<'_>>, ObjectPath<'_>) = body.deserialize()?;
            let held = secrets.values().next().cloned().unwrap_or_default();
            let given: HashMap<_, _> = match mode {
                Mode::None => HashMap::new(),
                Mode::OtherEntry => HashMap::from([(path("/other"), wire(&held))]),
                Mode::Gives(value) => asked.into_iter().map(|at| (at, wire(value))).collect(),
                Mode::Entries(_) => asked.into_iter().map(|at| (at, wire(b"x"))).collect(),
                _ => asked.into_iter().map(|at| (at, wire(&held))).collect(),
            };
            connection.reply(&header, &given)
        }
        "CreateItem" if *mode == Mode::EndlessPrompt => connection.reply(&header, &(path("/"), path(PROMPT))),
        "CreateItem" => {
            let body = message.body();
            let (_, secret, _): (HashMap<String, Value<'_>>, Wire<'_>, bool) = body.deserialize()?;
            secrets.insert(ITEM.into(), secret.2);
            connection.reply(&header, &(path(ITEM), path("/")))
        }
        "Delete" if *mode == Mode::EndlessPrompt => connection.reply(&header, &path(PROMPT)),
        "Delete" => connection.reply(&header, &path("/")),
        "Unlock" => connection.reply(&header, &(Vec::<ObjectPath<'_>>::new(), path(PROMPT))),
        _ => connection.reply(&header, &()),
    }
}

#[test]
fn nothing_that_a_rogue_keychain_gives_is_printed_but_a_key_that_was_added() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return crate::support::skipped("a rogue keychain: there is no prlimit here");
    }
    let rogue = Rogue::new();
    let ran = rogue.home.work().join("ran");
    let code = |text: &str| Mode::Gives(text.replace("RAN", ran.to_str().unwrap()).into_bytes());
    let other = Key::v2();
    for (mode, exits) in [
        (code("$(touch RAN)"), &[7][..]),
        (code("`touch RAN`"), &[7]),
        (code("x;touch RAN;aaaaaaaaaaaaaaaaaaaa"), &[7]),
        (code("aaaaaaaaaaaaaaaaaaaaaaaa\ntouch RAN"), &[7]),
        (Mode::Gives(HOSTILE.into()), &[7]),
        (Mode::Gives(b"\xff\xfe\x00sk_".to_vec()), &[7]),
        (Mode::Gives(Vec::new()), &[7]),
        (Mode::Gives(other.0.clone().into_bytes()), &[6]),
        (Mode::Gives(format!("{}x", rogue.key.0).into_bytes()), &[6]),
        (Mode::OtherEntry, &[7]),
        (Mode::None, &[7]),
        (Mode::Entries(200), &[7]),
        (Mode::OtherTypes, &[7]),
        (Mode::Words, &[7]),
        (Mode::Mute, &[7]),
        (Mode::Fickle, &[7]),
        // Those that take long to send come last.
        (Mode::Entries(1_000_000), &[1, 7]),
        (Mode::Gives(vec![b'a'; LARGEST]), &[1, 7]),
    ] {
        rogue.turns(mode.clone());
        let told = format!("{mode:?}").chars().take(60).collect::<String>();
        let run = rogue.env();
        assert!(exits.contains(&run.code) && run.stdout.is_empty(), "{told}: {} {}", run.code, run.stderr);
        assert!(!run.stderr.contains(['\x1b', '\x07', '\u{202e}', '\r']), "{told}: {:?}", run.stderr);
        assert!(run.stderr.len() < 4096 && !other.is_in(run.stderr.as_bytes()), "{told}: {}", run.stderr);
        assert!(!run.stderr.contains("\n::"), "{told}: {}", run.stderr);
        let shell = rogue.home.shell("sh", "eval $(getimg-keys env dev 2>/dev/null); echo $GETIMG_API_KEY");
        assert_eq!(shell.stdout, "\n", "{told}");
        assert!(!ran.exists(), "{told}");
        if matches!(mode, Mode::Gives(_) | Mode::Words | Mode::OtherTypes | Mode::Entries(200)) {
            let doctor = rogue.run(&["doctor", "--offline"]);
            assert!(!doctor.stdout.contains(['\x1b', '\x07', '\u{202e}', '\r']), "{told}: {}", doctor.stdout);
        }
    }
    rogue.turns(Mode::Honest);
    assert!((0..20).any(|_| rogue.env().stdout.contains(&rogue.key.0)));
}

#[test]
fn a_reply_as_large_as_the_bus_lets_pass_is_read_in_bounded_memory() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return crate::support::skipped("a rogue keychain: there is no prlimit here");
    }
    let rogue = Rogue::new();
    rogue.turns(Mode::Huge);
    let run = rogue.env();
    let read = run.code == 0 && run.stdout.contains(&rogue.key.0);
    // On a busy machine it may not be read in time.
    assert!(read || run.code == 7 && run.stderr.contains("did not answer"), "{}", run.stderr);
}

#[test]
fn no_prompt_of_a_rogue_keychain_is_waited_for_where_nobody_can_answer() {
    let rogue = Rogue::new();
    let profiles = fs::read(rogue.home.path().join("profiles.toml")).unwrap();
    for (mode, exits) in
        [(Mode::EndlessPrompt, [7]), (Mode::Mute, [7]), (Mode::Words, [1]), (Mode::OtherTypes, [1])]
    {
        rogue.turns(mode.clone());
        for arguments in [&["add", "ci", "--no-verify"][..], &["remove", "dev", "--yes"]] {
            let run = finish(&mut rogue.home.command(arguments), &Key::v2().0);
            assert!(
                exits.contains(&run.code) && run.stdout.is_empty(),
                "{mode:?} {arguments:?}: {} {}",
                run.code,
                run.stderr
            );
        }
    }
    assert!(String::from_utf8(profiles).unwrap().contains("\"dev\""));
    rogue.turns(Mode::Honest);
    assert!((0..20).any(|_| rogue.env().stdout.contains(&rogue.key.0)), "it is still there");
}
