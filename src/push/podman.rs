//! `podman:SECRET`, by `podman`, which stores it unencrypted in a file.

use super::{Ask, Given, Help, Listed, Listing, Plan, Platform, Proof, words};
use crate::error::Result;
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "podman";

struct Secret {
    name: String,
}

pub(super) fn parse(rest: &str, _: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    match words::is_plain(rest, "-_.") {
        true => Ok(Box::new(Secret { name: rest.to_owned() })),
        false => Err("a secret's name is letters, digits, `-`, `_` and `.`".to_owned()),
    }
}

impl Platform for Secret {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("podman secret ls", "https://podman.io")
    }

    fn plan(&self, ask: Ask<'_>) -> Result<Plan> {
        let can = |verb: &str, flag: &str| -> Result<bool> {
            let help = ask(&Call::of(PROGRAM, &["secret", verb, "--help"]))?;
            Ok(String::from_utf8_lossy(&help.stdout).contains(flag))
        };
        let (replaces, shows) = (can("create", "--replace")?, can("inspect", "--showsecret")?);
        let name = self.name.as_str();
        let proof = if shows { read_back(name) } else { Proof::Listing(listing(name)) };
        let create = |flags: &[&str]| {
            let words = [&["secret", "create"], flags, &[name, "-"]].concat();
            Call::of(PROGRAM, &words).reading(Input::Key)
        };
        let target = format!("podman:{name}");
        if replaces {
            return Ok(Plan::of(target, create(&["--replace"]), proof));
        }
        let plan = Plan::of(target, create(&[]), proof);
        // Podman also takes the beginning of another secret's ID as a name: only one with exactly this name is removed.
        if !matches!(find(&ask(&listing(name).call)?.stdout, name), Listed::At(_)) {
            return Ok(plan);
        }
        let put = [vec![Call::of(PROGRAM, &["secret", "rm", name])], plan.put].concat();
        let warning = "this podman replaces no secret: the one that is there is removed first";
        Ok(Plan { put, warning: Some(warning), ..plan })
    }
}

fn read_back(name: &str) -> Proof {
    let words = ["secret", "inspect", "--showsecret", "--format={{.SecretData}}", name];
    Proof::ReadBack(Call::of(PROGRAM, &words), words::plain)
}

fn listing(name: &str) -> Listing {
    Listing {
        call: Call::of(PROGRAM, &["secret", "inspect", name]),
        name: name.to_owned(),
        find,
        by_another_clock: false,
    }
}

fn find(printed: &[u8], name: &str) -> Listed {
    let Ok(list) = serde_json::from_slice::<serde_json::Value>(printed) else { return Listed::Unreadable };
    let Some(items) = list.as_array() else { return Listed::Unreadable };
    let is_named = |item: &&serde_json::Value| item.pointer("/Spec/Name").is_some_and(|n| n == name);
    let Some(item) = items.iter().find(is_named) else { return Listed::Absent };
    let at = item.get("UpdatedAt").and_then(|at| at.as_str()).and_then(words::moment);
    at.map_or(Listed::Unreadable, Listed::At)
}
