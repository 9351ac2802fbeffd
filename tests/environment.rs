//! `--store env`: keys from variables, for CI; no file is needed.

use std::fs;

use crate::support::bare_home::{Home, Ran, exported, ran};
use crate::support::canary::text;

fn ci() -> Home {
    Home::new().set("GETIMG_API_KEY_CI", &text('a')).set("GETIMG_KEYS_STORE", "env")
}

#[test]
fn a_profile_is_a_variable_and_no_file_is_needed() {
    let home = ci();
    let print = ["exec", "ci", "--", "sh", "-c", "echo $GETIMG_API_KEY"];
    assert_eq!(home.run(&print), ran(0, &format!("{}\n", text('a')), ""));
    assert_eq!(home.run(&["current"]), ran(0, "ci\n", ""));
    let list: serde_json::Value = serde_json::from_str(&home.run(&["list", "--json"]).1).unwrap();
    assert_eq!((&list["store"], &list["profiles"][0]["name"]), (&"env".into(), &"ci".into()));
    assert!(!home.home().join("keys").exists() && !home.home().join("profiles.toml").exists());
}

#[test]
fn the_plain_variable_is_the_selected_profile() {
    let home = Home::new().set("GETIMG_API_KEY", &text('a')).set("GETIMG_KEYS_STORE", "env");
    let set = exported('a');
    for named in [&["-p", "prod"][..], &["prod"]] {
        assert_eq!(home.run(&[&["env", "--shell", "sh"], named].concat()).1, set);
    }
    let Ran(code, out, _) = home.run(&["exec", "prod", "--", "sh", "-c", "echo $GETIMG_API_KEY"]);
    assert_eq!((code, out), (0, format!("{}\n", text('a'))));
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &set, "using env, the active profile\n"));
}

#[test]
fn a_selection_that_names_no_profile_ends_the_command_and_no_other_name_takes_its_place() {
    let home = Home::new().set("GETIMG_API_KEY", &text('a')).set("GETIMG_KEYS_STORE", "env");
    let home = home.set("GETIMG_KEYS_PROFILE", "Not A Name");
    for command in [&["env", "--shell", "sh"][..], &["exec", "--", "true"], &["verify"], &["current"]] {
        let Ran(code, out, err) = home.run(command);
        assert_eq!((code, out.as_str()), (2, ""), "{command:?}: {err}");
        assert!(err.starts_with("error: $GETIMG_KEYS_PROFILE does not name a profile"), "{err}");
    }
}

#[test]
fn nothing_is_added_to_it_and_a_missing_profile_is_named() {
    let home = ci();
    let told = "error: the environment can only be read\n\nhint: unset GETIMG_KEYS_STORE  # or leave out --store env\n";
    assert_eq!(home.run_with(&["add", "dev"], &text('b')), ran(2, "", told));
    let Ran(code, out, err) = home.run(&["exec", "dev", "--", "true"]);
    let told = "error: there is no key for `dev` in the environment: neither $GETIMG_API_KEY_DEV nor $GETIMG_API_KEY is set";
    assert_eq!((code, out.as_str(), err.lines().next()), (3, "", Some(told)));
}

