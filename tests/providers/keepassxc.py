"""KeePassXC: unlocked, confirming each access, locked."""

import subprocess
import threading
import time

import states
from scene import Scene, a_key, main

GROUP = "{00112233-4455-6677-8899-aabbccddeeff}"
# A database whose root group other programs may use, with a Recycle Bin.
DATABASE = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<KeePassFile><Meta><Generator>KeePassXC</Generator><DatabaseName>keys</DatabaseName>
<RecycleBinEnabled>True</RecycleBinEnabled>
<CustomData><Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{GROUP}</Value></Item></CustomData></Meta>
<Root><Group><UUID>ABEiM0RVZneImaq7zN3u/w==</UUID><Name>Root</Name></Group></Root></KeePassFile>
"""
SETTINGS = """[General]
ConfigVersion=2
SingleInstance=false
UpdateCheckMessageShown=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmDeleteItem={confirm}
ConfirmAccessItem={confirm}
"""


def start(scene, confirm, database=None, password=True):
    """Starts it with a database, opened with its password or left locked."""
    scene.write(f"{scene.home}/.config/keepassxc/keepassxc.ini", SETTINGS.format(confirm=str(confirm).lower()))
    scene.write(f"{scene.home}/keys.xml", DATABASE)
    path = database or f"{scene.home}/keys.kdbx"
    if database is None:
        command = ["keepassxc-cli", "import", "-q", "-p", "-t", "100", f"{scene.home}/keys.xml", path]
        subprocess.run(command, env=scene.environment, input="word\nword\n", text=True, capture_output=True, check=True)
    options = ["--pw-stdin", path] if password else [path]
    process = scene.start("keepassxc", *options, stdin=subprocess.PIPE)
    process.stdin.write(b"word\n")
    process.stdin.close()
    scene.wait_for_keychain()
    wanted = "keys - KeePassXC" if password else "[Locked] - KeePassXC"
    for _ in range(100):
        if any(wanted in title for title in scene.windows()):
            break
        time.sleep(0.1)
    return process


def stop(process):
    process.kill()
    process.wait()


def exported(scene):
    """The database, written by KeePassXC's own program."""
    command = ["keepassxc-cli", "export", "-q", "-f", "xml", f"{scene.home}/keys.kdbx"]
    done = subprocess.run(command, env=scene.environment, input="word\n", text=True, capture_output=True, check=True)
    return done.stdout


def unlocked():
    """KeePassXC, unlocked, then stopped, then locked"""
    with Scene(display=True) as scene:
        process = start(scene, confirm=False)
        prod = states.main_job(scene)
        scene.must("another for the hook", scene.run("add", "laptop", "--no-verify", stdin=a_key()), 0)
        states.unanswered(scene)
        time.sleep(2)  # it saves its database some time after a change
        shown = exported(scene)
        scene.verdict("a key is shown as a password", f'ProtectInMemory="True">{prod}<' in shown)
        scene.verdict("and not as an attachment", "<Binary>" not in shown)
        scene.verdict("with a label that a person recognizes", "getimg.ai API key of prod" in shown)
        scene.verdict("what was removed lies in the Recycle Bin", "<Name>Recycle Bin</Name>" in shown)
        stop(process)
        start(scene, confirm=False, database=f"{scene.home}/keys.kdbx", password=False)
        states.no_dialog_by_the_hook(scene)
        states.locked(scene)
        return scene.failed


def confirming():
    """KeePassXC that asks before each access"""
    with Scene(display=True) as scene:
        start(scene, confirm=True)
        key = a_key()
        scene.must("add asks nobody", scene.run("add", "laptop", "--no-verify", stdin=key), 0)
        scene.must("a second", scene.run("add", "dev", "--no-verify", stdin=a_key()), 0)
        words = "asks before it returns the key"
        scene.must("env without a terminal", scene.run("env", "laptop"), 7, words, at_once=True)
        scene.must("verify of all", scene.run("verify", "--all"), 7, words, at_once=True)
        states.no_dialog_by_the_hook(scene)
        answer = at_the_dialog(scene, "Return")
        scene.must("allowed at the dialog", answer, 0, key)
        answer = at_the_dialog(scene, "Escape")
        scene.must("refused at the dialog", answer, 7, "denied access to the key of `laptop`")
        return scene.failed


def at_the_dialog(scene, key):
    presser = threading.Thread(target=scene.press, args=(key, "Access Request"))
    presser.start()
    answer = scene.run("env", "laptop", "--shell", "sh", terminal=True)
    presser.join()
    return answer


main(unlocked, confirming)
