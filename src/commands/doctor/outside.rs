//! Checks the API, root certificates, and the hooks of git and of the shell.

use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::error::Error;
use crate::flows::shell_text::which_shell;
use crate::flows::{commit_guard, new_key};
use crate::git::hooks::{Holds, Hook, NAMES};
use crate::git::{Repository, unread};
use crate::hint::{Hint, suggest};
use crate::model::{ApiKey, Reason, Verdict};
use crate::output::checks::Check;
use crate::output::untrusted::shown;
use crate::shell::hooks::said_by_hook;
use crate::system::process::ancestors::ancestors;
use crate::system::{Network, World, variables};

pub(super) fn checks(world: &World, backend: &dyn Backend, offline: bool) -> Vec<Check> {
    let api = if offline { Check::skip("api", "not asked (--offline)") } else { api(world) };
    vec![api, certificates(world), git_hook(world, backend), shell_hook(world)]
}

/// Asks about a made-up key: the refusal proves that name, route, certificate, clock and answer are right.
fn api(world: &World) -> Check {
    let made_up = ApiKey::parse(Zeroizing::new(["sk_", "made-up-by-", "getimg-keys-doctor"].concat()));
    let Ok(made_up) = made_up else { return Check::skip("api", "not asked") };
    match new_key::probe(world, &made_up) {
        Err(error) => Check::of_error("api", error),
        Ok(probe) => match probe.verdict {
            Verdict::Rejected => Check::pass("api", format!("{} answers as documented", probe.host)),
            Verdict::Valid(_) => Check::fail("api", format!("{} accepts a made-up key", probe.host))
                .hint(other_endpoint(world)),
            Verdict::Unknown(reason) => {
                let why = probe.message.map(|message| format!(": {}", shown(&message))).unwrap_or_default();
                Check::warn("api", format!("{}: {} ({reason}){why}", probe.host, reason.sentence()))
                    .hint(way_on(world, reason))
            }
        },
    }
}

fn other_endpoint(world: &World) -> String {
    if world.variables.is_set(variables::API_URL) {
        suggest::unset(variables::API_URL)
    } else {
        format!("{}  # `[api] url`", suggest::edit(world.places.typed(&world.places.config())))
    }
}

fn way_on(world: &World, reason: Reason) -> Hint {
    match reason {
        Reason::Tls => Hint::from("date -u").note(
            "if it is right, ask your network's administrator; no key was sent, and keys can still be used",
        ),
        Reason::Proxy if let Some((variable, _)) = Network::of(&world.variables).proxy => {
            Hint::from(suggest::unset(variable))
                .note("or set it to your network's proxy; keys can be used but not verified until then")
        }
        _ => Hint::advice("keys can be used but not verified until this is fixed"),
    }
}

fn certificates(world: &World) -> Check {
    let foreign =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| world.variables.path(name).is_some());
    match foreign {
        None => Check::pass("certificates", "the system's own"),
        Some(name) => Check::warn("certificates", format!("${name} sets which certificates TLS trusts"))
            .hint(format!("{}  # unless you or your company set it", suggest::unset(name))),
    }
}

fn git_hook(world: &World, backend: &dyn Backend) -> Check {
    let repository = match Repository::around(&world.places.working_directory) {
        Ok(Some(repository)) => repository,
        Ok(None) => return Check::skip("git-hook", "not in a git repository"),
        Err(error) => return unproved(error),
    };
    if let Err(error) = unread::refuse(&world.places.working_directory) {
        return unproved(error);
    }
    let installed = Hook::of(&repository, NAMES[0]).map(|hook| hook.holds == Holds::Ours);
    match (installed, commit_guard::weakness(&repository, world, backend)) {
        (Err(error), _) | (_, Err(error)) => unproved(error),
        (_, Ok(None)) => Check::pass("git-hook", "commits are scanned: a made-up key was refused"),
        (Ok(true), Ok(Some(why))) => Check::fail("git-hook", why.message).hint(Hint::run("guard install")),
        (Ok(false), Ok(Some(_))) => {
            Check::skip("git-hook", "commits are not scanned here").hint(Hint::run("guard install"))
        }
    }
}

fn unproved(error: Error) -> Check {
    let check = Check::warn("git-hook", format!("commits are not scanned here: {}", error.message));
    match error.hints.into_iter().next() {
        Some(hint) => check.hint(hint),
        None => check,
    }
}

fn shell_hook(world: &World) -> Check {
    // No hook of ours writes what is no text.
    let said = world.variables.text(variables::SHELL).ok().flatten().and_then(said_by_hook);
    if let Some((shell, _)) = said.filter(|(_, id)| ancestors().any(|above| above.id == *id)) {
        return Check::pass("shell-hook", format!("the {} hook is active", shell.as_str()));
    }
    match which_shell(None, world) {
        Err(error) => Check::of_error("shell-hook", error),
        Ok(shell) => match shell.how_to_hook() {
            Some(command) => Check::skip("shell-hook", "the shell hook is not active").hint(command),
            None => Check::skip("shell-hook", format!("there is no hook for {}", shell.as_str())),
        },
    }
}
