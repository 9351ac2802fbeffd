//! `verify`: asks the API whether keys are valid, and records the verdicts.

mod record;
mod spend;

use std::collections::HashSet;

use serde_json::{Value, json};

use self::record::Changed;
use crate::api::{self, Endpoint, ProbeOptions};
use crate::backend::{Backend, Role, Slot, StoreError};
use crate::error::{Kind, Result};
use crate::flows::open_store::explain_unread;
use crate::flows::{first_key, new_key, passphrase, select_profile, unset_secret};
use crate::model::verification::{Funds, Reason, VerdictName};
use crate::model::{
    ApiKey, Breach, KeyRecord, Probe, ProfileName, Profiles, Rule, Verdict, review, time_limit,
};
use crate::output::table::{self, Fit};
use crate::output::untrusted::shown;
use crate::output::{Render, Report, breaches, when};
use crate::system::World;
use crate::system::terminal::escape;
use spend::Spend;

const COLUMNS: [(&str, Fit); 4] =
    [("name", Fit::Whole), ("verdict", Fit::Whole), ("", Fit::Prose), ("answered in", Fit::Spare)];

/// Ask the API whether keys are valid, and record the answer
///
/// Asks about the selected profile, those named, or all. Only a documented answer counts: anything that could be a
/// network problem is `unknown` and never replaces an earlier verdict.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  getimg-keys verify
  getimg-keys verify --all --cost
  getimg-keys verify prod --strict --timeout 30")]
pub struct Args {
    /// The profiles [default: the selected one]
    #[arg(conflicts_with = "all")]
    names: Vec<ProfileName>,
    /// Verify every profile at once, over one connection
    #[arg(long)]
    all: bool,
    /// Send a made-up key first, which the API must refuse
    #[arg(long)]
    strict: bool,
    /// Show what the keys' projects spent in the last 30 days
    #[arg(long)]
    cost: bool,
    /// Accept a valid key that another program stored under the profile's name
    #[arg(long)]
    adopt: bool,
    /// Time limit per key, in seconds
    #[arg(long, value_name = "S", value_parser = seconds)]
    timeout: Option<u64>,
}

/// The results for every profile that was asked about.
pub struct Verified {
    results: Vec<Checked>,
    breaches: Vec<Breach>,
    now: chrono::DateTime<chrono::Utc>,
}

struct Checked {
    name: ProfileName,
    key: Result<KeyRecord>,
    probe: Probe,
    spend: Option<Spend>,
    /// What happens to a key that another program stored in place of the recorded one.
    changed: Option<Changed>,
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    time_limit::timeout(text.parse().ok())
}

/// Runs the command.
///
/// # Errors
/// No such profile, or none selected (3); the API's address is invalid (2); the profiles cannot be read (1).
pub fn run(
    args: Args,
    world: &World,
    backend: &dyn Backend,
    global: Option<&ProfileName>,
) -> Result<Verified> {
    let profiles = backend.profiles_now()?;
    let names = names(&args, world, &profiles, global)?;
    let endpoint = new_key::endpoint(world)?;
    let store = backend.keys()?;
    let slot = |name: &ProfileName| {
        profiles.get(name).map_or_else(|| Slot::current(name), |profile| Slot::of(profile, Role::Current))
    };
    let keys = store.get_all(&names.iter().map(slot).collect::<Vec<_>>());
    passphrase::offer_unlock(world);
    let timeout = args.timeout.map_or(world.config()?.timeout(), std::time::Duration::from_secs);
    let probes = probe(args.strict, timeout, world, &endpoint, &keys);
    let mut results: Vec<_> = names
        .into_iter()
        .zip(keys)
        .zip(probes)
        .map(|((name, key), probe)| {
            let asked = key.as_ref().ok().filter(|_| args.cost && probe.verdict.name() == VerdictName::Valid);
            let spend = asked.map(|key| spend::of(&endpoint, key, world.now, timeout));
            let key =
                key.map(|key| KeyRecord::of(&key, world.now)).map_err(|e| explain_unread(&e, store, &name));
            Checked { name, key, probe, spend, changed: None }
        })
        .collect();
    record::judge_changed(world, &profiles, store, &mut results, args.adopt)?;
    let profiles = record::write_down(world, backend, profiles, &results);
    let changed =
        results.iter().filter(|r| r.changed.as_ref().is_some_and(|changed| changed.kind().is_some()));
    let changed = changed.filter_map(|r| profiles.get(&r.name)).map(review::changed_elsewhere);
    let reviewed = review::review(&profiles, &world.policy()?, world.now).into_iter();
    let reviewed =
        reviewed.filter(|breach| results.iter().any(|r| r.name == breach.profile && !r.mends(breach)));
    let breaches = changed.chain(reviewed).collect();
    Ok(Verified { results, breaches, now: world.now })
}

