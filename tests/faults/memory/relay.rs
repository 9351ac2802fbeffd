//! `exec --broker` during a request: the program never had the key; its parent has it a few times.

use super::{Found, found, is_root, scene};
use crate::faults::scene::Scene;
use crate::sdk::python;

/// Lists the models with the vendor's own SDK; the answer never comes.
const LIST_MODELS: &str = include_str!("../../sdk/list_models.py");
/// The threat model's line, and how often the key is there, plain and in base64.
const RELAYING: (&str, usize, usize) = ("`exec --broker` while a request is under way", 4, 0);

/// What is found while the SDK waits for its answer, in the process that `how` names.
fn relaying(store: &'static str, how: &str) -> Option<Found> {
    let python = python().filter(|_| is_root())?;
    let scene = Scene::new(&scene::stage(), store, "");
    let mut command = scene.program(env!("CARGO_BIN_EXE_getimg-keys"));
    command.args(["exec", "dev", "--broker", "--read-only", "--"]);
    // The program is known to have the passphrase, so finding it proves that the search works.
    command.arg(python).args(["-c", LIST_MODELS, super::PASSPHRASE]);
    Some(found(&scene, how, &command, ""))
}

#[test]
fn behind_the_relay_the_vendors_sdk_has_no_trace_of_the_key_in_memory_environment_or_files() {
    for store in ["keychain", "file"] {
        let Some(found) = relaying(store, "relayed") else { return };
        assert_eq!(found.keys().collect::<Vec<_>>(), ["passphrase"], "{store}: {found:?}");
        assert!(found["passphrase"].contains("cmdline"), "{store}: {found:?}");
    }
}

#[test]
fn while_it_relays_its_parent_has_the_key_as_often_as_the_threat_model_says() {
    let (when, plain, base64) = RELAYING;
    let model = include_str!("../../../docs/threat-model.md");
    assert!(model.contains(&format!("| {when} | {plain} | {base64} |")), "{when}: {plain}, {base64}");
    let Some(mut found) = relaying("keychain", "silent") else { return };
    found.remove("passphrase");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["dev"], "{found:?}");
    let counts: Vec<usize> = found["dev"].split(' ').map(|count| count.parse().unwrap()).collect();
    assert!(counts[0] > 0 && counts[0] <= plain && counts[1] == 0 && counts[2] <= base64, "{found:?}");
}
