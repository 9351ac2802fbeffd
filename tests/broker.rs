//! `exec --broker`: a program uses the key without having it.

mod clients;
mod environment;
mod faults;
pub(crate) mod limits;
mod wire;

use crate::support::home::Output;
use crate::support::raw_api::RawApi;
use crate::support::{Behaviour, Home, Key};

const CLIENT: &str = include_str!("broker/client.py");

/// A home with the profile `dev`, and the API that it uses.
fn before(api: &RawApi) -> Home {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    home.with("GETIMG_KEYS_API_URL", &api.url())
}

/// An API that answers every request with `{}`, and a home that uses it.
fn with_an_api() -> (RawApi, Home) {
    let api = RawApi::saying("{}");
    let home = before(&api);
    (api, home)
}

/// Runs a Python script behind the relay; `flags` come before the program.
fn behind(home: &Home, flags: &[&str], script: &str) -> Output {
    let script = format!("{CLIENT}\n{script}");
    let mut arguments = vec!["exec", "dev", "--broker"];
    arguments.extend(flags);
    arguments.extend(["--", "python3", "-c", &script]);
    home.run(&arguments, "")
}

/// The output of such a script, which must succeed.
fn printed(home: &Home, flags: &[&str], script: &str) -> String {
    let output = behind(home, flags, script);
    assert_eq!((output.stderr.as_str(), output.code), ("", 0), "{}", output.stdout);
    output.stdout
}
