//! The homes of a team with a real OpenBao: each test has a KV engine of its own on one shared server.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::bao::{Bao, ROOT};
use super::{Home, Session};

/// A KV engine of its own on the shared server.
pub struct Team {
    pub bao: &'static Bao,
    pub mount: String,
}

impl Team {
    /// A KV engine of version 2 that no other test uses.
    pub fn new() -> Option<Self> {
        static SHARED: OnceLock<Option<Bao>> = OnceLock::new();
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        // It needs no files, and nothing static is dropped at the end.
        let make = || Bao::dev().inspect(|bao| fs::remove_dir_all(bao.folder.path()).unwrap());
        let bao = SHARED.get_or_init(make).as_ref()?;
        let mount = format!("team{}", COUNT.fetch_add(1, Ordering::Relaxed));
        bao.does(
            "POST",
            &format!("/v1/sys/mounts/{mount}"),
            &json!({"type": "kv", "options": {"version": "2"}}),
        );
        bao.wait_for(&format!("/v1/{mount}/config"));
        Some(Self { bao, mount })
    }

    /// A home without a keychain that uses this vault, with a token that has every right.
    pub fn home(&self) -> Home {
        self.home_at(&self.bao.address())
    }

    /// The same with another address.
    pub fn home_at(&self, address: &str) -> Home {
        let home = Home::within(Session::without_bus()).with("VAULT_ADDR", address).with("VAULT_TOKEN", ROOT);
        fs::create_dir_all(home.path()).unwrap();
        fs::write(home.path().join("config.toml"), format!("[vault]\nmount = \"{}\"\n", self.mount)).unwrap();
        home
    }

    /// The shared profiles as they are stored.
    pub fn profiles(&self) -> Value {
        let (status, said) = self.bao.ask("GET", &self.path("data", "profiles"), ROOT, None);
        if status == 200 { in_entry(&said["data"]["data"]) } else { Value::Null }
    }

    /// Stores other shared profiles, as only another program would.
    pub fn put_profiles(&self, profiles: &Value) {
        let entry = json!({ "data": { "profiles": profiles.to_string() } });
        self.bao.does("POST", &self.path("data", "profiles"), &entry);
    }

    /// Every key's entry: its fingerprint in hexadecimal, and the key if it can still be read.
    pub fn entries(&self) -> Vec<(String, Option<String>)> {
        let (_, listed) =
            self.bao.ask("GET", &format!("{}?list=true", self.path("metadata", "keys")), ROOT, None);
        let names = listed["data"]["keys"].as_array().cloned().unwrap_or_default();
        let held = |name: &str| {
            let (_, said) = self.bao.ask("GET", &self.path("data", &format!("keys/{name}")), ROOT, None);
            said["data"]["data"]["key"].as_str().map(str::to_owned)
        };
        names.iter().map(|name| name.as_str().unwrap()).map(|name| (name.to_owned(), held(name))).collect()
    }

    /// The API's path of an entry below this program's folder.
    pub fn path(&self, what: &str, entry: &str) -> String {
        format!("/v1/{}/{what}/getimg-keys/{entry}", self.mount)
    }
}

/// The shared profiles in the content of their entry.
pub fn in_entry(held: &Value) -> Value {
    held["profiles"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
}
