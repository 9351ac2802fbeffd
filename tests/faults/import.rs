//! `import --clean` is killed, or the disk fails, at any moment: the key is in the store or still in the file.

use std::fs;

use super::crashes::tampered;
use crate::support::{Home, Key};

const CLEAN: [&str; 3] = ["import", "--clean", "--no-verify"];

/// A dotenv file with that key, and its text without the key.
fn texts(key: &Key) -> (String, String) {
    (format!("A=1\nGETIMG_API_KEY={}\nB='\n2'", key.0), "A=1\nB='\n2'".to_owned())
}

/// Runs it with a fault; its exit code, -1 if it was killed. Afterwards the key is complete in one of the two places.
fn faulty_import(home: &Home, fault: &str, key: &Key) -> i32 {
    let (before, after) = texts(key);
    let file = home.work().join(".env");
    fs::write(&file, &before).unwrap();
    let code = tampered(home, fault, &CLEAN, "");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text == before || text == after, "{fault} left neither the old nor the new file");
    if text == after {
        let env = home.run(&["env", "dev"], "");
        assert!(key.is_in(env.stdout.as_bytes()), "{fault} lost the key: {}", env.stderr);
    }
    code
}

/// The next run completes the change and leaves nothing behind.
fn mended(home: &Home, fault: &str, key: &Key) {
    let file = home.work().join(".env");
    let again = home.run(&CLEAN, "");
    let there_still = if again.code == 3 { 3 } else { 0 };
    assert_eq!(again.code, there_still, "{fault}: {}", again.stderr);
    assert_eq!(fs::read_to_string(file).unwrap(), texts(key).1, "{fault}");
    assert!(key.is_in(home.run(&["env", "dev"], "").stdout.as_bytes()), "{fault}");
    assert_eq!(key.found_below(&home.work()), [""; 0], "{fault}");
    assert_eq!(home.run(&["remove", "dev"], "").code, 0);
}

#[test]
fn killed_at_a_system_call_the_key_is_in_the_store_or_in_the_file() {
    let home = Home::new();
    for (call, count) in [("/^rename", 4), ("fsync", 7), ("sendmsg", 12), ("/^fchmod", 2)] {
        let mut killed = 0;
        for when in 1..=count {
            let (fault, key) = (format!("{call}:signal=KILL:when={when}"), Key::v2());
            killed += i32::from(faulty_import(&home, &fault, &key) < 0);
            mended(&home, &fault, &key);
        }
        assert!(killed > 0, "{call} was never reached");
    }
    fs::write(home.work().join(".env"), texts(&Key::v2()).0).unwrap();
    assert_eq!(home.run(&CLEAN, "").code, 0);
    assert_eq!(fs::read_dir(home.work()).unwrap().count(), 1, "an unfinished file was left");
}

#[test]
fn a_disk_that_fails_leaves_the_old_file_and_no_other() {
    let home = Home::new();
    for (call, last) in [("/^rename", 3), ("fsync", 5)] {
        let mut failed = 0;
        for when in 1..=last {
            let (fault, key) = (format!("{call}:error=EIO:when={when}"), Key::v2());
            let code = faulty_import(&home, &fault, &key);
            failed += i32::from(code == 1);
            assert!(code == 0 || code == 1, "{fault}: {code}");
            assert_eq!(fs::read_dir(home.work()).unwrap().count(), 1, "{fault} left a file");
            mended(&home, &fault, &key);
        }
        assert!(failed > 0, "{call} never failed");
    }
}
