//! `cloudflare:WORKER`: a secret of a Worker, by `wrangler`, which can only list names.

use super::{Ask, Given, Help, Listing, Plan, Platform, Proof, words};
use crate::error::Result;
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "wrangler";
/// Asks and reports nothing. Keeps requests and their bodies out of wrangler's log, where `WRANGLER_LOG_SANITIZE=false`
/// would put them.
const QUIETLY: &[(&str, Option<&str>)] = &[
    ("CI", Some("1")),
    ("WRANGLER_LOG", None),
    ("WRANGLER_LOG_SANITIZE", Some("true")),
    ("WRANGLER_SEND_METRICS", Some("false")),
];

struct Worker {
    name: String,
    variable: String,
}

pub(super) fn parse(rest: &str, given: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    match words::is_plain(rest, "-_") {
        true => Ok(Box::new(Worker { name: rest.to_owned(), variable: given.variable.to_owned() })),
        false => Err("a Worker's name is letters, digits, `-` and `_`".to_owned()),
    }
}

impl Platform for Worker {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("wrangler whoami", "https://developers.cloudflare.com/workers/wrangler")
    }

    fn plan(&self, _: Ask<'_>) -> Result<Plan> {
        let name = format!("--name={}", self.name);
        let put = Call::of(PROGRAM, &["secret", "put", &self.variable, &name]).with(QUIETLY);
        let listing = Listing {
            call: Call::of(PROGRAM, &["secret", "list", &name, "--format=json"]).with(QUIETLY),
            name: self.variable.clone(),
            find: |printed, name| words::in_json(printed, name, None),
            by_another_clock: false,
        };
        Ok(Plan::of(format!("cloudflare:{}", self.name), put.reading(Input::Key), Proof::Listing(listing)))
    }
}
