//! The SARIF log: checked by the schema of SARIF 2.1.0, and read as code scanning reads it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::place::{Place, key};
use crate::support::packages;

/// Prints each violation of the schema, one per line.
const VALIDATE: &str = r#"
import json, sys
from jsonschema import Draft7Validator, FormatChecker
schema, log = json.load(open(sys.argv[1])), json.load(sys.stdin)
for error in Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(log):
    print("/".join(map(str, error.absolute_path)), error.message[:200])
"#;

/// A finding in every kind of place that can be searched.
fn full() -> Place {
    let place = Place::new();
    place.repo.commit("src/config.py", key("dev"));
    place
        .repo
        .git_with(&["commit", "-q", "--allow-empty", "-m", &format!("a\n\nis {}", key("retired"))], b"");
    place.repo.git_with(&["tag", "-a", "v1", "-m", &key("leaked")], b"");
    place.repo.commit(".gitignore", "ignored\n");
    place.repo.write("ignored", key("dev"));
    place.repo.write(&format!("named-{}", key("rotating")), "text");
    place.repo.write("sub folder/né #1 100%:a,b\\c", format!("é {}\n", key("removed")));
    for name in [&b"line\n::error::x"[..], b"\xff\x1b[31m", b"-x"] {
        fs::write(place.repo.0.join(OsStr::from_bytes(name)), key("previous")).unwrap();
    }
    place.repo.write(
        "pointer",
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 1\n", "ab".repeat(32)),
    );
    place.repo.git("add -f -- pointer -x");
    fs::write(place.home.join(".bash_history"), key("dev")).unwrap();
    place
}

#[test]
fn every_log_holds_to_the_schema() {
    let needed = ["jsonschema[format-nongpl]"];
    let Some(python) = packages::python("jsonschema", "jsonschema, rfc3986_validator", &needed) else {
        return;
    };
    let Some(package) = packages::npm("@microsoft/jest-sarif") else { return };
    let schemas = fs::read_dir(package.join("lib/schemas")).unwrap();
    let schema = schemas.map(|entry| entry.unwrap().path()).next().unwrap();
    let place = full();
    let faults = |log: &str| {
        let mut call = Command::new(&python);
        call.args(["-c", VALIDATE]).arg(&schema).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = call.spawn().unwrap();
        child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the schema could not be asked");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_ne!(faults(r#"{"version": "2.1.0", "runs": [{"results": [{}]}]}"#), "", "the schema finds faults");
    for how in [
        "",
        "--history",
        "--staged",
        "--shell-history",
        "--stdin",
        "--history --staged --shell-history",
        "src",
    ] {
        let words =
            ["scan", "--format", "sarif"].into_iter().chain(how.split_whitespace()).collect::<Vec<_>>();
        let log = place.run_in(&place.repo.0, &words, key("dev").as_bytes()).out;
        let parsed: Value = serde_json::from_str(&log).unwrap();
        assert!(!parsed["runs"][0]["results"].as_array().unwrap().is_empty(), "{how}");
        assert_eq!(faults(&log), "", "{how}: {log}");
    }
}

#[test]
fn places_are_told_from_the_repository_and_what_was_not_read_is_a_notification() {
    let place = full();
    let below = place.repo.0.join("src");
    for (folder, path) in [(&place.repo.0, "."), (&below, ".."), (&place.home, "../work")] {
        let log = place.run_in(folder, &["scan", "--format", "sarif", path], b"").out;
        let run = &serde_json::from_str::<Value>(&log).unwrap()["runs"][0];
        let uris: Vec<_> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
            .collect();
        for uri in [
            "src/config.py",
            "-x",
            "sub%20folder/n%C3%A9%20%231%20100%25%3Aa%2Cb%5Cc",
            "line%0A%3A%3Aerror%3A%3Ax",
        ] {
            assert!(uris.contains(&&json!(uri)), "{uri} {uris:?}");
        }
        assert!(uris.iter().all(|uri| !uri.as_str().unwrap().starts_with('/')), "{uris:?}");
        let said = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(said[0]["descriptor"]["id"], "lfs-object-missing", "{said}");
        let log = place.run_in(folder, &["scan", "--history", "--format", "sarif", path], b"").out;
        let run = &serde_json::from_str::<Value>(&log).unwrap()["runs"][0];
        assert!(log.contains("src/config.py") && !log.contains("\"uri\":\"/"), "{log}");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }
    let log = place.run_in(&below, &["scan", "--format", "sarif", "."], b"").out;
    assert!(log.contains("\"uri\":\"src/config.py\"") && !log.contains("/./"), "{log}");
}
