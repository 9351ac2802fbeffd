//! The hooks in real shells, with the real program; a wrapper counts its starts.

use getimg_keys::shell::Shell;

use super::is_here;
use super::stage::Stage;

/// What a user types; each line is followed by a prompt.
const STEPS: &str = "\
report at the start
report again
cd site/a
report pinned
report unchanged
cd b
report below
pin staging
report another pin
rm .getimg-keys.toml
report the pin above
cd ../../..
report unset again
GETIMG_API_KEY=
cd site
report pinned
cd ..
report empty again
GETIMG_API_KEY=mine
cd site
report pinned
cd '../el se $(touch hit)*'
report mine again
cd ../pipe
report a pipe ends the selection
cd ..
getimg-keys use -q staging
report the active profile
GETIMG_KEYS_PROFILE=dev
report another one for a while
report unchanged
GETIMG_KEYS_PROFILE=
report the active profile again
getimg-keys use -q -y prod
report a protected one is not loaded
getimg-keys use -q dev
report the active profile
";

/// After each step: the variable, the number of starts, and how many of the hook's own variables programs can see.
const SEEN: &str = "\
at the start [unset] 1 0
again [unset] 1 0
pinned [<key of dev>] 2 0
unchanged [<key of dev>] 2 0
below [<key of dev>] 3 0
another pin [<key of staging>] 4 0
the pin above [<key of dev>] 5 0
unset again [unset] 6 0
pinned [<key of dev>] 7 0
empty again [] 8 0
pinned [<key of dev>] 9 0
mine again [mine] 10 0
a pipe ends the selection [mine] 11 0
the active profile [<key of staging>] 13 0
another one for a while [<key of dev>] 14 0
unchanged [<key of dev>] 14 0
the active profile again [<key of staging>] 15 0
a protected one is not loaded [unset] 16 0
the active profile [<key of dev>] 17 0
";

#[test]
fn the_variable_follows_the_selection_in_bash_and_zsh_and_an_unchanged_prompt_starts_nothing() {
    for shell in [Shell::Bash, Shell::Zsh] {
        let Some(seen) = Stage::new(shell).play_interactively("", STEPS) else { continue };
        assert_eq!(seen.out, SEEN, "{}", shell.as_str());
    }
}

#[test]
fn the_last_command_s_exit_code_is_left_alone() {
    for shell in [Shell::Bash, Shell::Zsh] {
        let before = "PROMPT_COMMAND='before=$?'; precmd() { before=$?; }";
        let steps = "cd site\nsh -c 'exit 3'\necho $? $before\ncd a\nsh -c 'exit 4'\necho $? $before\n";
        let Some(seen) = Stage::new(shell).play_interactively(before, steps) else { continue };
        assert_eq!(seen.out, "3 3\n4 4\n", "{}", shell.as_str());
    }
}

#[test]
fn options_that_end_a_shell_do_not_end_it_here() {
    for shell in [Shell::Bash, Shell::Zsh] {
        let steps = "report at the start\ncd site\nreport pinned\ncd ..\nreport unset again\n";
        let Some(seen) = Stage::new(shell).play_interactively("set -eu", steps) else { continue };
        assert_eq!(
            seen.out,
            "at the start [unset] 1 0\npinned [<key of dev>] 2 0\nunset again [unset] 3 0\n",
            "{}",
            shell.as_str()
        );
    }
}

#[test]
fn the_variable_follows_the_selection_in_fish() {
    let prompt = "emit fish_prompt";
    let stage = Stage::new(Shell::Fish);
    let beginning = format!("source hook.ps1\nsource hook.ps1\n{prompt}");
    let Some(seen) = stage.play("fish", &["--no-config"], &beginning, prompt, STEPS) else { return };
    assert_eq!(seen.out, SEEN);
}

#[test]
fn the_variable_follows_the_selection_in_powershell() {
    let stage = Stage::new(Shell::Powershell);
    let prompt = "$null = prompt";
    let beginning = format!(". ./hook.ps1\n{prompt}");
    let arguments = ["-NoProfile", "-NonInteractive", "-File", "script.ps1"];
    let Some(seen) = stage.play("pwsh", &arguments, &beginning, prompt, STEPS) else { return };
    assert_eq!(seen.out, SEEN);
}

