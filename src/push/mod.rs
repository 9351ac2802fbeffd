//! The targets that a key can be pushed to: how their programs are called, and what the answers mean.
//!
//! Nothing is started here: a flow does that, and hands the answers over.

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

/// One kind of place.
pub struct Scheme {
    /// What stands before the colon.
    pub scheme: &'static str,
    /// How a place of this kind is written.
    pub shape: &'static str,
    parse: Parse,
}

/// Reads what stands behind the colon; says in words why it names nothing.
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

/// What a place may be named by halves from.
pub struct Given<'a> {
    /// The variable that programs look for the key in; also the name that platforms keep it under.
    pub variable: &'a str,
    /// The working directory.
    pub folder: &'a Path,
}

/// Starts a program that needs no key, and gives its answer; a program that is not there is an error.
pub type Ask<'a> = &'a dyn Fn(&Call) -> Result<Ended>;

/// One place, and the program by which it is reached.
pub trait Platform {
    /// The program's name, or its whole path.
    fn program(&self) -> &str;
    /// What helps where the program refuses.
    fn help(&self) -> Help;
    /// What is to be run, in this order.
    ///
    /// # Errors
    /// The program says too little to tell which place is meant.
    fn plan(&self, ask: Ask<'_>) -> Result<Plan>;
}

/// What helps where a program refuses.
pub struct Help {
    /// A command that says more; `None` where only a dry run does.
    pub ask: Option<Hint>,
    /// Where the program comes from.
    pub install: String,
}

/// What is run to push a key, and what is asked about it afterwards.
pub struct Plan {
    /// The place, with whatever was left out of it, so that it is the same one tomorrow.
    pub target: String,
    /// What puts the key there; each must succeed.
    pub put: Vec<Call>,
    /// What is asked then.
    pub proof: Proof,
    /// What the person should know before.
    pub warning: Option<&'static str>,
}

/// What can be asked about a key that was pushed.
pub enum Proof {
    /// The key itself, out of what a program prints.
    ReadBack(Call, fn(&[u8]) -> Option<Zeroizing<String>>),
    /// A list of names, which may have times.
    Listing(Listing),
    /// Nothing.
    Nothing,
}

/// A list of what a platform holds.
pub struct Listing {
    /// What prints it.
    pub call: Call,
    /// The name that is looked for.
    pub name: String,
    /// Finds it.
    pub find: fn(&[u8], &str) -> Listed,
    /// Whether the list has times of another machine: it is then asked before the push too.
    pub by_another_clock: bool,
}

/// What a list says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It is not in it.
    Absent,
    /// It is in it, without a time.
    Named,
    /// It is in it, changed then.
    At(DateTime<Utc>),
    /// The list cannot be understood.
    Unreadable,
}

/// The place that a text names.
///
/// # Errors
/// There is none of that name (exit 2), with the shape it should have; a target of the configuration that cannot be
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
    /// A plan of one call, about which something is asked.
    fn of(target: String, put: Call, proof: Proof) -> Self {
        Self { target, put: vec![put], proof, warning: None }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
