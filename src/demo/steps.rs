//! The steps: each command with its expected exit code and words of its output.

/// One command and its expected result.
pub(super) struct Step {
    /// The title that is shown.
    pub(super) about: &'static str,
    /// What happens before it, unseen.
    pub(super) before: Before,
    /// The command.
    pub(super) run: Run,
    /// The exit code it ends with.
    pub(super) code: u8,
    /// Words that its output must contain.
    pub(super) says: &'static str,
}

/// What must have happened before a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// The first key of dev is revoked, as a user would do in the developer settings.
    Revocation,
    /// A key gets into a repository, or without git into a folder.
    Leak,
}

/// What is run.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// This program, with a made-up key on standard input if one is named.
    Ours(&'static [&'static str], Option<&'static str>),
    /// A line for the shell; without that shell, this program with other arguments.
    Shell(&'static str, &'static [&'static str]),
    /// A scan of the history; without git, of the folder.
    Scan,
}

const fn ours(
    about: &'static str,
    words: &'static [&'static str],
    key: Option<&'static str>,
    code: u8,
    says: &'static str,
) -> Step {
    Step { about, before: Before::Nothing, run: Run::Ours(words, key), code, says }
}

pub(super) const STEPS: &[Step] = &[
    ours(
        "A key for development. The API is asked about it, then it is stored.",
        &["add", "dev", "--stdin"],
        Some("dev"),
        0,
        "added dev to the encrypted files, verified",
    ),
    ours(
        "The same key for production too? It is refused.",
        &["add", "prod", "--stdin"],
        Some("dev"),
        6,
        "already the key of `dev`",
    ),
    ours(
        "Production gets a key of its own.",
        &["add", "prod", "--stdin"],
        Some("prod"),
        0,
        "added prod to the encrypted files, verified",
    ),
    ours("Both at a glance; no key is opened for it.", &["list"], None, 0, "prod"),
    ours("Does the API still know them?", &["verify", "--all"], None, 0, "prod"),
    ours(
        "prod is protected by its name: it does not become the active profile by accident.",
        &["use", "prod"],
        None,
        2,
        "`prod` is protected",
    ),
    ours(
        "Unless one means it. On a terminal its name is typed instead.",
        &["use", "prod", "--yes"],
        None,
        0,
        "prod",
    ),
    ours("And back to the one before.", &["use", "-"], None, 0, "dev"),
    Step {
        about: "Its key into the shell, where the SDKs find it.",
        before: Before::Nothing,
        run: Run::Shell(
            "eval $(getimg-keys env) && getimg-keys status",
            &["exec", "--", "getimg-keys", "status"],
        ),
        code: 0,
        says: "$GETIMG_API_KEY is this key",
    },
    ours(
        "A new key in the place of the old one, which is kept for now.",
        &["rotate", "dev", "--stdin"],
        Some("dev-new"),
        0,
        "rotated dev",
    ),
    ours(
        "The old key still works, so the rotation is not over.",
        &["rotate", "dev", "--finish"],
        None,
        6,
        "still works",
    ),
    Step {
        about: "Now the old key is revoked, here by the stand-in: proven, and forgotten.",
        before: Before::Revocation,
        run: Run::Ours(&["rotate", "dev", "--finish"], None),
        code: 0,
        says: "the API refuses the old key",
    },
    Step { about: "", before: Before::Leak, run: Run::Scan, code: 8, says: "the key in use of prod" },
];
