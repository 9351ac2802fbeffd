//! Each fault has a message of its own and exit code 7, and nothing is written.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Team;
use crate::support::bao::{Bao, ROOT, free_port};
use crate::support::relay::{Fate, Relay};
use crate::support::{Home, Key};

pub(super) fn refused(home: &Home, arguments: &[&str], code: i32, words: &str) {
    let output = home.run(arguments, "");
    assert_eq!(output.code, code, "{arguments:?}: {}", output.stderr);
    assert_eq!(output.stdout, "", "{arguments:?}");
    let said = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words), "{arguments:?}: {said}");
    assert!(output.stderr.contains("\nhint: "), "{}", output.stderr);
}

pub(super) fn with_dev(team: &Team) -> Home {
    let home = team.home();
    let added = home.run(&["add", "dev", "--no-verify", "--store", "vault"], &Key::v2().0);
    assert_eq!(added.code, 0, "{}", added.stderr);
    home
}

#[test]
fn a_token_that_is_wrong_missing_or_not_permitted_is_told_apart() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team);
    let env = ["env", "dev"];
    let home = home.with("VAULT_TOKEN", "s.nobodys");
    refused(&home, &env, 7, "does not accept the token of $VAULT_TOKEN: it expired, was revoked or is wrong");
    let none = team.bao.token("none", "path \"sys/nothing\" { capabilities = [\"read\"] }");
    let home = home.with("VAULT_TOKEN", &none);
    refused(&home, &env, 7, "the token has no right to read");
    let home = home.with("VAULT_TOKEN", "");
    refused(&home, &env, 7, "there is no token for the vault: ");
    let file = home.work().join("token");
    fs::write(&file, "\n").unwrap();
    let config = format!("[vault]\nmount = \"{}\"\ntoken_file = \"{}\"\n", team.mount, file.display());
    fs::write(home.path().join("config.toml"), config).unwrap();
    refused(&home, &env, 7, "it holds no token");
    fs::write(&file, format!("{ROOT}\n")).unwrap();
    assert_eq!(home.run(&env, "").code, 0, "one newline at its end is none of the token's");
}

#[test]
fn a_role_logs_in_with_its_secret_id() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team).with("VAULT_TOKEN", "");
    let _ = team.bao.ask("POST", "/v1/sys/auth/approle", ROOT, Some(&json!({"type": "approle"})));
    let policy = format!("path \"{}/data/getimg-keys/*\" {{ capabilities = [\"read\"] }}", team.mount);
    team.bao.does("PUT", "/v1/sys/policies/acl/ci", &json!({ "policy": policy }));
    team.bao.does("POST", "/v1/auth/approle/role/ci", &json!({"token_policies": ["ci"]}));
    let role =
        team.bao.does("GET", "/v1/auth/approle/role/ci/role-id", &Value::Null)["data"]["role_id"].clone();
    let secret =
        team.bao.does("POST", "/v1/auth/approle/role/ci/secret-id", &json!({}))["data"]["secret_id"].clone();
    let file = home.work().join("secret-id");
    let config = format!(
        "[vault]\nmount = \"{}\"\nrole_id = {role}\nsecret_id_file = \"{}\"\n",
        team.mount,
        file.display()
    );
    fs::write(home.path().join("config.toml"), config).unwrap();
    fs::write(&file, secret.as_str().unwrap()).unwrap();
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
    let output = home.run(&["note", "dev", "x"], "");
    assert_eq!(output.code, 7);
    assert!(output.stderr.contains("no right to update"), "{}", output.stderr);
    fs::write(&file, "11111111-2222-3333-4444-555555555555").unwrap();
    refused(&home, &["env", "dev"], 7, "does not accept the role and the secret id");
}

