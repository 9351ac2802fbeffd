//! The targets that a key can be pushed to: how their programs are called, and what the answers mean.
//!
//! Nothing is started here: `flows/push.rs` starts the programs and passes their answers in.

mod cloudflare;
mod command;
mod doppler;
mod github;
mod kubernetes;
mod podman;
mod systemd;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::nearest;
use crate::system::files::config::PushTarget;
use crate::system::process::call::Call;
use crate::system::process::fed_program::Ended;

/// One kind of target.
pub struct Scheme {
    /// The word before the colon.
    pub scheme: &'static str,
    /// How a target of this kind is written.
    pub shape: &'static str,
    parse: Parse,
}

/// Parses the part after the colon; the error says in words what is wrong.
type Parse = fn(&str, &Given<'_>) -> Result<Box<dyn Platform>, String>;

/// Every kind, by name.
pub const SCHEMES: &[Scheme] = &[
    Scheme { scheme: "cloudflare", shape: "cloudflare:WORKER", parse: cloudflare::parse },
    Scheme { scheme: "doppler", shape: "doppler:PROJECT/CONFIG", parse: doppler::parse },
    Scheme { scheme: "github", shape: "github:[OWNER/REPO][@ENVIRONMENT]", parse: github::parse },
    Scheme {
        scheme: "kubernetes",
        shape: "kubernetes:[CONTEXT/]NAMESPACE/SECRET[#FIELD]",
        parse: kubernetes::parse,
    },
    Scheme { scheme: "podman", shape: "podman:SECRET", parse: podman::parse },
    Scheme { scheme: "systemd", shape: "systemd:FILE", parse: systemd::parse },
];

/// What an abbreviated target is completed from.
pub struct Given<'a> {
    /// The variable in which programs expect the key; platforms store it under the same name.
    pub variable: &'a str,
    /// The working directory.
    pub folder: &'a Path,
}

/// Starts a program that needs no key and returns its answer; a missing program is an error.
pub type Ask<'a> = &'a dyn Fn(&Call) -> Result<Ended>;

/// One target, and the program that reaches it.
pub trait Platform {
    /// The program's name, or its full path.
    fn program(&self) -> &str;
    /// The hint if the program refuses.
    fn help(&self) -> Help;
    /// The calls to make, in this order.
    ///
    /// # Errors
    /// The program's answers do not tell which target is meant.
    fn plan(&self, ask: Ask<'_>) -> Result<Plan>;
}

/// The hint if a program refuses.
pub struct Help {
    /// A command that shows more; `None` if only a dry run does.
    pub ask: Option<Hint>,
    /// Where to get the program.
    pub install: String,
}

/// The calls that push a key, and the question that is asked afterwards.
pub struct Plan {
    /// The target with its omitted parts filled in, so that it means the same later.
    pub target: String,
    /// The calls that put the key there; each must succeed.
    pub put: Vec<Call>,
    /// What is asked afterwards.
    pub proof: Proof,
    /// What the user should know beforehand.
    pub warning: Option<&'static str>,
}

/// What can be asked about a pushed key.
pub enum Proof {
    /// The key itself, from what a program prints.
    ReadBack(Call, fn(&[u8]) -> Option<Zeroizing<String>>),
    /// A list of names, possibly with times.
    Listing(Listing),
    /// Nothing.
    Nothing,
}

/// A list of what a platform stores.
pub struct Listing {
    /// The call that prints it.
    pub call: Call,
    /// The name to look for.
    pub name: String,
    /// Finds the name in the output.
    pub find: fn(&[u8], &str) -> Listed,
    /// Whether the times come from another machine's clock: the list is then also read before the push.
    pub by_another_clock: bool,
}

/// What a list says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The name is not listed.
    Absent,
    /// It is listed without a time.
    Named,
    /// It is listed, changed at this time.
    At(DateTime<Utc>),
    /// The list cannot be understood.
    Unreadable,
}

/// Parses a target.
///
/// # Errors
/// There is none of that name (exit 2, with the expected form); a target of the configuration that cannot be
/// used (exit 1).
pub fn parse(text: &str, given: &Given<'_>, own: &BTreeMap<String, PushTarget>) -> Result<Box<dyn Platform>> {
    if let Some(target) = own.get(text) {
        return command::of(text, target, given).map(|target| Box::new(target) as Box<dyn Platform>);
    }
    let Some((scheme, rest)) = text.split_once(':') else { return Err(unknown(text, own)) };
    let Some(kind) = SCHEMES.iter().find(|kind| kind.scheme == scheme) else {
        return Err(unknown(text, own));
    };
    (kind.parse)(rest, given)
        .map_err(|why| Error::usage(format!("`{text}`: {why}")).hint(format!("--to {}", kind.shape)))
}

fn unknown(text: &str, own: &BTreeMap<String, PushTarget>) -> Error {
    let shapes = SCHEMES.iter().map(|kind| kind.shape);
    let known: Vec<&str> = own.keys().map(String::as_str).chain(shapes).collect();
    let error = Error::usage(format!("there is no target `{text}`"));
    let schemes: Vec<&str> = own.keys().map(String::as_str).chain(SCHEMES.iter().map(|k| k.scheme)).collect();
    match nearest(text.split(':').next().unwrap_or_default(), &schemes, |word| word) {
        Some(near) => error.hint(known.iter().find(|word| word.starts_with(near)).copied().unwrap_or(near)),
        None => error.hint(format!("one of {}", known.join(", "))),
    }
}

impl Help {
    fn of(ask: &str, install: &str) -> Self {
        Self { ask: Some(ask.into()), install: install.to_owned() }
    }
}

impl Plan {
    /// A plan of one call and the question about it.
    fn of(target: String, put: Call, proof: Proof) -> Self {
        Self { target, put: vec![put], proof, warning: None }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
