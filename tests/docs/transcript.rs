//! Runs a terminal of the README: the real program, a keychain of its own, an API on this machine.
//!
//! The keys are made here; `wl-paste`, which the README uses for the clipboard, prints one after the other.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The programs for a keychain of its own.
const NEEDED: &[&str] = &["bash", "dbus-run-session", "gnome-keyring-daemon", "gdbus"];

/// A session with an open keychain, which runs the other arguments.
const SESSION: &str = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; \
                       gdbus wait --session --timeout 30 org.freedesktop.secrets && exec bash \"$1\"";

/// The clipboard: the first key, then the second.
const CLIPBOARD: &str = "wl-paste() { head -n 1 \"$HOME/keys\"; sed -i 1d \"$HOME/keys\"; }\n";

/// Commands that do not ask the API run without its address: they would print it.
pub(super) const UNTOLD: &str = "getimg-keys() { case $1 in status|check) env -u GETIMG_KEYS_API_URL getimg-keys \"$@\";; \
                      *) command getimg-keys \"$@\";; esac; }\n";

/// The delay of the API: on this machine it would answer at once.
const AWAY: Duration = Duration::from_millis(40);

/// What a terminal shows if the commands of a block are typed again; `None` if there is no keychain.
///
/// The latencies stay as in the block.
pub(crate) fn play(shown: &str) -> Option<String> {
    if let Some(missing) = NEEDED.iter().find(|program| !is_there(program)) {
        // Written to stderr directly: the test harness hides the output of a test that passes.
        let _ = writeln!(io::stderr(), "SKIPPED: the README's terminal: there is no `{missing}` here");
        return None;
    }
    let home = tempfile::tempdir().unwrap_or_else(|e| panic!("a temporary folder: {e}"));
    let script = home.path().join("script");
    write(&script, &format!("exec 2>&1 </dev/null\ncd\n{CLIPBOARD}{UNTOLD}{}", typed(shown)));
    write(&home.path().join("keys"), &["aB3", "Cd4"].map(key).concat());
    let output = Command::new("dbus-run-session")
        .args(["--", "bash", "-c", SESSION, "session"])
        .arg(&script)
        .env_clear()
        .env("PATH", path())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("GETIMG_KEYS_API_URL", serve())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("dbus-run-session: {e}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.is_empty(), "no session: {}", String::from_utf8_lossy(&output.stderr));
    let said: String = said.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    Some(if without_times(&said) == without_times(shown) { shown.to_owned() } else { said })
}

fn is_there(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|p| p.join(program).is_file()))
}

fn path() -> std::ffi::OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_getimg-keys")).parent().map(Path::to_path_buf);
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = own.into_iter().chain(std::env::split_paths(&others));
    std::env::join_paths(all).unwrap_or_else(|e| panic!("PATH: {e}"))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

fn key(part: &str) -> String {
    format!("sk_{}{}\n", part.repeat(8), part.to_lowercase().chars().rev().collect::<String>())
}

/// The commands of a block, as a script that prints each before it runs it.
fn typed(shown: &str) -> String {
    let commands = shown.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|c| format!("printf '$ %s\\n' '{}'\n{c}\n", c.replace('\'', r"'\''"))).collect()
}

fn without_times(text: &str) -> String {
    text.lines()
        .map(|line| match line.strip_suffix(" ms") {
            Some(rest) => rest.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned() + "N ms",
            None => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Starts an API that accepts every key; returns its base URL.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("a port: {e}"));
    let port = listener.local_addr().map(|a| a.port()).unwrap_or_default();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(connection));
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// Answers every request on a connection with the documented balance.
fn answer(mut connection: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(connection.try_clone().ok()?).lines();
    let body = r#"{"balance":"12.40","currency":"USD"}"#;
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            thread::sleep(AWAY);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
            connection.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).ok()?;
        }
    }
    Some(())
}
