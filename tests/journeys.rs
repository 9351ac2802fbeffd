//! The main job, from the first key to the last, as a person does it.

use insta::assert_snapshot;

use crate::support::{Behaviour, Home, Key};

fn newcomer() -> Home {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.knows("prod", Key::v1(), Behaviour::Valid)
}

#[test]
fn the_main_job_from_add_to_remove() {
    let home = newcomer();
    assert_snapshot!(home.play("
        add dev <dev
        add prod <prod
        list
        use prod --yes
        current
        use -
        status
        verify --all
        list
    "), @"");
    assert!(home.api.seen().iter().all(|s| s.path == "/v2/billing/balance"));
    for name in ["dev", "prod"] {
        assert_eq!(home.session.lookup(&home.service(), name), home.key(name).0);
    }
    assert_snapshot!(home.play("
        exec -- sh -c 'echo $GETIMG_API_KEY'
        env prod
        env
        remove dev
        remove prod --yes
        list
    "), @"");
    for name in ["dev", "prod"] {
        assert_eq!(home.session.lookup(&home.service(), name), "");
        assert_eq!(home.key(name).found_below(&home.path()), Vec::<String>::new());
    }
}

#[test]
fn an_unquoted_eval_sets_the_variable_in_bash_dash_and_zsh() {
    let home = Home::with_dev_and_prod();
    for (shell, dialect) in [("bash", "bash"), ("dash", "sh"), ("zsh", "zsh")] {
        for name in ["dev", "prod"] {
            let script = format!(
                r#"eval $(getimg-keys env {name} --shell {dialect}); sh -c 'printf %s "$GETIMG_API_KEY"'"#
            );
            assert_eq!(home.shell(shell, &script).stdout, home.key(name).0, "{shell}");
            let script =
                format!("eval $(getimg-keys env {name}); eval $(getimg-keys unset); echo ${{GETIMG_API_KEY-gone}}");
            assert_eq!(home.shell(shell, &script).stdout, "gone\n", "{shell}");
        }
    }
}

#[test]
fn a_file_named_as_a_glob_match_changes_nothing_of_an_unquoted_eval() {
    let home = Home::with_dev_and_prod();
    for file in ["export", "GETIMG_API_KEY=evil;", "-x", "sk_evil"] {
        std::fs::write(home.work().join(file), "").unwrap();
    }
    for shell in ["bash", "dash", "zsh"] {
        let output = home.shell(shell, "eval $(getimg-keys env dev); printf %s $GETIMG_API_KEY");
        assert_eq!((output.stdout.as_str(), output.code), (home.key("dev").0.as_str(), 0), "{shell}");
    }
}

#[test]
fn what_something_else_stores_is_noticed_and_taken_over_by_verify() {
    let home = newcomer().knows("other", Key::v2(), Behaviour::Valid);
    home.add("dev");
    home.session.store(&home.service(), "dev", &[], &home.key("other").0);
    assert_snapshot!(home.play("
        env dev
        exec dev -- true
        verify dev
        env dev
    "), @"");
}

#[test]
fn what_something_else_stores_is_not_taken_over_before_the_api_accepts_it() {
    let home = newcomer().knows("other", Key::v2(), Behaviour::Revoked);
    home.add("dev");
    home.session.store(&home.service(), "dev", &[], &home.key("other").0);
    assert_snapshot!(home.play("
        verify dev
        env dev
    "), @"");
}