#[test]
fn the_variable_follows_the_selection_in_nushell() {
    let stage = Stage::new(Shell::Nushell);
    let beginning = "source hook.ps1
        def --env at_prompt [] { for hook in $env.config.hooks.pre_prompt { do --env $hook } }
        at_prompt";
    let arguments = ["--no-config-file", "script.ps1"];
    let Some(seen) = stage.play("nu", &arguments, beginning, "at_prompt", STEPS) else { return };
    assert_eq!(seen.out, SEEN);
}

#[test]
fn the_variable_follows_the_selection_in_elvish() {
    let stage = Stage::new(Shell::Elvish);
    let beginning = "var edit = (ns [&before-readline=[]])
        eval &ns=(ns [&edit:=$edit]) (slurp < hook.ps1)
        fn at-prompt { for hook $edit[before-readline] { $hook } }
        at-prompt";
    let Some(seen) = stage.play("elvish", &["-norc", "script.ps1"], beginning, "at-prompt", STEPS) else {
        return;
    };
    assert_eq!(seen.out, SEEN);
}

/// `HOOK_PROMPTS` sets how many; four for each walk into the pinned folder and out of it.
#[test]
fn at_every_prompt_of_many_the_variable_is_right_and_nothing_grows() {
    let prompts: usize = std::env::var("HOOK_PROMPTS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let steps = "cd site\nreport in\ncd ..\nreport out\n".repeat(prompts / 4);
    let seen: String = (1..=prompts / 2)
        .map(|n| match n % 2 {
            1 => format!("in [<key of dev>] {} 0\n", n + 1),
            _ => format!("out [unset] {} 0\n", n + 1),
        })
        .collect();
    for shell in [Shell::Bash, Shell::Zsh] {
        let Some(played) = Stage::new(shell).play_interactively("", &steps) else { continue };
        assert_eq!(played.out, seen, "{}", shell.as_str());
    }
    let prompt = "emit fish_prompt";
    let beginning = format!("source hook.ps1\n{prompt}");
    let Some(played) = Stage::new(Shell::Fish).play("fish", &["--no-config"], &beginning, prompt, &steps)
    else {
        return;
    };
    assert_eq!(played.out, seen);
}

#[test]
fn what_is_not_loaded_is_said_in_one_line_and_once() {
    let steps = "\
cd site
text profile=
report a broken pin
cd a
report the same broken pin
cd ../..
report above it
cd site
pin prod
report a protected pin that was not allowed
getimg-keys allow -q
report an allowed one is not loaded either
pin nobody
report no such profile
pin staging
report a good one
getimg-keys compromised -q staging
cd a
report one that was blocked meanwhile
";
    let stage = Stage::new(Shell::Bash);
    let Some(seen) = stage.play_interactively("PS1=", steps) else { return };
    insta::assert_snapshot!(seen.out, @"
    a broken pin [unset] 3 0
    the same broken pin [unset] 4 0
    above it [unset] 5 0
    a protected pin that was not allowed [unset] 7 0
    an allowed one is not loaded either [unset] 8 0
    no such profile [unset] 9 0
    a good one [<key of staging>] 10 0
    one that was blocked meanwhile [unset] 12 0
    ");
    let lines = seen.err.replace("\n  ", " ");
    let said: Vec<_> = lines.lines().filter(|line| line.contains("getimg-keys:")).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    getimg-keys: ~/site/.getimg-keys.toml, line 1: string values must be quoted, expected literal string; $EDITOR ~/site/.getimg-keys.toml
    getimg-keys: ~/site/.getimg-keys.toml pins the protected profile `prod`, and you have not allowed it; getimg-keys allow
    getimg-keys: `prod` is protected and not loaded automatically; getimg-keys env prod
    getimg-keys: there is no profile `nobody` (pinned by ~/site/.getimg-keys.toml); getimg-keys add nobody
    getimg-keys: the key of `staging` was declared compromised on <day>; it is not handed out; getimg-keys rotate staging
    ");
}

#[test]
fn a_shell_inside_another_is_told_apart() {
    let stage = Stage::new(Shell::Bash);
    let steps = "bash -c 'getimg-keys env --unset; :'\nsh -c 'getimg-keys env --unset; :'\n\
                 fish --no-config -c 'getimg-keys env --unset'\n";
    if !is_here("fish") {
        return;
    }
    let Some(seen) = stage.play_interactively("PS1=", steps) else { return };
    assert_eq!(seen.out, "unset GETIMG_API_KEY;\nunset GETIMG_API_KEY;\nset -e GETIMG_API_KEY;\n");
}
