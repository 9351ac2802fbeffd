//! Variables that would send a key another way than the user meant: they are named, and nothing is sent.

use std::fs;

use crate::support::home::finish;
use crate::support::{Home, Key, Session};

/// What `verify` says of a key with these variables set, at the vendor's own address.
fn said(home: &Home, variables: &[(&str, &str)]) -> serde_json::Value {
    let mut verify = home.command(&["verify", "--json", "--timeout", "2"]);
    verify.env_remove("GETIMG_KEYS_API_URL");
    for name in
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR"]
    {
        verify.env_remove(name);
    }
    let run = finish(verify.envs(variables.iter().copied()), "");
    assert_eq!(run.code, 5, "{variables:?}: {}", run.stderr);
    let mut report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    report["results"][0].take()
}

#[test]
fn certificates_and_proxies_that_cannot_be_meant_are_named() {
    let home = Home::within(Session::without_bus())
        .with("GETIMG_KEYS_STORE", "env")
        .with("GETIMG_API_KEY", &Key::v2().0);
    let bad = home.work().join("bad.pem");
    fs::write(&bad, "no certificate").unwrap();
    let (bad, none) = (bad.to_str().unwrap(), home.work().join("absent"));
    let none = none.to_str().unwrap();
    let bundle = home.api.root();
    let bundle = bundle.to_str().unwrap();
    #[expect(clippy::type_complexity, reason = "a table is read where it stands")]
    let table: [(&[(&str, &str)], &str, &str); 7] = [
        (&[("SSL_CERT_FILE", none)], "tls", "$SSL_CERT_FILE"),
        (&[("SSL_CERT_FILE", bad)], "tls", "holds no certificate"),
        (&[("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", none)], "tls", "$SSL_CERT_DIR holds no certificate"),
        (
            &[("SSL_CERT_FILE", bundle), ("HTTPS_PROXY", "http://me:word@h:99999")],
            "proxy",
            "$HTTPS_PROXY is not",
        ),
        (
            &[("SSL_CERT_FILE", bundle), ("https_proxy", "socks5://me:word@h:1")],
            "proxy",
            "$https_proxy names a proxy",
        ),
        (&[("SSL_CERT_FILE", bundle), ("ALL_PROXY", "ftp://me:word@h")], "proxy", "$ALL_PROXY names a proxy"),
        (&[("SSL_CERT_FILE", bundle), ("HTTPS_PROXY", "http://127.0.0.1:9")], "proxy", "127.0.0.1:9"),
    ];
    for (variables, reason, words) in table {
        let result = said(&home, variables);
        let message = result["message"].as_str().unwrap_or_default();
        assert_eq!(
            (&result["verdict"], &result["reason"]),
            (&"unknown".into(), &reason.into()),
            "{variables:?}"
        );
        assert!(message.contains(words) && !message.contains("word@"), "{variables:?}: {message}");
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_with_the_cause_and_the_command_that_takes_it_away() {
    let home = Home::new().knows("dev", Key::v2(), crate::support::Behaviour::Valid);
    let away = |words: &[&str], stdin: &str| {
        let mut command = home.command(words);
        command.env_remove("GETIMG_KEYS_API_URL").env_remove("NO_PROXY").env_remove("no_proxy");
        command.env("SSL_CERT_FILE", home.api.root()).env("HTTPS_PROXY", "socks5://me:word@h:1080");
        finish(&mut command, stdin)
    };
    let cause = "(proxy: the proxy refused, or cannot be reached or used: $HTTPS_PROXY names a proxy of the scheme \
                 `socks5`, and only http and https proxies are supported; nothing was sent)";
    let added = away(&["add", "dev"], &home.key("dev").0);
    let words = format!("warning: the key could not be checked {cause}\nfind out why: getimg-keys doctor\n");
    assert!(added.code == 0 && added.stderr.contains(&words), "{}", added.stderr);
    let rotated = away(&["rotate", "dev"], &Key::v2().0);
    let words = format!("the new key for `dev` could not be checked {cause}; nothing was changed\n");
    assert!(rotated.code == 5 && rotated.stderr.contains(&words), "{}", rotated.stderr);
    assert!(rotated.stderr.contains("getimg-keys doctor"), "{}", rotated.stderr);
    let doctor: serde_json::Value = serde_json::from_str(&away(&["doctor", "--json"], "").stdout).unwrap();
    let api = doctor["checks"].as_array().unwrap().iter().find(|check| check["id"] == "api").unwrap();
    assert!(api["hint"].as_str().unwrap().starts_with("unset HTTPS_PROXY  # "), "{api}");
}

#[test]
fn this_machine_is_asked_without_a_proxy_whatever_the_variables_say() {
    let home = Home::within(Session::without_bus())
        .knows("dev", Key::v2(), crate::support::Behaviour::Valid)
        .with("GETIMG_KEYS_STORE", "env");
    let key = home.key("dev").0.clone();
    for proxy in ["http://127.0.0.1:9", "socks5://127.0.0.1:9", ":::"] {
        let mut verify = home.command(&["verify"]);
        verify
            .env("GETIMG_API_KEY", &key)
            .env("HTTPS_PROXY", proxy)
            .env("ALL_PROXY", proxy)
            .env_remove("NO_PROXY");
        let run = finish(&mut verify, "");
        assert_eq!(run.code, 0, "{proxy}: {}{}", run.stdout, run.stderr);
    }
}