#[test]
fn what_is_said_of_a_relative_home_helps() {
    let Ran(code, out, err) = Home::new().set("GETIMG_KEYS_HOME", "").set("HOME", "here").run(&["list"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "error: $HOME is relative\n\nhint: unset HOME\n");
}

#[test]
fn a_variable_that_is_unset_or_empty_is_named_with_the_secrets_of_the_ci() {
    let unset = || Home::new().set("GETIMG_KEYS_STORE", "env");
    let first = |run: &Ran| run.2.lines().next().unwrap_or_default().to_owned();
    let selected: [&[&str]; 4] =
        [&["env", "--shell", "sh"], &["exec", "--", "true"], &["verify"], &["verify", "--all"]];
    for command in selected {
        for (home, what) in [
            (unset(), "$GETIMG_API_KEY is not set"),
            (unset().set("GETIMG_API_KEY", ""), "$GETIMG_API_KEY is set but empty"),
            (unset().set("GETIMG_API_KEY", "\n"), "$GETIMG_API_KEY is set but empty"),
        ] {
            let run = home.run(command);
            assert_eq!((run.0, run.1.as_str()), (3, ""), "{command:?}");
            assert_eq!(
                first(&run),
                format!("error: there is no key in the environment: {what}"),
                "{command:?}"
            );
            assert!(run.2.contains("secrets") && !run.2.contains("add"), "{}", run.2);
        }
    }
    let named: [&[&str]; 3] = [&["env", "dev"], &["exec", "dev", "--", "true"], &["verify", "dev"]];
    for command in named {
        let run = unset().set("GETIMG_API_KEY_DEV", "").run(command);
        assert_eq!(run.0, 3, "{command:?}");
        assert!(first(&run).ends_with("for `dev` in the environment: $GETIMG_API_KEY_DEV is set but empty"));
    }
    let run = unset().set("GETIMG_API_KEY", &"k".repeat(40)).run(&["verify", "dev", "ci"]);
    assert_eq!((run.0, run.1.as_str()), (3, ""));
    let told = "for `dev` in the environment: $GETIMG_API_KEY_DEV is not set, and $GETIMG_API_KEY is another profile's";
    assert!(first(&run).ends_with(told) && run.2.contains("set $GETIMG_API_KEY_DEV for"), "{}", run.2);
    let fork = unset().set("GITHUB_ACTIONS", "true").set("GITHUB_EVENT_NAME", "pull_request");
    let run = fork.run(&["env"]);
    assert!(first(&run).ends_with("; a pull request from a fork is given no secrets"), "{}", run.2);
    assert!(run.2.contains("GETIMG_API_KEY: ${{ secrets.GETIMG_API_KEY }}"), "{}", run.2);
}

#[test]
fn one_newline_at_the_end_is_taken_off_and_two_are_none_of_ours() {
    for end in ["\n", "\r\n"] {
        for variable in ["GETIMG_API_KEY", "GETIMG_API_KEY_DEV"] {
            let home = Home::new().set("GETIMG_KEYS_STORE", "env").set("GETIMG_KEYS_PROFILE", "dev");
            let home = home.set(variable, &format!("{}{end}", text('a')));
            assert_eq!(home.run(&["env", "--shell", "sh"]).1, exported('a'), "{variable}");
        }
    }
    let twice = format!("{}\n\n", text('a'));
    let refused = Home::new().set("GETIMG_KEYS_STORE", "env").set("GETIMG_API_KEY", &twice).run(&["env"]);
    assert_eq!((refused.0, refused.1.as_str()), (2, ""));
}

#[test]
fn it_has_no_ages_and_no_record_and_demands_none() {
    let home = ci().set("GETIMG_KEYS_API_URL", "http://127.0.0.1:9");
    for command in
        [&["list"][..], &["status"], &["check"], &["verify", "--timeout", "1"], &["list", "--json"]]
    {
        let Ran(_, out, err) = home.run(command);
        for word in ["never", "verified recently", " d old", "overdue", "ages", "unverified", "rotate"] {
            let said = format!("{out}{err}").replace("rotate_in_days", "").replace("rotated_at", "");
            assert!(!said.contains(word), "{command:?} says {word}: {said}");
        }
    }
    let list: serde_json::Value = serde_json::from_str(&home.run(&["list", "--json"]).1).unwrap();
    let profile = &list["profiles"][0];
    for member in ["age_days", "rotate_in_days", "added_at", "verification"] {
        assert_eq!(profile[member], serde_json::Value::Null, "{member}");
    }
    assert_eq!(profile["breaches"], serde_json::json!([]));
}

#[test]
fn nothing_is_changed_by_way_of_it() {
    let home = Home::new().with_passphrase().set("GETIMG_API_KEY_CI", &text('a'));
    home.add("dev", 'b');
    let told = "error: the environment can only be read\n\nhint: unset GETIMG_KEYS_STORE  # or leave out --store env\n";
    let profiles = fs::read(home.home().join("profiles.toml")).unwrap();
    for change in [
        &["remove", "ci"][..],
        &["remove", "dev"],
        &["rename", "dev", "stage"],
        &["rename", "ci", "stage"],
        &["rotate", "ci", "--no-verify"],
        &["rotate", "dev", "--undo"],
        &["note", "dev", "some words"],
        &["protect", "ci"],
        &["unprotect", "dev"],
        &["compromised", "ci"],
        &["use", "ci"],
    ] {
        let refused = home.run_with(&[&["--store", "env"], change].concat(), &text('c'));
        assert_eq!(refused, ran(2, "", told), "{change:?}");
    }
    assert_eq!(fs::read(home.home().join("profiles.toml")).unwrap(), profiles);
    assert_eq!(home.run(&["rename", "dev", "stage"]).0, 0);
}

#[test]
fn a_variable_that_holds_no_key_is_named_and_not_repeated() {
    let home =
        Home::new().set("GETIMG_API_KEY_CI", "two words, surely no key").set("GETIMG_KEYS_STORE", "env");
    let told = "error: $GETIMG_API_KEY_CI is not a key: the key has white space at position 4\n\n\
                hint: unset GETIMG_API_KEY_CI\n";
    assert_eq!(home.run(&["exec", "ci", "--", "true"]), ran(2, "", told));
}

#[test]
fn verify_asks_about_it_and_writes_nothing_down() {
    let home = ci().set("GETIMG_KEYS_API_URL", "http://127.0.0.1:9");
    let Ran(code, out, err) = home.run(&["verify", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let result = &report["results"][0];
    assert_eq!((code, &result["profile"], &result["reason"]), (5, &"ci".into(), &"connect".into()), "{err}");
    assert!(!home.home().join("profiles.toml").exists());
}

#[test]
fn scan_knows_whose_key_it_found() {
    let home = ci();
    fs::create_dir(home.path("site")).unwrap();
    fs::write(home.path("site/config.py"), format!("KEY = '{}'\n", text('a'))).unwrap();
    let Ran(code, out, err) = home.run(&["scan", "site", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let found = &report["findings"][0];
    assert_eq!((code, &found["profile"], &found["state"]), (8, &"ci".into(), &"current".into()), "{err}");
    assert!(!out.contains(&text('a')) && !home.home().join("profiles.toml").exists());
}

#[test]
fn a_variable_does_not_hand_out_a_key_that_was_compromised_or_rotated_out() {
    let home = Home::new().with_passphrase();
    home.add("dev", 'a');
    assert_eq!(home.run(&["compromised", "dev"]).0, 0);
    assert_eq!(home.run_with(&["rotate", "dev", "--no-verify"], &text('b')).0, 0);
    let home = home.set("GETIMG_API_KEY_CI", &text('a')).set("GETIMG_API_KEY_EU", &text('b'));
    let refused = |name: &str, what: &str| {
        for command in [
            &["env", name, "--shell", "sh", "--store", "env", "--force"][..],
            &["exec", name, "--store", "env", "--force", "--", "true"],
        ] {
            let Ran(code, out, err) = home.run(command);
            assert!(code == 6 && out.is_empty() && err.contains(what), "{command:?}: {code} {out}{err}");
        }
    };
    refused("ci", "the key of `ci` was declared compromised on");
    assert_eq!(home.run(&["env", "eu", "--shell", "sh", "--store", "env"]).1, exported('b'));
    assert_eq!(home.run(&["remove", "dev"]).0, 0);
    refused("ci", "the key for `ci` was declared compromised in `dev`");
    assert_eq!(home.run(&["env", "eu", "--shell", "sh", "--store", "env"]).1, exported('b'));
}
