//! What is true only on Windows. `tests/wine` runs it under Wine, some of it with a console.

use std::fs;
use std::path::Path;
use std::process::Command;

use getimg_keys::system::Variables;
use getimg_keys::system::terminal::Stream;
use winapi_util::HandleRef;
use winapi_util::console::mode;
use windows_permissions::constants::{SeObjectType, SecurityInformation};
use windows_permissions::utilities::current_process_sid;
use windows_permissions::wrappers::SetNamedSecurityInfo;
use windows_permissions::{LocalBox, SecurityDescriptor};

use crate::everywhere::{PROGRAM, Place};
use crate::support::Key;

/// Gives a file to this user alone, and to those of further entries.
pub(crate) fn allow(file: &Path, entries: &str) {
    let me = current_process_sid().unwrap();
    let list = format!("D:P(A;;FA;;;{}){entries}", *me);
    let list: LocalBox<SecurityDescriptor> = list.parse().unwrap();
    let what = SecurityInformation::Dacl | SecurityInformation::ProtectedDacl;
    SetNamedSecurityInfo(file.as_os_str(), SeObjectType::SE_FILE_OBJECT, what, None, None, list.dacl(), None)
        .unwrap();
}

#[test]
fn exec_ends_with_all_32_bits_of_the_programs_code() {
    let place = Place::new();
    place.must("add dev --stdin --no-verify --store file", &Key::v2().0);
    // The last one is how a Ctrl-C ends a program.
    for code in [0, 256, -1, -1_073_741_510] {
        assert_eq!(place.run(&format!("exec dev -- cmd /c exit {code}"), "").code, code);
        assert_eq!(place.run(&format!("exec dev --mask -- cmd /c exit {code}"), "").code, code);
    }
}

#[test]
fn what_cmd_reads_is_written_for_cmd() {
    let place = Place::new();
    let key = Key::v2().0;
    place.must("add dev --stdin --no-verify --store file", &key);
    let mut cmd = Command::new("cmd");
    cmd.args(["/c", PROGRAM, "env", "dev"]).envs(place.variables.iter().cloned());
    let read = String::from_utf8(cmd.output().unwrap().stdout).unwrap();
    assert_eq!(read, format!("set \"GETIMG_API_KEY={key}\"\r\n"));
}

#[test]
fn a_passphrase_file_that_others_may_use_is_refused_with_the_line_that_mends_it() {
    let place = Place::new();
    let key = Key::v2().0;
    place.must("add dev --stdin --no-verify --store file", &key);
    let passphrase = place.root.path().join("passphrase");
    allow(&passphrase, "(A;;FR;;;WD)");
    let refused = place.run("env dev", "");
    assert_eq!((refused.code, refused.out.as_str()), (7, ""), "{}", refused.err);
    assert!(refused.err.contains("passphrase may be used by others (Everyone)"), "{}", refused.err);
    let file = "$env:GETIMG_KEYS_PASSPHRASE_FILE";
    let mend =
        format!("hint: icacls {file} /reset; icacls {file} /inheritance:r /grant:r \"${{env:USERNAME}}:F\"");
    assert!(refused.err.contains(&mend), "{}", refused.err);
    allow(&passphrase, "");
    assert!(place.must("env dev --format dotenv", "").contains(&key));
}

#[test]
fn doctor_looks_at_who_may_use_the_files() {
    let place = Place::new();
    place.must("add dev --stdin --no-verify --store file", &Key::v2().0);
    let home = place.root.path().join("home");
    let modes = || {
        let report: serde_json::Value = serde_json::from_str(&place.run("doctor --json", "").out).unwrap();
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["id"] == "modes").unwrap().clone()
    };
    for file in ["", "profiles.toml", "log.jsonl", "keys"] {
        allow(&home.join(file), "");
    }
    assert_eq!(modes()["outcome"], "pass", "{}", modes());
    allow(&home.join("profiles.toml"), "(A;;FR;;;WD)");
    assert_eq!(modes()["outcome"], "warn");
    assert!(
        modes()["message"].as_str().unwrap().ends_with("profiles.toml may be used by others (Everyone)"),
        "{}",
        modes()
    );
    assert!(modes()["hint"].as_str().unwrap().starts_with("icacls "), "{}", modes());
}

