//! `store recipients` and `store join file`: a team shares encrypted files in a git repository, without a server.

mod by_hand;
mod killed;
mod page;
mod refusals;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::bare_home::PASSPHRASE;
use crate::support::canary::contains;
use crate::support::home::{Output, finish};
use crate::support::{Behaviour, Home, Key, Session, have, skipped};

/// The machine of one person: a home, and a clone of the folder.
struct Person {
    home: Home,
    name: &'static str,
}

impl Person {
    fn folder(&self) -> std::path::PathBuf {
        self.home.work().join("keys")
    }

    /// A machine that opens the files with a key of its own.
    fn new(name: &'static str) -> Self {
        let home = Home::within(Session::without_bus());
        fs::create_dir_all(home.path()).unwrap();
        let person = Self { home, name };
        person.configure(&format!("identity = '{}'\n", person.key_file().display()));
        person
    }

    /// The machine of the one who made the files and knows their passphrase.
    fn owner() -> Self {
        let home = Home::within(Session::without_bus());
        fs::create_dir_all(home.path()).unwrap();
        let file = home.work().join("passphrase");
        fs::write(&file, PASSPHRASE).unwrap();
        private(&file);
        let home = home.with("GETIMG_KEYS_PASSPHRASE_FILE", file.to_str().unwrap());
        let person = Self { home, name: "ana" };
        person.configure("");
        person
    }

    fn configure(&self, more: &str) {
        let text = format!("[file]\nfolder = '{}'\n{more}", self.folder().display());
        fs::write(self.home.path().join("config.toml"), text).unwrap();
    }

    fn knows(self, name: &'static str, key: &Key) -> Self {
        Self { home: self.home.knows(name, key.clone(), Behaviour::Valid), ..self }
    }

    fn key_file(&self) -> std::path::PathBuf {
        self.home.work().join("own.key")
    }

    /// Makes an age identity; returns its public key.
    fn age_key(&self) -> String {
        let identity = age::x25519::Identity::generate();
        let secret = identity.to_string();
        fs::write(self.key_file(), age::secrecy::ExposeSecret::expose_secret(&secret)).unwrap();
        private(&self.key_file());
        identity.to_public().to_string()
    }

    /// Makes an SSH key with a passphrase, which may be empty; returns the file of its public key.
    fn ssh_key(&self, passphrase: &str) -> String {
        let mut keygen = self.home.program("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", self.name, "-f"]);
        assert_eq!(finish(keygen.arg(self.key_file()), "").code, 0);
        self.key_file().with_extension("key.pub").to_str().unwrap().to_owned()
    }

    fn git(&self, line: &str) -> String {
        let mut git = self.home.program("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-C"]).arg(self.folder());
        let ran = finish(git.args(line.split(' ')), "");
        assert_eq!(ran.code, 0, "git {line}: {}", ran.stderr);
        ran.stdout
    }

    fn commit(&self) {
        self.git("add -A");
        self.git("commit -qm keys");
    }

    /// Pulls what somebody else committed.
    fn pulls(&self, from: &Person) {
        if self.folder().exists() {
            self.git(&format!("pull -q {} HEAD", from.folder().display()));
        } else {
            let mut git = self.home.program("git");
            let ran = finish(git.args(["clone", "-q"]).arg(from.folder()).arg(self.folder()), "");
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
    }

    fn run(&self, line: &str) -> Output {
        self.home.run(&line.split(' ').collect::<Vec<_>>(), "")
    }

    fn does(&self, line: &str) -> Output {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{}: {line}: {}{}", self.name, ran.stdout, ran.stderr);
        ran
    }

    fn refused(&self, line: &str, code: i32, told: &str) {
        let ran = self.run(line);
        assert!(ran.code == code && ran.stderr.contains(told), "{}: {line}: {ran:?}", self.name);
        assert_eq!(ran.stdout, "", "{line}");
    }

    /// The key that a program gets.
    fn uses(&self, profile: &str) -> String {
        self.does(&format!("exec {profile} -- printenv GETIMG_API_KEY")).stdout.trim().to_owned()
    }
}

