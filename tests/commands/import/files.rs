//! Which files and which names `import` takes.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::{home, write};
use crate::support::{Behaviour, Home, Key};

#[test]
fn names_can_be_chosen() {
    let home = home();
    write(&home, ".env", "GETIMG_API_KEY=<dev>\nGETIMG_API_KEY_2=<odd>\n");
    write(&home, "one.txt", "GETIMG_API_KEY=<prod>\n");
    assert_snapshot!(home.play("
        import --as ci
        import --as GETIMG_API_KEYS=ci
        import --as Ci
        import --as GETIMG_API_KEY=ci --dry-run
        import one.txt --as live --no-verify
        list
    "), @r"
    $ import --as ci
    ! error: .env has several keys; which one is `ci`?
    !
    ! hint: getimg-keys import .env --as GETIMG_API_KEY=ci
    → 2
    $ import --as GETIMG_API_KEYS=ci
    ! error: .env has no variable GETIMG_API_KEYS
    !
    ! hint: getimg-keys import .env --dry-run
    → 2
    $ import --as Ci
    ! error: --as <[VARIABLE=]NAME>: a profile name has 1 to 64 of a-z, 0-9, `-` and `_`, the first a letter or digit
    !
    ! hint: getimg-keys help import
    → 2
    $ import --as GETIMG_API_KEY=ci --dry-run
    line  variable          profile  key       import
    1     GETIMG_API_KEY    ci       sk_…last  would be added as ci
    2     GETIMG_API_KEY_2  2        sk_…last  would be added as 2
    ! warning: the key could not be checked (unexpected_body: the answer is not one the API documents)
    $ import one.txt --as live --no-verify
    ! one.txt:1 GETIMG_API_KEY: added live to the keychain, not verified
    ! `live` is protected by its name; to take that back: getimg-keys unprotect live
    ! `live` is protected, so no profile is active yet; next: getimg-keys use live
    ! delete now: one.txt:1  # or: getimg-keys import one.txt --clean
    ! before you commit, ignore one.txt: printf '\n%s\n' one.txt >> .gitignore
    $ list
    name  key        age  verified  rotate
    live  key-…last  0 d  never     in 90 d

    none is marked: no profile is selected
    ");
}

#[test]
fn what_is_no_dotenv_file_is_refused_by_name() {
    let home = home();
    write(&home, "none", "DEBUG=1\n");
    write(&home, "later", "GETIMG_API_KEY=xxx\n");
    fs::write(home.work().join("latin"), b"A=\xe9").unwrap();
    fs::write(home.work().join("big"), vec![b'\n'; 1024 * 1024 + 1]).unwrap();
    assert!(Command::new("mkfifo").arg(home.work().join("fifo")).status().unwrap().success());
    assert_snapshot!(home.play("
        import
        import none
        import later
        import latin
        import big
        import fifo
        import .
        import /dev/stdin
    "), @"
    $ import
    ! error: there is no file .env
    !
    ! hint: getimg-keys import FILE  # the dotenv file that holds the keys
    → 2
    $ import none
    ! error: none has no variable for a getimg.ai key
    !
    ! hint: recognized names: GETIMG_API_KEY, GETIMG_API_KEY_PROD, PROD_GETIMG_API_KEY
    ! hint: getimg-keys add dev  # for a key that is elsewhere
    → 3
    $ import later
    ! later:1 GETIMG_API_KEY: skipped: it is a placeholder
    → 3
    $ import latin
    ! error: latin is not text: byte 3 is not valid UTF-8
    !
    ! hint: getimg-keys import FILE  # the dotenv file that holds the keys
    → 2
    $ import big
    ! error: big is larger than 1 MiB; that is not a dotenv file
    !
    ! hint: getimg-keys import FILE  # the dotenv file that holds the keys
    → 2
    $ import fifo
    ! error: fifo is not a regular file; import reads no other
    !
    ! hint: getimg-keys add dev --stdin  # for one key on standard input
    → 2
    $ import .
    ! error: . is a folder; import reads one file
    !
    ! hint: getimg-keys import ./.env
    → 2
    $ import /dev/stdin
    ! error: /dev/stdin is not a regular file; import reads no other
    !
    ! hint: getimg-keys add dev --stdin  # for one key on standard input
    → 2
    ");
    assert_eq!(home.profiles_file(), b"");
}

#[test]
fn every_way_to_write_a_line_is_read_or_named() {
    let table: &[(&str, &[u8])] = &[
        ("yaml", b"GETIMG_API_KEY: <key>\n"),
        ("cmd", b"set GETIMG_API_KEY=<key>\r\n"),
        ("powershell", b"$env:GETIMG_API_KEY = \"<key>\"\r\n"),
        ("old-mac", b"A=1\rGETIMG_API_KEY=<key>\rB=2\r"),
        ("quote-above", b"A='\nGETIMG_API_KEY=<key>\n"),
        ("twice", b"GETIMG_API_KEY=old\nGETIMG_API_KEY=<key>\n"),
    ];
    for (name, text) in table {
        let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
        let text = String::from_utf8(text.to_vec()).unwrap().replace("<key>", &home.key("dev").0);
        fs::write(home.work().join(name), text).unwrap();
        let run = home.run(&["import", name, "--as", "dev"], "");
        assert_eq!(home.session.lookup(&home.service(), "dev"), home.key("dev").0, "{name}: {}", run.stderr);
    }
}

#[test]
fn utf16_is_read_and_a_name_without_a_value_never_ends_in_silence() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let text = format!("GETIMG_API_KEY={}\r\n", home.key("dev").0);
    let little: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(home.work().join("utf16"), &little).unwrap();
    assert_eq!(home.run(&["import", "utf16", "--clean"], "").code, 1, "lines are not taken out of UTF-16");
    assert_eq!(home.run(&["import", "utf16"], "").code, 0);
    let wide = |of: fn(u16) -> Vec<u8>| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
    let unmarked = [wide(|unit| unit.to_le_bytes().into()), wide(|unit| unit.to_be_bytes().into())];
    let utf32 = wide(|unit| [unit.to_le_bytes(), [0; 2]].concat());
    let marked = [&[0xff, 0xfe, 0, 0][..], &utf32].concat();
    for bytes in unmarked.into_iter().chain([utf32, marked]) {
        fs::write(home.work().join("unmarked"), bytes).unwrap();
        let run = home.run(&["import", "unmarked"], "");
        assert!(run.code == 2 && run.stderr.contains("holds zeros"), "{run:?}");
    }
    fs::write(home.work().join("odd"), "A=1\nthe GETIMG_API_KEY is elsewhere\n").unwrap();
    let run = home.run(&["import", "odd"], "");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("line 2"), "{}", run.stderr);
}

#[test]
fn an_older_value_of_a_name_is_told_before_it_counts() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let key = home.key("dev").0.clone();
    fs::write(home.work().join(".env"), format!("GETIMG_API_KEY=older\nA=1\nGETIMG_API_KEY={key}\n"))
        .unwrap();
    let run = home.run(&["import", "--clean"], "");
    let told = ".env:1 is an older value of GETIMG_API_KEY, which counts once the later line is gone: delete it too\n";
    assert!(run.code == 0 && run.stderr.contains(told), "{run:?}");
    assert_eq!(fs::read_to_string(home.work().join(".env")).unwrap(), "GETIMG_API_KEY=older\nA=1\n");
}

#[test]
fn a_line_that_cannot_be_read_is_named_beside_others_that_can() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    let key = home.key("dev").0.clone();
    let odd =
        "X=$GETIMG_API_KEY\n- GETIMG_API_KEY_B=x\n# GETIMG_API_KEY_C=x\n{\"GETIMG_API_KEY_D\": \"x\"}\n";
    fs::write(home.work().join(".env"), format!("GETIMG_API_KEY={key}\n{odd}")).unwrap();
    let run = home.run(&["import", "--as", "dev"], "");
    let told = "warning: .env names a getimg.ai key in line 3, 5, which assigns nothing that can be read; not imported";
    assert!(run.code == 0 && run.stderr.contains(told), "{run:?}");
}

#[test]
fn a_name_that_bundlers_ship_is_named_as_a_leak() {
    let home = Home::new().knows("dev", Key::v2(), Behaviour::Valid);
    fs::write(home.work().join(".env"), format!("VITE_GETIMG_API_KEY={}\n", home.key("dev").0)).unwrap();
    let run = home.run(&["import", "--dry-run"], "");
    assert!(run.stderr.contains("ship this name to every browser"), "{}", run.stderr);
}