/// npm installs `wrangler` as a script for Unix, and `wrangler.cmd` beside it.
#[test]
fn push_finds_a_program_by_its_name_without_the_ending_and_never_in_the_working_directory() {
    let mut place = Place::new();
    let key = Key::v2().0;
    place.must("add dev --stdin --no-verify --store file", &key);
    let (bin, held) = (place.root.path().join("bin"), place.root.path().join("held"));
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("wrangler"), "#!/bin/sh\nexit 1\n").unwrap();
    let list = r#"[{"name":"GETIMG_API_KEY","type":"secret_text"}]"#;
    let script = format!(
        "@echo off\r\nif \"%2\"==\"list\" goto list\r\nset GETIMG_KEYS_HOME={held}\r\n\
         set GETIMG_KEYS_PASSPHRASE_FILE={passphrase}\r\n\"{PROGRAM}\" add there --stdin --no-verify --store file\r\n\
         exit /b %ERRORLEVEL%\r\n:list\r\nif exist \"{held}\" (echo {list}) else (echo [])\r\n",
        held = held.display(),
        passphrase = place.root.path().join("passphrase").display()
    );
    fs::write(bin.join("wrangler.cmd"), script).unwrap();
    fs::write(place.root.path().join("wrangler.cmd"), "@exit 99\r\n").unwrap();

    let without = place.run("push dev --to cloudflare:site", "");
    assert_eq!(without.code, 1, "{}{}", without.out, without.err);
    assert!(without.err.contains("there is no program `wrangler` here"), "{}", without.err);
    let path = std::env::var("PATH").unwrap();
    place.variables.push(("PATH", format!(".;{};{path}", bin.display())));
    place.must("push dev --to cloudflare:site", "");
    place.variables.push(("GETIMG_KEYS_HOME", held.to_str().unwrap().to_owned()));
    assert!(place.must("env there --format dotenv", "").contains(&key));
}

/// Needs a console, and somebody who types what `tests/wine` says.
mod at_a_console {
    use super::*;

    /// The exit code of a command whose prompt gets an answer; it must restore the console.
    fn asked(place: &Place, line: &str) -> Option<i32> {
        // The console tells every program about a Ctrl-C.
        let _heard = tokio::signal::windows::ctrl_c().unwrap();
        let before = mode(HandleRef::stdin()).unwrap();
        let ended = place.command(line).status().unwrap();
        assert_eq!(mode(HandleRef::stdin()).unwrap(), before);
        ended.code()
    }

    fn with_key(name: &str) -> Place {
        let place = Place::new();
        place.must(&format!("add {name} --stdin --no-verify --store file"), &Key::v2().0);
        place
    }

    /// Types Ctrl-C.
    fn cancelled(place: &Place, line: &str) {
        let before = (place.must("list --json", ""), place.must("log", ""));
        assert_eq!(asked(place, line), Some(9));
        assert_eq!((place.must("list --json", ""), place.must("log", "")), before);
    }

    #[test]
    #[ignore = "Ctrl-C"]
    fn ctrl_c_at_a_hidden_prompt_changes_nothing() {
        cancelled(&with_key("dev"), "add ci --no-verify");
    }

    #[test]
    #[ignore = "Ctrl-C"]
    fn ctrl_c_at_a_question_changes_nothing() {
        cancelled(&with_key("prod"), "remove prod");
    }

    #[test]
    #[ignore = "the passphrase of `Place`"]
    fn what_is_typed_at_a_hidden_prompt_is_read() {
        let mut place = with_key("dev");
        place.variables.retain(|(name, _)| *name != "GETIMG_KEYS_PASSPHRASE_FILE");
        assert_eq!(asked(&place, "exec dev -- cmd /c exit 256"), Some(256));
    }

    #[test]
    #[ignore = "the name prod"]
    fn what_is_typed_at_a_question_is_read() {
        let place = with_key("prod");
        assert_eq!(asked(&place, "remove prod"), Some(0));
        assert_eq!(place.run("env prod", "").code, 3);
    }

    #[test]
    #[ignore = "nothing, in 100 columns"]
    fn the_console_says_how_wide_it_is_and_is_told_to_act_on_escape_codes() {
        const ESCAPE_CODES: u32 = 4;
        let none: Variables = [("TERM", "")].into_iter().collect();
        for (stream, console) in [(Stream::Out, HandleRef::stdout()), (Stream::Err, HandleRef::stderr())] {
            assert_eq!(stream.columns(), Some(100));
            assert!(stream.obeys_codes(&none));
            assert_ne!(mode(console).unwrap() & ESCAPE_CODES, 0);
        }
    }
}
