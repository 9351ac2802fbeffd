//! The D-Bus session: how it is found and called, and its errors.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::runtime::LocalRuntime;
use tokio::time::{sleep, timeout};
use zbus::address::transport::{Transport, UnixSocket};
use zbus::connection::Builder;
use zbus::zvariant::{DynamicType, Type};
use zbus::{Address, Connection};

use crate::backend::StoreError;
use crate::backend::local::keychain::Dialogs;
use crate::backend::local::keychain::waiting::{DEADLINE, DIALOG, Waiting};
use crate::system::terminal::escape;
use crate::system::variables;

/// The name of the Secret Service on the bus.
pub(super) const SERVICE: &str = "org.freedesktop.secrets";
const BUS: &str = "org.freedesktop.DBus";
/// How often a call is repeated after the service answers that it does not know it.
const AGAIN: u32 = 4;
/// How many characters of a provider's own words are shown.
const WORDS: usize = 200;

/// A connection to the session's bus.
pub(super) struct Bus {
    connection: Connection,
    /// Whether somebody could answer a dialog.
    pub(super) answerable: bool,
    /// Whether not even a search may open a dialog.
    pub(super) silent: bool,
    patience: Duration,
}

/// Runs work that uses the bus, on this thread alone.
///
/// No other thread takes part: two threads that wake each other for every answer cost more than the answers, above all
/// on a busy machine.
pub(super) fn with_bus<T>(
    dialogs: Dialogs,
    waiting: &Waiting,
    work: impl AsyncFnOnce(&Bus) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let runtime =
        LocalRuntime::new().map_err(|why| StoreError::Failed(format!("waiting for it failed: {why}")))?;
    let answerable = dialogs == Dialogs::Answered;
    let patience = if answerable { DIALOG } else { DEADLINE };
    runtime.block_on(async {
        let answer = async {
            let connection = connect(patience).await?;
            let bus = Bus { connection, answerable, silent: dialogs == Dialogs::Never, patience };
            work(&bus).await
        };
        let mut answer = pin!(answer);
        if let Ok(answer) = timeout(waiting.in_silence(), &mut answer).await {
            return answer;
        }
        timeout(waiting.for_a_dialog(), answer).await.unwrap_or_else(|_| Err(waiting.no_answer()))
    })
}

/// Tries each address of the session in turn, as the D-Bus specification requires.
async fn connect(patience: Duration) -> Result<Connection, StoreError> {
    let listed = variables::session_bus();
    if listed.is_empty() {
        return open(Address::session(), patience).await.map_err(|_| StoreError::NoBus);
    }
    let mut why = StoreError::NoBus;
    for address in listed.split(';').filter(|address| !address.is_empty()) {
        match open(address.parse(), patience).await {
            Ok(connection) => return Ok(connection),
            Err(_) if belongs_to_another(address) => why = StoreError::ForeignBus,
            // The next may be the one; that none was is told in the end.
            Err(_) => {}
        }
    }
    Err(why)
}

async fn open(address: zbus::Result<Address>, patience: Duration) -> zbus::Result<Connection> {
    let address = address?;
    let builder = match address.transport() {
        // The library would start a thread to connect.
        Transport::Unix(unix) if let UnixSocket::File(path) = unix.path() => {
            Builder::unix_stream(UnixStream::connect(path).await?)
        }
        _ => Builder::address(address)?,
    };
    builder.method_timeout(patience).build().await
}

/// Whether an address is another user's socket: `sudo` and `su` keep the variable.
fn belongs_to_another(address: &str) -> bool {
    let path = address
        .strip_prefix("unix:")
        .and_then(|rest| rest.split(',').find_map(|part| part.strip_prefix("path=")));
    // Nothing is reported about a socket that cannot be inspected.
    path.and_then(|path| rustix::fs::stat(path).ok())
        .is_some_and(|found| found.st_uid != rustix::process::geteuid().as_raw())
}

impl Bus {
    /// Calls a method of the Secret Service.
    ///
    /// gnome-keyring-daemon 42 sometimes answers `UnknownMethod` while it starts: the call is repeated.
    pub(super) async fn ask<B, T>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<T, StoreError>
    where
        B: Serialize + DynamicType,
        T: DeserializeOwned + Type,
    {
        let mut again = 0;
        loop {
            let asked = self.connection.call_method(Some(SERVICE), path, Some(interface), method, body).await;
            match asked {
                Err(error) if is_unknown_method(&error) && again < AGAIN => {
                    again += 1;
                    sleep(Duration::from_millis(10 << again)).await;
                }
                Err(error) if is_timed_out(&error) => {
                    return Err(StoreError::NoAnswer(self.patience.as_secs()));
                }
                Err(error) => return Err(refused(&error)),
                Ok(answer) => return answer.body().deserialize().map_err(|_| speaks_otherwise()),
            }
        }
    }

