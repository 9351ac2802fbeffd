//! Tab in real shells: commands, flags, and profiles with their state.

use insta::assert_snapshot;

use crate::support::home::finish;
use crate::support::{Behaviour, Home, Key, skipped};

fn home() -> Home {
    let home = Home::with_dev_and_prod().knows("old", Key::v2(), Behaviour::Revoked);
    home.add("old");
    assert_eq!(home.run(&["verify", "old"], "").code, 4);
    let hostile = "$(touch hit) `touch hit` \u{1b}[31m' \" ;\n{";
    assert_eq!(home.run(&["note", "dev", hostile], "").code, 0);
    home
}

/// A shell's answer to a script; `None`, with a message, if that shell is not installed.
fn asked(home: &Home, shell: &str, arguments: &[&str], script: &str) -> Option<String> {
    let mut command = home.program(shell);
    if command.get_envs().all(|(name, _)| name != "PATH") || !is_here(shell) {
        skipped(&format!("completions in {shell}: it is not here"));
        return None;
    }
    let output = finish(command.args(arguments).arg(script), "");
    assert!(!home.work().join("hit").exists());
    Some(home.transcript(&output))
}

fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[test]
fn fish_shows_profiles_with_their_state() {
    let script = "getimg-keys completions fish | source
        complete -C 'getimg-keys use ' | string match -v -- '--*'
        complete -C 'getimg-keys ver'
        complete -C 'getimg-keys add ' | string match -v -- '--*'
        complete -C 'getimg-keys env -p d'
        complete -C 'getimg-keys hook-'";
    let Some(seen) = asked(&home(), "fish", &["--no-config", "-c"], script) else { return };
    assert_snapshot!(seen, @"
    dev	never; rotate: in 90 d
    old	✗ rejected just now; rotate: ! now
    prod	never; rotate: in 90 d; protected
    -	the profile before
    verify	Ask the API whether keys are valid, and record the answer
    dev	never; rotate: in 90 d
    ");
}

#[test]
fn whatever_has_a_few_values_proposes_them_wherever_it_stands() {
    let script = "source <(getimg-keys completions bash)
        asked() {
            COMP_WORDS=(getimg-keys \"$@\"); COMP_CWORD=$#; COMPREPLY=()
            _clap_complete_getimg_keys getimg-keys \"${@: -1}\" \"${COMP_WORDS[-2]}\"
            local word; words=
            for word in \"${COMPREPLY[@]}\"; do case $word in -*) ;; *) words+=\" $word\" ;; esac; done
            echo $words
        }
        asked -p ''; asked --profile p; asked store status -p d; asked store migrate --to ''
        asked hook ''; asked completions ''; asked help ex; asked help hook";
    assert_snapshot!(asked(&home(), "bash", &["--norc", "-c"], script).unwrap(), @"
    dev old prod
    prod
    dev
    keychain file vault
    bash elvish fish nushell powershell zsh
    bash elvish fish nushell powershell zsh
    exec exit-codes
    hook
    ");
}

#[test]
fn bash_gets_names_only() {
    let script = "source <(getimg-keys completions bash)
        COMP_WORDS=(getimg-keys rotate ''); COMP_CWORD=2
        _clap_complete_getimg_keys getimg-keys '' rotate
        printf '%s\\n' \"${COMPREPLY[@]}\" | grep -v ^--";
    assert_snapshot!(asked(&home(), "bash", &["--norc", "-c"], script).unwrap(), @"
    dev
    old
    prod
    ");
}

#[test]
fn zsh_is_given_a_function_that_it_can_read() {
    let script = "autoload -Uz compinit; compinit -u -D; source <(getimg-keys completions zsh)
        print ${_comps[getimg-keys]}
        GETIMG_KEYS_COMPLETE=zsh _CLAP_COMPLETE_INDEX=2 _CLAP_IFS=$'\\n' getimg-keys -- getimg-keys use p";
    let Some(seen) = asked(&home(), "zsh", &["-f", "-c"], script) else { return };
    assert_snapshot!(seen, @"
    _clap_dynamic_completer_getimg_keys
    prod:never; rotate: in 90 d; protected
    ");
}

#[test]
fn elvish_is_given_an_argument_completer() {
    let home = home();
    let script = "var edit: = (ns [&completion:arg-completer=[&]])
        nop";
    let Some(_) = asked(&home, "elvish", &["-norc", "-c"], script) else { return };
    let ask = "put (env _CLAP_IFS=\"\\n\" _CLAP_COMPLETE_INDEX=2 GETIMG_KEYS_COMPLETE=elvish getimg-keys -- getimg-keys env p) | to-lines";
    assert_snapshot!(asked(&home, "elvish", &["-norc", "-c"], ask).unwrap(), @"prod");
    assert_snapshot!(home.play("completions elvish"), @r#"
    $ completions elvish

    set edit:completion:arg-completer[getimg-keys] = { |@words|
        var index = (count $words)
        set index = (- $index 1)

        put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) GETIMG_KEYS_COMPLETE="elvish" getimg-keys -- $@words) | to-lines
    }
    "#);
}

#[test]
fn nushell_asks_us_for_our_name_and_the_others_as_before() {
    let script = "getimg-keys completions nushell | save -f ours.nu
        '$env.config.completions.external.completer = {|spans| [other]}
         source ours.nu
         do $env.config.completions.external.completer [getimg-keys env p] | to json -r | print
         do $env.config.completions.external.completer [git env p] | to json -r | print' | save -f ask.nu
        nu --no-config-file ask.nu";
    let Some(seen) = asked(&home(), "nu", &["--no-config-file", "-c"], script) else { return };
    assert_snapshot!(seen, @r#"
    [{"description":"never; rotate: in 90 d; protected","value":"prod"}]
    ["other"]
    "#);
}

#[test]
fn a_profiles_file_that_is_broken_or_missing_gives_no_names_and_no_message() {
    let home = Home::new();
    let ask = |home: &Home| {
        let mut command = home.command(&["--", "getimg-keys", "env", "p"]);
        command.env("GETIMG_KEYS_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "2");
        home.transcript(&finish(&mut command, ""))
    };
    assert_eq!(ask(&home), "");
    std::fs::create_dir_all(home.path()).unwrap();
    std::fs::write(home.path().join("profiles.toml"), "[[").unwrap();
    assert_eq!(ask(&home), "");
    assert_snapshot!(home.play("completions tcsh"), @"
    $ completions tcsh
    ! error: there are no completions for tcsh
    !
    ! hint: one of bash, elvish, fish, nushell, powershell, zsh
    → 2
    ");
}

#[test]
fn nushell_and_powershell_are_given_file_names_that_are_text_and_no_code() {
    let home = Home::new();
    for name in ["(touch hit)", "; touch hit", "$(touch hit)", "a`b", "plain.env"] {
        std::fs::write(home.work().join(name), "").unwrap();
    }
    let asked = |shell: &str| {
        let mut command = home.command(&["--", "getimg-keys", "import", ""]);
        finish(command.env("GETIMG_KEYS_COMPLETE", shell), "").stdout
    };
    let values: Vec<serde_json::Value> = serde_json::from_str(&asked("nushell")).unwrap();
    let mut files: Vec<_> = values.iter().filter_map(|v| v["value"].as_str()).collect();
    files.retain(|file| !file.starts_with('-'));
    files.sort_unstable();
    assert_eq!(
        files,
        ["\"$(touch hit)\"", "\"(touch hit)\"", "\"; touch hit\"", "\"a`b\"", ".", "plain.env"]
    );
    let all = asked("powershell");
    let mut files: Vec<_> = all.lines().map(|line| line.split('\t').next().unwrap()).collect();
    files.retain(|file| !file.starts_with('-'));
    files.sort_unstable();
    assert_eq!(files, [".", "plain.env"]);
}

#[test]
fn in_zsh_they_may_come_before_compinit_and_register_at_the_prompt_after_it() {
    let home = Home::new();
    let script = "source <(getimg-keys completions zsh) && print early; autoload -Uz compinit; compinit -u -D
        for hook in $precmd_functions; do $hook; done; print $_comps[getimg-keys] $#precmd_functions";
    let seen = finish(home.program("zsh").args(["-f", "-c", script]), "");
    assert_eq!(
        (seen.stdout.as_str(), seen.stderr.as_str()),
        ("early\n_clap_dynamic_completer_getimg_keys 0\n", "")
    );
}

#[test]
fn powershell_s_never_evaluate_the_line() {
    let text = Home::new().run(&["completions", "powershell"], "").stdout;
    assert!(text.contains("Register-ArgumentCompleter") && !text.contains("Invoke-Expression"), "{text}");
}
