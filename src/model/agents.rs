//! Detects the coding agent that started this program, by the environment that it sets.
//!
//! A hint, not a barrier: anything that runs as the user can remove a variable.

/// A coding agent, and the variable that gave it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its name in lower case, as `claude-code`; `unknown` where a variable says no more than that there is one.
    pub name: String,
    /// The variable.
    pub variable: &'static str,
}

/// Variable, agent, source. Those that an agent sets for what it runs come first; those that merely come with its
/// surroundings come last, after the variables in which an agent gives its own name.
const TABLE: &[(&str, Named, &str)] = &[
    ("CLAUDECODE", Named::As("claude-code"), "github.com/anthropics/claude-code/issues/531"),
    ("CLAUDE_CODE", Named::As("claude-code"), "github.com/vercel/vercel, packages/detect-agent"),
    ("CODEX_SANDBOX", Named::As("codex"), "github.com/openai/codex, codex-rs/core/src/spawn.rs"),
    (
        "CODEX_SANDBOX_NETWORK_DISABLED",
        Named::As("codex"),
        "github.com/openai/codex, codex-rs/core/src/spawn.rs",
    ),
    ("CODEX_THREAD_ID", Named::As("codex"), "github.com/openai/codex/issues/36883"),
    ("CODEX_CI", Named::As("codex"), "github.com/aws/aws-cdk-cli/pull/1853"),
    ("CURSOR_AGENT", Named::As("cursor"), "forum.cursor.com/t/132427"),
    ("GEMINI_CLI", Named::As("gemini-cli"), "geminicli.com/docs/tools/shell"),
    ("OPENCODE", Named::As("opencode"), "github.com/anomalyco/opencode, packages/opencode/src/index.ts"),
    ("OPENCODE_CLIENT", Named::As("opencode"), "github.com/vercel/vercel/pull/14635"),
    ("COPILOT_CLI", Named::As("copilot-cli"), "github.com/github/copilot-cli, changelog.md"),
    ("CLINE_ACTIVE", Named::As("cline"), "github.com/checkly/checkly-cli/pull/1261"),
    ("GOOSE_TERMINAL", Named::As("goose"), "github.com/block/goose/pull/7017"),
    ("AUGMENT_AGENT", Named::As("augment"), "docs.augmentcode.com/cli/reference"),
    ("QWEN_CODE", Named::As("qwen-code"), "github.com/aws/aws-cdk-cli/pull/1855"),
    ("ANTIGRAVITY_AGENT", Named::As("antigravity"), "github.com/supabase/cli, telemetry"),
    ("PI_CODING_AGENT", Named::As("pi"), "github.com/earendil-works/pi/pull/2867"),
    ("AI_AGENT", Named::Itself, "github.com/vercel/vercel, packages/detect-agent, the AI_AGENT standard"),
    ("AGENT", Named::Itself, "github.com/agentsmd/agents.md/issues/136"),
    ("OR_APP_NAME", Named::IfItSays("Aider", "aider"), "github.com/Aider-AI/aider, aider/llm.py"),
    ("AIDER_API_KEY", Named::As("aider"), "docs.rs/detect-coding-agent"),
    ("CURSOR_TRACE_ID", Named::As("cursor"), "github.com/vercel/vercel, packages/detect-agent"),
];

/// The most characters of a name that an agent gives itself.
const LONGEST_NAME: usize = 32;

/// The value of a variable.
enum Named {
    /// That it is this agent.
    As(&'static str),
    /// The second agent, if the variable has the first value.
    IfItSays(&'static str, &'static str),
    /// The agent's name, perhaps with a version.
    Itself,
}

/// The agent that the environment tells of; a variable that is empty or `0` tells of none.
pub fn detect<V: AsRef<str>>(value_of: impl Fn(&str) -> Option<V>) -> Option<Agent> {
    TABLE.iter().find_map(|(variable, named, _)| {
        let value = value_of(variable)?;
        let value = value.as_ref();
        let is_set = !value.is_empty() && value != "0";
        let name = match named {
            Named::As(name) => (*name).to_owned(),
            Named::IfItSays(says, name) if value == *says => (*name).to_owned(),
            Named::IfItSays(..) => return None,
            Named::Itself => own_name(value),
        };
        is_set.then_some(Agent { name, variable })
    })
}

/// The name at the start of what an agent says of itself (`claude-code_2-1_cli`, `goose@1.2`); never anything that
/// could be a key.
fn own_name(value: &str) -> String {
    let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    let says_only_yes = ["1", "true", "yes", "on"].contains(&name.to_ascii_lowercase().as_str());
    if name.is_empty() || name.len() > LONGEST_NAME || says_only_yes {
        return "unknown".to_owned();
    }
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> Option<(String, &'static str)> {
        let value = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        detect(value).map(|agent| (agent.name, agent.variable))
    }

    #[test]
    fn every_row_tells_of_its_agent_unless_it_is_empty_or_zero() {
        for (variable, named, source) in TABLE {
            let (value, name) = match named {
                Named::As(name) => ("1", *name),
                Named::IfItSays(says, name) => (*says, *name),
                Named::Itself => ("some-agent", "some-agent"),
            };
            assert_eq!(detected(&[(variable, value)]), Some((name.to_owned(), *variable)));
            assert_eq!(
                (detected(&[(variable, "")]), detected(&[(variable, "0")])),
                (None, None),
                "{variable}"
            );
            assert!(!source.is_empty());
        }
        assert_eq!(detected(&[("OR_APP_NAME", "Another")]), None);
        assert_eq!(
            [32, 33].map(|length| own_name(&"a".repeat(length))),
            ["a".repeat(32), "unknown".to_owned()]
        );
        assert_eq!(detected(&[("TERM", "xterm")]), None);
    }

    #[test]
    fn the_name_that_an_agent_gives_itself_is_kept_short_and_without_its_version() {
        let table = [
            ("claude-code_2-1-170_agent", "claude-code"),
            ("goose@1.2.3", "goose"),
            ("Amp", "amp"),
            ("1", "unknown"),
            ("true", "unknown"),
            ("\x1b]52;x", "unknown"),
            (&"x".repeat(33), "unknown"),
        ];
        for (value, name) in table {
            assert_eq!(detected(&[("AI_AGENT", value)]), Some((name.to_owned(), "AI_AGENT")));
        }
    }

    #[test]
    fn what_an_agent_sets_for_its_children_counts_before_what_comes_with_the_editor() {
        let cursor = ("CURSOR_TRACE_ID", "x");
        assert_eq!(detected(&[cursor, ("CLAUDECODE", "1")]).unwrap().0, "claude-code");
        assert_eq!(detected(&[cursor, ("AGENT", "amp")]).unwrap().0, "amp");
        assert_eq!(detected(&[("AI_AGENT", "0"), ("AGENT", "1"), ("OPENCODE", "1")]).unwrap().0, "opencode");
        assert_eq!(detected(&[("CLAUDECODE", "0"), cursor]).unwrap().0, "cursor");
    }
}
