//! Several homes and a CI job use the same profiles.

use std::fs;

use serde_json::Value;

use crate::support::Team;
use crate::support::bao::ROOT;
use crate::support::relay::{Fate, Relay};
use crate::support::{Behaviour, Home, Key};

fn printed(home: &Home, name: &str) -> String {
    let output = home.run(&["exec", name, "--", "printenv", "GETIMG_API_KEY"], "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    output.stdout.trim().to_owned()
}

fn json(home: &Home, arguments: &[&str]) -> Value {
    let output = home.run(&[arguments, &["--json"]].concat(), "");
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn two_homes_and_a_ci_job_share_prod_and_use_the_new_key_without_a_word_once_one_of_them_rotated() {
    let Some(team) = Team::new() else { return };
    let (old, new) = (Key::v2(), Key::v2());
    let ana =
        team.home().knows("old", old.clone(), Behaviour::Valid).knows("new", new.clone(), Behaviour::Valid);
    let added = ana.run(&["add", "prod", "--store", "vault"], &old.0);
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert!(added.stderr.contains("added prod to the vault, verified"), "{}", added.stderr);
    let ben = team.home();
    let joined = ben.run(&["store", "join", "vault"], "");
    assert_eq!(joined.code, 0, "{}", joined.stderr);
    let ci = team.home().with("GETIMG_KEYS_STORE", "vault").with("GETIMG_KEYS_PROFILE", "prod");
    for home in [&ana, &ben, &ci] {
        assert_eq!(printed(home, "prod"), old.0);
    }
    assert!(!ci.path().join("profiles.toml").exists(), "reading records no store");

    let rotated = ana.run(&["rotate", "prod"], &new.0);
    assert_eq!(rotated.code, 0, "{}", rotated.stderr);
    ana.api.takes(&old, Behaviour::Revoked);
    let finished = ana.run(&["rotate", "prod", "--finish", "--yes"], "");
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    for home in [&ben, &ci] {
        let output = home.run(&["exec", "prod", "--", "printenv", "GETIMG_API_KEY"], "");
        assert_eq!((output.stdout.trim(), output.stderr.as_str(), output.code), (new.0.as_str(), "", 0));
    }
    let entries = team.entries();
    let held: Vec<_> = entries.iter().filter_map(|(_, key)| key.clone()).collect();
    assert_eq!(held.as_slice(), std::slice::from_ref(&new.0), "the old key is destroyed in all its versions");
    assert!(entries.iter().any(|(name, key)| *name == old.fingerprint().to_hex() && key.is_none()));
    let metadata = team.path("metadata", &format!("keys/{}", old.fingerprint().to_hex()));
    let (_, said) = team.bao.ask("GET", &metadata, ROOT, None);
    let versions = said["data"]["versions"].as_object().unwrap().clone();
    assert!(versions.values().all(|version| version["destroyed"] == true), "{said}");

    let again = ben.run(&["add", "again", "--no-verify"], &old.0);
    assert_eq!(again.code, 6, "what was rotated out is known to all: {}", again.stderr);
}

#[test]
fn env_and_exec_take_two_requests_and_list_and_current_and_status_take_none() {
    let Some(team) = Team::new() else { return };
    let relay = Relay::before(team.bao.port, |_, _| Fate::Passes);
    let home = team.home_at(&relay.address());
    assert_eq!(home.run(&["add", "dev", "--no-verify", "--store", "vault"], &Key::v2().0).code, 0);
    for arguments in [&["env", "dev"][..], &["exec", "dev", "--", "true"]] {
        relay.forget();
        assert_eq!(home.run(arguments, "").code, 0);
        assert_eq!(relay.seen().len(), 2, "{:?}", relay.seen());
    }
    relay.forget();
    for arguments in [&["list"][..], &["current"], &["status"], &["use", "dev"], &["check"], &["log"]] {
        home.run(arguments, "");
    }
    assert_eq!(relay.seen(), [""; 0]);
    assert!(home.run(&["list"], "").stdout.contains("this machine's copy of the vault, read just now"));
    assert!(json(&home, &["list"])["copied_at"].is_string());
    assert!(json(&home, &["current"])["copied_at"].is_string());
    assert!(json(&home, &["status"])["copied_at"].is_string());
}

#[test]
fn verify_all_reads_fifty_keys_at_once() {
    let Some(team) = Team::new() else { return };
    let relay = Relay::before(team.bao.port, |_, _| Fate::Passes);
    let mut home = team.home_at(&relay.address());
    let file: String = (0..50)
        .map(|n| {
            let key = Key::v2();
            home.api.takes(&key, Behaviour::Valid);
            format!("GETIMG_API_KEY_P{n}={}\n", key.0)
        })
        .collect();
    fs::write(home.work().join(".env"), file).unwrap();
    home = home.with("GETIMG_KEYS_STORE", "vault");
    let imported = home.run(&["import", "--no-verify", "--yes"], "");
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    relay.forget();
    let verified = json(&home, &["verify", "--all"]);
    let results = verified["results"].as_array().unwrap();
    assert!(results.len() == 50 && results.iter().all(|result| result["verdict"] == "valid"), "{verified}");
    let keys = relay.seen().iter().filter(|line| line.contains("/keys/")).count();
    assert_eq!(keys, 50);
}

#[test]
fn what_is_the_persons_own_stays_so() {
    let Some(team) = Team::new() else { return };
    let (ana, ben) = (team.home(), team.home());
    for name in ["dev", "test"] {
        assert_eq!(ana.run(&["add", name, "--no-verify", "--store", "vault"], &Key::v2().0).code, 0);
    }
    let joined = ben.run(&["store", "join", "vault"], "");
    assert!(joined.stderr.contains("no profile is active yet"), "{}", joined.stderr);
    assert_eq!(ben.run(&["use", "test"], "").code, 0);
    assert_eq!(ben.run(&["current"], "").stdout.trim(), "test");
    assert_eq!(ana.run(&["current"], "").stdout.trim(), "dev");
    assert_eq!(ana.run(&["note", "test", "of Ana's"], "").code, 0);
    assert_eq!(ben.run(&["env", "test"], "").code, 0);
    assert_eq!(json(&ben, &["list"])["profiles"][1]["note"], "of Ana's");
    assert_eq!(ben.run(&["current"], "").stdout.trim(), "test");
    assert_eq!(ana.run(&["remove", "test"], "").code, 0);
    assert_eq!(ben.run(&["env", "test"], "").code, 3);
    assert_eq!(ben.run(&["current"], "").code, 3, "what is gone is active for nobody");
}

#[test]
fn keys_move_to_the_vault_and_back_and_meet_what_is_there() {
    let Some(team) = Team::new() else { return };
    let passphrase = tempfile::NamedTempFile::new().unwrap();
    fs::write(passphrase.path(), "correct horse battery\n").unwrap();
    let local = || team.home().with("GETIMG_KEYS_PASSPHRASE_FILE", passphrase.path().to_str().unwrap());
    let (ana, ben) = (local(), local());
    let (dev, prod) = (Key::v2(), Key::v1());
    assert_eq!(ana.run(&["add", "dev", "--no-verify", "--store", "file"], &dev.0).code, 0);
    assert_eq!(ben.run(&["add", "prod", "--no-verify", "--store", "file"], &prod.0).code, 0);
    assert_eq!(ana.run(&["rotate", "dev", "--no-verify"], &Key::v2().0).code, 0);
    assert_eq!(ben.run(&["store", "join", "vault"], "").code, 2, "it has profiles of its own");
    for home in [&ana, &ben] {
        let moved = home.run(&["store", "migrate", "--to", "vault", "--delete-source"], "");
        assert_eq!(moved.code, 0, "{}", moved.stderr);
        assert!(fs::read_dir(home.path().join("keys")).unwrap().flatten().all(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            !name.starts_with("dev") && !name.starts_with("prod")
        }));
    }
    assert_eq!(printed(&ana, "prod"), prod.0, "what another brought there");
    assert_eq!(ana.run(&["rotate", "dev", "--undo"], "").code, 0);
    assert_eq!(printed(&ben, "dev"), dev.0);

    let carl = local();
    assert_eq!(carl.run(&["add", "dev", "--no-verify", "--store", "file"], &Key::v2().0).code, 0);
    let refused = carl.run(&["store", "migrate", "--to", "vault"], "");
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(refused.stderr.contains("a profile `dev` already, with another key"), "{}", refused.stderr);
    assert_eq!(carl.run(&["env", "dev"], "").code, 0, "and nothing was changed");

    assert_eq!(ana.run(&["store", "migrate", "--to", "file", "--delete-source"], "").code, 2);
    let back = ana.run(&["store", "migrate", "--to", "file"], "");
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert_eq!((printed(&ana, "dev"), printed(&ana, "prod")), (dev.0.clone(), prod.0));
    assert_eq!(json(&ana, &["list"])["store"], "file");
    assert_eq!(printed(&ben, "dev"), dev.0, "the others keep theirs");
}

#[test]
fn no_file_of_a_home_ever_holds_a_key_or_the_token() {
    let Some(team) = Team::new() else { return };
    let token =
        team.bao.token("canary", "path \"*\" { capabilities = [\"sudo\",\"create\",\"read\",\"update\"] }");
    let (key, new) = (Key::v2(), Key::v2());
    let home = team.home().with("VAULT_TOKEN", &token);
    assert_eq!(home.run(&["add", "dev", "--no-verify", "--store", "vault"], &key.0).code, 0);
    assert_eq!(home.run(&["rotate", "dev", "--no-verify", "-v"], &new.0).code, 0);
    for file in walkdir::WalkDir::new(home.path()).into_iter().flatten().filter(|f| f.file_type().is_file()) {
        let bytes = fs::read(file.path()).unwrap();
        assert!(!key.is_in(&bytes) && !new.is_in(&bytes), "{}", file.path().display());
        assert!(!String::from_utf8_lossy(&bytes).contains(&token), "{}", file.path().display());
    }
}

#[test]
fn a_namespace_has_profiles_of_its_own() {
    let Some(team) = Team::new() else { return };
    let inside = format!("{}-ns", team.mount);
    team.bao.does("POST", &format!("/v1/sys/namespaces/{inside}"), &serde_json::json!({}));
    let mount = serde_json::json!({"type": "kv", "options": {"version": "2"}});
    team.bao.does("POST", &format!("/v1/{inside}/sys/mounts/{}", team.mount), &mount);
    team.bao.wait_for(&format!("/v1/{inside}/{}/config", team.mount));
    let (outer, inner) = (Key::v2(), Key::v2());
    let home = team.home();
    assert_eq!(home.run(&["add", "dev", "--no-verify", "--store", "vault"], &outer.0).code, 0);
    let home_inside = team.home().with("VAULT_NAMESPACE", &format!("{inside}/"));
    assert_eq!(home_inside.run(&["add", "dev", "--no-verify", "--store", "vault"], &inner.0).code, 0);
    assert_eq!((printed(&home, "dev"), printed(&home_inside, "dev")), (outer.0, inner.0));
    let status = home_inside.run(&["store", "status"], "").stdout;
    assert!(status.contains(&format!("in namespace {inside}")), "{status}");
    let moved = home.with("VAULT_NAMESPACE", &inside).run(&["env", "dev"], "");
    assert_eq!(moved.code, 7);
    assert!(moved.stderr.contains("holds other profiles"), "{}", moved.stderr);
}
