//! Hands a key out: the reasons to refuse, the one read of the store, the line in the log.

use crate::api::Endpoint;
use crate::api::endpoint::UNREADABLE;
use crate::backend::{Backend, Role, Slot};
use crate::error::{Error, Kind, Result};
use crate::flows::admit;
use crate::flows::open_store::explain_unread;
use crate::hint::{Hint, suggest};
use crate::model::policy::Action;
use crate::model::review::{replacement, review_profile, rotate_in_days};
use crate::model::verification::Conclusive;
use crate::model::{ApiKey, Profile, ProfileName, Profiles, Rule, StoreKind};
use crate::output::when::ago;
use crate::system::files::nudges;
use crate::system::{World, variables};

/// A variable that would send the key elsewhere, or replace it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The variable.
    pub variable: &'static str,
    /// The host it names; `None` for headers that replace the key.
    pub host: Option<String>,
}

impl Redirect {
    /// Its host, if the address names one.
    pub fn known_host(&self) -> Option<&str> {
        self.host.as_deref().filter(|host| *host != UNREADABLE)
    }
}

/// Refuses a key that must not be handed out, and warns about a doubtful one.
///
/// # Errors
/// Compromised (6, `--force` or not); rejected (4); overdue where the policy blocks (6); an
/// `Authorization` line in `$GETIMG_AI_CUSTOM_HEADERS` (6); a protected profile, or any where the policy
/// blocks, with `$GETIMG_AI_BASE_URL` at a foreign host (6).
pub fn refuse(world: &World, profile: &Profile, force: bool) -> Result<()> {
    refuse_where(world, profile, force, &redirects(world)?)
}

/// The same for a program that gets the relay's base URL instead of the one here.
///
/// # Errors
/// As [`refuse`], but for `$GETIMG_AI_BASE_URL`.
pub fn refuse_to_relay(world: &World, profile: &Profile, force: bool) -> Result<()> {
    let mut redirects = redirects(world)?;
    redirects.retain(|redirect| redirect.host.is_none());
    refuse_where(world, profile, force, &redirects)
}

fn refuse_where(world: &World, profile: &Profile, force: bool, redirects: &[Redirect]) -> Result<()> {
    refuse_compromised(profile)?;
    let refusals = rejected(world, profile).into_iter().chain(overdue(world, profile)?);
    for error in refusals.chain(redirected(world, profile, redirects)?) {
        if !force {
            return Err(error.hint("or, this once: --force"));
        }
        world.terminal.say(&format!("warning: {error}; handed out by --force"));
    }
    nudge(world, profile)
}

/// Refuses a key that must not be pushed. The shell's variables for the API do not matter for that.
///
/// # Errors
/// Compromised (6); rejected (4); overdue where the policy blocks (6).
pub fn refuse_to_push(world: &World, profile: &Profile) -> Result<()> {
    refuse_compromised(profile)?;
    match rejected(world, profile).or(overdue(world, profile)?) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

fn refuse_compromised(profile: &Profile) -> Result<()> {
    let Some(at) = profile.key.compromised_at else { return Ok(()) };
    let (name, when) = (&profile.name, at.date_naive());
    let message = format!("the key of `{name}` was declared compromised on {when}; it is not handed out");
    Err(Error::policy(message).hint(replacement(profile)))
}

/// Reads the key of a profile and checks that it is the one the profiles know.
///
/// # Errors
/// The store's errors; a key that something else changed there, or that was given up for good (exit 6).
pub fn read(backend: &dyn Backend, profiles: &Profiles, profile: &Profile) -> Result<ApiKey> {
    let store = backend.keys()?;
    let key =
        store.get(&Slot::of(profile, Role::Current)).map_err(|e| explain_unread(&e, store, &profile.name))?;
    if key.fingerprint() != profile.key.fingerprint && !profiles.is_arriving(&profile.name, key.fingerprint())
    {
        return Err(changed_elsewhere(store.kind(), &profile.name));
    }
    admit::hand_out(profiles, &profile.name, key.fingerprint())?;
    Ok(key)
}

/// Refuses to go on with a key that another program stored under the profile's name (exit 6): it would be kept as the
/// old key or under another name. Encrypted files are not asked: reading them takes the passphrase. A key that cannot
/// be read now makes the change fail at its first copy.
///
/// # Errors
/// The store cannot be reached (7); it holds another key (6).
pub fn refuse_changed_elsewhere(backend: &dyn Backend, profile: &Profile) -> Result<()> {
    let store = backend.keys()?;
    let differs = |key: ApiKey| key.fingerprint() != profile.key.fingerprint;
    if store.kind() == StoreKind::Keychain && store.get(&Slot::of(profile, Role::Current)).is_ok_and(differs)
    {
        return Err(changed_elsewhere(store.kind(), &profile.name));
    }
    Ok(())
}

/// The error for a key in the store that no command of ours put there (exit 6), with both ways to continue.
pub fn changed_elsewhere(store: StoreKind, name: &ProfileName) -> Error {
    let place = store.in_words();
    let holds = if store == StoreKind::File { "hold" } else { "holds" };
    let error = Error::policy(format!(
        "{place} {holds} another key for `{name}` than the one that was added; another program changed it"
    ))
    .hint(Hint::run("verify").arg(name).note("shows which key it is, and asks before adopting it"));
    match store {
        StoreKind::Keychain => error.hint(Hint::advice(
            "or delete that entry in the system's password manager, and put the recorded key back",
        )),
        StoreKind::File => error
            .hint(Hint::advice(format!("or put the file {name}.age back as it was, from a copy of yours"))),
        StoreKind::Env | StoreKind::Vault => error,
    }
}

/// Every variable that would send the key elsewhere, or put another in its place.
///
/// # Errors
/// The configuration does not parse.
pub fn redirects(world: &World) -> Result<Vec<Redirect>> {
    let headers = world.variables.secret(variables::SDK_HEADERS).unwrap_or_default();
    let names_authorization = |line: &str| {
        line.split_once(':').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("authorization"))
    };
    let mut found = Vec::new();
    if headers.lines().any(names_authorization) {
        found.push(Redirect { variable: variables::SDK_HEADERS, host: None });
    }
    let url = world.variables.secret(variables::SDK_BASE_URL).filter(|url| !url.is_empty());
    if let Some(host) = url.and_then(|url| Endpoint::foreign_host(&url)) {
        let allowed = &world.config()?.api.allowed_hosts;
        if !allowed.iter().any(|a| a.eq_ignore_ascii_case(&host)) {
            found.push(Redirect { variable: variables::SDK_BASE_URL, host: Some(host) });
        }
    }
    Ok(found)
}

