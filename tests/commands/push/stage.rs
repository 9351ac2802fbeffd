//! A home with targets in its configuration, each a small program of the test.

use std::fs;
use std::path::PathBuf;

use crate::support::{Behaviour, Home, Key};

/// A home with `dev`, `prod` (protected) and the key `new`.
pub struct Stage {
    pub home: Home,
    targets: String,
}

impl Stage {
    pub fn new() -> Self {
        let home = Home::with_dev_and_prod().knows("new", Key::v2(), Behaviour::Valid);
        Self { home, targets: String::new() }
    }

    /// Adds a target whose programs are shell scripts; `$1` is a file of its own, `$2` the variable's name.
    pub fn with_target(mut self, name: &str, put: &str, get: Option<&str>) -> Self {
        let file = self.file(name);
        let line = |script: &str| {
            let words = ["/bin/sh", "-c", script, "sh", file.to_str().unwrap(), "{variable}"];
            toml::Value::from(words.to_vec()).to_string()
        };
        self.targets.push_str(&format!("[push.targets.{name}]\nput = {}\n", line(put)));
        if let Some(get) = get {
            self.targets.push_str(&format!("get = {}\n", line(get)));
        }
        self.configure("");
        self
    }

    /// Writes the configuration, with more text at its beginning.
    pub fn configure(&self, more: &str) {
        fs::write(self.home.path().join("config.toml"), format!("{more}{}", self.targets)).unwrap();
    }

    /// The content of a target's file.
    pub fn held(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.work().join(format!("held-by-{name}"))
    }

    /// A program in the first folder of the search path.
    pub fn with_program(self, name: &str, script: &str) -> Self {
        let bin = self.home.work().join("bin");
        crate::support::program::write(&bin.join(name), &format!("#!/bin/sh\n{script}\n"));
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        Self { home: self.home.with("PATH", &path), ..self }
    }
}
