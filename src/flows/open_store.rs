//! The errors of a store, with the hints that help.

use crate::backend::{Entry, Role, Slot, Store, StoreError};
use crate::error::{Error, Kind};
use crate::flows::passphrase;
use crate::hint::{Hint, quoted, suggest};
use crate::model::{ProfileName, StoreKind};
use crate::system::variables;

/// The error of a store, with the hints that help.
pub fn explain(error: &StoreError, kind: StoreKind, profile: Option<&ProfileName>) -> Error {
    let wanted = Wanted { kind, profile };
    match error {
        StoreError::Missing => wanted.missing(),
        StoreError::Ambiguous(entries) => wanted.ambiguous(entries),
        StoreError::Occupied(entries) => wanted.occupied(entries),
        StoreError::NotAKey => wanted.not_a_key(),
        StoreError::Locked => wanted.locked(),
        StoreError::Unconfirmed => wanted.unconfirmed(),
        StoreError::Denied => wanted.denied(),
        StoreError::NoAnswer(seconds) => wanted.no_answer(*seconds),
        StoreError::ReadOnly => wanted.read_only(),
        StoreError::NoVault => wanted.no_credential_manager(),
        StoreError::NoBus => no_bus(),
        StoreError::ForeignBus => foreign_bus(),
        StoreError::NoCollection => no_collection(),
        StoreError::NoProvider => no_provider(),
        StoreError::Vault(trouble) => Error::from((**trouble).clone()),
        StoreError::Cancelled => Error::cancelled(),
        StoreError::NotSetUp
        | StoreError::PassphraseNeeded
        | StoreError::WrongPassphrase(_)
        | StoreError::PassphraseFile(_)
        | StoreError::PassphraseDisclosed(_)
        | StoreError::PassphraseCommand(_)
        | StoreError::OwnKey(_)
        | StoreError::NotARecipient(_)
        | StoreError::NotJoined(_)
        | StoreError::Exchanged { .. }
        | StoreError::NoSession(_)
        | StoreError::NoIdentity { .. }
        | StoreError::NoRecipient { .. }
        | StoreError::Damaged(_) => passphrase::explain(error, profile),
        StoreError::NotKept | StoreError::Failed(_) => wanted.failed(error),
    }
}

/// What was asked of which store: its errors name both.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kind: StoreKind,
    /// Whose key; `None` where it was no certain one.
    profile: Option<&'a ProfileName>,
}

impl Wanted<'_> {
    fn store(self) -> &'static str {
        self.kind.in_words()
    }

    fn key(self) -> String {
        self.profile.map_or_else(|| "the key".to_owned(), |name| format!("the key of `{name}`"))
    }

    fn missing(self) -> Error {
        let error = Error::not_found(format!(
            "{} is missing from {}: another program deleted it",
            self.key(),
            self.store()
        ));
        self.profile.into_iter().fold(error, |error, name| error.hint(added_again(name)))
    }

    fn ambiguous(self, entries: &[Entry]) -> Error {
        Error::store(format!(
            "{} entries in {} answer for {}, none of them has the recorded key: {}",
            entries.len(),
            self.store(),
            self.key(),
            listed(entries)
        ))
        .hint(Hint::advice(
            "delete all but one of them in the system's password manager, then run the command again",
        ))
    }

    fn occupied(self, entries: &[Entry]) -> Error {
        let name = self.profile.map_or_else(|| "NAME".to_owned(), ToString::to_string);
        Error::policy(format!(
            "{} has an entry for `{name}` that no profile here has, and it was not overwritten{}",
            self.store(),
            after_colon(entries)
        ))
        .hint(adopt(name, self.kind).note("to record it as a profile"))
    }

    fn not_a_key(self) -> Error {
        let entry = self.profile.map_or_else(String::new, |name| format!(" `{name}`"));
        let again = self.profile.map_or_else(|| "run the command again".into(), added_again);
        Error::store(format!("what {} holds for {} is not a key", self.store(), self.key()))
            .hint(Hint::advice(format!("delete the entry{entry} there by hand, then: {again}")))
    }

    fn locked(self) -> Error {
        let why = self.profile.map_or_else(String::new, |_| format!(", so {} cannot be read", self.key()));
        Error::store(format!("{} is locked{why}", self.store())).hint(Hint::advice(
            "unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again",
        ))
    }

    fn unconfirmed(self) -> Error {
        Error::store(format!(
            "{} asks before it returns {}, and there is no terminal to answer",
            self.store(),
            self.key()
        ))
        .hint(Hint::advice("run the command in a terminal and allow the access"))
        .hint(Hint::advice("let the password manager hand out keys without asking (KeePassXC: Settings, Secret Service Integration)"))
    }

    fn denied(self) -> Error {
        Error::store(format!("{} denied access to {}", self.store(), self.key()))
            .hint(Hint::advice("run the command again and allow the access"))
    }

    fn no_answer(self, seconds: u64) -> Error {
        let what = self.profile.map_or_else(String::new, |_| format!(" for {}", self.key()));
        Error::store(format!("{} did not answer within {seconds} s{what}", self.store()))
            .hint(Hint::run("doctor").note("which one it is"))
            .hint(Hint::advice("restart that program, or log out and in, then run the command again"))
    }

    fn read_only(self) -> Error {
        Error::usage(format!("{} can only be read", self.store()))
            .hint(Hint::from(suggest::unset(variables::STORE)).note("or leave out --store env"))
    }

    fn no_credential_manager(self) -> Error {
        Error::store(format!(
            "a session by ssh or of a service has no Credential Manager, so {} cannot be read",
            self.key()
        ))
        .hint(Hint::advice("run the command in a session of the desktop"))
    }

    fn failed(self, error: &StoreError) -> Error {
        Error::failure(format!("{} failed on {}: {error}", self.store(), self.key()))
            .hint(Hint::run("doctor"))
    }
}

