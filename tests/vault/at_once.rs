//! Three homes at once, with random commands, kills, a seal and a restart: no key is lost, all have the same profiles,
//! and every command that failed said so.
//!
//! `VAULT_SEED` repeats the same decisions; `VAULT_COMMANDS` is the number of commands per home, `VAULT_TIMES` that of
//! vaults.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::bao::{Bao, ROOT};
use crate::support::team::in_entry;
use crate::support::{Home, Key, Session};

const NAMES: [&str; 5] = ["p0", "p1", "p2", "p3", "p4"];

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn one_of<'a>(&mut self, names: &[&'a str]) -> &'a str {
        names[usize::try_from(self.below(names.len() as u64)).unwrap()]
    }
}

/// What a home did: its commands with their results, `None` if killed, and the keys that it added.
#[derive(Default)]
struct Done {
    ended: Vec<(String, Option<i32>, String)>,
    keys: BTreeMap<String, Key>,
    /// The fingerprints of keys whose command reported success.
    taken: BTreeSet<String>,
}

/// One command, with its key if it needs one.
fn command(dice: &mut Dice) -> (Vec<String>, Option<Key>) {
    let (name, other) = (dice.one_of(&NAMES), dice.one_of(&NAMES));
    let words = |text: String| text.split(' ').map(str::to_owned).collect();
    match dice.below(11) {
        0..3 => (words(format!("add {name} --no-verify")), Some(Key::v2())),
        3..5 => (words(format!("rotate {name} --no-verify")), Some(Key::v2())),
        5 => (words(format!("rotate {name} --undo")), None),
        6 => (words(format!("rename {name} {other}")), None),
        7 => (words(format!("remove {name}")), None),
        8 => (words(format!("note {name} {}", dice.below(9))), None),
        9 => (words(format!("env {name}")), None),
        _ => (words(format!("verify {name}")), None),
    }
}

