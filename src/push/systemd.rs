//! `systemd:FILE`: a credential file that only this machine can decrypt, by `systemd-creds`.

use std::path::PathBuf;

use super::{Ask, Given, Help, Plan, Platform, Proof, words};
use crate::error::Result;
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "systemd-creds";

struct Credential {
    file: PathBuf,
}

pub(super) fn parse(rest: &str, given: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    if rest.is_empty() || rest.ends_with('/') {
        return Err("a file is missing".to_owned());
    }
    if rest.chars().any(char::is_control) {
        return Err("a file's name has no control characters".to_owned());
    }
    Ok(Box::new(Credential { file: given.folder.join(rest) }))
}

impl Credential {
    /// The credential's name in a unit: the file's name without `.cred`.
    fn name(&self) -> String {
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        file.strip_suffix(".cred").filter(|name| !name.is_empty()).unwrap_or(&file).to_owned()
    }
}

impl Platform for Credential {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("systemd-creds list", "https://systemd.io/CREDENTIALS")
    }

    fn plan(&self, _: Ask<'_>) -> Result<Plan> {
        let (name, file) = (format!("--name={}", self.name()), self.file.to_string_lossy().into_owned());
        let put = Call::of(PROGRAM, &["encrypt", &name, "-", &file]).reading(Input::Key);
        let read = Call::of(PROGRAM, &["decrypt", &name, &file, "-"]);
        Ok(Plan::of(format!("systemd:{file}"), put, Proof::ReadBack(read, words::plain)))
    }
}
