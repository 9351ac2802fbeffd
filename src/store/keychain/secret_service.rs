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

type Paths = Vec<OwnedObjectPath>;

/// Reads one key over a plain session, where exactly one open entry answers for the account.
///
/// `None` for everything else: the `keyring` crate then takes over, unlocks, and says what is wrong.
pub(super) fn read_plainly(service: &str, account: &str) -> Option<Zeroizing<Vec<u8>>> {
    async_io::block_on(async {
        let builder = zbus::connection::Builder::session().ok()?.method_timeout(PATIENCE);
        let bus = builder.internal_executor(false).build().await.ok()?;
        // This thread drives the connection too: two that wake each other for every answer cost more than the
        // answers, on a busy machine above all.
        let driving = async {
            loop {
                bus.executor().tick().await;
            }
        };
        future::or(read_over(&bus, service, account), driving).await
    })
}

async fn read_over(bus: &zbus::Connection, service: &str, account: &str) -> Option<Zeroizing<Vec<u8>>> {
    let plain = ("plain", Value::from(""));
    let attributes = (HashMap::from([("service", service), ("username", account)]),);
    let session =
        ask_service::<_, (OwnedValue, OwnedObjectPath)>(bus, ROOT, SERVICE_INTERFACE, "OpenSession", &plain);
    let found = ask_service::<_, (Paths, Paths)>(bus, ROOT, SERVICE_INTERFACE, "SearchItems", &attributes);
    let (session, found) = future::zip(session, found).await;
    let ((_, session), (open, locked)) = (session?, found?);
    let [item] = open.as_slice() else { return None };
    if !locked.is_empty() {
        return None;
    }
    let ((_, _, secret, _),): ((OwnedObjectPath, Vec<u8>, Vec<u8>, String),) =
        ask_service(bus, item.as_str(), "org.freedesktop.Secret.Item", "GetSecret", &(session,)).await?;
    Some(Zeroizing::new(secret))
}

async fn ask_service<B, T>(
    bus: &zbus::Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Option<T>
where
    B: serde::ser::Serialize + zbus::zvariant::DynamicType,
    T: for<'d> serde::de::Deserialize<'d> + zbus::zvariant::Type,
{
    let answer = bus.call_method(Some(SERVICE), path, Some(interface), method, body).await.ok()?;
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
