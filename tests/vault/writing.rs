//! Changes at the same time, answers that were lost, commands that were killed.

use std::process::Stdio;

use serde_json::json;

use crate::support::Team;
use crate::support::bao::ROOT;
use crate::support::relay::{Fate, Relay};
use crate::support::{Home, Key};

fn add(home: &Home, name: &str, key: &Key) {
    let added = home.run(&["add", name, "--no-verify", "--store", "vault"], &key.0);
    assert_eq!(added.code, 0, "{}", added.stderr);
}

fn joined(team: &Team) -> Home {
    let home = team.home();
    assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
    home
}

#[test]
fn changes_of_different_profiles_at_once_are_all_made() {
    let Some(team) = Team::new() else { return };
    let first = team.home();
    add(&first, "p0", &Key::v2());
    let homes: Vec<_> = (0..4).map(|_| joined(&team)).collect();
    let running: Vec<_> = (1..=8)
        .map(|n| {
            let mut command = homes[n % 4].command(&["add", &format!("p{n}"), "--no-verify"]);
            let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), Key::v2().0.as_bytes()).unwrap();
            child
        })
        .collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(team.profiles()["profiles"].as_array().unwrap().len(), 9);
    assert_eq!(team.entries().len(), 9);
}

/// A relay that lets another home change something right before a certain request.
fn meddling(team: &Team, at: &'static str, meddle: impl Fn() + Send + Sync + 'static) -> Relay {
    let done = std::sync::atomic::AtomicBool::new(false);
    Relay::before(team.bao.port, move |asked, _| {
        if asked.starts_with(at) && !done.swap(true, std::sync::atomic::Ordering::Relaxed) {
            meddle();
        }
        Fate::Passes
    })
}

#[test]
fn on_a_conflict_the_change_is_made_anew_unless_it_is_of_the_same_profile() {
    let Some(team) = Team::new() else { return };
    add(&team.home(), "dev", &Key::v2());
    let write: &'static str = Box::leak(format!("POST {}", team.path("data", "profiles")).into_boxed_str());
    for (others, code) in [("dev", 6), ("prod", 0)] {
        let other = joined(&team);
        let key = Key::v2();
        let relay = meddling(&team, write, move || {
            let done = match others {
                "dev" => other.run(&["note", "dev", "theirs"], ""),
                name => other.run(&["add", name, "--no-verify"], &key.0),
            };
            assert_eq!(done.code, 0, "{}", done.stderr);
        });
        let home = team.home_at(&relay.address());
        assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
        let noted = home.run(&["note", "dev", "mine"], "");
        assert_eq!(noted.code, code, "{}", noted.stderr);
        let note = if code == 6 { "theirs" } else { "mine" };
        assert_eq!(team.profiles()["profiles"][0]["note"], note);
        if code == 6 {
            assert!(noted.stderr.contains("somebody else changed `dev` meanwhile"), "{}", noted.stderr);
        }
    }
    assert_eq!(team.profiles()["profiles"].as_array().unwrap().len(), 2);
}

#[test]
fn one_key_added_by_two_at_once_is_one_profiles() {
    let Some(team) = Team::new() else { return };
    add(&team.home(), "base", &Key::v2());
    let key = Key::v2();
    let (other, twin) = (joined(&team), key.clone());
    let write: &'static str = Box::leak(format!("POST {}", team.path("data", "profiles")).into_boxed_str());
    let relay = meddling(&team, write, move || {
        assert_eq!(other.run(&["add", "theirs", "--no-verify"], &twin.0).code, 0);
    });
    let home = team.home_at(&relay.address());
    assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
    let refused = home.run(&["add", "mine", "--no-verify"], &key.0);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    let after = home.run(&["note", "base", "x"], "");
    assert_eq!(after.code, 0, "{}", after.stderr);
    let printed = joined(&team).run(&["exec", "theirs", "--", "printenv", "GETIMG_API_KEY"], "");
    assert_eq!(printed.stdout.trim(), key.0, "the loser takes back nothing that a profile holds");
}

#[test]
fn a_lost_answer_is_settled_by_reading() {
    let Some(team) = Team::new() else { return };
    add(&team.home(), "base", &Key::v2());
    for lost in 0..3_usize {
        let posts = std::sync::atomic::AtomicUsize::new(0);
        let relay = Relay::before(team.bao.port, move |asked, _| {
            let is_post = asked.starts_with("POST");
            if is_post && posts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == lost {
                Fate::LosesTheAnswer
            } else {
                Fate::Passes
            }
        });
        let home = team.home_at(&relay.address());
        assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
        let (name, key) = (format!("p{lost}"), Key::v2());
        add(&home, &name, &key);
        let removed = home.run(&["note", &name, "a word"], "");
        assert_eq!(removed.code, 0, "{}", removed.stderr);
        let printed = home.run(&["exec", &name, "--", "printenv", "GETIMG_API_KEY"], "");
        assert_eq!(printed.stdout.trim(), key.0);
    }
    assert_eq!(team.profiles()["profiles"].as_array().unwrap().len(), 4);
}

