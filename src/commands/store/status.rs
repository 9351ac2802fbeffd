//! `store status`: which store is used, why, and the state of each.

use serde_json::{Value, json};

use crate::backend::vault::{self, Right, Standing};
use crate::backend::{Backend, Health, keys_in};
use crate::error::{Kind, Result};
use crate::model::{SharedCopy, StoreKind};
use crate::output::{Render, Report, when};
use crate::system::World;

/// The details of a store are indented below its name.
const INDENT: &str = "            ";

/// Which store is used, and the state of each.
pub(super) struct Status {
    /// The store in use; `None` before the first `add`.
    kind: Option<StoreKind>,
    /// What chose it.
    because: Because,
    /// Every store with its state.
    stores: Vec<(StoreKind, Health)>,
    /// If something names a vault: its state, and what the token may do there.
    vault: Option<Standing>,
    /// If the profiles are shared: the state of this machine's copy.
    copy: Option<SharedCopy>,
}

/// What chose the store in use.
#[derive(Clone, Copy)]
enum Because {
    Requested,
    Recorded,
    NothingAdded,
}

impl Because {
    /// The name in JSON and in the text.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Requested => ("requested", "requested by --store or $GETIMG_KEYS_STORE"),
            Self::Recorded => ("recorded", "recorded by the first `add` or by `store migrate`"),
            Self::NothingAdded => ("nothing-added", "nothing was added yet"),
        }
    }
}

impl Status {
    /// Checks every store; opens no dialog and asks for nothing.
    ///
    /// # Errors
    /// The profiles or the configuration cannot be read.
    pub(super) fn of(world: &World, backend: &dyn Backend) -> Result<Self> {
        // Asking a vault for its state also brings a new copy; if there is none, the reason is given below.
        if backend.capabilities().shared {
            let _ = backend.profiles_now();
        }
        let profiles = backend.profiles()?;
        let recorded = profiles.store;
        let (kind, because) = match (recorded, world.wanted_store) {
            (_, Some(StoreKind::Env)) => (Some(StoreKind::Env), Because::Requested),
            (Some(recorded), _) => (Some(recorded), Because::Recorded),
            (None, Some(wanted)) => (Some(wanted), Because::Requested),
            (None, None) => (None, Because::NothingAdded),
        };
        let is_named = kind == Some(StoreKind::Vault) || vault::is_named(world);
        let mut stores = vec![StoreKind::Keychain, StoreKind::File, StoreKind::Env];
        stores.extend(is_named.then_some(StoreKind::Vault));
        let stores = stores.into_iter().map(|kind| Ok((kind, keys_in(world, kind)?.health())));
        let stores = stores.collect::<Result<_>>()?;
        let vault = if is_named { Some(vault::standing(world)?) } else { None };
        Ok(Self { kind, because, stores, vault, copy: profiles.copy })
    }

    /// Which store is used and why, in a sentence.
    fn message(&self) -> String {
        let used = self.kind.map_or("no store is used yet".to_owned(), |kind| {
            format!("keys are kept in {}", kind.in_words())
        });
        format!("{used} ({})", self.because.words().1)
    }

    /// The state of the store in use.
    fn health(&self) -> Option<&Health> {
        self.stores.iter().find(|(kind, _)| Some(*kind) == self.kind).map(|(_, health)| health)
    }
}

fn code(health: &Health) -> &'static str {
    match health {
        Health::Ready => "ready",
        Health::Unwell(why) => why.code(),
    }
}

fn in_words(health: &Health) -> String {
    match health {
        Health::Ready => "ready".to_owned(),
        Health::Unwell(why) => why.to_string(),
    }
}

impl Report for Status {
    fn text(&self, render: &Render) -> String {
        let mut lines = vec![render.prose(&self.message(), 0)];
        for (kind, health) in &self.stores {
            let mark = if Some(*kind) == self.kind { "*" } else { " " };
            let words = render.prose(&in_words(health), 12);
            let words = if *health == Health::Ready { render.style.good(&words) } else { words };
            lines.push(format!("{mark} {:<9} {words}", kind.as_str()));
        }
        lines.extend(self.vault.iter().flat_map(|vault| standing(vault, render)));
        if let Some(copy) = &self.copy {
            let age = when::ago(copy.at, render.now);
            lines.push(format!("{INDENT}this machine's copy: version {}, read {age}", copy.version));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let stores = self
            .stores
            .iter()
            .map(|(kind, health)| json!({"name": kind.as_str(), "health": code(health), "message": in_words(health)}));
        json!({
            "store": self.kind.map(StoreKind::as_str),
            "because": self.because.words().0,
            "message": self.message(),
            "health": self.health().map(code),
            "stores": stores.collect::<Value>(),
            "vault": self.vault.as_ref().map(as_json),
            "copy": self.copy.as_ref().map(|copy| json!({
                "version": copy.version,
                "copied_at": when::rfc3339(copy.at),
            })),
        })
    }

    fn exit(&self) -> Option<Kind> {
        matches!(self.health(), Some(Health::Unwell(_))).then_some(Kind::Store)
    }
}

/// The text about the vault.
fn standing(vault: &Standing, render: &Render) -> Vec<String> {
    let seal = match vault.sealed {
        Some(true) => ", sealed",
        Some(false) => ", unsealed",
        None => "",
    };
    let version = vault.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
    let namespace = vault.namespace.as_ref().map(|name| format!(" in namespace {name}")).unwrap_or_default();
    let mut said = vec![format!("{}{version}{seal}; {}{namespace}", vault.address, vault.entry)];
    if let Some(token) = &vault.token {
        said.push(format!(
            "token: {}; policies: {}",
            when::time_left(token.seconds_left),
            token.policies.join(", ")
        ));
    }
    if vault.token.is_some() && vault.lacking.is_none() {
        said.push("the vault does not tell this token what it may do".to_owned());
    }
    said.extend(vault.lacking.iter().flatten().map(|right| {
        format!("the token lacks `{}` on {}, needed for {}", right.capability, right.path, right.needed_for)
    }));
    said.iter().map(|line| format!("{INDENT}{}", render.prose(line, INDENT.len()))).collect()
}

fn as_json(vault: &Standing) -> Value {
    let right = |right: &Right| json!({"path": right.path, "capability": right.capability, "needed_for": right.needed_for});
    let lacking = vault.lacking.as_ref().map(|lacking| lacking.iter().map(right).collect::<Vec<_>>());
    json!({
        "address": vault.address,
        "namespace": vault.namespace,
        "entry": vault.entry,
        "version": vault.version,
        "sealed": vault.sealed,
        "token": vault.token.as_ref().map(|token| json!({
            "seconds_left": token.seconds_left,
            "policies": token.policies,
        })),
        "lacking": lacking,
    })
}
