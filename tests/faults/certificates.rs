//! Certificates that have expired or are not valid yet, and a clock that makes a valid one look so.

use insta::assert_snapshot;

use crate::support::certificate::Certificates;
use crate::support::home::finish;
use crate::support::{self, ApiServer, Behaviour, Home, scrub};

/// The recorded verdict of `dev`, and the result of the last attempt.
fn recorded(home: &Home) -> String {
    let listed: serde_json::Value = serde_json::from_str(&home.run(&["list", "--json"], "").stdout).unwrap();
    let dev = listed["profiles"].as_array().unwrap().iter().find(|p| p["name"] == "dev").unwrap();
    format!("{} {}", dev["verification"]["verdict"], dev["last_attempt"]["reason"])
}

#[test]
fn a_certificate_out_of_its_time_is_no_verdict_and_the_clock_is_named_too() {
    let home = Home::with_dev_and_prod();
    assert_eq!(home.run(&["verify", "dev"], "").code, 0);
    let mut seen = String::new();
    for days in [(-20, -5), (5, 20)] {
        let api = ApiServer::with(Certificates::of("localhost", days));
        api.takes(home.key("dev"), Behaviour::Revoked);
        let output = finish(
            home.command(&["verify", "dev"])
                .env("GETIMG_KEYS_API_URL", api.url())
                .env("SSL_CERT_FILE", api.root()),
            "",
        );
        seen += &home.transcript(&output);
        assert_eq!(recorded(&home), r#""valid" "tls""#);
        assert!(api.seen().is_empty(), "no request leaves before the certificate is trusted");
    }
    assert_snapshot!(seen, @"
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong (it expired on <day>, if it is <day> now, as the clock says)
    → getimg-keys doctor
    → 5
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong (it is not valid before <day>, if it is <day> now, as the clock says)
    → getimg-keys doctor
    → 5
    ");
}

#[test]
fn a_bundle_that_may_not_be_read_is_not_said_to_be_empty() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_dev_and_prod();
    let api = ApiServer::with(Certificates::of("localhost", (-5, 5)));
    let bundle = home.work().join("bundle.pem");
    std::fs::copy(api.root(), &bundle).unwrap();
    std::fs::set_permissions(&bundle, std::fs::Permissions::from_mode(0o000)).unwrap();
    let mut call = match rustix::process::geteuid().is_root() {
        true => home.program("setpriv"),
        false => home.program("env"),
    };
    if rustix::process::geteuid().is_root() {
        call.arg("--bounding-set=-dac_override,-dac_read_search");
    }
    call.args([env!("CARGO_BIN_EXE_getimg-keys"), "verify", "dev"]);
    let output = finish(call.env("GETIMG_KEYS_API_URL", api.url()).env("SSL_CERT_FILE", &bundle), "");
    let why = format!("$SSL_CERT_FILE, {}, cannot be read: permission denied", bundle.display());
    assert!(output.code == 5 && output.stdout.contains(&why), "{output:?}");
}

#[test]
fn a_wrong_clock_is_no_verdict_and_is_named_beside_the_certificate() {
    if std::process::Command::new("faketime").arg("--version").output().is_err() {
        return support::skipped("the clock is set by faketime: apt-get install faketime");
    }
    let mut home = Home::with_dev_and_prod();
    home.api = ApiServer::with(Certificates::of("localhost", (-5, 5)));
    home.api.takes(home.key("dev"), Behaviour::Valid);
    assert_eq!(home.run(&["verify", "dev"], "").code, 0);
    home.api.takes(home.key("dev"), Behaviour::Revoked);
    let asked = home.api.seen().len();
    let mut seen = String::new();
    for clock in ["+10d", "-10d"] {
        for command in [&["verify", "dev"][..], &["doctor"]] {
            let mut faketime = home.program("faketime");
            faketime.args(["-f", clock, env!("CARGO_BIN_EXE_getimg-keys")]).args(command);
            faketime.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            let output = finish(&mut faketime, "");
            let told: Vec<_> = output.stdout.lines().collect();
            let api = told.iter().position(|line| line.contains(" api ")).unwrap_or(0);
            let part = if command[0] == "doctor" { &told[api..api + 2] } else { &told[..] };
            seen += &format!("{} {clock}: exit {}\n{}\n", command[0], output.code, part.join("\n"));
        }
        assert_eq!(recorded(&home), r#""valid" "tls""#);
    }
    assert_eq!(home.api.seen().len(), asked, "no request leaves before the certificate is trusted");
    assert_snapshot!(scrub::times(&seen), @"
    verify +10d: exit 5
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong (it expired on <day>, if it is <day> now, as the clock says)
    → getimg-keys doctor
    doctor +10d: exit 0
    ! api              localhost: the certificate is not trusted, or this machine's clock is wrong (tls): it expired on <day>, if it is <day> now, as the clock says
                       → date -u  # if it is right, ask your network's administrator; no key was sent, and keys can still be used
    verify -10d: exit 5
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong (it is not valid before <day>, if it is <day> now, as the clock says)
    → getimg-keys doctor
    doctor -10d: exit 0
    ! api              localhost: the certificate is not trusted, or this machine's clock is wrong (tls): it is not valid before <day>, if it is <day> now, as the clock says
                       → date -u  # if it is right, ask your network's administrator; no key was sent, and keys can still be used
    ");
}
