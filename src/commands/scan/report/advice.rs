//! The advice of a report: commands for keys that were pushed, and for those that were not.

use std::collections::BTreeSet;

use super::super::finding::{Finding, Part, Source, short};
use super::Scanned;
use crate::git::Pushed;
use crate::hint::{Hint, quoted_path};
use crate::scan::State;

impl Scanned {
    /// What to do, once for each kind of finding.
    pub(super) fn advice(&self) -> Vec<Hint> {
        let mut advice = Vec::new();
        let named = |state: &[State]| -> BTreeSet<_> {
            let of_state = self.grave().filter(|f| state.contains(&f.state));
            of_state.filter_map(|f| f.profile.clone()).collect()
        };
        for name in named(&[State::Current]) {
            advice.push(Hint::run("compromised").arg(&name));
            advice.push(Hint::run("rotate").arg(name));
        }
        for name in named(&[State::Previous]) {
            advice.push(Hint::run("rotate").arg(name).flag("--finish").note("once it is revoked"));
        }
        let revoke = [State::Unknown, State::Removed, State::Compromised];
        if self.grave().any(|f| revoke.contains(&f.state)) {
            advice.push("revoke it: https://getimg.ai/app/developer/api-keys".into());
        }
        if self.counting().any(|f| f.kind == Source::Index) {
            let unstage = Hint::from("git restore --staged FILE");
            advice.push(unstage.note("then take the key out and put it into a profile"));
        }
        advice.extend(self.rewriting());
        if self.counting().any(|f| f.kind == Source::ShellHistory) {
            advice.push("take the line out of the file; close the shells that may write it again".into());
        }
        if self.counting().any(|f| f.agent.is_some() && f.outcome.is_none()) {
            advice.push(Hint::run("scan --agents --clean").note("once the agents are closed"));
        }
        advice
    }

    /// The commands that remove a key that was never pushed from the history.
    fn rewriting(&self) -> Vec<Hint> {
        let kept: Vec<_> =
            self.counting().filter(|f| f.kind == Source::History && f.pushed == Pushed::No).collect();
        let mut advice = Vec::new();
        let commits: BTreeSet<_> = kept
            .iter()
            .filter(|f| !f.refs.is_empty())
            .filter_map(|f| Some((f.commit.as_deref()?, f.is_first, self.git(f))))
            .collect();
        for (commit, is_first, git) in commits.into_iter().take(5) {
            let commit = short(commit);
            let from = if is_first { "--root".to_owned() } else { format!("{commit}^") };
            let rebase = Hint::from(format!("{git} rebase --interactive --rebase-merges {from}"));
            advice.push(rebase.note(format!("edit {commit}: take the key out, {git} commit --amend")));
        }
        let holding: BTreeSet<_> =
            kept.iter().filter(|f| f.part == Part::Content).map(|f| self.git(f)).collect();
        advice.extend(holding.into_iter().take(5).map(|git| {
            Hint::from(format!("{git} reflog expire --expire=now --all && {git} gc --prune=now"))
                .note("afterwards: forgets what no branch holds")
        }));
        advice
    }

    /// How to call git for the repository of a finding.
    fn git(&self, finding: &Finding) -> String {
        match &finding.base {
            Some(base) if !self.here.starts_with(base) => format!("git -C {}", quoted_path(base)),
            _ => "git".to_owned(),
        }
    }
}
