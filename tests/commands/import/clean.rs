//! `import --clean`: lines with proven keys are deleted, and everything else stays as it was.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use insta::assert_snapshot;

use super::{home, write};
use crate::support::{Home, skipped};

fn content(home: &Home, file: &str) -> String {
    let text = fs::read_to_string(home.work().join(file)).unwrap();
    ["dev", "prod", "bad", "odd"]
        .iter()
        .fold(text, |text, name| text.replace(&home.key(name).0, &format!("<{name}>")))
}

#[test]
fn only_what_is_in_the_store_is_taken_out_and_the_rest_stays_byte_for_byte() {
    let home = home();
    home.add("prod");
    let file = home.work().join(".env");
    write(
        &home,
        ".env",
        "\u{feff}GETIMG_API_KEY=<dev>\r\n# GETIMG_API_KEY=old\r\nX=\"a\r\n  b\"\r\n\r\nGETIMG_API_KEY_LIVE=<bad>\n\
         \texport GETIMG_API_KEY_PROD = '<prod>' # in use\n\n GETIMG_API_KEY_CI=\"<odd>\n\"\nGETIMG_API_KEY_B=<dev>",
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_snapshot!(home.play("import --clean"), @r"
    $ import --clean
    ! .env:1 GETIMG_API_KEY: added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    ! .env:6 GETIMG_API_KEY_LIVE: not added: the API rejected this key for `live`, and it was not stored: Incorrect API key provided. You can find yours in the settings.
    ! hint: copy it again, or create one, at https://getimg.ai/app/developer/api-keys
    ! .env:7 GETIMG_API_KEY_PROD: prod already has this key
    ! warning: the key could not be checked (unexpected_body: the answer is not one the API documents)
    ! try again later: getimg-keys verify ci
    ! .env:9-10 GETIMG_API_KEY_CI: added ci to the keychain, not verified yet
    ! .env:11 GETIMG_API_KEY_B: not added: this key is already the key of `dev`, since <day>
    ! hint: create a separate key at https://getimg.ai/app/developer/api-keys
    ! hint: getimg-keys use dev
    ! deleted: .env:1, .env:7, .env:9-10; the rest of .env is unchanged
    ! before you commit, ignore .env: printf '\n%s\n' .env >> .gitignore
    → 4
    ");
    assert_eq!(
        content(&home, ".env"),
        "\u{feff}# GETIMG_API_KEY=old\r\nX=\"a\r\n  b\"\r\n\r\nGETIMG_API_KEY_LIVE=<bad>\n\nGETIMG_API_KEY_B=<dev>"
    );
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(home.work()).unwrap().count(), 1);
    let run = home.run(&["import", "--clean", "--json"], "");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &json["cleaned"], &json["changed"]), (4, &false.into(), &false.into()));
}

