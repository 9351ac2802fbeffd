"""KWallet: open, locked, stopped, and without a wallet."""

import os
import re
import socket
import time

import states
from scene import Scene, a_key, main

DAEMON = "org.kde.kwalletd5"
WALLET = "/org/freedesktop/secrets/collection/kdewallet"
SETTINGS = """[Wallet]
First Use=false
Enabled=true
Default Wallet=kdewallet
Prompt on Open=false
[org.freedesktop.secrets]
apiEnabled=true
"""


def log_in(scene):
    """Starts it as the login does, which passes what opens the wallet and makes one if there is none."""
    reading, writing = os.pipe()
    path = f"{scene.home}/kwallet.socket"
    if os.path.exists(path):
        os.remove(path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(1)
        inherited = [reading, listening.fileno()]
        scene.environment["PAM_KWALLET5_LOGIN"] = path
        process = scene.start("kwalletd5", "--pam-login", *map(str, inherited), pass_fds=inherited)
    os.close(reading)
    os.write(writing, b"k" * 56)
    os.close(writing)
    with socket.socket(socket.AF_UNIX) as told:
        told.connect(path)
        told.sendall("".join(f"{name}={value}\n" for name, value in scene.environment.items()).encode())
    scene.wait_for_keychain(DAEMON)
    time.sleep(1)  # it opens the wallet after it has taken its name
    return process


def log_out(scene):
    answer = scene.call("/org/freedesktop/DBus", "org.freedesktop.DBus.GetConnectionUnixProcessID", DAEMON,
                        destination="org.freedesktop.DBus")
    os.kill(int(re.search(r"uint32 (\d+)", answer)[1]), 9)
    time.sleep(0.5)


def unlocked():
    """KWallet: before a wallet was made, open, stopped, locked"""
    with Scene(display=True) as scene:
        scene.write(f"{scene.home}/.config/kwalletrc", SETTINGS)
        log_in(scene)
        refused = scene.run("add", "dev", "--no-verify", stdin=a_key())
        scene.must("add where the first wallet is being made", refused, 7, "no default collection", at_once=True)
        log_out(scene)
        log_in(scene)
        # After a login it reports an open wallet as locked until a program asks to open it.
        first = scene.run("add", "laptop", "--no-verify", "--from-env", "KEY", terminal=True, more={"KEY": a_key()})
        scene.must("the first at a terminal", first, 0, "added laptop to the keychain")
        scene.must("and away again", scene.run("remove", "laptop"), 0)
        states.main_job(scene)
        scene.must("another for the hook", scene.run("add", "laptop", "--no-verify", stdin=a_key()), 0)
        states.unanswered(scene)
        scene.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", f"['{WALLET}']")
        states.no_dialog_by_the_hook(scene)
        states.locked(scene)
        log_out(scene)
        return scene.failed


main(unlocked)