#[test]
fn what_is_not_there_or_of_the_wrong_kind_is_told_before_the_first_write() {
    let Some(team) = Team::new() else { return };
    let key = Key::v2();
    let home = team.home();
    let configure = |mount: &str| {
        fs::write(home.path().join("config.toml"), format!("[vault]\nmount = \"{mount}\"\n")).unwrap();
    };
    let add = || home.run(&["add", "dev", "--no-verify", "--store", "vault"], &key.0);
    configure("nowhere");
    let output = add();
    assert_eq!((output.code, home.path().join("profiles.toml").exists()), (7, false));
    assert!(output.stderr.contains("nothing mounted at nowhere/"), "{}", output.stderr);
    let old = format!("{}-old", team.mount);
    team.bao.does(
        "POST",
        &format!("/v1/sys/mounts/{old}"),
        &json!({"type": "kv", "options": {"version": "1"}}),
    );
    configure(&old);
    let output = add();
    assert_eq!(output.code, 7);
    assert!(output.stderr.contains("is a KV engine of version 1"), "{}", output.stderr);
    configure("cubbyhole");
    assert!(add().stderr.contains("is not a KV engine"));
    let (status, _) = team.bao.ask("GET", &format!("/v1/{old}/data/getimg-keys/profiles"), ROOT, None);
    assert_eq!(status, 404);
    for slashes in ["/", "//"] {
        configure(&format!("/{}{slashes}", team.mount));
        let output = home.run(&["add", "dev", "--no-verify", "--store", "vault"], &key.0);
        assert!(output.code == 0 || output.code == 2, "{}", output.stderr);
    }
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
}

