"""The pairs that are compared; each is prepared when its turn comes."""

import contextlib
import hashlib
import http.server
import os
import random
import shutil
import socket
import ssl
import string
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

MISSING = []
OTHERS = 200
PROFILES = 1000
KEYS = 50


@dataclass
class Side:
    command: list
    environment: dict = field(default_factory=lambda: dict(os.environ))
    countable: bool = True


@dataclass
class Goals:
    ratio: float | None = None
    instructions: float | None = None
    memory: float | None = None


@dataclass
class Pair:
    what: str
    ours: Side
    beside: str
    theirs: Side
    goals: Goals = field(default_factory=Goals)


def against(form, ours, goal, unit=""):
    """A figure, and its goal if it has one."""
    if ours is None:
        return "–"
    if goal is None:
        return f"{ours:{form}}{unit}"
    missed = "" if round(ours, 2) <= goal else " **missed**"
    return f"{ours:{form}}{unit} (≤ {goal:g}{unit}){missed}"


def there_is(*programs):
    """Whether all of them are installed; the table names those that are not."""
    missing = [program for program in programs if not shutil.which(program)]
    MISSING.extend(program for program in missing if program not in MISSING)
    return not missing


def run(command, **more):
    more.setdefault("stdout", subprocess.DEVNULL)
    return subprocess.run(command, check=True, **more)


def made_up_key():
    letters = random.SystemRandom()
    return "sk_" + "".join(letters.choice(string.ascii_letters + string.digits) for _ in range(40))


def service(home):
    """The keychain's service name for the keys; each home has one of its own."""
    return "getimg-keys:" + hashlib.sha256(os.path.realpath(home).encode()).hexdigest()[:12]


def add(binary, key, *flags, environment=None):
    run([binary, "add", "dev", "--no-verify", "--quiet", *flags], input=key, text=True, env=environment)


def all_of(binary):
    home = os.environ["GETIMG_KEYS_HOME"]
    os.makedirs(home, mode=0o700)
    key = made_up_key()
    add(binary, key)
    lookup = ["secret-tool", "lookup", "service", service(home), "username", "dev"]
    seen = subprocess.run(lookup, capture_output=True, text=True, check=True).stdout.strip()
    assert seen == key, "secret-tool does not read what was stored"
    yield from reading(binary, home, key, Side(lookup))
    yield from fullness(binary, home, key)
    yield from starting(binary, home)
    yield from unlocked_files(binary, home, key, Side(lookup))
    yield from asking(binary, home, key)


def reading(binary, home, key, lookup):
    env = Side([binary, "env", "--quiet"])
    yield Pair("`env`", env, "`secret-tool lookup`", lookup, Goals(0.30, 1.6, 6.0))
    if there_is("keyring"):
        yield Pair("`env`", env, "Python's `keyring get`", Side(["keyring", "get", service(home), "dev"]))
    if there_is("pass", "gpg") and (shown := in_pass(home, key)):
        yield Pair("`env`", env, "`pass show`", shown)
    handed = Side([binary, "exec", "--quiet", "--", "true"], countable=False)
    if there_is("envchain"):
        run(["envchain", "--set", "bench", "GETIMG_API_KEY"], input=key + "\n", text=True)
        beside = Side(["envchain", "bench", "true"], countable=False)
        yield Pair("`exec -- true`", handed, "`envchain bench true`", beside, Goals(0.25))
    if there_is("direnv"):
        folder = home + "-direnv"
        os.makedirs(folder)
        with open(os.path.join(folder, ".envrc"), "w", encoding="utf-8") as file:
            file.write(f"export GETIMG_API_KEY={key}\n")
        run(["direnv", "allow", folder], stderr=subprocess.DEVNULL)
        beside = Side(["direnv", "exec", folder, "true"], countable=False)
        yield Pair("`exec -- true`", handed, "`direnv exec`, key in a file", beside)


