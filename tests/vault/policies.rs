//! The policies of docs/teams.md are enough for everything, and no line of them is too much.

use std::collections::BTreeMap;

use super::teams::block;
use crate::support::Team;
use crate::support::{Behaviour, Home, Key};

type Policy = BTreeMap<String, Vec<String>>;

/// A policy of the documentation, for the team's mount.
fn documented(team: &Team, file: &str) -> Policy {
    let mut policy = Policy::new();
    let mut path = String::new();
    for line in block(&format!("hcl {file}")).lines() {
        let quoted: Vec<_> = line.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        if line.starts_with("path") {
            path = quoted[0].replacen("secret/", &format!("{}/", team.mount), 1);
        } else if line.contains("capabilities") {
            policy.insert(path.clone(), quoted);
        }
    }
    policy
}

fn written(policy: &Policy) -> String {
    policy.iter().map(|(path, rights)| format!("path {path:?} {{ capabilities = {rights:?} }}\n")).collect()
}

/// Every command of a user, each with its key, and its exit code if all is well.
fn life(home: &Home) -> Vec<(String, i32)> {
    let [first, second, gone] = ["first", "second", "gone"].map(|name| home.key(name).clone());
    let commands: &[(&[&str], &str)] = &[
        (&["add", "dev", "--no-verify", "--store", "vault"], &first.0),
        (&["add", "old", "--no-verify"], &gone.0),
        (&["remove", "old"], ""),
        (&["add", "old", "--no-verify"], &gone.0),
        (&["env", "dev"], ""),
        (&["verify", "dev"], ""),
        (&["rotate", "dev", "--no-verify"], &second.0),
        (&["rotate", "dev", "--undo"], ""),
        (&["rotate", "dev", "--undo"], ""),
        (&["note", "dev", "words"], ""),
        (&["rename", "old", "older"], ""),
        (&["remove", "older"], ""),
    ];
    let run = |(arguments, stdin): &(&[&str], &str)| {
        let output = home.run(arguments, stdin);
        (format!("{}: {}", arguments.join(" "), output.stderr), output.code)
    };
    commands.iter().map(run).collect()
}

fn home(team: &Team, name: &str, policy: &Policy) -> Home {
    let token = team.bao.token(&format!("{}-{name}", team.mount), &written(policy));
    let home = team.home().with("VAULT_TOKEN", &token);
    ["first", "second", "gone"]
        .into_iter()
        .fold(home, |home, name| home.knows(name, Key::v2(), Behaviour::Valid))
}

#[test]
fn the_policy_for_people_is_enough_and_every_right_of_it_is_needed() {
    let Some(team) = Team::new() else { return };
    let whole = documented(&team, "getimg-keys.hcl");
    let all = home(&team, "all", &whole);
    for (command, code) in life(&all) {
        assert_eq!(code, 0, "{command}");
    }
    let status = all.run(&["store", "status"], "").stdout;
    assert!(!status.contains("lacks") && status.contains("min left"), "{status}");

    for (path, rights) in &whole {
        for right in rights {
            let team = Team::new().unwrap();
            let mut less = documented(&team, "getimg-keys.hcl");
            let here = path.replacen(&whole_mount(path), &team.mount, 1);
            less.get_mut(&here).unwrap().retain(|other| other != right);
            let home = home(&team, "less", &less);
            let refused: Vec<_> = life(&home).into_iter().filter(|(_, code)| *code == 7).collect();
            let names = |(said, _): &(String, i32)| said.split_whitespace().collect::<String>();
            let wanted = format!("norightto{right}");
            assert!(refused.iter().any(|one| names(one).contains(&wanted)), "{right} {here}: {refused:?}");
            let status = home.run(&["store", "status", "--store", "vault", "--json"], "").stdout;
            assert!(status.contains(&format!("\"capability\":\"{right}\"")), "{status}");
        }
    }
}

fn whole_mount(path: &str) -> String {
    path.split('/').next().unwrap().to_owned()
}

#[test]
fn the_policy_for_machines_reads_and_every_right_of_it_is_needed() {
    let Some(team) = Team::new() else { return };
    let whole = documented(&team, "getimg-keys-read.hcl");
    let ana = team.home();
    assert_eq!(ana.run(&["add", "dev", "--no-verify", "--store", "vault"], &Key::v2().0).code, 0);
    let ci = home(&team, "ci", &whole).with("GETIMG_KEYS_STORE", "vault");
    assert_eq!(ci.run(&["env", "dev"], "").code, 0);
    assert_eq!(ci.run(&["note", "dev", "x"], "").code, 7);
    for path in whole.keys() {
        let mut less = whole.clone();
        less.remove(path);
        let output = home(&team, "less", &less).with("GETIMG_KEYS_STORE", "vault").run(&["env", "dev"], "");
        assert_eq!(output.code, 7, "{path}: {}", output.stderr);
    }
}

#[test]
fn rights_that_the_vault_does_not_tell_are_not_called_complete() {
    let Some(team) = Team::new() else { return };
    let home = super::troubles::with_dev(&team);
    let mut policy = documented(&team, "getimg-keys.hcl");
    policy.insert("auth/token/lookup-self".to_owned(), vec!["read".to_owned()]);
    let body = serde_json::json!({ "policy": written(&policy) });
    team.bao.does("PUT", "/v1/sys/policies/acl/silent", &body);
    let body = serde_json::json!({ "policies": ["silent"], "no_default_policy": true });
    let made = team.bao.does("POST", "/v1/auth/token/create", &body);
    let home = home.with("VAULT_TOKEN", made["auth"]["client_token"].as_str().unwrap());
    let told = "the vault does not tell this token what it may do";
    let doctor = home.run(&["doctor", "--offline"], "").stdout;
    let status = home.run(&["store", "status"], "").stdout;
    for said in [doctor, status] {
        let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(told) && !line.contains("may do everything"), "{said}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&home.run(&["store", "status", "--json"], "").stdout).unwrap();
    assert!(json["vault"]["lacking"].is_null() && json["vault"]["token"].is_object(), "{json}");
}
