//! Man pages: one for each command, without a warning of groff.

use std::process::Command;

use crate::support::home::finish;
use crate::support::{Home, skipped};

#[test]
fn every_command_has_a_page_and_the_first_has_codes_variables_and_files() {
    let home = Home::new();
    let said = home.run(&["man", "pages/man1"], "");
    assert_eq!(said.code, 0, "{said:?}");
    let folder = home.work().join("pages/man1");
    for command in getimg_keys::cli::command().get_subcommands().filter(|c| !c.is_hide_set()) {
        assert!(folder.join(format!("getimg-keys-{}.1", command.get_name())).is_file(), "{command}");
    }
    assert!(!folder.join("getimg-keys-hook-env.1").exists());
    let first = std::fs::read_to_string(folder.join("getimg-keys.1")).unwrap();
    for part in ["EXIT STATUS", "ENVIRONMENT", "FILES"] {
        assert!(
            first.contains(&format!(".SH \"{part}\"")) || first.contains(&format!(".SH {part}")),
            "{part}"
        );
    }
    let scan = std::fs::read_to_string(folder.join("getimg-keys-scan.1")).unwrap();
    let foot = format!("\"getimg-keys {}\"", env!("CARGO_PKG_VERSION"));
    assert!(scan.lines().any(|line| line.starts_with(".TH ") && line.contains(&foot)), "{scan}");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|page| page.path()).collect();
    pages.sort();
    if Command::new("groff").arg("--version").output().is_err() {
        return skipped("the man pages: there is no `groff` here");
    }
    let output =
        finish(Command::new("groff").args(["-Kutf8", "-ww", "-man", "-Tutf8", "-z"]).args(pages), "");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let home = Home::new();
    std::fs::write(home.work().join("file"), "").unwrap();
    let said = home.play("man file/man1");
    insta::assert_snapshot!(said, @"
    $ man file/man1
    ! error: cannot write file/man1/getimg-keys.1: not a directory
    !
    ! hint: ls -ld file/man1
    → 1
    ");
}
