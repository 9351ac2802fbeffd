//! The errors of `--store env` if there is no key: which variable is unset, and why CI may not have set it.

use crate::backend::EnvironmentKeys;
use crate::error::Error;
use crate::hint::Hint;
use crate::model::{ProfileName, Profiles, StoreKind};
use crate::system::World;
use crate::system::variables::API_KEY;

/// Why there is no key for a profile, or for the selected one; `None` if the keys are not in the environment.
pub fn why(world: &World, profiles: &Profiles, name: Option<&ProfileName>) -> Option<Error> {
    (profiles.store == Some(StoreKind::Env)).then(|| missing(world, name))
}

fn missing(world: &World, name: Option<&ProfileName>) -> Error {
    let own = name.map(EnvironmentKeys::variable);
    let variables: Vec<&str> = own.as_deref().into_iter().chain([API_KEY]).collect();
    let held = |variable: &&str| holds_something(world, variable);
    let empty = variables.iter().find(|variable| world.variables.is_set(variable) && !held(variable));
    let what = match (empty, own.as_deref()) {
        (Some(empty), _) => format!("${empty} is set but empty"),
        (None, Some(own)) if held(&API_KEY) => {
            format!("${own} is not set, and ${API_KEY} is another profile's")
        }
        (None, Some(own)) => format!("neither ${own} nor ${API_KEY} is set"),
        (None, None) => format!("${API_KEY} is not set"),
    };
    let whose = name.map(|name| format!(" for `{name}`")).unwrap_or_default();
    let fork = if from_pull_request(world) { "; a pull request from a fork is given no secrets" } else { "" };
    let error = Error::not_found(format!("there is no key{whose} in the environment: {what}{fork}"));
    let wanted = own.as_deref().filter(|_| held(&API_KEY)).unwrap_or(API_KEY);
    let variable = empty.copied().unwrap_or(wanted);
    if is_set(world, "GITHUB_ACTIONS") {
        return error.hint(format!("gh secret set {variable}  # once, in the repository")).hint(format!(
            "{variable}: ${{{{ secrets.{variable} }}}}  # below `env:` of the workflow's step"
        ));
    }
    error.hint(Hint::advice(format!("let the CI's secrets set ${variable} for this step")))
}

/// GitHub says so of every pull request, and gives secrets to those of the repository's own branches alone.
fn from_pull_request(world: &World) -> bool {
    let event = world.variables.text("GITHUB_EVENT_NAME").ok().flatten();
    event.is_some_and(|event| event.starts_with("pull_request")) || is_set(world, "GITHUB_HEAD_REF")
}

/// A newline alone is what a file without a key leaves in a CI's secret.
fn holds_something(world: &World, variable: &str) -> bool {
    world.variables.secret(variable).is_some_and(|value| !matches!(value.as_str(), "" | "\n" | "\r\n"))
}

fn is_set(world: &World, variable: &str) -> bool {
    world.variables.secret(variable).is_some_and(|value| !value.is_empty())
}
