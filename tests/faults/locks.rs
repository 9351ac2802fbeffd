//! A lock that another process holds, and a file system without locks (`strace`).

use std::fs::{self, File};
use std::io::Write;

use insta::assert_snapshot;

use super::profile_file::names;
use crate::support::home::finish;
use crate::support::{self, Behaviour, Home, Key};

#[test]
fn a_lock_that_is_held_is_given_up_in_time_and_its_holder_is_named() {
    let home = Home::with_dev_and_prod();
    let before = home.profiles_file();
    let lock = home.path().join("profiles.lock");
    let mut file = File::options().write(true).truncate(true).open(lock).unwrap();
    file.lock().unwrap();
    file.write_all(b"process 4711\n").unwrap();
    assert_snapshot!(home.play("
        note dev words
        list --json
    ").lines().take(4).collect::<Vec<_>>().join("\n"), @"
    $ note dev words
    ! error: process 4711 has been changing the profiles for 15 s
    !
    ! hint: wait for it to finish, then run the command again
    ");
    assert_eq!(home.profiles_file(), before);
    drop(file);
    assert_eq!(home.run(&["note", "dev", "words"], "").code, 0);
}

#[test]
fn where_files_cannot_be_locked_nothing_is_written() {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        return support::skipped("locks are refused by strace: apt-get install strace");
    }
    let home = Home::with_dev_and_prod().knows("ci", Key::v2(), Behaviour::Valid);
    let (before, mut seen) = (home.profiles_file(), String::new());
    for error in ["ENOLCK", "EIO", "EOPNOTSUPP"] {
        for (arguments, stdin) in [
            (&["note", "dev", "words"][..], ""),
            (&["add", "ci", "--no-verify"], home.key("ci").0.as_str()),
            (&["remove", "dev"], ""),
        ] {
            let mut strace = home.program("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject=flock:error={error}")]);
            let output = finish(strace.arg(env!("CARGO_BIN_EXE_getimg-keys")).args(arguments), stdin);
            seen += &format!("$ {}, {error}\n{}", arguments.join(" "), home.transcript(&output));
        }
    }
    assert_snapshot!(seen, @"
    $ note dev words, ENOLCK
    ! error: cannot lock /tmp/test/home/profiles.lock: no locks available; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ add ci --no-verify, ENOLCK
    ! error: cannot lock /tmp/test/home/profiles.lock: no locks available; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ remove dev, ENOLCK
    ! error: cannot lock /tmp/test/home/profiles.lock: no locks available; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ note dev words, EIO
    ! error: cannot lock /tmp/test/home/profiles.lock: input/output error; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ add ci --no-verify, EIO
    ! error: cannot lock /tmp/test/home/profiles.lock: input/output error; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ remove dev, EIO
    ! error: cannot lock /tmp/test/home/profiles.lock: input/output error; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ note dev words, EOPNOTSUPP
    ! error: cannot lock /tmp/test/home/profiles.lock: operation not supported; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ add ci --no-verify, EOPNOTSUPP
    ! error: cannot lock /tmp/test/home/profiles.lock: operation not supported; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    $ remove dev, EOPNOTSUPP
    ! error: cannot lock /tmp/test/home/profiles.lock: operation not supported; nothing was changed
    !
    ! hint: df /tmp/test/home  # on a network? $GETIMG_KEYS_HOME names a directory elsewhere
    → 1
    ");
    assert_eq!((home.profiles_file(), names(&home).join(" ")), (before, "dev prod".to_owned()));
    assert!(home.session.lookup(&home.service(), "ci").is_empty(), "no key without a profile");
    assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0);
    let left = fs::read_dir(home.path()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with('.')));
}
