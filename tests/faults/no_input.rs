//! Nobody to ask: standard input is closed, empty or forbidden; and very narrow terminals.

use insta::assert_snapshot;

use crate::support::{Home, home::finish};

#[test]
fn a_closed_standard_input_is_named_by_what_would_have_answered() {
    let home = Home::with_dev_and_prod();
    let each = |command: &str, input: &str| {
        let output = home.shell("bash", &format!("getimg-keys {command} {input}"));
        format!("$ {command} {input}\n{}", home.transcript(&output))
    };
    let mut seen = String::new();
    for input in ["<&-", "</dev/null"] {
        for command in ["add ci", "add ci --stdin", "use", "use prod", "remove prod", "rotate dev"] {
            seen.push_str(&each(command, input));
        }
    }
    assert_snapshot!(seen, @"
    $ add ci <&-
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    $ add ci --stdin <&-
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    $ use <&-
    ! error: which profile? there is no terminal to prompt on
    !
    ! hint: getimg-keys use dev  # or prod
    → 2
    $ use prod <&-
    ! error: `prod` is protected, and every shell without a pin will use it: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys use prod --yes
    → 2
    $ remove prod <&-
    ! error: `prod` is protected, and removing it deletes its key: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys remove prod --yes
    → 2
    $ rotate dev <&-
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: the key is empty
    !
    ! hint: getimg-keys rotate dev --stdin < FILE
    → 2
    $ add ci </dev/null
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    $ add ci --stdin </dev/null
    ! error: the key is empty
    !
    ! hint: getimg-keys add ci --stdin < FILE
    → 2
    $ use </dev/null
    ! error: which profile? there is no terminal to prompt on
    !
    ! hint: getimg-keys use dev  # or prod
    → 2
    $ use prod </dev/null
    ! error: `prod` is protected, and every shell without a pin will use it: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys use prod --yes
    → 2
    $ remove prod </dev/null
    ! error: `prod` is protected, and removing it deletes its key: this needs a confirmation, and there is no terminal to prompt on
    !
    ! hint: getimg-keys remove prod --yes
    → 2
    $ rotate dev </dev/null
    ! create the new key at https://getimg.ai/app/developer/api-keys
    ! error: the key is empty
    !
    ! hint: getimg-keys rotate dev --stdin < FILE
    → 2
    ");
    let output =
        home.shell("bash", "getimg-keys list >&-; echo $?; getimg-keys list 2>&- >/dev/null; echo $?");
    assert_snapshot!(home.transcript(&output), @"
    0
    0
    ");
}

#[test]
fn no_input_at_a_terminal_forbids_asking_and_names_the_flag() {
    let home = Home::with_dev_and_prod();
    let mut seen = String::new();
    for command in ["add ci", "use", "use prod", "remove prod"] {
        let mut run = home.program("script");
        run.args(["-qec", &format!("getimg-keys --no-input {command}"), "/dev/null"]).env("NO_COLOR", "1");
        let output = finish(&mut run, "");
        seen.push_str(&format!("$ {command}\n{}", home.transcript(&output).replace('\r', "")));
    }
    assert_snapshot!(seen, @"
    $ add ci
    error: cannot prompt for the key: --no-input forbids prompts

    hint: getimg-keys add ci --stdin < FILE
    → 2
    $ use
    error: which profile? --no-input forbids prompts

    hint: getimg-keys use dev  # or prod
    → 2
    $ use prod
    error: `prod` is protected, and every shell without a pin will use it: this needs a confirmation, and --no-input forbids prompts

    hint: getimg-keys use prod --yes
    → 2
    $ remove prod
    error: `prod` is protected, and removing it deletes its key: this needs a confirmation, and --no-input forbids prompts

    hint: getimg-keys remove prod --yes
    → 2
    ");
}

#[test]
fn a_terminal_of_a_few_columns_breaks_nothing() {
    let home = Home::with_dev_and_prod();
    for columns in [1, 7, 20] {
        for command in
            ["list", "status", "check", "doctor --offline", "log", "help", "help exit-codes", "verify --all"]
        {
            let mut run = home.program("script");
            let command = format!("stty cols {columns}; getimg-keys {command}");
            let output = finish(run.args(["-qec", &command, "/dev/null"]), "");
            assert_eq!((output.code, output.stdout.is_empty()), (0, false), "{command}: {output:?}");
        }
    }
}
