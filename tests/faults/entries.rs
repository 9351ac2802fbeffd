//! Entries of the keychain that another program deleted, duplicated or overwrote.

use insta::assert_snapshot;

use super::prompt::at_a_terminal;
use crate::support::{Behaviour, Home, Key};

fn home() -> Home {
    Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid)
}

#[test]
fn an_entry_that_something_else_deleted_is_missing_and_the_others_go_on() {
    let home = home();
    home.session.clear(&home.service(), "dev");
    assert_snapshot!(home.play("
        env dev
        verify --all
        add ci --no-verify <ci
        env ci
        list
    "), @"
    $ env dev
    ! error: the key of `dev` is missing from the keychain: another program deleted it
    !
    ! hint: getimg-keys remove dev && getimg-keys add dev
    → 3
    $ verify --all
    name  verdict                                                                                       answered in
    dev   ? unknown (store)  the key of `dev` is missing from the keychain: another program deleted it
    prod  ✓ valid            balance 12.50 USD                                                          <n> ms
    → getimg-keys remove dev && getimg-keys add dev
    → 3
    $ add ci --no-verify <ci
    ! added ci to the keychain, not verified
    $ env ci
    export GETIMG_API_KEY=<key of ci>;
    $ list
       name  key        age  verified          rotate
       ci    sk_…last   0 d  never             in 90 d
    *  dev   sk_…last   0 d  never             in 90 d
       prod  key-…last  0 d  ✓ valid just now  in 90 d

    * dev: the active profile
    ");
}

#[test]
fn a_rotation_without_an_old_key_to_keep_is_taken_back_and_stops_nothing_else() {
    let home = home().knows("new", Key::v2(), Behaviour::Valid);
    for broken in ["missing", "no key"] {
        match broken {
            "missing" => home.session.clear(&home.service(), "dev"),
            _ => home.session.store(&home.service(), "dev", &[], "two words, no key"),
        }
        let profiles = home.profiles_file();
        let refused = home.run(&["rotate", "dev"], &home.key("new").0);
        assert!(refused.code != 0 && refused.stderr.contains("`dev`"), "{broken}: {}", refused.stderr);
        assert_eq!(home.profiles_file(), profiles, "{broken}");
        assert_eq!(home.session.lookup(&home.service(), "dev~next"), "", "{broken}");
        assert_eq!(home.run(&["note", "prod", broken], "").code, 0, "{broken}");
    }
    home.session.clear(&home.service(), "dev");
    assert_eq!(home.run(&["rotate", "dev"], &home.key("new").0).code, 3);
    assert_eq!(home.run(&["remove", "dev"], "").code, 0);
    assert_eq!(home.run(&["add", "dev"], &home.key("new").0).code, 0);
    assert_eq!(
        home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "").stdout.trim(),
        home.key("new").0
    );
}

#[test]
fn a_key_that_something_else_put_there_is_not_kept_as_the_old_one() {
    let home = home().knows("new", Key::v2(), Behaviour::Valid);
    home.session.store(&home.service(), "dev", &[], &Key::v2().0);
    let profiles = home.profiles_file();
    let refused = home.run(&["rotate", "dev"], &home.key("new").0);
    assert_eq!((refused.code, home.profiles_file()), (6, profiles));
    assert!(refused.stderr.contains("the keychain holds another key for `dev`"), "{}", refused.stderr);
    home.session.store(&home.service(), "dev", &[], &home.key("dev").0);
    assert_eq!(home.run(&["rotate", "dev"], &home.key("new").0).code, 0);
    home.session.store(&home.service(), "dev", &[], &Key::v2().0);
    let profiles = home.profiles_file();
    let refused = home.run(&["rotate", "dev", "--undo"], "");
    assert_eq!((refused.code, home.profiles_file()), (6, profiles), "{}", refused.stderr);
    assert!(refused.stderr.contains("the keychain holds another key for `dev`"), "{}", refused.stderr);
    assert_eq!(home.run(&["remove", "dev"], "").code, 0);
    let occupied = home.run(&["add", "dev"], &home.key("new").0);
    assert_eq!(occupied.code, 6, "{}", occupied.stderr);
    assert!(occupied.stderr.contains("hint: getimg-keys store adopt dev"), "{}", occupied.stderr);
    home.session.clear(&home.service(), "dev");
    assert_eq!(home.run(&["add", "dev"], &home.key("new").0).code, 0);
}

/// CASES 15b: the user decides, by fingerprint and label; if they answer no, the verdict stays.
#[test]
fn after_a_collision_verify_says_which_key_it_is_and_takes_nothing_over_without_a_yes() {
    let home = home().knows("new", Key::v2(), Behaviour::Valid);
    home.session.store(&home.service(), "dev", &[], &home.key("new").0);
    let refused = home.run(&["env", "dev"], "");
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(!refused.stderr.contains("--adopt"), "{}", refused.stderr);
    let profiles = toml::from_str::<toml::Table>(&String::from_utf8(home.profiles_file()).unwrap()).unwrap();
    for (answer, code) in [("n", 6), ("\n", 6), ("^C", 9)] {
        let seen = at_a_terminal(&home, if answer.is_empty() { "\n" } else { answer }, &["verify", "dev"]);
        assert!(seen.contains(&format!("ended by exit {code}")), "{answer}: {seen}");
        assert!(seen.contains("<fingerprint of new>") && seen.contains("`by hand`"), "{seen}");
        assert_eq!(seen.contains("✓ valid"), code == 6, "{seen}");
        let now = toml::from_str::<toml::Table>(&String::from_utf8(home.profiles_file()).unwrap()).unwrap();
        assert_eq!(now["profile"][0]["key"]["fingerprint"], profiles["profile"][0]["key"]["fingerprint"]);
    }
    let unasked = home.run(&["verify", "dev"], "");
    assert_eq!(unasked.code, 6, "{}", unasked.stderr);
    assert!(unasked.stdout.contains("✓ valid"), "{}", unasked.stdout);
    assert!(unasked.stderr.contains("getimg-keys verify dev --adopt"), "{}", unasked.stderr);
    let told: serde_json::Value =
        serde_json::from_str(&home.run(&["verify", "dev", "--json"], "").stdout).unwrap();
    let breach = &told["breaches"][0];
    assert_eq!(
        (&breach["rule"], &breach["hint"]),
        (&"changed_elsewhere".into(), &"getimg-keys verify dev --adopt".into())
    );
    let agreed = at_a_terminal(&home, "y", &["verify", "dev"]);
    assert!(agreed.contains("ended by exit 0"), "{agreed}");
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
}

#[test]
fn of_several_entries_the_one_with_the_recorded_key_is_meant() {
    let home = home().knows("new", Key::v2(), Behaviour::Valid);
    let theirs = Key::v2().0;
    home.session.store(&home.service(), "dev", &["application", "another tool"], &theirs);
    let printed = home.run(&["exec", "dev", "--", "printenv", "GETIMG_API_KEY"], "").stdout;
    assert_eq!(printed.trim(), home.key("dev").0);
    assert_eq!(home.run(&["rename", "dev", "laptop"], "").code, 0);
    assert_eq!(home.run(&["rotate", "laptop"], &home.key("new").0).code, 0);
    assert_eq!(home.run(&["remove", "laptop"], "").code, 0);
    assert_eq!(home.session.lookup(&home.service(), "dev"), theirs, "theirs is still there");
}

#[test]
fn of_several_entries_without_the_recorded_key_none_is_chosen() {
    let home = home();
    home.session.clear(&home.service(), "dev");
    home.session.store(&home.service(), "dev", &["extra", "1"], &Key::v2().0);
    home.session.store(&home.service(), "dev", &["extra", "2"], &Key::v2().0);
    let refused = home.run(&["env", "dev"], "");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""));
    assert!(
        refused.stderr.contains("2 entries in the keychain answer for the key of `dev`"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("(changed 20"), "no date: {}", refused.stderr);
    assert_eq!(home.run(&["env", "prod"], "").code, 0);
}