#[test]
fn a_vault_that_does_not_answer_lies_or_drips_is_told() {
    let Some(team) = Team::new() else { return };
    let home = with_dev(&team);
    let env = ["env", "dev"];
    let at = |address: &str| team.home_at(address).with("GETIMG_KEYS_STORE", "vault");
    refused(&at(&format!("http://127.0.0.1:{}", free_port())), &env, 7, "cannot be reached: ");
    let fate = |make: fn() -> Fate| Relay::before(team.bao.port, move |_, _| make());
    let slow = fate(|| Fate::Waits(Duration::from_secs(8)));
    refused(&at(&slow.address()), &env, 7, "did not answer within 5 s");
    let html = fate(|| Fate::IsAnswered("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_owned()));
    refused(&at(&html.address()), &env, 7, "is not a vault, or not one that this version knows");
    let login = fate(|| {
        Fate::IsAnswered(
            "HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n".to_owned(),
        )
    });
    refused(&at(&login.address()), &env, 7, "is not a vault, or not one that this version knows: status 302");
    let broken = fate(|| {
        let body = r#"{"errors":["a \u001b[31mred error"]}"#;
        Fate::IsAnswered(format!("HTTP/1.1 500 No\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    refused(&at(&broken.address()), &env, 7, "the vault answered 500: a \\u{1b}[31mred error");
    let endless = fate(|| {
        let body = format!(
            r#"{{"data":{{"data":{{"schema_version":1,"x":"{}"}},"metadata":{{"version":1}}}}}}"#,
            "x".repeat(2 << 20)
        );
        Fate::IsAnswered(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    refused(&at(&endless.address()), &env, 7, "is larger than any that was written by this program");
    assert_eq!(home.run(&env, "").code, 0);
}

#[test]
fn a_redirect_is_followed_to_a_node_of_the_same_cluster_and_nowhere_else() {
    let Some(team) = Team::new() else { return };
    drop(with_dev(&team));
    let at = |address: &str| team.home_at(address).with("GETIMG_KEYS_STORE", "vault");
    let standby = |port: u16| {
        Relay::before(team.bao.port, move |asked, _| {
            let path = asked.split(' ').nth(1).unwrap_or_default();
            if path.contains("seal-status") {
                return Fate::Passes;
            }
            Fate::IsAnswered(format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}{path}\r\nContent-Length: 0\r\n\r\n"
            ))
        })
    };
    let of_the_cluster = standby(team.bao.port);
    let home = at(&of_the_cluster.address());
    let output = home.run(&["env", "dev"], "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(home.run(&["note", "dev", "by a standby"], "").code, 0);

    let token_seen = Relay::before(team.bao.port, |_, _| {
        let body = r#"{"sealed":false,"cluster_id":"another"}"#;
        Fate::IsAnswered(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    let of_another = standby(token_seen.port);
    refused(&at(&of_another.address()), &["env", "dev"], 7, "not shown to be of the same cluster");
    assert!(
        token_seen.seen().iter().all(|asked| asked == "GET /v1/sys/seal-status"),
        "{:?}",
        token_seen.seen()
    );
    let outside = Relay::before(team.bao.port, |_, _| {
        Fate::IsAnswered(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://vault.example/v1/x\r\nContent-Length: 0\r\n\r\n".to_owned(),
        )
    });
    refused(&at(&outside.address()), &["env", "dev"], 7, "the vault sends on to vault.example");
}

#[test]
fn a_sealed_vault_is_told_and_works_again_once_it_is_unsealed() {
    let Some(bao) = Bao::dev() else { return };
    let home = Home::within(crate::support::Session::without_bus())
        .with("BAO_ADDR", &bao.address())
        .with("BAO_TOKEN", ROOT)
        .with("VAULT_ADDR", "http://127.0.0.1:9");
    assert_eq!(home.run(&["add", "dev", "--no-verify", "--store", "vault"], &Key::v2().0).code, 0);
    let status = home.run(&["store", "status"], "");
    assert!(
        status.stdout.contains("unsealed") && status.stdout.contains("policies: root"),
        "{}",
        status.stdout
    );
    assert!(status.stdout.contains("never ends"), "{}", status.stdout);
    bao.does("PUT", "/v1/sys/seal", &json!({}));
    refused(&home, &["env", "dev"], 7, "the vault is sealed");
    refused(&home, &["note", "dev", "x"], 7, "the vault is sealed");
    assert_eq!(home.run(&["list"], "").code, 0);
    let status = home.run(&["store", "status", "--json"], "");
    let json: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((status.code, &json["vault"]["sealed"]), (7, &json!(true)));
    let doctor = home.run(&["doctor", "--offline"], "");
    assert!(doctor.stdout.contains("the vault is sealed"), "{}", doctor.stdout);
    let (status, _) = bao.ask("PUT", "/v1/sys/unseal", "", Some(&json!({"key": bao.unseal_key()})));
    assert_eq!(status, 200);
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let home = Home::within(crate::support::Session::without_bus()).with("GETIMG_KEYS_STORE", "vault");
    refused(&home, &["env", "dev"], 2, "no vault address is configured");
    let home = home.with("VAULT_ADDR", "http://vault.example:8200");
    refused(&home, &["env", "dev"], 2, "$VAULT_ADDR must start with https://");
    let home = home.with("VAULT_ADDR", "https://me:word@vault.example:8200");
    let output = home.run(&["env", "dev"], "");
    assert!(output.code == 2 && !output.stderr.contains("word@"), "{}", output.stderr);
}

#[test]
fn a_vault_is_trusted_by_its_own_authority_and_by_no_skipping() {
    let certificates = crate::support::certificate::Certificates::make();
    let Some(bao) = Bao::by_tls(&certificates) else { return };
    let address = format!("https://localhost:{}", bao.tls.unwrap());
    let home = Home::within(crate::support::Session::without_bus())
        .with("VAULT_ADDR", &address)
        .with("VAULT_TOKEN", ROOT)
        .with("VAULT_SKIP_VERIFY", "1")
        .with("GETIMG_KEYS_STORE", "vault");
    refused(&home, &["env", "dev"], 7, "is not trusted: this machine does not trust its issuer");
    let missing = home.work().join("missing.pem");
    let home = home.with("VAULT_CACERT", missing.to_str().unwrap());
    refused(&home, &["env", "dev"], 7, "missing.pem cannot be read: no such file");
    let root = bao.folder.path().join("root.pem");
    let home = home.with("VAULT_CACERT", root.to_str().unwrap());
    assert_eq!(home.run(&["add", "dev", "--no-verify"], &Key::v2().0).code, 0);
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
    let config = format!("[vault]\naddress = \"{address}/\"\nca_file = \"{}\"\n", root.display());
    fs::write(home.path().join("config.toml"), config).unwrap();
    let home = home.with("VAULT_CACERT", missing.to_str().unwrap()).with("VAULT_ADDR", "http://127.0.0.1:9");
    assert_eq!(home.run(&["env", "dev"], "").code, 0, "config.toml wins over the variables");
}

#[test]
fn list_without_a_copy_names_the_way_to_one() {
    let Some(team) = Team::new() else { return };
    drop(with_dev(&team));
    let home = team.home().with("GETIMG_KEYS_STORE", "vault");
    assert!(home.run(&["list"], "").stdout.contains("getimg-keys store join vault"));
}
