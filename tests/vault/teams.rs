//! docs/teams.md against a development server: its commands are run as they are written, each part by the person it is
//! for.

use std::fs;
use std::path::Path;

use crate::support::bao::{Bao, ROOT, program};
use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, Session};

const TEAMS: &str = include_str!("../../docs/teams.md");

/// All blocks of a kind (`sh ana`), in order, as one text.
pub(crate) fn block(kind: &str) -> String {
    let mut found = String::new();
    for part in TEAMS.split("```").skip(1).step_by(2) {
        if let Some((info, text)) = part.split_once('\n').filter(|(info, _)| *info == kind) {
            assert_eq!(info, kind);
            found.push_str(text);
        }
    }
    assert!(!found.is_empty(), "docs/teams.md has no block `{kind}`");
    found
}

/// The blocks of a kind, each by itself.
fn blocks(kind: &str) -> Vec<String> {
    TEAMS
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|part| part.strip_prefix(&format!("{kind}\n")))
        .map(str::to_owned)
        .collect()
}

struct Scene {
    bao: Bao,
    folder: tempfile::TempDir,
}

impl Scene {
    fn home(&self) -> Home {
        let home = Home::within(Session::without_bus());
        fs::create_dir_all(home.path()).unwrap();
        fs::write(home.work().join("make_images.py"), "import os; print(os.environ['GETIMG_API_KEY'])\n")
            .unwrap();
        home
    }

    fn here(&self, text: &str) -> String {
        text.replace("http://127.0.0.1:8200", &self.bao.address())
    }

    /// Runs a block in a shell that finds `bao`.
    fn run(&self, home: &Home, token: &str, text: &str, stdin: &str) -> String {
        let mut shell = home.program("sh");
        let folder = program().unwrap().parent().unwrap_or(Path::new("/"));
        let ours = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().unwrap();
        let path = format!("{}:{}:{}", ours.display(), folder.display(), std::env::var("PATH").unwrap());
        shell.args(["-ec", &self.here(text)]).env("PATH", path).env("VAULT_TOKEN", token);
        let output = finish(shell.env("VAULT_ADDR", self.bao.address()), stdin);
        assert_eq!(output.code, 0, "{text}\n{}{}", output.stdout, output.stderr);
        output.stdout
    }
}

#[test]
fn the_page_for_teams_works_as_it_stands() {
    let Some(bao) = Bao::dev() else { return };
    let scene = Scene { bao, folder: tempfile::tempdir().unwrap() };
    let admin = scene.home();
    for file in ["getimg-keys.hcl", "getimg-keys-read.hcl"] {
        fs::write(admin.work().join(file), block(&format!("hcl {file}"))).unwrap();
    }
    let admins = blocks("sh admin");
    scene.run(&admin, ROOT, &admins[0], "");
    let token = || scene.run(&admin, ROOT, &admins[1], "").trim().to_owned();

    let (old, new, of_ben) = (Key::v2(), Key::v2(), Key::v2());
    let knows = |home: Home| {
        let home = home.knows("old", old.clone(), Behaviour::Valid);
        home.knows("new", new.clone(), Behaviour::Valid).knows("ben", of_ben.clone(), Behaviour::Valid)
    };
    let (ana, ana_token) = (knows(scene.home()), token());
    let anas = blocks("sh ana");
    let status = scene.run(&ana, &ana_token, &anas[0], &old.0);
    assert!(status.contains("policies: default, getimg-keys"), "{status}");

    let passphrase = scene.folder.path().join("passphrase");
    fs::write(&passphrase, "correct horse battery\n").unwrap();
    fs::set_permissions(&passphrase, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ben = knows(scene.home()).with("GETIMG_KEYS_PASSPHRASE_FILE", passphrase.to_str().unwrap());
    assert_eq!(ben.run(&["add", "dev", "--store", "file"], &of_ben.0).code, 0);
    scene.run(&ben, &token(), &block("sh ben"), "");

    let (carla, carlas) = (scene.home(), token());
    assert_eq!(scene.run(&carla, &carlas, &block("sh carla"), "").trim(), old.0);

    let ids = scene.run(&admin, ROOT, &admins[2], "");
    let (role, secret) =
        ids.trim().split_once('\n').map_or_else(|| ids.trim().split_at(36), |(role, secret)| (role, secret));
    let file = scene.folder.path().join("secret-id");
    fs::write(&file, secret).unwrap();
    let ci = scene.home();
    let config = scene.here(&block("toml config.toml")).replace("ROLE_ID", role);
    let config = config.replace("/run/secrets/getimg-secret-id", file.to_str().unwrap());
    fs::write(ci.path().join("config.toml"), config).unwrap();
    assert_eq!(scene.run(&ci, "", &block("sh ci"), "").trim(), old.0);

    scene.run(&ana, &ana_token, &anas[1], &new.0);
    ana.api.takes(&old, Behaviour::Revoked);
    scene.run(&ana, &ana_token, &anas[2], "");
    assert_eq!(scene.run(&ci, "", &block("sh ci"), "").trim(), new.0);
    let carla_again = carla.run(&["list"], "");
    assert!(
        carla_again.stdout.contains("dev") && carla_again.stdout.contains("prod"),
        "{}",
        carla_again.stdout
    );
}
