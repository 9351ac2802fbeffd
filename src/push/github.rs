//! `github:[OWNER/REPO][@ENVIRONMENT]`: a secret of GitHub Actions, by `gh`, which encrypts it.

use super::{Ask, Given, Help, Listing, Plan, Platform, Proof, words};
use crate::error::{Error, Result};
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "gh";
/// Prints no request, asks nothing, looks for no new version.
const QUIETLY: &[(&str, Option<&str>)] = &[
    ("GH_DEBUG", None),
    ("DEBUG", None),
    ("GH_PROMPT_DISABLED", Some("1")),
    ("GH_NO_UPDATE_NOTIFIER", Some("1")),
];

struct Secret {
    /// `OWNER/REPO`, or `HOST/OWNER/REPO`; the working directory's repository otherwise.
    repository: Option<String>,
    environment: Option<String>,
    variable: String,
}

pub(super) fn parse(rest: &str, given: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    let (repository, environment) = match rest.split_once('@') {
        Some((repository, environment)) => (repository, Some(environment)),
        None => (rest, None),
    };
    let parts: Vec<&str> = repository.split('/').collect();
    let is_whole = (2..=3).contains(&parts.len()) && parts.iter().all(|part| words::is_plain(part, "-_."));
    if !repository.is_empty() && !is_whole {
        return Err("a repository is OWNER/REPO".to_owned());
    }
    if environment.is_some_and(|name| name.is_empty() || name.chars().any(char::is_control)) {
        return Err("an environment's name is missing after `@`".to_owned());
    }
    Ok(Box::new(Secret {
        repository: is_whole.then(|| repository.to_owned()),
        environment: environment.map(str::to_owned),
        variable: given.variable.to_owned(),
    }))
}

impl Secret {
    fn repository(&self, ask: Ask<'_>) -> Result<String> {
        if let Some(repository) = &self.repository {
            return Ok(repository.clone());
        }
        let asked = ask(&Call::of(PROGRAM, &["repo", "view", "--json=url", "--jq=.url"]).with(QUIETLY))?;
        let printed = String::from_utf8_lossy(&asked.stdout);
        let url = printed.trim().strip_prefix("https://").filter(|_| asked.is_success());
        let url = url.map(|url| url.strip_prefix("github.com/").unwrap_or(url));
        url.filter(|url| words::is_plain(url, "-_./")).map(str::to_owned).ok_or_else(|| {
            Error::usage("gh does not say which GitHub repository the working directory belongs to")
                .hint("name it: github:OWNER/REPO")
        })
    }
}

impl Platform for Secret {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("gh auth status", "https://cli.github.com")
    }

    fn plan(&self, ask: Ask<'_>) -> Result<Plan> {
        let repository = self.repository(ask)?;
        let of_repository = format!("--repo={repository}");
        let environment = self.environment.as_ref().map(|name| format!("--env={name}"));
        let call = |words: &[&str]| {
            let place = [of_repository.as_str()].into_iter().chain(environment.as_deref());
            Call::of(PROGRAM, &words.iter().copied().chain(place).collect::<Vec<_>>()).with(QUIETLY)
        };
        let listing = Listing {
            call: call(&["secret", "list", "--json=name,updatedAt"]),
            name: self.variable.clone(),
            find: |printed, name| words::in_json(printed, name, Some("updatedAt")),
            by_another_clock: true,
        };
        let put = call(&["secret", "set", &self.variable]).reading(Input::Key);
        let environment = self.environment.as_ref().map(|name| format!("@{name}")).unwrap_or_default();
        Ok(Plan::of(format!("github:{repository}{environment}"), put, Proof::Listing(listing)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Listed;
    use super::*;

    #[test]
    fn a_list_says_when_a_secret_was_changed_in_whatever_case() {
        let list = br#"[{"name":"A","updatedAt":"2026-01-02T03:04:05Z"},{"name":"B"}]"#;
        let find = |name: &str| words::in_json(list, name, Some("updatedAt"));
        let at = words::moment("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(["a", "B", "C"].map(find), [Listed::At(at), Listed::Unreadable, Listed::Absent]);
        assert_eq!(words::in_json(b"\xff", "A", None), Listed::Unreadable);
    }
}
