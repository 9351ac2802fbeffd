//! `mcp`: what an agent may know about the keys, by the Model Context Protocol.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Home, home::finish, skipped};

/// Calls every tool with the official client and prints the answers.
const SCRIPT: &str = include_str!("mcp/call_tools.py");

fn shown(home: &Home, profiles: &str) {
    fs::write(home.path().join("config.toml"), format!("[agents]\nprofiles = {profiles}\n")).unwrap();
}

/// What the server answers to some lines, and its exit code.
fn answers(home: &Home, lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let output = home.run(&["mcp"], &input);
    assert_eq!((output.stderr.as_str(), output.code), ("", 0));
    for name in ["dev", "prod"] {
        assert!(!home.key(name).is_in(output.stdout.as_bytes()));
    }
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn call(name: &str, arguments: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } })
}

fn names(answer: &Value) -> Vec<&str> {
    let profiles = answer["result"]["structuredContent"]["profiles"].as_array().unwrap();
    profiles.iter().map(|profile| profile["name"].as_str().unwrap()).collect()
}

#[test]
fn no_profile_is_shown_until_the_person_names_it() {
    let home = Home::with_dev_and_prod();
    home.run(&["use", "prod", "--yes"], "");
    let asked = [call("list", json!({})), call("verify", json!({ "profiles": ["dev"] }))];
    let answered = answers(&home, &asked);
    assert_eq!(names(&answered[0]), [""; 0]);
    assert_eq!(answered[1]["result"]["isError"], true);
    assert!(home.api.seen().is_empty());

    shown(&home, "['dev']");
    let tools = ["list", "status", "verify", "check", "scan", "rotation_plan"];
    let answered = answers(&home, &tools.map(|tool| call(tool, json!({}))));
    assert_eq!((names(&answered[0]), names(&answered[5])), (vec!["dev"], vec!["dev"]));
    for answer in &answered {
        assert!(!answer["result"].to_string().contains("prod"), "{answer}");
    }
    let verified = &answers(&home, &[call("verify", json!({ "profiles": ["dev"] }))])[0];
    assert_eq!(verified["result"]["structuredContent"]["results"][0]["verdict"], "valid");
    let hidden = &answers(&home, &[call("verify", json!({ "profiles": ["prod"] }))])[0];
    assert_eq!(hidden["result"]["structuredContent"]["error"]["exit_code"], 3);
    assert!(home.api.seen().iter().all(|seen| seen.key == home.key("dev").0));
    let listed = home.run(&["list", "--json"], "").stdout;
    assert!(listed.contains("\"name\":\"prod\""), "{listed}");
}

#[test]
fn a_scan_stays_below_the_working_directory_and_shows_masks_alone() {
    let home = Home::with_dev_and_prod();
    shown(&home, "['dev']");
    fs::write(home.work().join("leak.txt"), format!("GETIMG_API_KEY={}\n", home.key("dev").0)).unwrap();
    fs::write(home.work().parent().unwrap().join("above.txt"), &home.key("dev").0).unwrap();
    std::os::unix::fs::symlink("..", home.work().join("out")).unwrap();
    let path = |path: &str| call("scan", json!({ "path": path }));
    let above = home.work().parent().unwrap().join("above.txt");
    let asked =
        [call("scan", json!({})), path("leak.txt"), path(".."), path("out"), path(above.to_str().unwrap())];
    let answered = answers(&home, &asked);
    for answer in &answered[..2] {
        assert_eq!(answer["result"]["structuredContent"]["findings"].as_array().unwrap().len(), 1);
    }
    for answer in &answered[2..] {
        assert_eq!(answer["result"]["isError"], true, "{answer}");
    }
}

#[test]
fn nonsense_does_not_end_it_and_nothing_hands_out_or_changes_a_key() {
    let home = Home::with_dev_and_prod();
    shown(&home, "['dev', 'prod']");
    let profiles = home.profiles_file();
    let ping = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}\n";
    let long = "x".repeat(3 << 20);
    let input = format!("nonsense\n{ping}{long}\n{ping}\u{0}\n[{ping}");
    let output = home.run(&["mcp"], &input);
    let codes: Vec<Value> = output
        .stdout
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["error"]["code"].clone())
        .collect();
    let nothing = Value::Null;
    assert_eq!(codes, [json!(-32700), nothing.clone(), json!(-32600), nothing, json!(-32700), json!(-32700)]);
    assert_eq!(output.code, 0);
    for tool in ["env", "exec", "rotate", "remove", "add", "list --store", "backup"] {
        assert_eq!(answers(&home, &[call(tool, json!({}))])[0]["error"]["code"], -32602, "{tool}");
    }
    for (tool, arguments) in [
        ("verify", json!({ "profiles": ["--adopt"] })),
        ("verify", json!({ "profiles": "dev" })),
        ("verify", json!({ "adopt": true })),
        ("scan", json!({ "path": 1 })),
        ("list", json!([])),
    ] {
        assert_eq!(answers(&home, &[call(tool, arguments)])[0]["error"]["code"], -32602, "{tool}");
    }
    let method = json!({ "jsonrpc": "2.0", "id": 1, "method": "keys/get" });
    assert_eq!(answers(&home, &[method])[0]["error"]["code"], -32601);
    assert_eq!(home.profiles_file(), profiles);
}

/// A Python that has the official client, installed once into the build folder.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp");
    let python = folder.join("bin/python");
    let works =
        || Command::new(&python).args(["-c", "import mcp"]).output().is_ok_and(|o| o.status.success());
    if !works() {
        let _ = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
        let _ = Command::new(&python).args(["-m", "pip", "install", "--quiet", "mcp"]).output();
    }
    if works() {
        return Some(python);
    }
    skipped("the official client cannot be installed from PyPI");
    None
}

#[test]
fn the_official_client_calls_every_tool() {
    let Some(python) = python() else { return };
    let home = Home::with_dev_and_prod();
    shown(&home, "['dev']");
    let mut run = home.program(python.to_str().unwrap());
    let output = finish(run.args(["-c", SCRIPT, env!("CARGO_BIN_EXE_getimg-keys")]), "");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(!home.key("dev").is_in(output.stdout.as_bytes()));
    assert_eq!(
        output.stdout.lines().collect::<Vec<_>>(),
        ["list False", "status False", "verify False", "check False", "scan False", "rotation_plan False"]
    );
}