fn life(home: &Home, mut dice: Dice, count: usize) -> Done {
    let mut done = Done::default();
    for _ in 0..count {
        let (words, key) = command(&mut dice);
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut run = home.command(&arguments);
        run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = run.spawn().unwrap();
        if let Some(key) = &key {
            let _ = child.stdin.take().unwrap().write_all(key.0.as_bytes());
            done.keys.insert(key.fingerprint().to_hex(), key.clone());
        }
        drop(child.stdin.take());
        if dice.below(3) == 0 {
            std::thread::sleep(Duration::from_millis(dice.below(20)));
            let _ = child.kill();
        }
        let output = child.wait_with_output().unwrap();
        let code = output.status.code();
        if let (Some(key), Some(0)) = (&key, code) {
            done.taken.insert(key.fingerprint().to_hex());
        }
        done.ended.push((words.join(" "), code, String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    done
}

fn profiles(bao: &Bao) -> Value {
    in_entry(&bao.ask("GET", "/v1/secret/data/getimg-keys/profiles", ROOT, None).1["data"]["data"])
}

fn fingerprints(list: &Value, path: &[&str]) -> BTreeSet<String> {
    let of = |one: &Value| path.iter().fold(one.clone(), |value, part| value[*part].clone());
    list.as_array().into_iter().flatten().filter_map(|one| of(one).as_str().map(str::to_owned)).collect()
}

/// Every key in the vault that can still be read, by its fingerprint.
fn live(bao: &Bao) -> BTreeMap<String, String> {
    let (_, listed) = bao.ask("GET", "/v1/secret/metadata/getimg-keys/keys?list=true", ROOT, None);
    let names = fingerprints(&listed["data"]["keys"], &[]);
    let held = |name: String| {
        let (_, said) = bao.ask("GET", &format!("/v1/secret/data/getimg-keys/keys/{name}"), ROOT, None);
        Some((name, said["data"]["data"]["key"].as_str()?.to_owned()))
    };
    names.into_iter().filter_map(held).collect()
}

#[test]
fn three_homes_with_kills_a_seal_and_a_restart_lose_no_key_and_agree() {
    let number =
        |name: &str, usual: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let seed = number("VAULT_SEED", u64::from(std::process::id()) + 1);
    let count = usize::try_from(number("VAULT_COMMANDS", 20)).unwrap();
    let (mut commands, mut killed) = (0, 0);
    for seed in seed..seed + number("VAULT_TIMES", 1) {
        println!("VAULT_SEED={seed}");
        let Some(bao) = Bao::lasting() else { return };
        let all = three_homes(bao, seed, count);
        commands += all.ended.len();
        killed += all.ended.iter().filter(|(_, code, _)| code.is_none()).count();
    }
    println!("counted: {commands} commands, {killed} of them killed");
}

/// Three homes of one vault, which ends with them; what they did.
fn three_homes(mut bao: Bao, seed: u64, count: usize) -> Done {
    let home =
        || Home::within(Session::without_bus()).with("VAULT_ADDR", &bao.address()).with("VAULT_TOKEN", ROOT);
    let homes: Vec<_> = (0..3).map(|_| home()).collect();
    let first = Key::v2();
    assert_eq!(homes[0].run(&["add", "base", "--no-verify", "--store", "vault"], &first.0).code, 0);
    let id = profiles(&bao)["id"].clone();
    for home in &homes[1..] {
        assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
    }
    let mut all = Done::default();
    all.taken.insert(first.fingerprint().to_hex());
    all.keys.insert(first.fingerprint().to_hex(), first);
    for round in 0..3 {
        let lives: Vec<Done> = std::thread::scope(|scope| {
            let running: Vec<_> = homes
                .iter()
                .enumerate()
                .map(|(n, home)| {
                    let dice = Dice(
                        seed.wrapping_mul(31).wrapping_add(round * 7 + n as u64).wrapping_mul(0x9e37_79b9)
                            | 1,
                    );
                    scope.spawn(move || life(home, dice, count / 3 + 1))
                })
                .collect();
            if round == 1 {
                std::thread::sleep(Duration::from_millis(300));
                bao.does("PUT", "/v1/sys/seal", &json!({}));
                std::thread::sleep(Duration::from_millis(200));
                bao.unseal();
            }
            running.into_iter().map(|life| life.join().unwrap()).collect()
        });
        for done in lives {
            all.ended.extend(done.ended);
            all.keys.extend(done.keys);
            all.taken.extend(done.taken);
        }
        if round == 1 {
            bao.restart();
            bao.unseal();
        }
        bao.wait_until_active();
    }
    let told = |(command, code, said): &(String, Option<i32>, String)| match code {
        None | Some(0) => true,
        Some(2..=7) => said.contains("error: ") || command.starts_with("verify"),
        Some(_) => false,
    };
    let untold: Vec<_> = all.ended.iter().filter(|one| !told(one)).collect();
    assert!(untold.is_empty(), "{untold:#?}");

    // Each home's next change settles what a kill left behind.
    for home in &homes {
        let settled = home.run(&["note", "base", "settled"], "");
        assert!([0, 3].contains(&settled.code), "{}", settled.stderr);
        let again = home.run(&["add", "last", "--no-verify"], &Key::v2().0);
        assert!([0, 2].contains(&again.code), "{}", again.stderr);
    }
    let profiles = profiles(&bao);
    assert_eq!(profiles["id"], id, "there is one set of profiles");
    assert_eq!(profiles["deleting"], Value::Null, "{profiles}");
    let mut held = fingerprints(&profiles["profiles"], &["key", "fingerprint"]);
    held.extend(fingerprints(&profiles["profiles"], &["previous", "key", "fingerprint"]));
    let live = live(&bao);
    let orphans: Vec<_> = live.keys().filter(|name| !held.contains(*name)).collect();
    assert!(orphans.is_empty(), "keys that no profile holds: {orphans:?}");
    let lost: Vec<_> = held.iter().filter(|name| !live.contains_key(*name)).collect();
    assert!(lost.is_empty(), "profiles whose key is gone: {lost:?}");
    for (name, key) in &live {
        assert!(all.keys.get(name).is_none_or(|given| given.0 == *key), "{name} holds another key");
    }
    let retired = fingerprints(&profiles["retired"], &["fingerprint"]);
    let forgotten: Vec<_> =
        all.taken.iter().filter(|name| !held.contains(*name) && !retired.contains(*name)).collect();
    assert!(forgotten.is_empty(), "taken and then not known any more: {forgotten:?}");
    let lists: BTreeSet<String> = homes.iter().map(names_in).collect();
    assert_eq!(lists.len(), 1, "{lists:?}");
    for home in &homes {
        let text = fs::read_to_string(home.path().join("profiles.toml")).unwrap();
        assert!(all.keys.values().all(|key| !key.is_in(text.as_bytes())));
    }
    all
}

/// The names that a home lists after it has asked the vault.
fn names_in(home: &Home) -> String {
    home.run(&["env", "last"], "");
    let list: Value = serde_json::from_str(&home.run(&["list", "--json"], "").stdout).unwrap();
    fingerprints(&list["profiles"], &["name"]).into_iter().collect::<Vec<_>>().join(" ")
}
