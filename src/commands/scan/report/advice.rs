//! What to do about the findings: the commands for what was pushed, and for what was not.

use std::collections::BTreeSet;

use super::super::finding::{Finding, Part, Source, short};
use super::Scanned;
use crate::error::quoted_path;
use crate::scan::State;

impl Scanned {
    /// What to do, for each kind of finding once.
    pub(super) fn advice(&self) -> Vec<String> {
        let mut advice = Vec::new();
        let named = |state: &[State]| -> BTreeSet<_> {
            let of_state = self.grave().filter(|f| state.contains(&f.state));
            of_state.filter_map(|f| f.profile.clone()).collect()
        };
        for name in named(&[State::Current]) {
            advice.push(format!("getimg-keys compromised {name}"));
            advice.push(format!("getimg-keys rotate {name}"));
        }
        for name in named(&[State::Previous]) {
            advice.push(format!("getimg-keys rotate {name} --finish  # once it is revoked"));
        }
        let revoke = [State::Unknown, State::Removed, State::Compromised];
        if self.grave().any(|f| revoke.contains(&f.state)) {
            advice.push("revoke it: https://getimg.ai/app/developer/api-keys".to_owned());
        }
        if self.counting().any(|f| f.kind == Source::Index) {
            advice.push(
                "git restore --staged FILE  # then take the key out and put it into a profile".to_owned(),
            );
        }
        advice.extend(self.rewriting());
        if self.counting().any(|f| f.kind == Source::ShellHistory) {
            advice.push("take the line out of the file; close the shells that may write it again".to_owned());
        }
        if self.counting().any(|f| f.agent.is_some() && f.outcome.is_none()) {
            advice.push("getimg-keys scan --agents --clean  # once the agents are closed".to_owned());
        }
        advice
    }

    /// The commands that take a key which was never pushed out of the history.
    fn rewriting(&self) -> Vec<String> {
        let kept: Vec<_> = self.counting().filter(|f| f.kind == Source::History && !f.pushed).collect();
        let mut advice = Vec::new();
        let commits: BTreeSet<_> = kept
            .iter()
            .filter(|f| !f.refs.is_empty())
            .filter_map(|f| Some((f.commit.as_deref()?, f.is_first, self.git(f))))
            .collect();
        for (commit, is_first, git) in commits.into_iter().take(5) {
            let commit = short(commit);
            let from = if is_first { "--root".to_owned() } else { format!("{commit}^") };
            advice.push(format!(
                "{git} rebase --interactive --rebase-merges {from}  # edit {commit}: take the key out, {git} commit --amend"
            ));
        }
        let holding: BTreeSet<_> =
            kept.iter().filter(|f| f.part == Part::Content).map(|f| self.git(f)).collect();
        advice.extend(holding.into_iter().take(5).map(|git| {
            format!("{git} reflog expire --expire=now --all && {git} gc --prune=now  # afterwards: forgets what no branch holds")
        }));
        advice
    }

    /// How git is called about the repository of a finding.
    fn git(&self, finding: &Finding) -> String {
        match &finding.base {
            Some(base) if !self.here.starts_with(base) => format!("git -C {}", quoted_path(base)),
            _ => "git".to_owned(),
        }
    }
}
