//! `store`: where the keys are, and what moves them; each subcommand that changes something has a file of its own.

mod adopt;
mod migrate;
mod recipients;

use crate::support::bare_home::{Home, Ran, ran};

#[test]
fn store_status_says_which_and_why() {
    let home = Home::new();
    let nothing = "no store is used yet (nothing was added yet)\n  \
                   keychain  there is no D-Bus session\n  \
                   file      no passphrase was set for it yet\n  \
                   env       no $GETIMG_API_KEY or $GETIMG_API_KEY_… is set\n";
    assert_eq!(home.run(&["store", "status"]), ran(0, nothing, ""));
    let home = home.with_passphrase();
    home.add("dev", 'a');
    let Ran(code, out, _) = home.run(&["store", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &status["store"], &status["health"]), (0, &"file".into(), &"ready".into()));
    assert_eq!(status["because"], "recorded");
    let keychain =
        serde_json::json!({"name": "keychain", "health": "no-bus", "message": "there is no D-Bus session"});
    assert_eq!(status["stores"][0], keychain);
}
