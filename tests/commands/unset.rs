//! `unset`: what undoes `env`.

use insta::assert_snapshot;

use crate::support::Home;

#[test]
fn each_shell_has_its_own_words() {
    assert_snapshot!(Home::new().play("
        unset --shell bash
        unset --shell fish
        unset --shell powershell
        unset --json
        env --unset --format shell
        env --unset --format json
        unset --shell basic
    "), @r#"
    $ unset --shell bash
    unset GETIMG_API_KEY;
    $ unset --shell fish
    set -e GETIMG_API_KEY;
    $ unset --shell powershell
    Remove-Item -ErrorAction Ignore Env:GETIMG_API_KEY;
    $ unset --json
    {"changed":false,"notices":[],"schema_version":1,"variables":["GETIMG_API_KEY"]}
    $ env --unset --format shell
    unset GETIMG_API_KEY;
    $ env --unset --format json
    ! error: only shell code can unset a variable
    !
    ! hint: getimg-keys env --unset
    → 2
    $ unset --shell basic
    ! error: invalid value `basic` for --shell <SHELL>
    !
    ! hint: one of bash, zsh, sh, ksh, fish, powershell, nushell, elvish, tcsh, cmd
    → 2
    "#);
}