def in_pass(home, key):
    """The key in a password store of its own, with a GnuPG key without passphrase; None if GnuPG cannot make one."""
    environment = {**os.environ, "GNUPGHOME": home + "-gnupg", "PASSWORD_STORE_DIR": home + "-pass"}
    quiet = {"env": environment, "stderr": subprocess.DEVNULL, "text": True}
    os.makedirs(environment["GNUPGHOME"], mode=0o700)
    try:
        run(["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "bench@localhost"], **quiet)
        run(["pass", "init", "bench@localhost"], **quiet)
        run(["pass", "insert", "--echo", "getimg/dev"], input=key + "\n", **quiet)
    except subprocess.CalledProcessError:
        print("SKIPPED: pass: GnuPG made no key", file=sys.stderr)
        return None
    return Side(["pass", "show", "getimg/dev"], environment, countable=False)


@contextlib.contextmanager
def another_session(folder):
    """The environment of a second session, with a keychain of its own."""
    os.makedirs(folder, mode=0o700)
    environment = {**os.environ, "HOME": folder, "XDG_RUNTIME_DIR": folder}
    script = """printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
        gdbus wait --session --timeout 30 org.freedesktop.secrets; echo "$DBUS_SESSION_BUS_ADDRESS"; cat"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(["dbus-run-session", "--", "bash", "-c", script], env=environment, **pipes) as session:
        yield {**environment, "DBUS_SESSION_BUS_ADDRESS": session.stdout.readline().strip()}
        session.stdin.close()


def fullness(binary, home, key):
    with another_session(home + "-session") as environment:
        environment["GETIMG_KEYS_HOME"] = home + "-full"
        os.makedirs(environment["GETIMG_KEYS_HOME"], mode=0o700)
        add(binary, key, environment=environment)
        for number in range(OTHERS):
            store = ["secret-tool", "store", "--label", f"other {number}", "service", "other", "username", str(number)]
            run(store, input="another password", text=True, env=environment)
        command = [binary, "env", "--quiet"]
        full = Side(command, environment)
        yield Pair(f"`env`, {OTHERS} other items in the keychain", full, "`env`, hardly any", Side(command), Goals(1.3))


def starting(binary, home):
    path = os.path.join(home, "profiles.toml")
    current = Side([binary, "current"])
    yield Pair("`current`", current, "`cat FILE`", Side(["cat", path]), Goals(1.3, 1.0))

    many = home + "-many"
    os.makedirs(many, mode=0o700)
    with open(path, encoding="utf-8") as file:
        head, rest = file.read().split("[[profile]]")
    profile, end = rest.split("[end]")
    profiles = "".join("[[profile]]" + profile.replace('"dev"', f'"dev-{n}"', 1) for n in range(PROFILES))
    with open(os.path.join(many, "profiles.toml"), "w", encoding="utf-8") as file:
        file.write(head.replace('"dev"', '"dev-0"') + profiles + "[end]" + end)
    environment = {**os.environ, "GETIMG_KEYS_HOME": many}
    listed, current = (Side([binary, command], environment) for command in ("list", "current"))
    yield Pair(f"`list`, {PROFILES} profiles", listed, "`current`, the same", current, Goals(1.3))


def unlocked_files(binary, home, key, lookup):
    """Another home with its key in encrypted files, which the kernel's keyring keeps unlocked."""
    files = {**os.environ, "GETIMG_KEYS_HOME": home + "-files"}
    passphrase = home + ".passphrase"
    with open(os.open(passphrase, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write("a passphrase")
    asked = {**files, "GETIMG_KEYS_PASSPHRASE_FILE": passphrase}
    add(binary, key, "--store", "file", environment=asked)
    if subprocess.run([binary, "unlock", "--for", "1h", "--quiet"], env=asked).returncode:
        print("SKIPPED: env from unlocked files: the kernel's keyring is not to be had", file=sys.stderr)
        return
    env = Side([binary, "env", "--quiet"], files)
    yield Pair("`env`, unlocked files", env, "`secret-tool lookup`", lookup, Goals(0.40, 3.0, 6.0))
    run([binary, "lock", "--quiet"], env=files)


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # As in every web server: otherwise the second of two writes (the first may be TLS's own tickets) would wait 40 ms for the
    # first to be acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        body = b'{"balance":"12.50","currency":"USD"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def asking(binary, home, key):
    """One key verified over a new TLS connection to a server on this machine, with the usual root certificates."""
    if not there_is("curl", "openssl"):
        return
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    secret, certificate, header = (f"{home}.{ending}" for ending in ("pem", "crt", "header"))
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"]
    run([*made, *names, "-keyout", secret, "-out", certificate], stderr=subprocess.DEVNULL)
    with open(os.open(header, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(f"Authorization: Bearer {key}")
    trusted = home + ".trusted"
    with open(trusted, "wb") as bundle:
        for path in filter(os.path.exists, (certificate, ssl.get_default_verify_paths().openssl_cafile)):
            with open(path, "rb") as file:
                shutil.copyfileobj(file, bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    with http.server.ThreadingHTTPServer(("localhost", 0), Api) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://localhost:{server.server_port}"
        environment = {**os.environ, "GETIMG_KEYS_API_URL": url, "SSL_CERT_FILE": trusted}
        environment.pop("SSL_CERT_DIR", None)
        curl = ["curl", "--silent", "--fail", "--cacert", trusted, "-H", f"@{header}", f"{url}/v2/billing/balance"]
        verify = Side([binary, "verify", "dev", "--quiet"], environment)
        beside = Side(curl, environment)
        yield Pair("`verify`, keychain included", verify, "`curl`, key in a file", beside, Goals(0.5))
        server.shutdown()
    if there_is("hypercorn"):
        yield from far_away(binary, home, (secret, certificate, trusted, header), environment)


def far_away(binary, home, files, environment):
    """Many keys at once; each answer takes 100 ms."""
    secret, certificate, trusted, header = files
    environment = {**environment, "GETIMG_KEYS_HOME": home + "-fifty"}
    os.makedirs(environment["GETIMG_KEYS_HOME"], mode=0o700)
    for number in range(KEYS):
        run([binary, "add", f"p{number}", "--no-verify", "--quiet"], input=made_up_key(), text=True, env=environment)
    url = "/v2/billing/balance?key=[1-%d]" % KEYS
    parallel = ["curl", "--silent", "--fail", "--http2", "--parallel", "--parallel-max", "100", "--cacert", trusted]
    with away(home, secret, certificate, ["h2", "http/1.1"]) as place:
        everything, one = (asked(binary, place, environment, which) for which in ("--all", "p0"))
        curl = Side([*parallel, "-H", f"@{header}", "-o", os.devnull, place + url], environment, countable=False)
        what = f"`verify --all`, {KEYS} profiles, an API 100 ms away, keychain included"
        yield Pair(what, everything, "`curl --parallel`, one key in a file", curl, Goals(1.15))
        yield Pair(what, everything, "`verify`, one of them", one, Goals(1.15))
    with away(home, secret, certificate, ["http/1.1"]) as place:
        everything, one = (asked(binary, place, environment, which) for which in ("--all", "p0"))
        yield Pair(f"{what}, HTTP/1.1 only", everything, "`verify`, one of them", one, Goals(3))


def asked(binary, place, environment, which):
    """Verifies one or all profiles there; once is tried."""
    side = Side([binary, "verify", which, "--quiet"], {**environment, "GETIMG_KEYS_API_URL": place}, countable=False)
    run(side.command, env=side.environment)
    return side


@contextlib.contextmanager
def away(home, secret, certificate, protocols):
    """The address of a server that answers after 100 ms and speaks these protocols."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    settings = home + ".toml"
    with open(settings, "w", encoding="utf-8") as file:
        file.write(f"alpn_protocols = {protocols}\nbind = 'localhost:{port}'\n")
        file.write(f"certfile = '{certificate}'\nkeyfile = '{secret}'\n")
    serve = ["hypercorn", "--config", settings, "far_away:app"]
    with subprocess.Popen(serve, cwd=os.path.dirname(__file__), stderr=subprocess.DEVNULL) as server:
        while not reachable(port):
            time.sleep(0.1)
        yield f"https://localhost:{port}"
        server.terminate()


def reachable(port):
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), 1):
        return True
    return False
