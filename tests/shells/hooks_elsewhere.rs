//! The hooks in unusual cases: an upgrade, no program, inner shells, other hooks, hostile folders.

use std::os::unix::fs::symlink;

use getimg_keys::shell::Shell;

use super::stage::Stage;
use crate::support::{Home, home::finish};

const SHELLS: [Shell; 2] = [Shell::Bash, Shell::Zsh];

/// What each step reports, without the counts at the end.
fn seen(shell: Shell, before: &str, steps: &str) -> Option<(Vec<String>, String)> {
    let seen = Stage::new(shell).play_interactively(before, steps)?;
    let line = |line: &str| line.split(']').next().map(|text| format!("{text}]")).unwrap_or_default();
    Some((seen.out.lines().map(line).collect(), seen.err))
}

#[test]
fn an_upgrade_that_moves_the_program_is_survived_and_without_any_the_key_still_goes() {
    for shell in SHELLS {
        let steps = "cd site\nreport pinned\nmv \"$HOME/it's bin/wrapper\" \"$HOME/it's bin/moved\"\ncd ..\n\
                     report outside\ncd site\nreport again\nPATH=\"$HOME/it's bin:/usr/bin:/bin\"\ncd ..\n\
                     report without any\ncd site\nreport still without\n";
        let Some((out, err)) = seen(shell, "PS1=", steps) else { continue };
        let wanted = [
            "pinned [<key of dev>]",
            "outside [unset]",
            "again [<key of dev>]",
            "without any [unset]",
            "still without [unset]",
        ];
        assert_eq!(out, wanted, "{} {err}", shell.as_str());
        assert_eq!(err.matches("cannot be started").count(), 1, "{} {err}", shell.as_str());
    }
}

#[test]
fn an_inner_shell_drops_what_a_hook_loaded_and_keeps_what_a_person_chose() {
    for (shell, inner) in
        [(Shell::Bash, "bash --noprofile --rcfile \"$HOME/rc\" -i"), (Shell::Zsh, "zsh --no-globalrcs -i")]
    {
        let steps = format!(
            "cd site\n{inner}\nreport inside\ncd /\nreport outside\ncd \"$HOME/site\"\nreport back\nexit\n\
             getimg-keys exec -q prod -- {inner}\nreport chosen\ncd /\nreport chosen outside\nexit\nreport outer\n"
        );
        let Some((out, err)) = seen(shell, "PS1=", &steps) else { continue };
        let wanted = [
            "inside [<key of dev>]",
            "outside [unset]",
            "back [<key of dev>]",
            "chosen [<key of prod>]",
            "chosen outside [<key of prod>]",
            "outer [<key of dev>]",
        ];
        assert_eq!(out, wanted, "{} {err}", shell.as_str());
    }
}

#[test]
fn what_another_hook_or_a_person_put_there_is_not_written_over_on_leaving() {
    for shell in SHELLS {
        let steps = "export GETIMG_API_KEY=older\ncd site\nexport GETIMG_API_KEY=newer\ncd ..\nreport newer\n\
                     cd site\nreport pinned\ncd ..\nreport newer again\n";
        let Some((out, err)) = seen(shell, "PS1=", steps) else { continue };
        assert_eq!(
            out,
            ["newer [newer]", "pinned [<key of dev>]", "newer again [newer]"],
            "{} {err}",
            shell.as_str()
        );
    }
}

#[test]
fn options_of_zsh_that_change_what_a_word_means_change_nothing_here() {
    for options in
        ["setopt ksh_arrays", "emulate sh", "emulate ksh", "setopt sh_word_split no_unset err_exit"]
    {
        let before = format!(
            "{options}\nother() {{ other=ran; }}\ntypeset -ga precmd_functions\nprecmd_functions=(other other)\nPS1="
        );
        let steps = "cd site\nreport pinned $other\ncd ..\nreport outside ${#precmd_functions[@]}\n";
        let Some((out, err)) = seen(Shell::Zsh, &before, steps) else { continue };
        assert_eq!(out, ["pinned ran [<key of dev>]", "outside 3 [unset]"], "{options} {err}");
    }
}

