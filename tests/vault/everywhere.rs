//! One key in a vault, a cluster and a repository's secrets: two people, a build server, and a rotation that reaches
//! all of them.

use crate::commands::push::platforms::Platforms;
use crate::support::home::Output;
use crate::support::{Behaviour, Home, Key, Session, Team};

const READS: &str = "path \"MOUNT/data/getimg-keys/*\" { capabilities = [\"read\"] }";
const TARGETS: [(&str, &str); 2] =
    [("github:acme/site", "github:acme/site"), ("kubernetes:apps/getimg", "kubernetes:apps/getimg")];

/// A machine without files that has only an address and a token with read rights.
fn build_server(team: &Team) -> Home {
    let token = team.bao.token(&team.mount, &READS.replace("MOUNT", &team.mount));
    let home = Home::within(Session::without_bus()).with("VAULT_ADDR", &team.bao.address());
    let home = home.with("VAULT_TOKEN", &token).with("GETIMG_KEYS_STORE", "vault");
    std::fs::create_dir_all(home.path()).unwrap();
    let config = format!("[vault]\nmount = \"{}\"\n", team.mount);
    std::fs::write(home.path().join("config.toml"), config).unwrap();
    home
}

fn done(output: Output) -> Output {
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    output
}

#[test]
fn a_rotation_reaches_two_people_a_build_server_a_cluster_and_a_repository_without_a_word() {
    let Some(team) = Team::new() else { return };
    let (old, new) = (Key::v2(), Key::v2());
    let knows = |home: Home| {
        home.knows("old", old.clone(), Behaviour::Valid).knows("new", new.clone(), Behaviour::Valid)
    };
    let Some(platforms) = Platforms::around(knows(team.home())) else { return };
    let (ana, ben, ci) = (&platforms.home, team.home(), build_server(&team));
    done(ana.run(&["add", "prod", "--store", "vault"], &old.0));
    done(ben.run(&["store", "join", "vault"], ""));
    let push = ["push", "prod", "--yes", "--to", TARGETS[0].0, TARGETS[1].0];
    done(ana.run(&push, ""));
    let everywhere = |key: &Key, when: &str| {
        for (who, home) in [("ana", ana), ("ben", &ben), ("ci", &ci)] {
            let used = home.run(&["--no-input", "exec", "prod", "--", "printenv", "GETIMG_API_KEY"], "");
            assert_eq!(
                (used.stdout.trim(), used.stderr.as_str(), used.code),
                (key.0.as_str(), "", 0),
                "{who} {when}"
            );
        }
    };
    let platforms_hold =
        |key: &Key| TARGETS.iter().all(|(_, place)| platforms.held(place, "GETIMG_API_KEY") == key.0);
    everywhere(&old, "before");
    assert!(platforms_hold(&old));

    done(ana.run(&["rotate", "prod"], &new.0));
    everywhere(&new, "once it is rotated");
    assert!(platforms_hold(&old), "a rotation alone changes no platform");
    let behind = ben.run(&["check", "--json"], "").stdout;
    assert!(behind.contains("still have an older key of `prod`"), "{behind}");
    let early = ana.run(&["rotate", "prod", "--finish", "--yes"], "");
    assert!(early.code == 6 && early.stderr.contains("github:acme/site"), "{}", early.stderr);

    done(ana.run(&["push", "--again", "prod", "--yes"], ""));
    assert!(platforms_hold(&new));
    ana.api.takes(&old, Behaviour::Revoked);
    done(ana.run(&["rotate", "prod", "--finish", "--yes"], ""));
    everywhere(&new, "once it is finished");
    let entries = team.entries();
    let readable: Vec<_> = entries.iter().filter_map(|(_, key)| key.as_deref()).collect();
    assert_eq!(readable, [new.0.as_str()], "the old key is destroyed");
    assert!(!ci.path().join("profiles.toml").exists(), "the build server has no files");
    for home in [ana, &ben, &ci] {
        assert_eq!(old.found_below(&home.path()), [""; 0]);
        assert_eq!(new.found_below(&home.path()), [""; 0]);
    }
}
