//! `store adopt`: entries in the keychain that no profile has.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::bare_home::{self, PROGRAM};
use crate::support::{Behaviour, Home, Key};

#[test]
fn after_the_profiles_were_lost_the_keys_are_adopted_and_in_use_again() {
    let home =
        Home::new().knows("dev", Key::v2(), Behaviour::Valid).knows("prod", Key::v1(), Behaviour::Valid);
    home.add("dev");
    home.add("prod");
    fs::remove_file(home.path().join("profiles.toml")).unwrap();
    let refused = home.run(&["add", "dev", "--no-verify"], &Key::v2().0);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: getimg-keys store adopt dev"), "{}", refused.stderr);
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);

    let adopted = home.run(&["store", "adopt", "--json"], "");
    assert_eq!(adopted.code, 0, "{}", adopted.stderr);
    let json: serde_json::Value = serde_json::from_str(&adopted.stdout).unwrap();
    let names: Vec<_> = json["profiles"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["dev", "prod"]);
    assert_eq!(json["profiles"][1]["protected"], true);
    let printed = home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "").stdout;
    assert_eq!(printed.trim(), home.key("dev").0);
    assert_eq!(home.run(&["store", "adopt"], "").code, 3, "nothing is left to adopt");
    assert_eq!(home.run(&["store", "adopt", "dev"], "").code, 2, "it is a profile");
    assert_eq!(home.run(&["store", "adopt", "nobody"], "").code, 3);
}

#[test]
fn the_old_key_of_an_open_rotation_is_adopted_with_its_profile_and_can_be_finished() {
    let home =
        Home::new().knows("dev", Key::v2(), Behaviour::Revoked).knows("new", Key::v2(), Behaviour::Valid);
    home.add("dev");
    assert_eq!(home.run(&["rotate", "dev"], &home.key("new").0).code, 0);
    fs::remove_file(home.path().join("profiles.toml")).unwrap();
    let adopted = home.run(&["store", "adopt"], "");
    assert_eq!(adopted.code, 0, "{}", adopted.stderr);
    assert!(adopted.stderr.contains("getimg-keys rotate dev --finish"), "{}", adopted.stderr);
    assert_eq!(home.run(&["rotate", "dev", "--finish"], "").code, 0);
    assert_eq!(home.session.lookup(&home.service(), "dev~previous"), "");
    let printed = home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "").stdout;
    assert_eq!(printed.trim(), home.key("new").0);
}

#[test]
fn what_lies_beside_a_profile_and_is_none_of_its_keys_is_named() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.add("dev");
    home.session.store(&home.service(), "dev~previous", &[], &Key::v2().0);
    let adopted = home.run(&["store", "adopt"], "");
    assert_eq!(adopted.code, 3, "{}", adopted.stderr);
    assert!(adopted.stderr.contains("left alone: `dev~previous`"), "{}", adopted.stderr);
}

#[test]
fn a_key_that_breaks_a_policy_is_not_adopted_and_the_others_are() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.add("dev");
    home.session.store(&home.service(), "twin", &[], &home.key("dev").0);
    home.session.store(&home.service(), "other", &[], &Key::v2().0);
    let adopted = home.run(&["store", "adopt"], "");
    assert_eq!(adopted.code, 6, "{}", adopted.stderr);
    assert!(
        adopted.stderr.contains("not adopted: twin: this key is already the key of `dev`"),
        "{}",
        adopted.stderr
    );
    assert_eq!(home.run(&["env", "other"], "").code, 0);
    assert_eq!(home.run(&["env", "twin"], "").code, 3);
}

#[test]
fn a_new_entry_has_a_label_that_a_person_recognizes() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    home.add("dev");
    let shown = home.session.search(&home.service(), "dev");
    assert!(shown.contains("label = getimg.ai API key of dev"), "{shown}");
}

#[test]
fn a_folder_of_encrypted_files_that_may_not_be_searched_is_no_empty_store() {
    let home = bare_home::Home::new().with_passphrase();
    home.add("dev", 'a');
    let keys = home.home().join("keys");
    fs::rename(keys.join("dev.age"), keys.join("stray.age")).unwrap();
    let mode = |mode| fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let mut command = home.command(if is_root { "setpriv" } else { PROGRAM });
    if is_root {
        command.args(["--bounding-set=-dac_override,-dac_read_search", PROGRAM]);
    }
    mode(0o000);
    let ran = command.args(["store", "adopt"]).output().unwrap();
    mode(0o700);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("/keys/recipient: permission denied"), "{said}");
}