#[test]
fn a_key_whose_run_was_killed_before_its_profile_was_there_is_taken_back_by_the_next() {
    let Some(team) = Team::new() else { return };
    add(&team.home(), "base", &Key::v2());
    let key = Key::v2();
    let write: &'static str = Box::leak(format!("POST {}", team.path("data", "profiles")).into_boxed_str());
    let relay = Relay::before(team.bao.port, move |asked, _| {
        if asked.starts_with(write) { Fate::Waits(std::time::Duration::from_secs(60)) } else { Fate::Passes }
    });
    let home = team.home_at(&relay.address());
    assert_eq!(home.run(&["store", "join", "vault"], "").code, 0);
    let mut child = home.command(&["add", "dev", "--no-verify"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), key.0.as_bytes()).unwrap();
    while !relay.seen().iter().any(|asked| asked.starts_with(write)) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(team.entries().iter().any(|(_, held)| held.as_deref() == Some(&key.0)));
    let direct = home.with("VAULT_ADDR", &team.bao.address());
    let next = direct.run(&["note", "base", "x"], "");
    assert_eq!(next.code, 0, "{}", next.stderr);
    assert!(
        next.stderr.contains("a new key for `dev` was interrupted; it was rolled back"),
        "{}",
        next.stderr
    );
    assert!(team.entries().iter().all(|(_, held)| held.as_deref() != Some(&key.0)));
    assert_eq!(team.profiles()["deleting"], json!(null), "and no mark is left");
    add(&direct, "dev", &key);
    let printed = direct.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "");
    assert_eq!(printed.stdout.trim(), key.0, "it may come again, as a version of its own");
}

#[test]
fn a_key_is_declared_compromised_without_the_server_and_told_at_the_next_contact() {
    let Some(team) = Team::new() else { return };
    let home = team.home();
    add(&home, "dev", &Key::v2());
    let mut away = home.command(&["compromised", "dev"]);
    let away = crate::support::home::finish(away.env("VAULT_ADDR", "http://127.0.0.1:9"), "");
    assert_eq!(away.code, 7, "{}", away.stderr);
    assert!(away.stderr.contains("the key of `dev` is blocked on this machine alone: "), "{}", away.stderr);
    let mut offline = home.command(&["env", "dev"]);
    let offline = crate::support::home::finish(offline.env("VAULT_ADDR", "http://127.0.0.1:9"), "");
    assert_eq!(offline.stdout, "");
    let policy = format!("path \"{}/*\" {{ capabilities = [\"read\"] }}\n", team.mount);
    let reader = team.bao.token(&format!("{}-reader", team.mount), &policy);
    let mut reading = home.command(&["env", "dev"]);
    let reading = crate::support::home::finish(reading.env("VAULT_TOKEN", &reader), "");
    assert_eq!(reading.code, 6, "{}", reading.stderr);
    let untold = "warning: the vault does not know yet which key was declared compromised here: ";
    assert!(reading.stderr.contains(untold), "{}", reading.stderr);
    assert!(team.profiles()["profiles"][0]["key"]["compromised_at"].is_null());
    assert_eq!(home.run(&["env", "dev"], "").code, 6);
    assert!(team.profiles()["profiles"][0]["key"]["compromised_at"].is_string());
    assert_eq!(joined(&team).run(&["env", "dev"], "").code, 6, "it holds for all");
}

#[test]
fn what_a_person_cannot_write_here_is_told_before_anything_is_sent() {
    let Some(team) = Team::new() else { return };
    let home = team.home();
    add(&home, "dev", &Key::v2());
    let before =
        team.bao.ask("GET", &team.path("data", "profiles"), ROOT, None).1["data"]["metadata"]["version"]
            .clone();
    let refused = home.run(&["add", "dev", "--no-verify"], &Key::v2().0);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let unknown = home.run(&["note", "nobody", "x"], "");
    assert_eq!(unknown.code, 3);
    let after =
        team.bao.ask("GET", &team.path("data", "profiles"), ROOT, None).1["data"]["metadata"]["version"]
            .clone();
    assert_eq!(before, after);
}
