//! Where coding agents and AI editors store their sessions.

/// What the paths of a row start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The folder in this variable, and the one of this name in the home.
    Named(&'static str, &'static str),
    /// The home.
    Home,
    /// `$XDG_DATA_HOME`, and `~/.local/share`.
    Data,
    /// The `User` folder of each editor that is made of VS Code's source.
    Editors,
    /// The working directory, and the home.
    Here,
}

/// One agent's files below one folder.
#[derive(Debug)]
pub struct Kept {
    /// The agent's name, as in [`super::agents`].
    pub agent: &'static str,
    /// Where the paths start.
    pub base: Base,
    /// Files and folders; `*` stands for any part of one name.
    pub paths: &'static [&'static str],
    /// Who says so.
    pub source: &'static str,
}

/// The editors that are made of VS Code's source, by the names of their folders.
pub const EDITORS: &[&str] = &["Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf"];

/// The same, for those that run on the machine that an editor is connected to; each holds a `data` folder.
pub const REMOTE_EDITORS: &[&str] = &[".vscode-server", ".cursor-server", ".windsurf-server"];

/// Every agent's files. `*` at the end of a database's name takes its journal along.
pub const TABLE: &[Kept] = &[
    Kept {
        agent: "claude-code",
        base: Base::Named("CLAUDE_CONFIG_DIR", ".claude"),
        paths: &[
            "projects",
            "history.jsonl",
            "file-history",
            "shell-snapshots",
            "paste-cache",
            "todos",
            "debug",
        ],
        source: "code.claude.com/docs/en/claude-directory",
    },
    Kept {
        agent: "codex",
        base: Base::Named("CODEX_HOME", ".codex"),
        paths: &["sessions", "archived_sessions", "history.jsonl", "log", "*.sqlite*"],
        source: "github.com/openai/codex, codex-rs/rollout and codex-rs/state",
    },
    Kept {
        agent: "codex",
        base: Base::Named("CODEX_SQLITE_HOME", ".codex"),
        paths: &["*.sqlite*"],
        source: "developers.openai.com/codex, environment variables",
    },
    Kept {
        agent: "gemini-cli",
        base: Base::Home,
        paths: &[".gemini/tmp"],
        source: "github.com/google-gemini/gemini-cli, packages/core/src/config/storage.ts",
    },
    Kept {
        agent: "opencode",
        base: Base::Data,
        paths: &["opencode/storage", "opencode/log", "opencode/tool-output", "opencode/opencode*.db*"],
        source: "opencode.ai/docs/troubleshooting",
    },
    Kept {
        agent: "cursor",
        base: Base::Home,
        paths: &[".cursor/projects", ".cursor/chats"],
        source: "forum.cursor.com, where the command line keeps its chats",
    },
    Kept {
        agent: "cursor",
        base: Base::Editors,
        paths: &["globalStorage/state.vscdb*", "workspaceStorage/*/state.vscdb*"],
        source: "github.com/microsoft/vscode, src/vs/platform/storage; Cursor keeps its chats there",
    },
    Kept {
        agent: "copilot-cli",
        base: Base::Named("COPILOT_HOME", ".copilot"),
        paths: &["session-state", "history-session-state", "logs", "*.db*"],
        source: "docs.github.com, the configuration directory of Copilot CLI",
    },
    Kept {
        agent: "copilot",
        base: Base::Editors,
        paths: &["workspaceStorage/*/chatSessions", "globalStorage/emptyWindowChatSessions"],
        source: "github.com/microsoft/vscode, src/vs/workbench/contrib/chat/common/model/chatSessionStore.ts",
    },
    Kept {
        agent: "continue",
        base: Base::Named("CONTINUE_GLOBAL_DIR", ".continue"),
        paths: &["sessions"],
        source: "github.com/continuedev/continue, core/util/paths.ts",
    },
    Kept {
        agent: "cline",
        base: Base::Home,
        paths: &[".cline/data"],
        source: "github.com/cline/cline, the command line's data",
    },
    Kept {
        agent: "cline",
        base: Base::Editors,
        paths: &["globalStorage/saoudrizwan.claude-dev/tasks"],
        source: "github.com/cline/cline, src/core/storage/disk.ts",
    },
    Kept {
        agent: "goose",
        base: Base::Data,
        paths: &["goose/sessions"],
        source: "block.github.io/goose/docs/guides/logs",
    },
    Kept {
        agent: "windsurf",
        base: Base::Home,
        paths: &[".codeium/windsurf/cascade", ".codeium/windsurf/memories"],
        source: "docs.windsurf.com, Cascade",
    },
    Kept {
        agent: "aider",
        base: Base::Here,
        paths: &[".aider.chat.history.md", ".aider.input.history", ".aider.llm.history"],
        source: "aider.chat/docs/config/options.html",
    },
];

/// Whether a name is one that a pattern with at most two `*` stands for.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| matches(rest, &name[at..]))
        }),
    }
}

/// Whether a file of an agent is encrypted, so that nothing can be found in it.
pub fn is_encrypted(agent: &str, name: &str) -> bool {
    agent == "windsurf" && name.ends_with(".pb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_one_name() {
        let table = [
            ("a.db", "a.db", true),
            ("*.sqlite*", "state_5.sqlite", true),
            ("*.sqlite*", "state_5.sqlite-wal", true),
            ("*.sqlite*", "sqlite", false),
            ("opencode*.db*", "opencode.db", true),
            ("opencode*.db*", "opencode-dev.db-shm", true),
            ("opencode*.db*", "other.db", false),
            ("*", "é", true),
        ];
        for (pattern, name, wanted) in table {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn every_row_says_where_it_is_from_and_leads_out_of_no_folder() {
        for kept in TABLE {
            assert!(!kept.source.is_empty() && !kept.paths.is_empty());
            assert!(kept.paths.iter().all(|path| !path.contains("..") && !path.starts_with('/')));
        }
    }

    #[test]
    fn only_one_agent_encrypts_its_files() {
        let table = [("windsurf", "a.pb", true), ("windsurf", "a.json", false), ("codex", "a.pb", false)];
        for (agent, name, wanted) in table {
            assert_eq!(is_encrypted(agent, name), wanted, "{agent} {name}");
        }
    }
}