fn names(
    args: &Args,
    world: &World,
    profiles: &Profiles,
    global: Option<&ProfileName>,
) -> Result<Vec<ProfileName>> {
    if args.all {
        if let Some(unset) = unset_secret::why(world, profiles, None).filter(|_| profiles.all.is_empty()) {
            return Err(unset);
        }
        if profiles.all.is_empty() {
            world.terminal.say("there are no profiles yet; add the first one:");
            let first = first_key::commands(world, "dev");
            first.iter().for_each(|command| world.terminal.say(&format!("  {command}")));
        }
        let pins = world.pins()?;
        let (permitted, others): (Vec<_>, Vec<_>) =
            profiles.all.iter().map(|p| p.name.clone()).partition(|name| pins.refusing(name).is_none());
        for name in others {
            world.terminal.complain(&format!("{name} is skipped: a pin does not allow it here"));
        }
        return Ok(permitted);
    }
    if args.names.is_empty() {
        return Ok(vec![select_profile::selected(world, profiles, global)?.profile.name.clone()]);
    }
    let mut names: Vec<ProfileName> = Vec::new();
    for name in &args.names {
        select_profile::named(profiles, name)
            .map_err(|unknown| unset_secret::why(world, profiles, Some(name)).unwrap_or(unknown))?;
        select_profile::permitted_here(world, profiles, name)?;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}

/// Asks the API about every key that could be read; the others get the verdict `unknown(store)`.
fn probe(
    strict: bool,
    timeout: std::time::Duration,
    world: &World,
    endpoint: &Endpoint,
    keys: &[Result<ApiKey, StoreError>],
) -> Vec<Probe> {
    let options = ProbeOptions { timeout, strict };
    let readable: Vec<&ApiKey> = keys.iter().filter_map(|key| key.as_ref().ok()).collect();
    let (total, mut done) = (readable.len(), 0);
    let host = endpoint.host();
    world.terminal.progress(&format!("asking {host} …"));
    let mut answers = api::probe(endpoint, &readable, &options, &mut |_| {
        done += 1;
        world.terminal.progress(&format!("asking {host} … {done} of {total}"));
    })
    .into_iter();
    world.terminal.clear_progress();
    let unread = || Probe {
        verdict: Verdict::Unknown(Reason::Store),
        http_status: None,
        code: None,
        latency_ms: None,
        host: host.to_owned(),
        message: None,
    };
    keys.iter().map(|key| key.as_ref().ok().and_then(|_| answers.next()).unwrap_or_else(unread)).collect()
}

impl Checked {
    /// The API has just accepted a key that it once rejected; recording that may fail, as on a full disk.
    fn mends(&self, breach: &Breach) -> bool {
        breach.rule == Rule::Rejected
            && self.probe.verdict.name() == VerdictName::Valid
            && self.changed.as_ref().is_none_or(|changed| changed.kind().is_none())
    }

    fn kind(&self) -> Option<Kind> {
        match (&self.key, self.probe.verdict.name()) {
            (Err(error), _) => Some(error.kind),
            (Ok(_), VerdictName::Rejected) => Some(Kind::Rejected),
            (Ok(_), VerdictName::Unknown) => Some(Kind::Unchecked),
            (Ok(_), VerdictName::Valid) => self.changed.as_ref().and_then(Changed::kind),
        }
    }

    fn row(&self, render: &Render) -> Vec<String> {
        let verdict = match &self.probe.verdict {
            Verdict::Valid(_) => render.style.good("✓ valid"),
            Verdict::Rejected => render.style.bad("✗ rejected"),
            Verdict::Unknown(reason) => render.style.warn(&format!("? unknown ({reason})")),
        };
        let latency = self.probe.latency_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
        let said = match (&self.key, &self.probe.verdict) {
            (Err(error), _) => error.message.clone(),
            (_, Verdict::Valid(funds)) => funds.in_words().trim_start_matches(", ").to_owned(),
            (_, Verdict::Unknown(reason)) => self.with_message(reason.sentence()),
            (_, Verdict::Rejected) => self.with_message("the API does not accept it"),
        };
        vec![self.name.to_string(), verdict, escape(&said), latency]
    }

    fn with_message(&self, sentence: &str) -> String {
        self.probe.message.as_ref().map_or(sentence.to_owned(), |m| format!("{sentence} ({})", shown(m)))
    }

    fn json(&self, now: chrono::DateTime<chrono::Utc>) -> Value {
        let (balance, currency) = match &self.probe.verdict {
            Verdict::Valid(Funds::Balance { amount, currency }) => (Some(amount), Some(currency)),
            _ => (None, None),
        };
        json!({
            "profile": self.name,
            "verdict": self.probe.verdict.name().as_str(),
            "reason": self.probe.verdict.reason().map(Reason::as_str),
            "http_status": self.probe.http_status,
            "code": self.probe.code,
            "latency_ms": self.probe.latency_ms,
            "checked_at": when::rfc3339(now),
            "host": self.probe.host,
            "balance": balance,
            "currency": currency,
            "cost": self.spend.as_ref().map(Spend::json),
            "message": self.key.as_ref().err().map(|e| e.message.clone()).or_else(|| self.probe.message.as_ref().map(shown)),
        })
    }
}

impl Report for Verified {
    fn text(&self, render: &Render) -> String {
        if self.results.is_empty() {
            return String::new();
        }
        let rows: Vec<_> = self.results.iter().map(|r| r.row(render)).collect();
        let mut text = table::aligned(render, &COLUMNS, &rows);
        for (name, spend) in self.results.iter().filter_map(|r| Some((&r.name, r.spend.as_ref()?))) {
            text.push_str(&format!("\n{name}  {}", spend.line()));
        }
        let failed = self.results.iter().filter_map(|r| r.key.as_ref().err());
        let mut hints: Vec<_> = failed.flat_map(|e| &e.hints).cloned().collect();
        hints.extend(self.results.iter().filter_map(|r| r.probe.verdict.reason()?.way_on()));
        let mut said = HashSet::new();
        hints.retain(|hint| said.insert(hint.to_string()));
        for hint in hints {
            text.push_str(&format!("\n{}", render.follow_up(&hint, 0)));
        }
        // A key that was changed by another program was reported before, with what was done about it.
        for breach in self.breaches.iter().filter(|b| b.broken && b.rule != Rule::ChangedElsewhere) {
            text.push_str(&format!("\n{}", breaches::in_words(breach, render)));
        }
        text
    }

    fn json(&self) -> Value {
        let results: Vec<_> = self.results.iter().map(|r| r.json(self.now)).collect();
        json!({ "results": results, "breaches": breaches::json(&self.breaches) })
    }

    fn exit(&self) -> Option<Kind> {
        let broken = self.breaches.iter().filter(|b| b.broken).map(|b| breaches::kind(b.rule));
        Kind::decisive(self.results.iter().filter_map(Checked::kind).chain(broken))
    }
}