    /// Calls a method of the bus itself.
    pub(super) async fn ask_bus<B, T>(&self, method: &str, body: &B) -> Result<T, StoreError>
    where
        B: Serialize + DynamicType,
        T: DeserializeOwned + Type,
    {
        let path = "/org/freedesktop/DBus";
        let answer = self.connection.call_method(Some(BUS), path, Some(BUS), method, body).await;
        answer.and_then(|answer| answer.body().deserialize()).map_err(|_| StoreError::NoBus)
    }

    /// The connection, for a signal.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Waits for the first of two; the second is only begun after the first has taken some time.
pub(super) async fn or_later<T>(
    first: impl Future<Output = T>,
    after: Duration,
    then: impl Future<Output = T>,
) -> T {
    let later = async {
        sleep(after).await;
        then.await
    };
    tokio::select! {
        biased;
        answer = first => answer,
        answer = later => answer,
    }
}

fn is_timed_out(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::InputOutput(why) if why.kind() == io::ErrorKind::TimedOut)
}

fn is_unknown_method(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::MethodError(name, ..) if name.as_str().ends_with(".UnknownMethod"))
}

/// The meaning of a refusal: the names are those of the D-Bus and the Secret Service specifications.
pub(super) fn refused(error: &zbus::Error) -> StoreError {
    let (name, words) = match error {
        zbus::Error::MethodError(name, words, _) => (name.as_str(), words.as_deref().unwrap_or_default()),
        other => {
            return StoreError::Failed(format!("the D-Bus session failed: {}", in_words(&other.to_string())));
        }
    };
    match name.rsplit('.').next().unwrap_or_default() {
        "IsLocked" => StoreError::Locked,
        "AccessDenied" => StoreError::Denied,
        "ServiceUnknown" | "NameHasNoOwner" => StoreError::NoProvider,
        _ if name.contains(".Spawn.") => StoreError::NoProvider,
        _ if words.is_empty() => StoreError::Failed(format!("it answered {}", in_words(name))),
        _ => StoreError::Failed(format!("it answered: {}", in_words(words))),
    }
}

fn in_words(text: &str) -> String {
    escape(&text.chars().take(WORDS).collect::<String>())
}

fn speaks_otherwise() -> StoreError {
    StoreError::Failed("it does not implement the Secret Service API".to_owned())
}

#[cfg(test)]
mod tests {
    use zbus::Message;
    use zbus::names::ErrorName;

    use super::*;

    fn refusal(name: &str, words: Option<&str>) -> StoreError {
        let call = Message::method_call("/", "Any").unwrap().build(&()).unwrap();
        let name = ErrorName::try_from(name.to_owned()).unwrap().into();
        refused(&zbus::Error::MethodError(name, words.map(str::to_owned), call))
    }

    /// CASES 8: a provider that refuses, a key that it finds too large.
    #[test]
    fn a_refusal_is_told_in_the_providers_own_words_and_shows_nothing_that_acts_on_a_terminal() {
        let words = "the secret is larger than 1 MiB\x1b]52;c;x";
        let told = refusal("org.freedesktop.DBus.Error.Failed", Some(words)).to_string();
        assert!(told.starts_with("it answered: the secret is larger than 1 MiB"), "{told}");
        assert!(!told.contains('\x1b'), "{told}");
        let long = refusal("org.freedesktop.DBus.Error.Failed", Some(&"x".repeat(9000)));
        assert!(long.to_string().len() < 300);
        let nameless = refusal("org.gnome.keyring.Error.Denied", None).to_string();
        assert_eq!(nameless, "it answered org.gnome.keyring.Error.Denied");
    }

    #[test]
    fn the_names_of_the_specifications_have_their_meaning() {
        let table = [
            ("org.freedesktop.Secret.Error.IsLocked", StoreError::Locked),
            ("org.freedesktop.DBus.Error.AccessDenied", StoreError::Denied),
            ("org.freedesktop.DBus.Error.ServiceUnknown", StoreError::NoProvider),
            ("org.freedesktop.DBus.Error.NameHasNoOwner", StoreError::NoProvider),
            ("org.freedesktop.DBus.Error.Spawn.ChildExited", StoreError::NoProvider),
        ];
        for (name, meant) in table {
            assert_eq!(refusal(name, Some("any words")), meant, "{name}");
        }
    }
}
