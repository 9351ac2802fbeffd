//! A man in the middle before the vendor's own host: the real program, and a real proxy that ends TLS.

use insta::assert_snapshot;

use crate::support::certificate::Certificates;
use crate::support::home::{Output, finish};
use crate::support::middle::Middle;
use crate::support::{ApiServer, Behaviour, Home};

/// A host with a made-up certificate, and a proxy that leads every host there.
struct Scene {
    home: Home,
    made_up: ApiServer,
    middle: Middle,
}

impl Scene {
    /// The real API accepts `dev`; the one in the middle would answer that it is revoked.
    fn new() -> Self {
        let home = Home::with_dev_and_prod();
        assert_eq!(home.run(&["verify", "dev"], "").code, 0);
        let made_up = ApiServer::with(Certificates::of("api.getimg.ai", (-5, 5)));
        made_up.takes(home.key("dev"), Behaviour::Revoked);
        let middle = Middle::leading_to(made_up.port);
        Self { home, made_up, middle }
    }

    /// Runs a command that asks the vendor's host, with the root certificates of a variable or the system's.
    fn run(&self, arguments: &[&str], roots: Option<&std::path::Path>) -> Output {
        let mut command = self.home.command(arguments);
        command.env_remove("GETIMG_KEYS_API_URL").env_remove("SSL_CERT_FILE");
        command.env("HTTPS_PROXY", self.middle.url()).envs(roots.map(|path| ("SSL_CERT_FILE", path)));
        finish(&mut command, "")
    }

    /// What a user sees of it, and what is recorded about `dev` afterwards.
    fn seen(&self, output: &Output) -> String {
        let listed = self.home.run(&["list", "--json"], "").stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let dev = listed["profiles"].as_array().unwrap().iter().find(|p| p["name"] == "dev").unwrap();
        let record =
            format!("on record: {} {}", dev["verification"]["verdict"], dev["last_attempt"]["reason"]);
        let seen = self.home.transcript(output).replace(&self.middle.url()["http://".len()..], "<proxy>");
        format!("{seen}{record}\n")
    }

    /// What `doctor` says about the network.
    fn doctor(&self, roots: Option<&std::path::Path>) -> String {
        let output = self.run(&["doctor", "--json"], roots);
        let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let checks = told["checks"].as_array().unwrap();
        let of_network =
            checks.iter().filter(|check| matches!(check["id"].as_str(), Some("api" | "certificates")));
        let lines: Vec<_> = of_network.map(|check| format!("{check}")).collect();
        lines.join("\n").replace(&self.middle.url()["http://".len()..], "<proxy>")
    }

    /// The proxy was asked only for the host, and never saw a key.
    fn assert_the_proxy_saw_the_host_only(&self) {
        let asked = self.middle.asked();
        assert!(!asked.is_empty());
        for request in asked {
            assert!(request.starts_with("CONNECT api.getimg.ai:443 HTTP/1.1\r\n"), "{request}");
            assert!(!request.contains("Bearer") && !request.contains(&self.home.key("dev").0), "{request}");
        }
    }
}

#[test]
fn a_man_in_the_middle_is_not_trusted_and_gets_no_key() {
    let scene = Scene::new();
    let seen = scene.seen(&scene.run(&["verify", "dev"], None));
    assert_snapshot!(seen, @r#"
    name  verdict
    dev   ? unknown (tls)  the certificate is not trusted, or this machine's clock is wrong (through the proxy <proxy>: this machine does not trust its issuer; a proxy or a virus scanner may be intercepting the connection)
    → getimg-keys doctor
    → 5
    on record: "valid" "tls"
    "#);
    // Nor is one that has the name of a trusted root.
    assert_eq!(scene.seen(&scene.run(&["verify", "dev"], Some(&scene.home.api.root()))), seen);
    assert_snapshot!(scene.doctor(None), @r#"
    {"hint":"date -u  # if it is right, ask your network's administrator; no key was sent, and keys can still be used","id":"api","message":"api.getimg.ai: the certificate is not trusted, or this machine's clock is wrong (tls): through the proxy <proxy>: this machine does not trust its issuer; a proxy or a virus scanner may be intercepting the connection","outcome":"warn"}
    {"hint":null,"id":"certificates","message":"the system's own","outcome":"pass"}
    "#);
    assert_eq!(scene.made_up.seen().len(), 0, "no request leaves before the certificate is trusted");
    scene.assert_the_proxy_saw_the_host_only();
}

#[test]
fn a_foreign_root_from_a_variable_is_trusted_as_everywhere_and_the_doctor_says_so() {
    let scene = Scene::new();
    let root = scene.made_up.root();
    scene.made_up.takes(scene.home.key("dev"), Behaviour::Valid);
    assert_snapshot!(scene.seen(&scene.run(&["verify", "dev"], Some(&root))), @r#"
    name  verdict                     answered in
    dev   ✓ valid  balance 12.50 USD  <n> ms
    on record: "valid" null
    "#);
    assert_snapshot!(scene.doctor(Some(&root)), @r#"
    {"hint":null,"id":"api","message":"api.getimg.ai answers as documented","outcome":"pass"}
    {"hint":"unset SSL_CERT_FILE  # unless you or your company set it","id":"certificates","message":"$SSL_CERT_FILE sets which certificates TLS trusts","outcome":"warn"}
    "#);
    scene.assert_the_proxy_saw_the_host_only();
}

#[test]
fn a_redirect_to_a_host_that_would_take_the_key_is_not_followed() {
    let home = Home::with_dev_and_prod();
    assert_eq!(home.run(&["verify", "dev"], "").code, 0);
    let other = ApiServer::start();
    other.takes(home.key("dev"), Behaviour::Valid);
    home.api.takes(home.key("dev"), Behaviour::RedirectTo(other.port));
    let roots = [home.api.root(), other.root()].map(|path| std::fs::read_to_string(path).unwrap()).concat();
    let both = home.work().join("roots.pem");
    std::fs::write(&both, roots).unwrap();
    let verify = |url: String| {
        let mut command = home.command(&["verify", "dev"]);
        home.transcript(&finish(command.env("SSL_CERT_FILE", &both).env("GETIMG_KEYS_API_URL", url), ""))
    };
    assert_snapshot!(verify(home.api.url()), @"
    name  verdict                                                                           answered in
    dev   ? unknown (redirect)  the answer was a redirect, and none is followed with a key  <n> ms
    → 5
    ");
    assert_eq!((other.connections(), other.seen().len()), (0, 0));
    let listed = home.run(&["list", "--json"], "").stdout;
    assert!(listed.contains(r#""reason":"redirect""#) && listed.contains(r#""verdict":"valid""#), "{listed}");
    // It would be accepted there: that server is trusted, and accepts the key.
    assert!(verify(other.url()).contains("✓ valid"));
}
