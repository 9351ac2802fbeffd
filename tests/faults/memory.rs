//! What is left of a key in the memory of a process that waits, read as only root can.

use crate::support::{Behaviour, Home, Key, home::finish, skipped};

/// How often the key is in the memory of a command that waits: as it is, in UTF-16, in base64.
fn copies(home: &Home, how: &str, arguments: &[&str]) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        skipped("what is left in memory: only root may look");
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/memory.py");
    let mut python = home.program("python3");
    python.args([script, how, env!("CARGO_BIN_EXE_getimg-keys")]).args(arguments);
    let output = finish(&mut python, &home.key("dev").0);
    assert_eq!(output.code, 0, "{}", output.stderr);
    Some(output.stdout.trim().to_owned())
}

fn home() -> Home {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    home
}

#[test]
fn once_a_key_has_been_used_no_copy_is_left() {
    let home = home();
    for arguments in [&["verify", "dev"][..], &["list"], &["env", "dev", "--json"]] {
        let Some(copies) = copies(&home, "full", arguments) else { return };
        assert_eq!(copies, "0 0 0", "{arguments:?}");
    }
}

#[test]
fn while_an_answer_is_waited_for_the_key_is_there_as_often_as_the_threat_model_says() {
    let Some(copies) = copies(&home(), "silent", &["verify", "dev"]) else { return };
    assert!(["1 0 0", "2 0 0", "3 0 0"].contains(&copies.as_str()), "{copies}");
}