fn private(file: &Path) {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Ana's folder with `dev`, in a repository of its own.
fn shared(key: &Key) -> Person {
    let ana = Person::owner().knows("dev", key);
    fs::create_dir_all(ana.folder()).unwrap();
    let added = ana.home.run(&["add", "dev", "--no-verify", "--store", "file"], &key.0);
    assert_eq!(added.code, 0, "{}", added.stderr);
    ana.git("init -q");
    fs::write(ana.folder().join(".gitignore"), ".lock\n").unwrap();
    ana.commit();
    ana
}

#[test]
fn a_team_shares_its_keys_by_a_repository_and_everybody_opens_them_with_a_key_of_their_own() {
    let (old, new, of_ben) = (Key::v2(), Key::v2(), Key::v2());
    let (ben, carla) = (Person::new("ben").knows("own", &of_ben), Person::new("carla"));
    let ana = shared(&old).knows("new", &new);
    let ben_public = ben.age_key();
    ana.does(&format!("store recipients add {ben_public} --name ben"));
    ana.does(&format!("store recipients add {}", carla.ssh_key("")));
    ana.commit();

    let listed: Value = serde_json::from_str(&ana.does("store recipients list --json").stdout).unwrap();
    assert_eq!(listed["verified"], Value::Null, "nobody was asked for the passphrase");
    for person in [&ben, &carla] {
        person.pulls(&ana);
        person.refused("env dev", 3, "");
        let joined: Value = serde_json::from_str(&person.does("store join file --json").stdout).unwrap();
        let public = fs::read_to_string(person.folder().join("recipient")).unwrap();
        assert_eq!(joined["public_key"], public.trim());
        assert_eq!(joined["profiles"][0]["name"], "dev");
        assert_eq!(person.uses("dev"), old.0);
        let listed: Value =
            serde_json::from_str(&person.does("store recipients list --json").stdout).unwrap();
        assert_eq!(listed["verified"], true);
        assert_eq!(listed["recipients"][0], serde_json::json!({"name": "ben", "key": ben_public}));
        assert_eq!(listed["recipients"][1]["name"], "carla");
    }

    // One person rotates; the other gets the new key after a pull.
    assert_eq!(ana.home.run(&["rotate", "dev", "--no-verify"], &new.0).code, 0);
    ana.commit();
    ben.pulls(&ana);
    ben.refused("env dev", 6, "verify dev");
    let ben = ben.knows("new", &new);
    ben.does("verify dev --adopt");
    assert_eq!(ben.uses("dev"), new.0);

    // What one person adds, the others can read; writing needs no passphrase.
    assert_eq!(ben.home.run(&["add", "own", "--no-verify"], &of_ben.0).code, 0);
    ben.commit();
    ana.pulls(&ben);
    ana.does("store adopt own");
    assert_eq!(ana.uses("own"), of_ben.0);
    no_secret_lies_in(&ana.folder(), &[&old, &new, &of_ben]);
}

/// No file of a folder has a key or an identity, git's own files included.
fn no_secret_lies_in(folder: &Path, keys: &[&Key]) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            assert!(!contains(&bytes, b"AGE-SECRET-KEY-"), "{}", path.display());
            assert!(keys.iter().all(|key| !contains(&bytes, key.0.as_bytes())), "{}", path.display());
        }
    }
}

#[test]
fn who_is_removed_opens_nothing_that_comes_later_not_even_with_what_they_kept() {
    let (dev, later) = (Key::v2(), Key::v2());
    let (ben, carla) = (Person::new("ben"), Person::new("carla"));
    let ana = shared(&dev);
    ana.does(&format!("store recipients add {} --name ben", ben.age_key()));
    ana.does(&format!("store recipients add {} --name carla", carla.age_key()));
    ana.commit();
    for person in [&ben, &carla] {
        person.pulls(&ana);
        person.does("store join file");
    }
    let kept = ben.folder().join("identity.recipients");
    let identity = decrypted(&ben.key_file(), &kept);

    let removed: Value =
        serde_json::from_str(&ana.does("store recipients remove ben --json").stdout).unwrap();
    assert_eq!(removed["recipient"]["name"], "ben");
    assert_eq!(
        removed["rotate"],
        serde_json::json!([{"profile": "dev", "command": "getimg-keys rotate dev"}])
    );
    assert_eq!(removed["recipients"][0]["name"], "carla");
    assert_eq!(ana.uses("dev"), dev.0);
    let added = ana.home.run(&["add", "later", "--no-verify"], &later.0);
    assert_eq!(added.code, 0, "{}", added.stderr);
    ana.commit();

    ben.pulls(&ana);
    ben.refused("env dev", 6, "has another public key than this machine accepted");
    ben.refused("store join file", 7, "not shared with the key in");
    for entry in ["dev.age", "later.age"] {
        let opened = opened_by(&identity, &ben.folder().join(entry));
        assert_eq!(opened, None, "{entry} opens with the identity that was kept");
    }
    carla.pulls(&ana);
    carla.refused("env dev", 6, "getimg-keys store join file");
    carla.refused("store recipients list", 6, "somebody was removed");
    carla.does("store join file");
    assert_eq!((carla.uses("dev"), carla.uses("later")), (dev.0, later.0));
}

/// What the library decrypts with a key file.
fn decrypted(key_file: &Path, file: &Path) -> age::x25519::Identity {
    let own: age::x25519::Identity = fs::read_to_string(key_file).unwrap().parse().unwrap();
    let text = opened_by(&own, file).unwrap();
    String::from_utf8(text).unwrap().lines().find(|line| !line.starts_with('#')).unwrap().parse().unwrap()
}

fn opened_by(identity: &age::x25519::Identity, file: &Path) -> Option<Vec<u8>> {
    use std::io::Read;
    let bytes = fs::read(file).unwrap();
    let reader = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(&bytes[..])).unwrap();
    let mut opened = Vec::new();
    reader.decrypt([identity as &dyn age::Identity].into_iter()).ok()?.read_to_end(&mut opened).ok()?;
    Some(opened)
}

#[test]
fn any_age_opens_shared_files_with_a_recipient_s_own_key() {
    if !have("age") {
        return skipped("age: apt-get install age");
    }
    let (dev, ben) = (Key::v2(), Person::new("ben"));
    let ana = shared(&dev);
    ana.does(&format!("store recipients add {}", ben.ssh_key("")));
    let script = format!(
        "set -e; cd {}; age -d -i {} identity.recipients > ../identity; age -d -i ../identity dev.age; age -R recipients -o /dev/null recipient",
        ana.folder().display(),
        ben.key_file().display()
    );
    let opened = ana.home.shell("sh", &script);
    assert_eq!((opened.code, opened.stdout), (0, dev.0), "{}", opened.stderr);
}
