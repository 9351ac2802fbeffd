"""gnome-keyring: unlocked, locked, stopped, and without a collection of the user's."""

import subprocess

import states
from scene import Scene, a_key, main

LOGIN = "/org/freedesktop/secrets/collection/login"


def daemon(scene, *options, password=""):
    scene.start("gnome-keyring-daemon", "--foreground", "--components=secrets", *options, stdin=subprocess.PIPE)
    process = scene.ours[-1]
    process.stdin.write(password.encode())
    process.stdin.close()
    scene.wait_for_keychain()


def unlocked():
    """gnome-keyring, unlocked, then locked, then stopped"""
    with Scene(display=True) as scene:
        daemon(scene, "--unlock", password="word")
        states.main_job(scene)
        scene.must("another for the hook", scene.run("add", "laptop", "--no-verify", stdin=a_key()), 0)
        states.unanswered(scene)
        scene.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", f"['{LOGIN}']")
        states.locked(scene)
        states.no_dialog_by_the_hook(scene)
        return scene.failed


def without_collection():
    """gnome-keyring with only the collection of the session"""
    with Scene() as scene:
        daemon(scene, "--start")
        refused = scene.run("add", "dev", "--no-verify", stdin=a_key())
        scene.must("add", refused, 7, "no default collection", "--store file", at_once=True)
        scene.must("doctor names it", scene.run("doctor", "--offline"), 0, "no default collection")
        found = scene.call("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems", "{'username': 'dev'}")
        scene.verdict("nothing went into the collection of the session", "collection/session/" not in found)
        return scene.failed


main(unlocked, without_collection)
