"""Stops a command at its hidden prompt with Ctrl-Z, checks the shell's echo, and continues it: KEY COMMAND…"""

import os
import pty
import select
import shlex
import sys
import termios
import time

key, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["PS1"] = "ready> "
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])

seen = b""


def until(true):
    global seen
    end = time.monotonic() + 30
    while not true():
        if time.monotonic() > end:
            sys.exit("waited in vain: " + repr(seen))
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 4096)


def echo():
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def say(text):
    global seen
    seen = b""
    os.write(terminal, text.encode())


until(lambda: b"ready> " in seen)
say(shlex.join(command) + "\n")
until(lambda: b"(hidden):" in seen and not echo())
say("\x1a")
until(lambda: b"Stopped" in seen and b"ready> " in seen)
print("echo in the shell:", echo())
say("fg\n")
until(lambda: b"(hidden):" in seen and not echo())
print("echo after fg:", echo())
say(key + "\n")
until(lambda: b"added" in seen and b"ready> " in seen)
print("key shown:", key.encode() in seen)
print("echo at the end:", echo())
say("exit\n")
