//! The Secret Service, where the `keyring` crate is slow or silent.
//!
//! Reading: the crate asks for an encrypted session without a choice, and its key exchange is 30 of the 31
//! million instructions of a read. A plain session crosses the same private socket. Failing: the crate has
//! one error for four different causes.

use std::collections::HashMap;
use std::time::Duration;

use futures_lite::future;
use zbus::blocking::{Connection, connection::Builder};
use zbus::names::OwnedBusName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zeroize::Zeroizing;

use super::StoreError;

const BUS: &str = "org.freedesktop.DBus";
const SERVICE: &str = "org.freedesktop.secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const ROOT: &str = "/org/freedesktop/secrets";
/// How long one answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads keys over one plain session: those of the accounts for which exactly one open entry answers.
///
/// What is left out is for the `keyring` crate, which unlocks, and says what is wrong.
pub(super) fn read_plainly(service: &str, accounts: &[String]) -> HashMap<String, Zeroizing<Vec<u8>>> {
    let read = async {
        let builder = zbus::connection::Builder::session().ok()?.method_timeout(PATIENCE);
        let bus = builder.internal_executor(false).build().await.ok()?;
        // This thread drives the connection too: two that wake each other for every answer cost more than the
        // answers, on a busy machine above all.
        let driving = async {
            loop {
                bus.executor().tick().await;
            }
        };
        future::or(read_over(&bus, service, accounts), driving).await
    };
    async_io::block_on(read).unwrap_or_default()
}

async fn read_over(
    bus: &zbus::Connection,
    service: &str,
    accounts: &[String],
) -> Option<HashMap<String, Zeroizing<Vec<u8>>>> {
    let plain = ("plain", Value::from(""));
    let opening = ask_service::<_, (OwnedValue, OwnedObjectPath)>(bus, "OpenSession", &plain);
    let searching = async {
        let mut found = HashMap::new();
        for account in accounts {
            found.extend(the_item(bus, service, account).await.map(|item| (item, account)));
        }
        found
    };
    let (opened, found) = future::zip(opening, searching).await;
    let (_, session) = opened?;
    let items: Vec<_> = found.keys().collect();
    let (secrets,): (HashMap<OwnedObjectPath, Secret>,) =
        ask_service(bus, "GetSecrets", &(items, session)).await?;
    let named = |(item, (_, _, secret, _))| Some(((*found.get(&item)?).clone(), Zeroizing::new(secret)));
    Some(secrets.into_iter().filter_map(named).collect())
}

/// A session, its parameters, the secret, and what kind of text it is.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// The only entry for an account, if it is open.
async fn the_item(bus: &zbus::Connection, service: &str, account: &str) -> Option<OwnedObjectPath> {
    let attributes = HashMap::from([("service", service), ("username", account)]);
    let (mut open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
        ask_service(bus, "SearchItems", &(attributes,)).await?;
    let item = open.pop()?;
    (open.is_empty() && locked.is_empty()).then_some(item)
}

async fn ask_service<B, T>(bus: &zbus::Connection, method: &str, body: &B) -> Option<T>
where
    B: serde::ser::Serialize + zbus::zvariant::DynamicType,
    T: for<'d> serde::de::Deserialize<'d> + zbus::zvariant::Type,
{
    let answer = bus.call_method(Some(SERVICE), ROOT, Some(SERVICE_INTERFACE), method, body).await.ok()?;
    answer.body().deserialize().ok()
}

/// What keeps the Secret Service from answering; called when it did not.
pub(super) fn why_unreachable() -> StoreError {
    health().err().unwrap_or_else(|| StoreError::Failed("it answers, but the call failed".to_owned()))
}

/// Whether a key could be had now; opens no dialog.
pub(super) fn health() -> Result<(), StoreError> {
    let bus = connect()?;
    if !has_provider(&bus)? {
        return Err(StoreError::NoProvider);
    }
    let collection = default_collection(&bus)?;
    if collection.as_str() == "/" {
        return Err(StoreError::Failed("it has no default collection".to_owned()));
    }
    if locked(&bus, &collection)? { Err(StoreError::Locked) } else { Ok(()) }
}

/// Whether the default collection is locked; no, where that cannot be told.
pub(super) fn is_locked() -> bool {
    health() == Err(StoreError::Locked)
}

/// The labels and places of every entry that answers to one account.
pub(super) fn matches(service: &str, account: &str) -> Vec<String> {
    let attributes = HashMap::from([("service", service), ("username", account)]);
    let found = connect().and_then(|bus| {
        let reply = bus
            .call_method(Some(SERVICE), ROOT, Some(SERVICE_INTERFACE), "SearchItems", &(attributes,))
            .map_err(|e| refused(&e))?;
        let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            reply.body().deserialize().map_err(|e| refused(&e))?;
        let mut places: Vec<_> =
            open.into_iter().chain(locked).map(|path| path.as_str().to_owned()).collect();
        places.sort();
        Ok(places)
    });
    found.unwrap_or_default()
}

fn connect() -> Result<Connection, StoreError> {
    Builder::session()
        .and_then(|builder| builder.method_timeout(PATIENCE).build())
        .map_err(|_| StoreError::NoBus)
}

fn has_provider(bus: &Connection) -> Result<bool, StoreError> {
    let owned: bool = ask(bus, "NameHasOwner", &(SERVICE,))?;
    if owned {
        return Ok(true);
    }
    let startable: Vec<OwnedBusName> = ask(bus, "ListActivatableNames", &())?;
    Ok(startable.iter().any(|name| name.as_str() == SERVICE))
}

fn ask<B, T>(bus: &Connection, method: &str, body: &B) -> Result<T, StoreError>
where
    B: serde::ser::Serialize + zbus::zvariant::DynamicType,
    T: for<'d> serde::de::Deserialize<'d> + zbus::zvariant::Type,
{
    let reply = bus.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), method, body);
    reply.and_then(|r| r.body().deserialize()).map_err(|_| StoreError::NoBus)
}

fn default_collection(bus: &Connection) -> Result<OwnedObjectPath, StoreError> {
    let interface = Some(SERVICE_INTERFACE);
    let reply = bus
        .call_method(Some(SERVICE), ROOT, interface, "ReadAlias", &("default",))
        .map_err(|e| refused(&e))?;
    reply.body().deserialize().map_err(|e| refused(&e))
}

fn locked(bus: &Connection, collection: &OwnedObjectPath) -> Result<bool, StoreError> {
    let property = ("org.freedesktop.Secret.Collection", "Locked");
    let interface = Some("org.freedesktop.DBus.Properties");
    let reply =
        bus.call_method(Some(SERVICE), collection, interface, "Get", &property).map_err(|e| refused(&e))?;
    let value: OwnedValue = reply.body().deserialize().map_err(|e| refused(&e))?;
    bool::try_from(value).map_err(|_| StoreError::Failed("it does not say whether it is locked".to_owned()))
}

fn refused(error: &zbus::Error) -> StoreError {
    match error {
        zbus::Error::InputOutput(e) if e.kind() == std::io::ErrorKind::TimedOut => StoreError::NoAnswer(2),
        zbus::Error::MethodError(name, ..) if name.as_str().ends_with("ServiceUnknown") => {
            StoreError::NoProvider
        }
        zbus::Error::MethodError(name, ..) if name.as_str().ends_with("AccessDenied") => StoreError::Denied,
        _ => StoreError::Failed("it does not speak the Secret Service's language".to_owned()),
    }
}
