//! The recipes for prompts, run as the document has them.

use super::{between, read, root};
use crate::support::{Home, home::finish, skipped};

/// The block of a language in the document.
fn recipe(language: &str) -> String {
    between(&read(&root().join("docs/shells.md")), &format!("```{language}\n"), "```").to_owned()
}

/// What a shell with a recipe prints; `None`, with a message, if it is not installed.
fn shown(home: &Home, shell: &str, arguments: &[&str], script: &str) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap();
    if !std::env::split_paths(&path).any(|folder| folder.join(shell).is_file()) {
        skipped(&format!("the prompt in {shell}: it is not here"));
        return None;
    }
    let output = finish(home.program(shell).args(arguments).arg(script), "");
    assert_eq!(output.stderr, "", "{shell}");
    Some(output.stdout.trim_end_matches('\n').to_owned())
}

#[test]
fn the_prompts_show_the_selected_profile_and_nothing_where_there_is_none() {
    for (home, name) in [(Home::with_dev_and_prod(), "dev"), (Home::new(), "")] {
        let around = if name.is_empty() { String::new() } else { format!("({name}) ") };
        let bash = format!("PS1='$ '\n{}echo \"${{PS1@P}}\"", recipe("bash"));
        if let Some(seen) = shown(&home, "bash", &["--norc", "-c"], &bash) {
            assert_eq!(seen, format!("{around}$ "));
        }
        let zsh = format!("PROMPT='> '\n{}print -rP -- $PROMPT", recipe("zsh"));
        if let Some(seen) = shown(&home, "zsh", &["-f", "-c"], &zsh) {
            assert_eq!(seen, format!("{around}> "));
        }
        if let Some(seen) = shown(
            &home,
            "fish",
            &["--no-config", "-c"],
            &format!("{}fish_right_prompt; true", recipe("fish")),
        ) {
            assert_eq!(seen, name);
        }
        let segment = format!("p10k() {{ print -r -- $5 }}\n{}prompt_getimg; true", recipe("p10k"));
        if let Some(seen) = shown(&home, "zsh", &["-f", "-c"], &segment) {
            assert_eq!(seen, name, "p10k");
        }
        let starship: toml::Table = recipe("toml").parse().unwrap();
        let command = starship["custom"]["getimg"]["command"].as_str().unwrap();
        let output = finish(home.program("sh").args(["-c", command]), "");
        assert_eq!(output.stdout.trim_end(), name);
    }
}
