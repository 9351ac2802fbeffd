//! Files of the store that cannot be read.

use std::fs;

use crate::support::bare_home::{Home, Ran};
use crate::support::canary::text;

/// A folder in a file's place: root cannot read it as a file either.
#[test]
fn a_file_that_cannot_be_read_is_a_store_that_cannot_be_read() {
    let asked: [&[&str]; 6] = [
        &["env", "dev", "--format", "json"],
        &["exec", "dev", "--", "true"],
        &["verify", "dev"],
        &["verify", "--all"],
        &["backup", "all.age"],
        &["rotate", "dev", "--finish"],
    ];
    for (file, is_folder) in
        [("dev.age", false), ("identity", false), ("recipient", false), ("dev.age", true), ("identity", true)]
    {
        let home = Home::new().with_files();
        home.add("dev", 'a');
        assert_eq!(home.run_with(&["rotate", "dev", "--no-verify"], &text('b')).0, 0);
        let keys = home.home().join("keys");
        for name in [file, "dev~previous.age"] {
            fs::remove_file(keys.join(name)).unwrap();
            if is_folder {
                fs::create_dir(keys.join(name)).unwrap();
            } else {
                fs::write(keys.join(name), "nonsense").unwrap();
            }
        }
        for arguments in asked {
            let ran = home.run(arguments);
            assert_eq!(ran.0, 7, "{file} {arguments:?} {ran:?}");
        }
        assert_eq!(home.run(&["list"]).0, 0, "{file}");
    }
}

#[test]
fn of_several_keys_that_cannot_be_read_each_hint_is_given_once() {
    let home = Home::new().with_files();
    for (name, letter) in [("a", 'a'), ("b", 'b'), ("c", 'c')] {
        home.add(name, letter);
    }
    let keys = home.home().join("keys");
    fs::write(keys.join("a.age"), "nonsense").unwrap();
    fs::remove_file(keys.join("b.age")).unwrap();
    fs::write(keys.join("c.age"), "nonsense").unwrap();
    let Ran(code, out, _) = home.run(&["verify", "--all"]);
    assert_eq!(code, 7, "{out}");
    let hints: Vec<_> = out.lines().filter(|line| line.starts_with("→ ")).collect();
    assert_eq!(
        hints,
        ["→ getimg-keys restore FILE  # from a backup", "→ getimg-keys remove b && getimg-keys add b"]
    );
}
