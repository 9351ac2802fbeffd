//! What is refused, and what needs a confirmation.

use super::*;
use crate::support::bare_home;

/// What is in clear text beside the keys.
const NOT_KEYS: [&str; 5] = [".git", ".lock", "identity", "recipient", "recipients"];

#[test]
fn what_cannot_be_done_is_told_with_the_way_out() {
    let dev = Key::v2();
    let ben = Person::new("ben");
    let ana = shared(&dev);
    let public = ben.age_key();
    ana.refused("store recipients remove ben", 2, "not shared with `ben`");
    ana.refused("store recipients add age1nonsense", 2, "neither a public key nor a file");
    ana.refused(&format!("store recipients add {}", ben.key_file().display()), 2, "private key");
    let secret = fs::read_to_string(ben.key_file()).unwrap();
    let told = ana.run(&format!("store recipients add {secret}")).stderr;
    assert!(told.contains("private key") && !told.contains(secret.trim()), "{told}");
    ana.refused(&format!("store recipients add {public} --name -x"), 2, "");
    ana.does(&format!("store recipients add {public} --name ben"));
    ana.refused(
        &format!("store recipients add {public} --name twice"),
        2,
        "this key is there already, as ben",
    );
    let other = age::x25519::Identity::generate().to_public();
    ana.refused(&format!("store recipients add {other} --name ben"), 2, "somebody else is called `ben`");
    ana.commit();

    ben.refused("store join file", 7, "there are no encrypted files in");
    ben.pulls(&ana);
    fs::set_permissions(ben.key_file(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    ben.refused("store join file", 7, "may be read by others (mode 0644, wanted 0600)");
    fs::remove_file(ben.key_file()).unwrap();
    ben.refused("store join file", 7, "cannot be read");
    fs::write(ben.key_file(), "words\n").unwrap();
    private(&ben.key_file());
    ben.refused("store join file", 7, "contains neither an age identity nor an OpenSSH private key");
    ben.age_key();
    ben.refused("store join file", 7, "not shared with the key in");
    fs::remove_file(ben.key_file()).unwrap();
    let with_passphrase = ben.ssh_key("secret");
    ana.does(&format!("store recipients add {with_passphrase} --name ssh"));
    ana.commit();
    ben.pulls(&ana);
    ben.refused("store join file", 7, "has a passphrase, and there is no terminal to ask for it");
    fs::write(ben.key_file(), secret).unwrap();
    private(&ben.key_file());
    ben.does("store join file");
    ben.refused("store recipients remove ssh", 7, "under the passphrase too");

    let elsewhere = Home::within(Session::without_bus());
    let told = elsewhere.run(&["store", "recipients", "list"], "");
    assert_eq!(told.code, 3, "{}", told.stderr);
    let told = elsewhere.run(&["store", "join", "file"], "");
    assert!(told.code == 2 && told.stderr.contains("[file] folder"), "{}", told.stderr);
}

#[test]
fn a_protected_profile_s_keys_are_shared_only_after_a_word() {
    let dev = Key::v2();
    let (ana, ben) = (shared(&dev), Person::new("ben"));
    ana.does("protect dev");
    let public = ben.age_key();
    ana.refused(&format!("store recipients add {public} --name ben"), 2, "--yes");
    ana.does(&format!("store recipients add {public} --name ben --yes"));
    for entry in fs::read_dir(ana.folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known =
            NOT_KEYS.contains(&name.as_str()) || [".gitignore", "identity.recipients"].contains(&&*name);
        assert!(known || name.ends_with(".age"), "{name}");
    }
}

#[test]
fn an_ssh_key_under_a_passphrase_is_opened_at_a_terminal() {
    if !have("script") {
        return skipped("script: apt-get install bsdutils");
    }
    let (dev, carla) = (Key::v2(), Person::new("carla"));
    let ana = shared(&dev);
    ana.does(&format!("store recipients add {}", carla.ssh_key("tea and milk")));
    ana.commit();
    carla.pulls(&ana);
    let by_hand = |arguments: &str, typed: &[&str]| {
        let mut script = carla.home.program("script");
        script.env("COLUMNS", crate::support::ONE_LINE);
        let questions = std::iter::once("own.key (hidden):");
        let questions = questions.chain(std::iter::repeat("Wrong passphrase, try again (hidden):"));
        bare_home::typed_by(script, arguments, &questions.zip(typed.iter().copied()).collect::<Vec<_>>())
    };
    let (code, shown) = by_hand("store join file", &["wrong\n"; 3]);
    assert!(code == 7 && shown.contains("did not open: wrong passphrase"), "{shown}");
    let (code, shown) = by_hand("store join file", &["wrong\n", "tea and milk\n"]);
    assert!(code == 0 && shown.contains("adopted dev"), "{shown}");
    let read = format!("exec dev -- sh -c 'test $(printenv GETIMG_API_KEY) = {} && echo was read'", dev.0);
    let (code, shown) = by_hand(&read, &["tea and milk\n"]);
    assert!(code == 0 && shown.contains("was read") && !shown.contains("tea and milk"), "{shown}");
}