#[test]
fn a_prompt_command_that_is_exported_or_an_array_goes_on() {
    for before in ["export PROMPT_COMMAND='other=ran'", "PROMPT_COMMAND=('other=ran' 'more=ran')", "set -u"] {
        let steps = "cd site\nreport pinned ${other-}${more-}\nbash --norc -i\nreport inner\nexit\n";
        let Some((out, err)) = seen(Shell::Bash, &format!("{before}\nPS1="), steps) else { continue };
        assert!(out[0].ends_with("[<key of dev>]") && out.len() == 2, "{before} {out:?} {err}");
        assert!(!err.contains("not found"), "{before} {err}");
    }
}

#[test]
fn a_hostile_pin_is_told_in_one_short_line_and_leaves_nothing_in_the_shell() {
    for shell in SHELLS {
        let steps = "cd site\nreport pinned\nprintf '[policy]\\n%062000d = 1\\n' 0 >.getimg-keys.toml\nreport hostile\n\
                     cd a\nreport below\nset | wc -c\n";
        let Some((out, err)) = seen(shell, "PS1=", steps) else { continue };
        assert_eq!(
            out[..3],
            ["pinned [<key of dev>]", "hostile [unset]", "below [unset]"],
            "{} {err}",
            shell.as_str()
        );
        assert!(err.len() < 4000, "{} bytes", err.len());
        let size: usize = out[3].trim_end_matches(']').trim().parse().unwrap();
        assert!(size < 40_000, "{} keeps {size} bytes", shell.as_str());
    }
}

#[test]
fn a_change_behind_the_beginning_of_a_pin_is_noticed() {
    for shell in SHELLS {
        let steps = "cd site\nprintf '#%05000d\\nprofile = \"staging\"\\n' 0 >.getimg-keys.toml\nreport one\n\
                     printf '#%05000d\\nprofile = \"dev\"\\n' 0 >.getimg-keys.toml\nreport other\n";
        let Some((out, err)) = seen(shell, "PS1=", steps) else { continue };
        assert_eq!(out, ["one [<key of staging>]", "other [<key of dev>]"], "{} {err}", shell.as_str());
    }
}

#[test]
fn a_state_that_came_with_the_environment_is_dropped() {
    for shell in SHELLS {
        let state = r#"{"before":{"LD_PRELOAD":"evil","GETIMG_API_KEY":"evil"},"pinned":"00","holder":"x"}"#;
        let before = format!(
            "export __GETIMG_KEYS_SAVED='LD_PRELOAD {state}' GETIMG_KEYS_LOADED=pin:000000000000\nPS1="
        );
        let steps = "cd site\nreport ${LD_PRELOAD-none}\ncd ..\nreport ${LD_PRELOAD-none}\n";
        let Some((out, err)) = seen(shell, &before, steps) else { continue };
        assert_eq!(out, ["none [<key of dev>]", "none [unset]"], "{} {err}", shell.as_str());
    }
}

#[test]
fn a_hook_names_the_link_that_the_program_was_called_by() {
    let home = Home::new();
    let link = home.work().join("getimg-keys");
    symlink(env!("CARGO_BIN_EXE_getimg-keys"), &link).unwrap();
    for (called, folder) in [(link.to_str().unwrap(), "/"), ("./getimg-keys", home.work().to_str().unwrap())]
    {
        let text = finish(home.program(called).args(["hook", "bash"]).current_dir(folder), "").stdout;
        let place = text.lines().find(|line| line.starts_with("__getimg_keys_program=")).unwrap();
        assert!(
            place.contains(link.parent().unwrap().to_str().unwrap()) && place.contains("getimg-keys"),
            "{place}"
        );
    }
}
