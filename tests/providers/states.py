"""What must be true with every keychain."""

import signal

from scene import a_key


def main_job(scene):
    """Two keys are added, verified and handed out, one is rotated and finished, and both are removed, without a prompt."""
    old, new, prod = a_key(), a_key(), a_key()
    scene.api.valid |= {old, new, prod}
    must = scene.must
    must("add", scene.run("add", "dev", stdin=old), 0, "added dev to the keychain")
    must("add a second", scene.run("add", "prod", stdin=prod), 0)
    must("the same key twice", scene.run("add", "ci", stdin=old), 6)
    must("verify", scene.run("verify", "--all", "--yes"), 0, "valid")
    must("env", scene.run("env", "dev", "--shell", "sh"), 0, f"GETIMG_API_KEY={old}")
    must("exec", scene.run("exec", "prod", "--", "printenv", "GETIMG_API_KEY"), 0, prod)
    must("rotate", scene.run("rotate", "dev", stdin=new), 0)
    must("env gives the new key", scene.run("env", "dev", "--shell", "sh"), 0, new)
    must("finish with the old key still valid", scene.run("rotate", "dev", "--finish"), 6, "revoke")
    scene.api.valid.remove(old)
    must("finish", scene.run("rotate", "dev", "--finish"), 0)
    must("rename", scene.run("rename", "dev", "laptop"), 0)
    must("env under the new name", scene.run("env", "laptop", "--shell", "sh"), 0, new)
    must("remove", scene.run("remove", "laptop"), 0)
    must("its key is gone", scene.run("env", "laptop"), 3)
    must("list", scene.run("list"), 0, "prod")
    must("store status", scene.run("store", "status"), 0, "ready")
    return prod


def locked(scene):
    """Without a terminal a locked keychain is reported at once, once for all keys, and nothing is lost."""
    words = "the keychain is locked"
    scene.must("locked: env", scene.run("env", "prod"), 7, words, at_once=True)
    scene.must("locked: verify of all", scene.run("verify", "--all"), 7, words, at_once=True)
    scene.must("locked: add", scene.run("add", "late", "--no-verify", stdin=a_key()), 7, words, at_once=True)
    scene.must("locked: remove", scene.run("remove", "prod", "--yes"), 7, words, at_once=True)
    scene.must("locked: store status", scene.run("store", "status"), 7, "locked", at_once=True)
    scene.must("locked: the profile is kept", scene.run("list"), 0, "prod")


def unanswered(scene):
    """After one call without an answer, a process makes no other."""
    scene.signal_keychain(signal.SIGSTOP)
    answer = scene.run("verify", "--all")
    scene.signal_keychain(signal.SIGCONT)
    scene.must("stopped: verify of all", answer, 7, "did not answer within 5 s")
    scene.verdict(f"stopped: one wait for all keys ({answer.seconds:.1f} s)", answer.seconds < 9)


def no_dialog_by_the_hook(scene):
    """The shell hook opens no dialog, and says why there is no key."""
    before = scene.windows()
    scene.write(f"{scene.home}/site/.getimg-keys.toml", 'profile = "laptop"\n')
    script = (
        f'eval "$("{scene.program}" hook bash)"; cd "{scene.home}/site"; eval "$PROMPT_COMMAND"; '
        'echo "key: ${GETIMG_API_KEY-none}"'
    )
    answer = scene.shell(script)
    scene.must("hook: no key where the keychain keeps it back", answer, 0, "key: none", "getimg-keys:", at_once=True)
    after = scene.windows()
    scene.verdict(f"hook: no dialog is left ({', '.join(after) or 'nothing shown'})", after == before)
