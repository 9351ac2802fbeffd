//! Inside a coding agent: no key is printed, programs are masked, the hook loads none, the log names the agent.

use std::fs;

use insta::assert_snapshot;

use crate::support::{Home, home::finish};

/// Each kind of variable that identifies an agent.
const AGENTS: [(&str, &str, &str); 6] = [
    ("CLAUDECODE", "1", "claude-code"),
    ("CODEX_SANDBOX", "seatbelt", "codex"),
    ("GEMINI_CLI", "1", "gemini-cli"),
    ("CURSOR_TRACE_ID", "4f2a", "cursor"),
    ("AI_AGENT", "some-agent@2", "some-agent"),
    ("AGENT", "1", "unknown"),
];

fn configured(home: &Home, text: &str) {
    fs::write(home.path().join("config.toml"), text).unwrap();
}

#[test]
fn no_format_of_env_prints_a_key_to_an_agent_and_force_does_not_change_that() {
    let home = Home::with_dev_and_prod();
    for (variable, value, _) in AGENTS {
        for format in ["shell", "dotenv", "json", "github", "systemd", "docker"] {
            let mut run = home.command(&["env", "dev", "--force", "--format", format]);
            run.env("GITHUB_ENV", home.work().join("github")).env(variable, value);
            let output = finish(&mut run, "");
            assert_eq!((output.code, output.stdout.as_str()), (6, ""), "{variable} {format}");
            assert!(output.stderr.contains("getimg-keys exec dev --broker -- CMD"), "{}", output.stderr);
        }
    }
    assert!(!home.work().join("github").exists());
    assert_snapshot!(home.play("
        CLAUDECODE=1 env dev
        CLAUDECODE=1 env dev --json
        CLAUDECODE=1 env --unset --shell sh
    "), @r#"
    $ CLAUDECODE=1 env dev
    ! error: the key of `dev` is not printed: $CLAUDECODE says that claude-code runs this, and its transcript keeps what it reads
    !
    ! hint: getimg-keys exec dev --broker -- CMD…  # the program uses the key without having it
    → 6
    $ CLAUDECODE=1 env dev --json
    ! {"error":{"exit_code":6,"hints":["getimg-keys exec dev --broker -- CMD…  # the program uses the key without having it"],"kind":"policy","message":"the key of `dev` is not printed: $CLAUDECODE says that claude-code runs this, and its transcript keeps what it reads"},"schema_version":1}
    → 6
    $ CLAUDECODE=1 env --unset --shell sh
    unset GETIMG_API_KEY;
    "#);
}

#[test]
fn a_variable_that_is_empty_or_zero_is_no_agent() {
    let home = Home::with_dev_and_prod();
    for value in ["", "0"] {
        let output =
            finish(home.command(&["env", "dev"]).env("CLAUDECODE", value).env("AI_AGENT", value), "");
        assert_eq!(output.code, 0);
        assert!(home.key("dev").is_in(output.stdout.as_bytes()));
    }
}

#[test]
fn exec_masks_what_an_agent_reads_in_every_form() {
    let home = Home::with_dev_and_prod();
    let script = "import os, json, sys
key = os.environ['GETIMG_API_KEY']
for text in (key, key[::-1], key.encode().hex(), key.encode().hex().upper()):
    print('<' + text + '>', file=sys.stderr)
    print('<' + text + '>')";
    for (variable, value, _) in AGENTS {
        let mut run = home.command(&["exec", "dev", "--", "python3", "-c", script]);
        let output = finish(run.env(variable, value), "");
        assert_eq!(output.stdout, "<********>\n".repeat(4), "{variable}");
        assert_eq!((output.stderr, output.code), (output.stdout, 0));
    }
}

#[test]
fn only_the_persons_configuration_changes_it() {
    let home = Home::with_dev_and_prod().with("CLAUDECODE", "1");
    let shows = ["exec", "dev", "--", "sh", "-c", "echo $GETIMG_API_KEY"];
    configured(&home, "[agents]\nexec = 'allow'\n");
    assert!(home.key("dev").is_in(home.run(&shows, "").stdout.as_bytes()));
    assert_eq!(home.run(&["env", "dev"], "").code, 6);
    configured(&home, "[agents]\nenv = 'allow'\n");
    assert!(home.key("dev").is_in(home.run(&["env", "dev"], "").stdout.as_bytes()));
    assert_eq!(home.run(&shows, "").stdout, "********\n");
    configured(&home, "[agents]\nexec = 'broker'\n");
    let lent = home.run(&shows, "");
    assert!(lent.code == 0 && !home.key("dev").is_in(lent.stdout.as_bytes()), "{}", lent.stderr);
    configured(&home, "[agents]\nenv = 'sometimes'\n");
    assert_eq!(home.run(&["env", "dev"], "").code, 1);

    configured(&home, "");
    fs::write(home.work().join(".getimg-keys.toml"), "[agents]\nenv = 'allow'\nexec = 'allow'\n").unwrap();
    assert_ne!(home.run(&["env", "dev"], "").code, 0);
    assert!(!home.key("dev").is_in(home.run(&shows, "").stdout.as_bytes()));
}

#[test]
fn the_hook_loads_nothing_and_says_nothing() {
    let home = Home::with_dev_and_prod();
    home.run(&["use", "dev"], "");
    let output = finish(home.command(&["hook-env", "bash"]).env("CLAUDECODE", "1"), "");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.code), ("", "", 0));
    let output = finish(&mut home.command(&["hook-env", "bash"]), "");
    assert_ne!(output.stdout, "");
}

#[test]
fn the_log_names_the_agent_and_status_says_what_holds() {
    let home = Home::with_dev_and_prod();
    for (variable, value, name) in AGENTS {
        finish(home.command(&["exec", "dev", "--", "true"]).env(variable, value), "");
        let logged = home.run(&["log", "dev", "--json"], "").stdout;
        let logged: serde_json::Value = serde_json::from_str(&logged).unwrap();
        assert_eq!(logged["events"].as_array().unwrap().last().unwrap()["agent"], name);
        let status = finish(home.command(&["status", "--json"]).env(variable, value), "").stdout;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        assert_eq!(status["agent"], name);
    }
    let logged = home.run(&["log", "--json"], "").stdout;
    assert!(logged.contains("\"agent\":null"), "{logged}");
    assert_snapshot!(home.play("
        CLAUDECODE=1 status -p dev
        CLAUDECODE=0 status -p dev --json
    "), @r#"
    $ CLAUDECODE=1 status -p dev
    profile   dev, named on the command line
    key       sk_…last, 0 d old, rotate in 90 d
    verified  never
    shell     $GETIMG_API_KEY is not set
              → eval $(getimg-keys env dev)
    agent     claude-code ($CLAUDECODE): env is refused, exec masks the key
    ! the key of `dev` was never verified
      → getimg-keys verify dev
    $ CLAUDECODE=0 status -p dev --json
    {"agent":null,"api":null,"breaches":[{"hint":"getimg-keys verify dev","message":"the key of `dev` was never verified","profile":"dev","rule":"unverified"}],"copied_at":null,"notices":[],"pushed":[],"redirects":[],"schema_version":1,"selected":{"because":"argument","name":"dev","path":null},"shell":{"holds":"nothing","profile":null,"variable":"GETIMG_API_KEY"}}
    "#);
}