/// The kernel's format of an access list: a version, then a kind, the rights and the id of each entry, little-endian.
fn access_list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let entry = |&(kind, rights, id): &(u16, u16, u32)| {
        [&kind.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    [2u32.to_le_bytes().to_vec(), entries.iter().flat_map(entry).collect()].concat()
}

#[test]
fn the_access_list_and_the_attributes_stay() {
    const NOBODY: u32 = u32::MAX;
    let home = home();
    let file = home.work().join(".env");
    write(&home, ".env", "A=1\nGETIMG_API_KEY=<dev>\n");
    // The user 12345 may read; the group may not, although the mode says 0640.
    let list =
        access_list(&[(1, 6, NOBODY), (2, 4, 12345), (4, 0, NOBODY), (16, 4, NOBODY), (32, 0, NOBODY)]);
    let kept = [("system.posix_acl_access", list), ("user.note", b"mine".to_vec())];
    for (name, value) in &kept {
        if let Err(why) = xattr::set(&file, name, value) {
            return skipped(&format!("{name} cannot be set in {}: {why}", home.work().display()));
        }
    }
    let before = fs::metadata(&file).unwrap();
    assert_eq!(before.mode() & 0o777, 0o640);
    assert_eq!(home.run(&["import", "--clean"], "").code, 0);
    assert_eq!(content(&home, ".env"), "A=1\n");
    let after = fs::metadata(&file).unwrap();
    assert_eq!((after.mode(), after.ino() == before.ino()), (before.mode(), false));
    for (name, value) in &kept {
        assert_eq!(xattr::get(&file, name).unwrap().as_ref(), Some(value), "{name}");
    }
}

#[test]
fn a_key_that_only_the_profiles_have_stays_in_the_file() {
    let home = home();
    home.add("dev");
    home.add("prod");
    home.session.clear(&home.service(), "dev");
    let text = "GETIMG_API_KEY=<dev>\nGETIMG_API_KEY_PROD=<prod>\n";
    write(&home, ".env", text);
    assert_snapshot!(home.play("
        import --dry-run --clean
        import --clean --quiet
    "), @"
    $ import --dry-run --clean
    line  variable             profile  key        import
    1     GETIMG_API_KEY       dev      sk_…last   dev already has this key
    2     GETIMG_API_KEY_PROD  prod     key-…last  prod already has this key
    $ import --clean --quiet
    ! .env:1 stays in the file: the key of `dev` is missing from the keychain: another program deleted it
    ! hint: getimg-keys remove dev && getimg-keys add dev
    → 3
    ");
    assert_eq!(content(&home, ".env"), "GETIMG_API_KEY=<dev>\n");
}

#[test]
fn a_file_that_cannot_be_replaced_as_it_is_is_refused_before_anything_is_stored() {
    let home = home();
    let work = home.work();
    write(&home, "real", "GETIMG_API_KEY=<dev>\n");
    symlink(work.join("real"), work.join(".env")).unwrap();
    write(&home, "read-only", "GETIMG_API_KEY=<dev>\n");
    fs::set_permissions(work.join("read-only"), fs::Permissions::from_mode(0o444)).unwrap();
    write(&home, "two", "GETIMG_API_KEY=<dev>\n");
    fs::hard_link(work.join("two"), work.join("other")).unwrap();
    assert_snapshot!(home.play("
        import --clean
        import --clean read-only
        import --clean two
    "), @"
    $ import --clean
    ! error: .env is a symbolic link, and --clean replaces files; nothing was changed
    !
    ! hint: getimg-keys import /tmp/test/work/real --clean
    → 1
    $ import --clean read-only
    ! error: read-only is read-only; nothing was changed
    !
    ! hint: chmod u+w read-only
    → 1
    $ import --clean two
    ! error: two has 2 names, and the others would keep the keys; nothing was changed
    !
    ! hint: find . -samefile two
    → 1
    ");
    assert_eq!(home.profiles_file(), b"");
}

#[test]
fn what_git_has_is_said_after_cleaning_too() {
    let home = home();
    home.git(&["init", "-q"]);
    write(&home, ".env", "GETIMG_API_KEY=<dev>\n");
    home.git(&["add", ".env"]);
    home.git(&["commit", "-qm", "x"]);
    assert_snapshot!(home.play("import --clean"), @r"
    $ import --clean
    ! .env:1 GETIMG_API_KEY: added dev to the keychain, verified, balance 12.50 USD; it is the active profile
    ! deleted: .env:1; the rest of .env is unchanged
    ! git does not ignore .env: printf '\n%s\n' .env >> .gitignore
    ! git has .env: git rm --cached .env
    ! its history may have the keys: getimg-keys scan --history, and if it does getimg-keys rotate dev
    ");
    assert_eq!(content(&home, ".env"), "");
}

#[test]
fn a_locked_keychain_is_tried_once_and_every_line_stays() {
    let home = home();
    home.session.lock();
    let text = "GETIMG_API_KEY=<dev>\nGETIMG_API_KEY_PROD=<prod>\n";
    write(&home, ".env", text);
    assert_snapshot!(home.play("
        import --clean --no-verify
        list
    "), @"
    $ import --clean --no-verify
    ! .env:1 GETIMG_API_KEY: not added: the keychain is locked, so the key of `dev` cannot be read
    ! hint: unlock it (open its password manager, or run the command in a terminal of the desktop), then run the command again
    ! .env:2 GETIMG_API_KEY_PROD: skipped: not tried after the error before it
    → 7
    $ list
    there are no profiles yet; add the first one:

      getimg-keys import  # the keys of ./.env
      getimg-keys add dev
    ");
    assert_eq!(content(&home, ".env"), text);
}
