//! Real D-Bus sessions with a real keychain, and broken ones; each ends with the test process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

use super::home::finish;
use super::program;

/// `dbus-run-session` ends the bus when this script ends, and this script ends with the test process: nobody else has
/// its standard input.
const SCRIPT: &str = r#"
trap '' INT
if [ "$1" = keychain ]; then
    printf testpw | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
    keychain=$!
    gdbus wait --session --timeout 20 org.freedesktop.secrets || exit 1
fi
echo "$DBUS_SESSION_BUS_ADDRESS"
echo "${keychain:-0}"
cat >/dev/null
[ -z "$keychain" ] || kill -KILL "$keychain" 2>/dev/null
"#;
/// A bus without a keychain, or (with the two parts filled in) one that denies every call.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>SERVICES<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>RULE</policy></busconfig>"#;

/// A D-Bus session.
pub struct Session {
    /// Its address, for `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    keychain: String,
    folder: PathBuf,
    held: Option<(TempDir, ChildStdin, Child)>,
}

impl Session {
    /// A session with an unlocked keychain of its own.
    pub fn with_keychain() -> Self {
        for (program, package) in [
            ("gnome-keyring-daemon", "gnome-keyring"),
            ("secret-tool", "libsecret-tools"),
            ("dbus-run-session", "dbus"),
            ("gdbus", "libglib2.0-bin"),
        ] {
            assert!(program::file(program).is_absolute(), "{program} is needed: apt-get install {package}");
        }
        Self::start("keychain", &[])
    }

    /// A keychain without any collection except the one of the session, which is lost at logout: as after the first
    /// login without a desktop.
    pub fn without_collection() -> Self {
        let session = Self::start("nothing", &[]);
        let mut daemon = session.program("gnome-keyring-daemon");
        let started = finish(daemon.args(["--start", "--components=secrets"]), "");
        assert_eq!(started.code, 0, "{}", started.stderr);
        session
    }

    /// A bus without a provider of a keychain.
    pub fn without_provider() -> Self {
        Self::configured(&BUS.replace("SERVICES", "").replace("RULE", ""))
    }

    /// The same, with messages of any size that D-Bus allows, as in a desktop's session.
    pub fn without_limits() -> Self {
        let limits = ["message_size", "incoming_bytes", "outgoing_bytes"]
            .map(|name| format!("<limit name=\"max_{name}\">1000000000</limit>"));
        Self::configured(&BUS.replace("SERVICES", &limits.concat()).replace("RULE", ""))
    }

    /// A bus with a keychain that denies every call, as a sandbox does.
    pub fn denying() -> Self {
        let rule = r#"<deny send_destination="org.freedesktop.secrets"/>"#;
        let services = "<standard_session_servicedirs/>";
        Self::configured(&BUS.replace("SERVICES", services).replace("RULE", rule))
    }

    fn configured(configuration: &str) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), configuration).unwrap();
        Self::start("nothing", &["--config-file".as_ref(), file.path().as_os_str()])
    }

    /// No bus.
    pub fn without_bus() -> Self {
        Self {
            address: "unix:path=/nonexistent/bus".into(),
            keychain: String::new(),
            folder: "/".into(),
            held: None,
        }
    }

    fn start(what: &str, options: &[&std::ffi::OsStr]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Self::command("dbus-run-session", folder.path())
            .args(options)
            .args(["--", "sh", "-c", SCRIPT, "sh", what])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-run-session is needed: apt-get install dbus");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("the session starts").unwrap();
        let (address, keychain) = (line(), line());
        let (path, stdin) = (folder.path().to_owned(), child.stdin.take().unwrap());
        Self { address, keychain, folder: path, held: Some((folder, stdin, child)) }
    }

    fn command(program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program::file(program));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", folder).env("XDG_RUNTIME_DIR", folder).env("LC_ALL", "C.UTF-8");
        command.env("COLUMNS", super::ONE_LINE);
        command
    }

    /// A program inside the session.
    pub fn program(&self, program: &str) -> Command {
        let mut command = Self::command(program, &self.folder);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }

    /// Locks the keychain, as a desktop does when its user leaves.
    pub fn lock(&self) {
        let service = ["--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets"];
        let method = ["--method", "org.freedesktop.Secret.Service.Lock"];
        let arguments = "['/org/freedesktop/secrets/collection/login']";
        let mut gdbus = self.program("gdbus");
        gdbus.args(["call", "--session"]).args(service).args(method).arg(arguments);
        assert!(gdbus.output().unwrap().status.success());
    }

    /// Whether the keychain's daemon still runs. One that has ended and was not waited for yet has no command line.
    pub fn keychain_runs(&self) -> bool {
        std::fs::read(format!("/proc/{}/cmdline", self.keychain)).is_ok_and(|line| !line.is_empty())
    }

    /// Sends the keychain's daemon a signal: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.keychain]).status().unwrap();
        assert!(status.success());
    }

    /// What `secret-tool` reads for a service and a profile.
    pub fn lookup(&self, service: &str, username: &str) -> String {
        let mut tool = self.program("secret-tool");
        finish(tool.args(["lookup", "service", service, "username", username]), "").stdout
    }

    /// What `secret-tool` shows of every entry for a service and a profile.
    pub fn search(&self, service: &str, username: &str) -> String {
        let mut tool = self.program("secret-tool");
        let output = finish(tool.args(["search", "--all", "service", service, "username", username]), "");
        output.stdout + &output.stderr
    }

    /// Stores with `secret-tool`; with further attributes it is another entry.
    pub fn store(&self, service: &str, username: &str, more: &[&str], secret: &str) {
        let mut tool = self.program("secret-tool");
        tool.args(["store", "--label", "by hand", "service", service, "username", username]);
        let output = finish(tool.args(more), secret);
        assert_eq!(output.code, 0, "{}", output.stderr);
    }

    /// Deletes with `secret-tool`.
    pub fn clear(&self, service: &str, username: &str) {
        let mut tool = self.program("secret-tool");
        tool.args(["clear", "service", service, "username", username]);
        assert_eq!(finish(&mut tool, "").code, 0);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some((folder, stdin, mut child)) = self.held.take() {
            drop(stdin);
            let _ = child.wait();
            drop(folder);
        }
    }
}
