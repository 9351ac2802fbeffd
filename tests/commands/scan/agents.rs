//! `scan --agents`: the session files of coding agents, and how keys are removed from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::findings;
use super::place::{Place, key};

const TRANSCRIPT: &str = ".claude/projects/-work/1.jsonl";
const CLEAN: &[&str] = &["scan", "--agents", "--clean", "--yes"];

/// A file for each row of the table.
const FILES: &[(&str, &str)] = &[
    ("claude-code", TRANSCRIPT),
    ("claude-code", ".claude/history.jsonl"),
    ("claude-code", ".claude/file-history/1/a@v1"),
    ("claude-code", ".claude/shell-snapshots/snapshot-bash-1.sh"),
    ("codex", ".codex/sessions/2026/01/02/rollout-1.jsonl"),
    ("codex", ".codex/archived_sessions/rollout-2.jsonl"),
    ("codex", ".codex/history.jsonl"),
    ("codex", ".codex/state_5.sqlite"),
    ("gemini-cli", ".gemini/tmp/0a/chats/session-1.json"),
    ("opencode", ".local/share/opencode/storage/part/1/2.json"),
    ("opencode", ".local/share/opencode/log/1.log"),
    ("opencode", ".local/share/opencode/tool-output/1"),
    ("opencode", ".local/share/opencode/opencode.db-wal"),
    ("cursor", ".cursor/projects/work/agent-transcripts/1.jsonl"),
    ("cursor", ".cursor/chats/0a/1/store.db"),
    ("cursor", ".config/Cursor/User/globalStorage/state.vscdb"),
    ("cursor", ".config/Cursor/User/workspaceStorage/0a/state.vscdb"),
    ("cursor", "Library/Application Support/Cursor/User/globalStorage/state.vscdb"),
    ("cursor", "AppData/Roaming/Cursor/User/globalStorage/state.vscdb"),
    ("copilot-cli", ".copilot/session-state/1/events.jsonl"),
    ("copilot-cli", ".copilot/logs/1.log"),
    ("copilot", ".config/Code/User/workspaceStorage/0a/chatSessions/1.json"),
    ("copilot", ".config/Code/User/globalStorage/emptyWindowChatSessions/1.json"),
    ("copilot", ".vscode-server/data/User/workspaceStorage/0a/chatSessions/1.json"),
    ("continue", ".continue/sessions/1.json"),
    ("cline", ".cline/data/tasks/1/api_conversation_history.json"),
    ("cline", ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json"),
    ("goose", ".local/share/goose/sessions/1.jsonl"),
    ("aider", ".aider.chat.history.md"),
    ("aider", ".aider.input.history"),
];

fn write(place: &Place, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = place.home().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn line(name: &str) -> String {
    let said = format!("export GETIMG_API_KEY={}\nok \"\u{e9}\"", key(name));
    json!({"type": "user", "message": {"content": said}, "n": 1}).to_string() + "\n"
}

fn left(answer: &Value) -> Value {
    let one = |left: &Value| json!([left["path"], left["why"]]);
    answer["left"].as_array().unwrap().iter().map(one).collect()
}

fn holds(path: &Path, name: &str) -> bool {
    String::from_utf8_lossy(&fs::read(path).unwrap()).contains(&key(name))
}

#[test]
fn a_key_is_found_wherever_an_agent_keeps_what_was_said() {
    for (agent, file) in FILES {
        let place = Place::new();
        let path = write(&place, file, line("dev"));
        write(&place, ".claude/settings.json", line("dev"));
        let (code, answer) = place.json(&["scan", "--agents"]);
        let wanted = json!([["file", path, *agent, "dev", false]]);
        let members = ["kind", "path", "agent", "profile", "cleaned"];
        assert_eq!((code, findings(&answer, &members)), (Some(8), wanted), "{file}");
        assert!(holds(&path, "dev"));
    }
}

#[test]
fn aiders_files_are_also_those_of_the_working_directory() {
    let place = Place::new();
    place.repo.write(".aider.chat.history.md", key("dev"));
    let (code, answer) = place.json(&["scan", "--agents"]);
    assert_eq!((code, findings(&answer, &["agent"])), (Some(8), json!([["aider"]])));
}

#[test]
fn where_no_agent_keeps_anything_there_is_nothing_to_find_or_to_ask() {
    let place = Place::new();
    assert_eq!(place.json(&["scan", "--agents"]).0, Some(0));
    assert_eq!(place.json(&["scan", "--agents", "--clean"]).0, Some(0));
}

#[test]
fn what_is_encrypted_is_said_not_to_be_read() {
    let place = Place::new();
    let path = write(&place, ".codeium/windsurf/cascade/1.pb", "x");
    let (code, answer) = place.json(&["scan", "--agents"]);
    let skipped = json!([{"path": path, "why": "encrypted", "message": "it is encrypted", "hint": null}]);
    assert_eq!((code, &answer["skipped"]), (Some(5), &skipped));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_named_and_not_waited_for() {
    let place = Place::new();
    let path = place.home().join(".aider.input.history");
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
    let (code, answer) = place.json(&["scan", "--agents"]);
    assert_eq!((code, &answer["skipped"][0]["path"]), (Some(5), &json!(path)));
}

#[cfg(unix)]
#[test]
fn a_cleaned_file_has_the_same_length_mode_time_and_only_other_letters_in_its_keys() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let text = [line("dev"), "{\"n\":2}\n".to_owned(), line("retired"), line("dev")].concat();
    let path = write(&place, TRANSCRIPT, &text);
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, left(&answer)), (Some(0), json!([])));
    assert_eq!(findings(&answer, &["cleaned"]), json!([[true], [true], [true]]));
    let after = fs::read_to_string(&path).unwrap();
    let redacted = |text: String, name: &str| text.replace(&key(name)[3..], &"*".repeat(40));
    assert_eq!(after, redacted(redacted(text, "dev"), "retired"));
    assert!(after.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let about = fs::metadata(&path).unwrap();
    assert_eq!((about.permissions().mode() & 0o777, about.modified().unwrap()), (0o640, time));
    let beside = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!((beside, place.json(&["scan", "--agents"]).0), (1, Some(0)));
}

#[test]
fn a_key_in_base64_or_with_escapes_is_cleaned_too() {
    use base64::Engine;
    let place = Place::new();
    let coded = base64::engine::general_purpose::STANDARD.encode(format!("user:{}", key("dev")));
    let escaped: String = key("dev").chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let text = format!("{{\"a\":\"Basic {coded}\",\"b\":\"x\\n{escaped}\\ty\"}}\n");
    let path = write(&place, TRANSCRIPT, &text);
    assert_eq!(place.json(CLEAN).0, Some(0));
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after.len(), text.len());
    assert!(after != text && serde_json::from_str::<Value>(&after).is_ok(), "{after}");
}

