//! What each shell gets, byte for byte.

use clap::ValueEnum;

use super::*;

/// One line for each shell for the same changes; a refusal is shown by its message.
fn said(value: &str) -> Vec<String> {
    let (set, unset) = ("A".parse().unwrap(), "B".parse().unwrap());
    let changes = [Change::Set { name: &set, value }, Change::Unset { name: &unset }];
    let say = |shell: &Shell| match shell.dialect().apply(&changes) {
        Ok(text) => format!("{}: {}", shell.as_str(), *text),
        Err(refused) => format!("{}: {refused}", shell.as_str()),
    };
    Shell::value_variants().iter().map(say).collect()
}

#[test]
fn a_key_is_bare_in_posix_shells_and_quoted_elsewhere() {
    assert_eq!(
        said("aB3-._~+/=="),
        [
            "bash: export A=aB3-._~+/==;unset B;\n",
            "zsh: export A=aB3-._~+/==;unset B;\n",
            "sh: export A=aB3-._~+/==;unset B;\n",
            "ksh: export A=aB3-._~+/==;unset B;\n",
            "fish: set -gx A 'aB3-._~+/==';\nset -e B;\n",
            "powershell: $env:A = 'aB3-._~+/==';\nRemove-Item -ErrorAction Ignore Env:B;\n",
            "nushell: {\"A\":\"aB3-._~+/==\",\"B\":null}\n",
            "elvish: set-env A 'aB3-._~+/==';\nunset-env B;\n",
            "tcsh: setenv A 'aB3-._~+/==';\nunsetenv B;\n",
            "cmd: set \"A=aB3-._~+/==\"\r\nset \"B=\"\r\n",
        ]
    );
}

#[test]
fn other_values_are_quoted_or_refused() {
    assert_eq!(
        said("it’s\n'50%'\\!"),
        [
            "bash: export A='it’s\n'\\''50%'\\''\\!';unset B;\n",
            "zsh: export A='it’s\n'\\''50%'\\''\\!';unset B;\n",
            "sh: export A='it’s\n'\\''50%'\\''\\!';unset B;\n",
            "ksh: export A='it’s\n'\\''50%'\\''\\!';unset B;\n",
            "fish: set -gx A 'it’s\n\\'50%\\'\\\\!';\nset -e B;\n",
            "powershell: $env:A = 'it'+[char]0x2019+'s'+[char]0x000A+'''50%''\\!';\n\
             Remove-Item -ErrorAction Ignore Env:B;\n",
            "nushell: {\"A\":\"it’s\\n'50%'\\\\!\",\"B\":null}\n",
            "elvish: set-env A 'it’s\n''50%''\\!';\nunset-env B;\n",
            "tcsh: a line break cannot be written for tcsh",
            "cmd: a character outside ASCII cannot be written for cmd",
        ]
    );
}

#[test]
fn what_the_command_prompt_of_windows_would_read_as_its_own_is_refused_by_name() {
    let refused = |value: &str| said(value).pop().unwrap();
    let table = [
        ("50%", "a percent sign"),
        ("hey!", "an exclamation mark"),
        ("\"", "a double quote"),
        ("a\nb", "a line break"),
        ("a\rb", "a line break"),
        ("\x1b", "a control character"),
        ("é", "a character outside ASCII"),
        ("", "an empty value"),
    ];
    for (value, what) in table {
        assert_eq!(refused(value), format!("cmd: {what} cannot be written for cmd"));
    }
}

#[test]
fn nul_is_refused_everywhere() {
    assert!(said("a\0b").iter().all(|said| said.contains("a NUL character cannot be written for ")));
}

#[test]
fn what_expands_at_the_beginning_of_a_word_is_escaped() {
    assert_eq!(said("~root")[0], "bash: export A=\\~root;unset B;\n");
    assert_eq!(said("=ls")[1], "zsh: export A=\\=ls;unset B;\n");
    assert_eq!(said("")[0], "bash: export A='';unset B;\n");
}

#[test]
fn cmd_refuses_what_it_would_look_at_twice() {
    for value in ["", "100%", "a!b", "a\"b", "a\nb", "a\tb", "é"] {
        assert!(said(value)[9].ends_with("cannot be written for cmd"), "{value:?}");
    }
    assert_eq!(said("a&b ^|<>")[9], "cmd: set \"A=a&b ^|<>\"\r\nset \"B=\"\r\n");
}

#[test]
fn no_change_is_no_text() {
    for shell in Shell::value_variants() {
        assert_eq!(*shell.dialect().apply(&[]).unwrap(), "", "{}", shell.as_str());
    }
}

#[test]
fn a_program_names_its_shell() {
    for (program, shell) in [
        ("-zsh", Some(Shell::Zsh)),
        ("/usr/bin/bash", Some(Shell::Bash)),
        ("pwsh.exe", Some(Shell::Powershell)),
        (r"C:\Windows\System32\CMD.EXE", Some(Shell::Cmd)),
        ("dash", Some(Shell::Sh)),
        ("nu", Some(Shell::Nushell)),
        ("mksh", Some(Shell::Ksh)),
        ("-csh", Some(Shell::Tcsh)),
        ("python3", None),
        ("", None),
    ] {
        assert_eq!(Shell::from_program(program), shell, "{program}");
    }
    for shell in Shell::value_variants() {
        assert_eq!(Shell::from_program(shell.as_str()), Some(*shell));
    }
}

#[test]
fn a_hook_holds_the_quoted_program_and_no_placeholder() {
    for shell in Shell::value_variants() {
        let Some(text) = shell.dialect().hook("/o'pt/a b").unwrap() else {
            assert!([Shell::Sh, Shell::Ksh, Shell::Tcsh, Shell::Cmd].contains(shell));
            continue;
        };
        let quoted = match shell {
            Shell::Bash | Shell::Zsh => r"'/o'\''pt/a b'",
            Shell::Fish => r"'/o\'pt/a b'",
            Shell::Nushell => "\"/o'pt/a b\"",
            _ => "'/o''pt/a b'",
        };
        assert!(text.contains(quoted) && !text.contains("@program@"), "{}: {text}", shell.as_str());
        assert!(shell.dialect().hook("/a\0").is_err());
    }
}

#[test]
fn each_shell_has_a_line_that_loads_and_six_have_one_that_hooks() {
    let lines = |shell: &Shell| {
        [shell.how_to_load("keys env"), shell.how_to_hook().unwrap_or("no hook").to_owned()].join("\n")
    };
    insta::assert_snapshot!(Shell::value_variants().iter().map(lines).collect::<Vec<_>>().join("\n\n"), @r#"
    eval $(keys env)
    echo 'eval "$(getimg-keys hook bash)"' >> ~/.bashrc

    eval $(keys env)
    echo 'eval "$(getimg-keys hook zsh)"' >> ~/.zshrc

    eval $(keys env)
    no hook

    eval $(keys env)
    no hook

    keys env | source
    echo 'getimg-keys hook fish | source' >> ~/.config/fish/config.fish

    keys env | Out-String | Invoke-Expression
    Add-Content $PROFILE 'getimg-keys hook powershell | Out-String | Invoke-Expression'

    keys env | from json | load-env
    getimg-keys hook nushell | save -f ($nu.user-autoload-dirs.0 | path join getimg-keys.nu)

    eval (keys env | slurp)
    echo 'eval (getimg-keys hook elvish | slurp)' >> ~/.config/elvish/rc.elv

    eval "`keys env`"
    no hook

    for /f "delims=" %i in ('keys env') do @%i
    no hook
    "#);
}
