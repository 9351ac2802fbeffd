"""The program with a home, a D-Bus session, a display and an API of its own."""

import os
import pty
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROGRAM = sys.argv[1]
SERVICE = "org.freedesktop.secrets"
# A bus that starts no services: its only keychain is the tested one.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
# Separates "at once" from "after the time limit" of 5 s, also on a busy machine.
AT_ONCE = 2.5


def a_key():
    """A made-up key in the vendor's form."""
    return "sk_" + secrets.token_hex(24)


class Answer:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def __str__(self):
        return f"exit {self.code} in {self.seconds:.2f} s\n{self.out}{self.err}"


class Api:
    """A stand-in for the API: a key is valid until it is revoked."""

    def __init__(self):
        valid = self.valid = set()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                good = self.headers.get("Authorization", "").removeprefix("Bearer ") in valid
                body = (
                    b'{"balance":"12.50","currency":"USD"}' if good else
                    b'{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error",'
                    b'"param":null,"code":"invalid_api_key"}}'
                )
                self.send_response(200 if good else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Scene:
    def __init__(self, display=False):
        self.folder = tempfile.TemporaryDirectory()
        self.home = self.folder.name
        self.program = PROGRAM
        self.api = Api()
        self.ours = []
        self.failed = 0
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8", "XDG_CURRENT_DESKTOP": "KDE",
            "XDG_RUNTIME_DIR": self.home, "GETIMG_KEYS_HOME": f"{self.home}/getimg-keys",
            "GETIMG_KEYS_API_URL": self.api.url, "SHELL": "/bin/bash",
        }
        configuration = f"{self.home}/bus.conf"
        self.write(configuration, BUS.format(folder=self.home))
        bus = self.start("dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address", stdout=subprocess.PIPE)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        if display:
            reading, writing = os.pipe()
            self.start("Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp", pass_fds=[writing])
            os.close(writing)
            self.environment["DISPLAY"] = ":" + os.read(reading, 16).decode().strip()
            self.environment["QT_QPA_PLATFORM"] = "xcb"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.ours):
            process.kill()
            process.wait()
        self.folder.cleanup()

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, *command, **options):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.environment, **(quiet | options))
        self.ours.append(process)
        return process

    def call(self, path, method, *arguments, destination=SERVICE):
        """Calls a method on the bus; returns the answer as gdbus prints it."""
        command = ["gdbus", "call", "--session", "--dest", destination, "--object-path", path, "--method", method, *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=20, check=True).stdout

    def wait_for_keychain(self, name=SERVICE):
        subprocess.run(["gdbus", "wait", "--session", "--timeout", "30", name], env=self.environment, check=True)

    def windows(self):
        """The titles of the windows on the display."""
        command = ["xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@"]
        said = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return sorted(said.stdout.splitlines())

    def press(self, key, title):
        """Waits for the window with a title, and presses a key in it."""
        for _ in range(100):
            if any(title in window for window in self.windows()):
                break
            time.sleep(0.1)
        time.sleep(0.5)
        command = ["xdotool", "search", "--onlyvisible", "--name", title, "windowfocus", "key", key]
        subprocess.run(command, env=self.environment, capture_output=True, check=False)

    def run(self, *arguments, stdin="", terminal=False, more=None):
        """Runs the program; with a terminal, that is its input and its stderr, and its output is a pipe."""
        command = [PROGRAM, *arguments]
        environment = self.environment | (more or {})
        start = time.monotonic()
        if not terminal:
            done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, timeout=60, check=False)
            return Answer(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
        )
        os.close(theirs)
        said = []
        reader = threading.Thread(target=lambda: read_all(ours, said), daemon=True)
        reader.start()
        try:
            out = child.communicate(timeout=60)[0].decode()
        finally:
            child.kill()
        seconds = time.monotonic() - start
        reader.join(5)
        os.close(ours)
        return Answer(child.returncode, out, re.sub(r"\x1b\[[0-9;]*m", "", b"".join(said).decode()), seconds)

    def shell(self, script):
        """Runs a script in bash."""
        start = time.monotonic()
        command = ["bash", "--noprofile", "--norc", "-c", script]
        done = subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr, time.monotonic() - start)

    def must(self, what, answer, code, *words, at_once=False):
        """Prints whether an answer is the expected one."""
        whole = " ".join((answer.out + answer.err).split())
        lacking = [word for word in words if word not in whole]
        late = at_once and answer.seconds > AT_ONCE
        good = answer.code == code and not lacking and not late
        self.verdict(f"{what} (exit {answer.code}, {answer.seconds:.2f} s)", good)
        if not good:
            print(f"  wanted exit {code}, {', '.join(words)}{' at once' if at_once else ''}; got {answer}")

    def verdict(self, what, good):
        print(("ok    " if good else "FAILED ") + what, flush=True)
        self.failed += not good

    def signal_keychain(self, number):
        answer = self.call("/org/freedesktop/DBus", "org.freedesktop.DBus.GetConnectionUnixProcessID", SERVICE,
                           destination="org.freedesktop.DBus")
        os.kill(int(re.search(r"uint32 (\d+)", answer)[1]), number)


def read_all(descriptor, said):
    try:
        while chunk := os.read(descriptor, 4096):
            said.append(chunk)
    except OSError:
        pass  # the terminal's other end is closed: that is its end


def main(*states):
    """Runs each state in a scene of its own; exits with 1 if one of them fails."""
    failed = 0
    for state in states:
        print(f"-- {state.__doc__}", flush=True)
        failed += state()
    sys.exit(1 if failed else 0)
