//! The first two minutes on a machine without a keychain: each hint is run as it is written, and helps.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::support::bare_home::{Home, PROGRAM, Ran, USING, exported, ran, typed};
use crate::support::canary::text;

/// Runs a hint in a shell that finds the program.
fn follow(home: &Home, hint: &str, stdin: &str) -> Ran {
    let folder = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    let mut shell = home.command("sh");
    shell.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
    shell.args(["-c", hint]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let ended = child.wait_with_output().unwrap();
    let words = |bytes| String::from_utf8(bytes).unwrap();
    Ran(ended.status.code().unwrap(), words(ended.stdout), words(ended.stderr))
}

/// The first hint of an error.
fn hint(ran: &Ran) -> String {
    let hint = ran.2.lines().find_map(|line| line.strip_prefix("hint: "));
    hint.unwrap_or_else(|| panic!("no hint: {ran:?}")).replace("--store", "--no-verify --store")
}

#[test]
fn on_a_narrow_terminal_a_hint_that_is_too_long_keeps_its_command_whole() {
    if !crate::support::have("script") {
        return;
    }
    let home = Home::new().set("COLUMNS", "60");
    let (code, shown) = typed(&home, "add dev --no-input", &[]);
    let hint = "hint: getimg-keys add dev --store file\r\n  # encrypted files instead of a keychain\r\n";
    assert!(code == 7 && shown.contains(hint), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
}

#[test]
fn without_a_terminal_the_first_hint_followed_ends_in_a_working_profile() {
    for first in [&["add", "dev"][..], &["add", "dev", "--store", "file"]] {
        let home = Home::new();
        let refused = home.run_with(first, &text('a'));
        assert_eq!((refused.0, refused.1.as_str()), (7, ""));
        let followed = follow(&home, &hint(&refused), &text('a'));
        assert_eq!(followed.0, 0, "{followed:?}");
        assert!(followed.2.contains("; it is the active profile"), "{followed:?}");
        let passphrase = home.root.path().join(".getimg-keys-passphrase");
        assert_eq!(fs::metadata(&passphrase).unwrap().permissions().mode() & 0o777, 0o600);

        let again = follow(&home, &hint(&refused).replace("add dev", "add ci"), &text('b'));
        assert_eq!(again.0, 0, "{again:?}");
        let home = home.set("GETIMG_KEYS_PASSPHRASE_FILE", passphrase.to_str().unwrap());
        assert_eq!(home.run(&["env", "--shell", "sh"]), ran(0, &exported('a'), USING));
        assert_eq!(home.run(&["env", "ci", "--shell", "sh"]), ran(0, &exported('b'), ""));
    }
}

#[test]
fn where_a_passphrase_can_be_had_the_hint_is_the_command_alone_and_keeps_where_the_key_comes_from() {
    let home = Home::new().with_passphrase().set("MY_KEY", &text('a'));
    let refused = home.run(&["add", "ci", "--from-env", "MY_KEY"]);
    let by_file =
        "hint: getimg-keys add ci --from-env MY_KEY --store file  # encrypted files instead of a keychain\n";
    assert!(refused.0 == 7 && refused.2.contains(by_file), "{refused:?}");
    let followed = follow(&home, &hint(&refused), "");
    assert_eq!(followed.0, 0, "{followed:?}");
}

#[test]
fn a_key_that_is_here_already_is_offered() {
    let home = Home::new().with_passphrase();
    let none = "there are no profiles yet; add the first one:\n\n  getimg-keys add dev\n";
    assert_eq!(home.run(&["list"]), ran(0, none, ""));
    fs::write(home.path(".env"), "GETIMG_API_KEY=your_key_here\nOTHER=1\n").unwrap();
    assert_eq!(home.run(&["list"]), ran(0, none, ""));

    fs::write(home.path(".env"), format!("PROD_GETIMG_API_KEY={}\n", text('b'))).unwrap();
    let home = home.set("GETIMG_API_KEY", &text('a'));
    let told = "error: there are no profiles yet\n\n\
                hint: getimg-keys add dev --from-env GETIMG_API_KEY  # it is set here\n\
                hint: getimg-keys import  # the keys of ./.env\n\
                hint: getimg-keys add dev\n";
    for command in [&["env"][..], &["use"], &["verify"], &["exec", "--", "true"]] {
        assert_eq!(home.run(command), ran(3, "", told), "{command:?}");
    }
    let listed = home.run(&["list"]).1;
    assert!(listed.contains("\n\n  getimg-keys add dev --from-env GETIMG_API_KEY  #"), "{listed}");
    let empty = home.run(&["add", "work", "--store", "file"]);
    assert_eq!(empty.0, 2);
    assert!(empty.2.contains("hint: getimg-keys add work --from-env GETIMG_API_KEY  #"), "{empty:?}");
    assert!(![listed, empty.2].iter().any(|said| said.contains(&text('a')) || said.contains(&text('b'))));

    let added = follow(&home, "getimg-keys add dev --from-env GETIMG_API_KEY --no-verify --store file", "");
    assert_eq!(added.0, 0, "{added:?}");
    let imported = follow(&home, "getimg-keys import --no-verify", "");
    assert_eq!(imported.0, 0, "{imported:?}");
    assert!(!home.run(&["list"]).1.contains("from-env"));
    home.assert_no_secret();
}

#[test]
fn on_a_terminal_it_is_said_before_the_key_is_asked_for() {
    if !crate::support::have("script") {
        return;
    }
    let home = Home::new().with_passphrase().set("GETIMG_API_KEY", &text('a'));
    let line = format!("{}\n", text('b'));
    let answers = [("Key for dev (hidden):", line.as_str())];
    let (code, shown) = typed(&home, "add dev --no-verify --store file", &answers);
    assert_eq!(code, 0, "{shown}");
    let offered = "there is a key here already: getimg-keys add dev --from-env GETIMG_API_KEY";
    assert!(shown.contains(offered), "{shown}");
}

#[test]
fn after_a_protected_profile_the_next_step_is_said_and_works() {
    let home = Home::new().with_passphrase();
    let next = "`prod` is protected, so no profile is active yet; next: getimg-keys use prod";
    let added = home.run_with(&["add", "prod", "--no-verify", "--store", "file"], &text('a'));
    assert!(added.0 == 0 && added.2.ends_with(&format!("{next}\n")), "{added:?}");
    let none = home.run(&["env"]);
    assert_eq!(none, ran(3, "", "error: no profile is selected\n\nhint: getimg-keys use prod\n"));
    assert_eq!(follow(&home, &format!("{} --yes", hint(&none)), "").0, 0);
    assert_eq!(home.run(&["env", "--shell", "sh"]).0, 0);
    let second = home.run_with(&["add", "live", "--no-verify"], &text('b'));
    assert!(second.0 == 0 && !second.2.contains("next:"), "{second:?}");
}

#[test]
fn a_hint_to_use_a_profile_names_one_and_says_which_others_there_are() {
    let home = Home::new().with_passphrase();
    home.add("prod", 'a');
    let told = "error: which profile? there is no terminal to prompt on\n\nhint: getimg-keys use";
    assert_eq!(home.run(&["use"]), ran(2, "", &format!("{told} prod\n")));
    home.add("ci", 'b');
    assert_eq!(home.run(&["use"]), ran(2, "", &format!("{told} ci  # or prod\n")));
    let nothing = home.run(&["use", "-"]);
    assert_eq!((nothing.0, hint(&nothing).as_str()), (3, "getimg-keys use ci  # or prod"));
}
