//! Which bus of a session is asked.

use crate::support::{Behaviour, Home, Key};

/// CASES 9.
#[test]
fn each_address_of_the_session_is_tried_and_another_users_is_named() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    assert_eq!(home.add("dev").code, 0);
    let both = format!("unix:path=/none;{}", home.session.address);
    let foreign = home.work().join("bus");
    drop(std::os::unix::net::UnixListener::bind(&foreign).unwrap());
    let home = home.with("DBUS_SESSION_BUS_ADDRESS", &both);
    assert_eq!(home.run(&["env", "dev"], "").code, 0);
    if std::os::unix::fs::chown(&foreign, Some(65534), None).is_err() {
        return crate::support::skipped("only root can give a socket to another user");
    }
    let address = format!("unix:path=/none;unix:path={}", foreign.display());
    let home = home.with("DBUS_SESSION_BUS_ADDRESS", &address);
    let refused = home.run(&["env", "dev"], "");
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("the D-Bus session belongs to another user"), "{}", refused.stderr);
}