#[test]
fn an_entry_that_the_profiles_do_not_know_is_never_written_over_renamed_onto_or_deleted() {
    let home = home().knows("new", Key::v2(), Behaviour::Valid);
    let theirs = Key::v2().0;
    for account in ["stage", "dev~next", "dev~previous"] {
        home.session.store(&home.service(), account, &[], &theirs);
    }
    let key = home.key("new").0.clone();
    for (arguments, stdin) in [
        (vec!["add", "stage"], key.as_str()),
        (vec!["rename", "prod", "stage"], ""),
        (vec!["rotate", "dev"], key.as_str()),
    ] {
        let refused = home.run(&arguments, stdin);
        assert_eq!(refused.code, 6, "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("that no profile here has"), "{}", refused.stderr);
    }
    assert_eq!(home.run(&["remove", "dev"], "").code, 0);
    for account in ["stage", "dev~next", "dev~previous"] {
        assert_eq!(home.session.lookup(&home.service(), account), theirs, "{account}");
    }
    assert_eq!(home.run(&["env", "prod"], "").code, 0);
}

#[test]
fn an_entry_that_holds_no_key_is_not_handed_out() {
    let home = home();
    home.session.store(&home.service(), "dev", &[], "$(touch evil)");
    assert_snapshot!(home.play("env dev"), @"
    $ env dev
    ! error: what the keychain holds for the key of `dev` is not a key
    !
    ! hint: delete the entry `dev` there by hand, then: getimg-keys remove dev && getimg-keys add dev
    → 7
    ");
}

#[test]
fn verifying_all_reads_what_can_be_read_and_names_what_cannot() {
    let home = home();
    home.add("ci");
    for name in ["lost", "twice", "text"] {
        assert_eq!(home.run(&["add", name, "--no-verify"], &Key::v2().0).code, 0);
    }
    home.session.clear(&home.service(), "lost");
    home.session.store(&home.service(), "twice", &["extra", "1"], &Key::v2().0);
    home.session.store(&home.service(), "text", &[], "no key");
    assert_snapshot!(home.play("verify --all"), @"
    $ verify --all
    name   verdict                                                                                                          answered in
    ci     ✓ valid            balance 12.50 USD                                                                             <n> ms
    dev    ✓ valid            balance 12.50 USD                                                                             <n> ms
    lost   ? unknown (store)  the key of `lost` is missing from the keychain: another program deleted it
    prod   ✓ valid            balance 12.50 USD                                                                             <n> ms
    text   ? unknown (store)  what the keychain holds for the key of `text` is not a key
    twice  ✗ rejected         the API does not accept it (Incorrect API key provided. You can find yours in the settings.)  <n> ms
    → getimg-keys remove lost && getimg-keys add lost
    → delete the entry `text` there by hand, then: getimg-keys remove text && getimg-keys add text
    ✗ the API rejected the key of `twice` on <day>
      → getimg-keys rotate twice
    → 7
    ");
    home.session.lock();
    assert_snapshot!(home.play("verify ci dev"), @"
    $ verify ci dev
    name  verdict
    ci    ? unknown (store)  the keychain is locked, so the key of `ci` cannot be read
    dev   ? unknown (store)  the keychain is locked, so the key of `dev` cannot be read
    → unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    → 7
    ");
}
