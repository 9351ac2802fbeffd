//! `unlock` and `lock`: the identity in the kernel's keyring.

use crate::support::bare_home::{Home, USING, exported, ran};
use crate::support::skipped;

#[test]
fn after_unlock_no_passphrase_is_needed_until_lock() {
    let home = Home::new().with_files();
    home.add("dev", 'a');
    let unlocked = home.run(&["unlock", "--for", "10m", "--json"]);
    if unlocked.2.contains("the kernel's keyring cannot be used") {
        return skipped(&unlocked.2);
    }
    assert_eq!(unlocked.0, 0, "{unlocked:?}");
    let home = Home { variables: Vec::new(), ..home };
    let read = home.run(&["env", "--shell", "sh"]);
    assert_eq!(home.run(&["lock"]), ran(0, "", "the encrypted files are locked\n"));
    assert_eq!(read, ran(0, &exported('a'), USING));
    assert_eq!(home.run(&["lock"]), ran(0, "", "the encrypted files were already locked\n"));
    let told = format!(
        "{USING}error: the encrypted files are locked, and there is no terminal to ask for the passphrase, \
         so the key of `dev` cannot be read\n\n\
         hint: getimg-keys unlock --for 8h  # on a terminal, before\n\
         hint: export GETIMG_KEYS_PASSPHRASE_FILE=FILE  # mode 0600\n"
    );
    assert_eq!(home.run(&["env"]), ran(7, "", &told));
}