fn rejected(world: &World, profile: &Profile) -> Option<Error> {
    let last = profile.key.verification.as_ref().filter(|v| v.verdict == Conclusive::Rejected)?;
    let when = ago(last.checked_at, world.now);
    let name = &profile.name;
    let message = format!("the API rejected the key of `{name}` ({when})");
    Some(Error::new(Kind::Rejected, message).hint(replacement(profile)).hint(Hint::run("verify").arg(name)))
}

fn overdue(world: &World, profile: &Profile) -> Result<Option<Error>> {
    let policy = world.policy()?;
    let rules = policy.rules(&profile.name);
    let late = -rotate_in_days(profile, &rules, world.now);
    if late <= 0 || rules.overdue == Action::Warn || policy.ageless {
        return Ok(None);
    }
    let name = &profile.name;
    let message = format!("the key of `{name}` is overdue by {late} days, and the policy blocks it");
    Ok(Some(Error::policy(message).hint(replacement(profile))))
}

fn redirected(world: &World, profile: &Profile, redirects: &[Redirect]) -> Result<Vec<Error>> {
    let mut refusals = Vec::new();
    let blocks = profile.protected || world.policy()?.rules(&profile.name).redirects == Action::Block;
    for Redirect { variable, host } in redirects {
        let what = match host {
            None => format!(
                "${variable} has an Authorization line, which would replace the key of `{}`",
                profile.name
            ),
            Some(host) => format!("${variable} would send the key of `{}` to {host}", profile.name),
        };
        if host.is_none() || blocks {
            let error = Error::policy(what).hint(suggest::unset(variable));
            refusals.push(match host {
                Some(host) if !host.contains(' ') => error.hint(Hint::advice(format!(
                    "or trust it: `[api] allowed_hosts = [\"{host}\"]` in {}",
                    world.places.shown(&world.places.config())
                ))),
                _ => error,
            });
        } else {
            world.terminal.say(&format!("warning: {what}"));
        }
    }
    Ok(refusals)
}

/// One line on a terminal for what is broken, or soon will be, without forbidding the hand-out; a breach
/// is said every 12 h at most.
fn nudge(world: &World, profile: &Profile) -> Result<()> {
    if !world.terminal.watched || world.terminal.quiet || world.terminal.collects {
        return Ok(());
    }
    let mut breaches = review_profile(profile, &world.policy()?, world.now);
    // What `--force` overrode was said already.
    breaches.retain(|breach| breach.rule != Rule::Rejected);
    if breaches.is_empty() {
        return Ok(());
    }
    // Nothing is remembered in another user's home, and the same would be said each time.
    if world.places.must_be_ours().is_err() {
        return Ok(());
    }
    let path = world.places.nudges();
    let mut nudges = nudges::read(&path);
    if let Some(line) = nudges.line(&breaches, world.now) {
        world.terminal.say(&format!("warning: {line}"));
        // The warning may be repeated: that is no reason to refuse the key.
        let _ = nudges::write(&path, &nudges);
    }
    Ok(())
}