#[test]
fn a_shells_history_is_cleaned() {
    let place = Place::new();
    let path = write(&place, ".bash_history", format!("ls\nexport GETIMG_API_KEY={}\n", key("dev")));
    write(&place, TRANSCRIPT, line("dev"));
    let (code, answer) = place.json(&["scan", "--shell-history", "--clean", "--yes"]);
    assert_eq!((code, findings(&answer, &["kind", "cleaned"])), (Some(0), json!([["shell_history", true]])));
    let wanted = format!("ls\nexport GETIMG_API_KEY=sk_{}\n", "*".repeat(40));
    assert_eq!(fs::read_to_string(path).unwrap(), wanted);
    assert!(holds(&place.home().join(TRANSCRIPT), "dev"));
}

#[cfg(any(target_os = "linux", windows))]
#[test]
fn a_file_that_a_program_has_open_is_left_and_named() {
    let place = Place::new();
    let path = write(&place, TRANSCRIPT, line("dev"));
    let other = write(&place, ".codex/history.jsonl", line("dev"));
    let open = fs::File::options().append(true).open(&path).unwrap();
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, left(&answer)), (Some(8), json!([[path, "in-use"]])));
    assert!(holds(&path, "dev") && !holds(&other, "dev"));
    drop(open);
    assert_eq!(place.json(CLEAN).0, Some(0));
    assert!(!holds(&path, "dev"));
}

