//! The remotes of a repository: which refs track them, and whether any do.

use super::program::run;
use super::{Repository, shown_bytes};
use crate::error::Result;

/// Where git keeps a remote's branches, whatever the configuration says.
const USUAL: &str = "refs/remotes/";

/// The remotes of a repository.
#[derive(Default)]
pub(super) struct Remotes {
    /// Prefix and suffix of the refs in which `git fetch` and `git push` record what a remote has.
    kept: Vec<(String, String)>,
    /// Whether there is a remote.
    pub(super) any: bool,
    /// The remote that has what a partial clone left out.
    pub(super) promisor: Option<String>,
    /// Whether nothing shows what others have: no refs are kept for a remote, or this repository itself receives
    /// pushes.
    pub(super) untold: bool,
}

impl Remotes {
    /// The remotes in the configuration; none if git does not read it.
    ///
    /// # Errors
    /// git is missing, or does not answer.
    pub(super) fn of(repository: &Repository) -> Result<Self> {
        if repository.refused {
            return Ok(Self::default());
        }
        let keys = r"^(remote\..*\.(url|fetch|mirror|promisor)|core\.bare|extensions\.partialclone)$";
        let said = run(repository.ask(&["config", "-z", "--get-regexp", keys]), b"")?.found()?;
        let (mut named, mut told, mut is_bare) = (Vec::new(), Vec::new(), false);
        let (mut remotes, mut promisor) = (Self::default(), None);
        for entry in said.split(|b| *b == 0) {
            let entry = shown_bytes(entry);
            let (key, value) = entry.split_once('\n').unwrap_or((&entry, "true"));
            let Some((name, what)) = key.strip_prefix("remote.").and_then(|key| key.rsplit_once('.')) else {
                match key {
                    "core.bare" => is_bare = is_true(value),
                    "extensions.partialclone" => promisor = promisor.or(Some(value.to_owned())),
                    _ => {}
                }
                continue;
            };
            match (what, destination(value)) {
                ("url", _) => named.push(name.to_owned()),
                ("promisor", _) if is_true(value) => promisor = promisor.or(Some(name.to_owned())),
                ("fetch", Some(kept)) => {
                    told.push(name.to_owned());
                    // Tags of this repository and of a remote have the same names.
                    remotes.kept.extend((!kept.0.starts_with("refs/tags/")).then_some(kept));
                }
                // A remote for which no refs are kept shows nothing.
                _ => {}
            }
        }
        (remotes.any, remotes.promisor) = (!named.is_empty(), promisor);
        let own = |name: &str| repository.common.join(name).exists();
        let takes_pushes = is_bare && !own("index") && !own("worktrees");
        remotes.untold = takes_pushes || named.iter().any(|name| !told.contains(name));
        Ok(remotes)
    }

    /// Whether a ref records a remote's ref.
    pub(super) fn has(&self, name: &str) -> bool {
        let is_kept = |(start, end): &(String, String)| {
            name.strip_prefix(start.as_str()).is_some_and(|rest| rest.ends_with(end.as_str()))
        };
        self.untold || name.starts_with(USUAL) || self.kept.iter().any(is_kept)
    }
}

/// Whether a setting is on, in any of git's words for that.
fn is_true(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    !matches!(value.as_str(), "" | "false" | "no" | "off") && value.parse() != Ok(0_i64)
}

/// Where a rule of `git fetch` puts what it fetches, before and after its `*`.
fn destination(rule: &str) -> Option<(String, String)> {
    let (_, to) = rule.split_once(':').filter(|(_, to)| !to.is_empty() && !rule.starts_with('^'))?;
    let (start, end) = to.split_once('*').unwrap_or((to, ""));
    Some((start.to_owned(), end.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::is_true;

    #[test]
    fn a_setting_is_on_in_any_of_gits_words() {
        for on in ["true", "True", "yes", "on", "1", "-1"] {
            assert!(is_true(on), "{on}");
        }
        for off in ["", "false", "FALSE", "no", "off", "0"] {
            assert!(!is_true(off), "{off}");
        }
    }
}
