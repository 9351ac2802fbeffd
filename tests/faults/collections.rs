//! Keychains without a collection for new keys.

use crate::support::{Behaviour, Home, Key, Session};

#[test]
fn without_a_default_collection_there_is_no_keychain_and_nothing_goes_into_that_of_the_session() {
    let home = Home::within(Session::without_collection()).knows("dev", Key::v2(), Behaviour::Valid);
    let refused = home.run(&["add", "dev"], &home.key("dev").0);
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("no default collection"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--store file"), "{}", refused.stderr);
    assert_eq!(home.session.lookup(&home.service(), "dev"), "");
    let checked = home.run(&["doctor"], "");
    assert!(checked.stdout.contains("no default collection"), "{}", checked.stdout);
}