fn no_bus() -> Error {
    let error = Error::store("there is no D-Bus session, so the keychain cannot be reached");
    let other = variables::other_session_bus()
        .map(|socket| format!("export DBUS_SESSION_BUS_ADDRESS=unix:path={}", quoted(socket)));
    other
        .into_iter()
        .fold(error, Error::hint)
        .hint("dbus-run-session -- $SHELL  # where no desktop runs, then the command again")
}

fn foreign_bus() -> Error {
    Error::store("the D-Bus session belongs to another user, so the keychain cannot be reached").hint(
        Hint::from("sudo -iu \"$USER\"")
            .note("or log in as the user whose keychain it is, then the command again"),
    )
}

fn no_collection() -> Error {
    Error::store("the keychain has no default collection, so there is nowhere to keep a key").hint(Hint::advice(
        "make a keyring named Login and set it as the default, in Passwords and Keys (seahorse) or KWalletManager",
    ))
}

fn no_provider() -> Error {
    Error::store("nothing on this machine provides a keychain (Secret Service)").hint(
        Hint::from("sudo apt install gnome-keyring")
            .note("or another Secret Service, then the command again"),
    )
}

/// The command that records an entry as a profile. Without profiles no store is recorded, and it would ask the keychain.
fn adopt(name: String, kind: StoreKind) -> Hint {
    let adopt = Hint::run("store adopt").arg(name);
    if kind == StoreKind::File { adopt.arg("--store").arg("file") } else { adopt }
}

/// The commands that remove a profile and add it again.
fn added_again(name: &ProfileName) -> Hint {
    Hint::run("remove").arg(name).and(&Hint::run("add").arg(name))
}

/// The same where it was one slot that did not serve: what lies beside a profile's key can be no profile.
pub fn explain_slot(error: &StoreError, kind: StoreKind, slot: &Slot) -> Error {
    match error {
        StoreError::Occupied(entries) if slot.role != Role::Current => {
            let listed = after_colon(entries);
            let hint = match (kind, entries.first().and_then(|entry| entry.label.as_ref())) {
                (StoreKind::File, Some(path)) => Hint::from(format!("mv {} ~", quoted(path)))
                    .note("it is not ours; then the command again"),
                _ => Hint::advice(format!(
                    "delete or rename the entry `{slot}` in the system's password manager, then run the command again"
                )),
            };
            Error::policy(format!(
                "{} has an entry `{slot}` that no profile here has, and it was not overwritten{listed}",
                kind.in_words()
            ))
            .hint(hint)
        }
        StoreError::NotAKey if slot.role != Role::Current => {
            Error::store(format!("what {} holds in `{slot}` is not a key", kind.in_words())).hint(
                Hint::advice(format!("delete the entry `{slot}` there by hand, then run the command again")),
            )
        }
        _ => explain(error, kind, Some(&slot.profile)),
    }
}

/// The error for a store that was only read: whatever failed, it cannot be read (exit 7).
pub fn unread(error: &StoreError, kind: StoreKind, profile: Option<&ProfileName>) -> Error {
    let explained = explain(error, kind, profile);
    if matches!(error, StoreError::Failed(_)) { Error { kind: Kind::Store, ..explained } } else { explained }
}

/// What is told of a key that could not be read: where the keychain that answers has no entry of ours at all, it may be
/// another one than the one they are in, and nothing is to be given up for that.
pub fn explain_unread(error: &StoreError, store: &dyn Store, name: &ProfileName) -> Error {
    if let StoreError::Failed(_) = error {
        return unread(error, store.kind(), Some(name));
    }
    if *error != StoreError::Missing || store.kind() != StoreKind::Keychain {
        return explain(error, store.kind(), Some(name));
    }
    let (why, is_known) = match store.accounts() {
        Ok(Some(accounts)) if !accounts.is_empty() => return explain(error, store.kind(), Some(name)),
        Ok(Some(_)) => {
            (", which holds no key of these profiles: it was deleted, or this is another keychain", true)
        }
        // It has answered for this entry: that is all that is known.
        Ok(None) | Err(_) => ("; it is not known whether it was deleted, or this is another keychain", false),
    };
    let error = Error::not_found(format!(
        "the key of `{name}` is missing in the keychain that answers{why} than the one it was added to"
    ))
    .hint(Hint::run("doctor").note("which keychain answers"))
    .hint(Hint::advice("open the password manager that it was added to, then run the command again"));
    if is_known { error } else { error.hint(added_again(name).note("if it was deleted")) }
}

/// How many entries a message names.
const LISTED: usize = 5;

/// The end of a sentence that tells of entries, as far as the store lists any.
fn after_colon(entries: &[Entry]) -> String {
    if entries.is_empty() { String::new() } else { format!(": {}", listed(entries)) }
}

/// What distinguishes entries: label, date, fingerprint.
fn listed(entries: &[Entry]) -> String {
    let one = |entry: &Entry| match &entry.fingerprint {
        Some(fingerprint) => format!("{entry}, fingerprint {fingerprint}"),
        None => format!("{entry}, whose key is not known"),
    };
    let mut listed: Vec<_> = entries.iter().take(LISTED).map(one).collect();
    if entries.len() > LISTED {
        listed.push(format!("and {} more", entries.len() - LISTED));
    }
    listed.join("; ")
}

#[cfg(test)]
#[path = "open_store_tests.rs"]
mod tests;
