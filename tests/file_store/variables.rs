//! `--store env`: keys out of variables, for CI; no file is needed.

use super::*;

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
    assert_eq!(home.run(&["env", "--shell", "sh", "-p", "prod"]).1, set);
    assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &set, "using env, the active profile\n"));
}

#[test]
fn nothing_is_added_to_it_and_a_missing_profile_is_named() {
    let home = ci();
    let told = "error: the environment can only be read\n\nhint: leave out --store env\n";
    assert_eq!(home.run_with(&["add", "dev"], &text('b')), ran(2, "", told));
    let Ran(code, out, err) = home.run(&["exec", "dev", "--", "true"]);
    assert_eq!((code, out.as_str(), err.lines().next()), (3, "", Some("error: there is no profile `dev`")));
}

#[test]
fn nothing_is_changed_by_way_of_it() {
    let home = Home::new().with_passphrase().set("GETIMG_API_KEY_CI", &text('a'));
    home.add("dev", 'b');
    let told = "error: the environment can only be read\n\nhint: leave out --store env\n";
    let book = fs::read(home.home().join("profiles.toml")).unwrap();
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
    assert_eq!(fs::read(home.home().join("profiles.toml")).unwrap(), book);
    assert_eq!(home.run(&["rename", "dev", "stage"]).0, 0);
}

#[test]
fn a_variable_that_holds_no_key_is_named_and_not_repeated() {
    let home =
        Home::new().set("GETIMG_API_KEY_CI", "two words, surely no key").set("GETIMG_KEYS_STORE", "env");
    let told = "error: $GETIMG_API_KEY_CI holds no key: the key has white space at position 4\n\n\
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