#[test]
fn databases_and_what_is_no_text_are_left_and_named() {
    let place = Place::new();
    let database = [b"SQLite format 3\0", line("dev").as_bytes()].concat();
    let database = write(&place, ".cursor/chats/0a/1/store.db", database);
    let binary = write(&place, ".codex/sessions/a", [b"\x01\0", line("dev").as_bytes()].concat());
    let before = [fs::read(&database).unwrap(), fs::read(&binary).unwrap()];
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, left(&answer)), (Some(8), json!([[binary, "binary"], [database, "database"]])));
    assert_eq!([fs::read(&database).unwrap(), fs::read(&binary).unwrap()], before);
    let ran = place.run(CLEAN);
    assert!(ran.out.contains("left as it is: it is a database"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn links_and_files_with_other_names_are_left_and_named() {
    let place = Place::new();
    let path = write(&place, "elsewhere", line("dev"));
    let linked = place.home().join(".aider.chat.history.md");
    std::os::unix::fs::symlink(&path, &linked).unwrap();
    let twin = write(&place, TRANSCRIPT, line("dev"));
    fs::hard_link(&twin, place.home().join("twin")).unwrap();
    let (code, answer) = place.json(CLEAN);
    let wanted = json!([[linked, "link"], [twin, "several-names"]]);
    assert_eq!((code, left(&answer)), (Some(8), wanted));
    assert!(holds(&path, "dev") && holds(&twin, "dev"));
}

#[cfg(unix)]
#[test]
fn a_file_of_another_user_is_left_and_named() {
    let place = Place::new();
    let path = write(&place, TRANSCRIPT, line("dev"));
    if std::os::unix::fs::chown(&path, Some(12345), None).is_err() {
        return eprintln!("SKIPPED: files of another user: only root may make one");
    }
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, left(&answer)), (Some(8), json!([[path, "other-user"]])));
    assert!(holds(&path, "dev"));
}

#[test]
fn a_key_in_a_name_is_left_and_named() {
    let place = Place::new();
    let path = write(&place, &format!(".claude/projects/{}.jsonl", key("dev")), "{}\n");
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, &answer["left"][0]["why"]), (Some(8), &json!("name")));
    assert!(path.exists());
}

#[test]
fn without_a_yes_nothing_changes() {
    let place = Place::new();
    let path = write(&place, TRANSCRIPT, line("dev"));
    let ran = place.run(&["scan", "--agents", "--clean"]);
    assert_eq!((ran.code, &*ran.out), (Some(2), ""));
    assert!(ran.err.ends_with("hint: getimg-keys scan --agents --clean --yes\n"), "{}", ran.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), line("dev"));
}

#[test]
fn only_what_agents_and_shells_keep_can_be_cleaned() {
    let place = Place::new();
    place.repo.write("a", key("dev"));
    let wrong: &[&[&str]] = &[
        &["--clean"],
        &["--clean", "a"],
        &["--clean", "--history"],
        &["--clean", "--agents", "--staged"],
        &["--clean", "--shell-history", "a"],
        &["--agents", "a"],
    ];
    for arguments in wrong {
        let ran = place.run(&[&["scan", "--yes"], *arguments].concat());
        assert_eq!((ran.code, &*ran.out), (Some(2), ""), "{arguments:?}");
    }
    assert_eq!(fs::read_to_string(place.repo.0.join("a")).unwrap(), key("dev"));
}

#[test]
fn what_the_list_of_known_leaks_names_stays() {
    let place = Place::new();
    let path = write(&place, TRANSCRIPT, [line("retired"), line("dev")].concat());
    let list =
        format!("[[scan.ignore]]\nfingerprint = \"{}\"\nreason = \"old\"\n", super::place::print("retired"));
    write(&place, ".claude/.getimg-keys.toml", list);
    let (code, answer) = place.json(CLEAN);
    assert_eq!((code, &answer["listed"]), (Some(0), &json!(1)));
    assert!(holds(&path, "retired") && !holds(&path, "dev"));
}
