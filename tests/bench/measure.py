"""Runs the program and its counterparts in turn, within a session with an open keychain of its own."""

import hashlib
import os
import platform
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time

import scan

BINARY, DOCUMENT = sys.argv[1:3]
RUNS = int(os.environ.get("RUNS", "60"))
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def seconds(command):
    """The wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, **QUIET)
    return time.perf_counter() - start


def pairs(ours, theirs):
    """Median milliseconds of both, and the median of the ratios of neighbouring runs."""
    for command in (ours, theirs) * 3:
        seconds(command)
    both = [(seconds(ours), seconds(theirs)) for _ in range(RUNS)]
    middle = [statistics.median(column) * 1000 for column in zip(*both)]
    return middle[0], middle[1], statistics.median(a / b for a, b in both)


def instructions(command):
    """Millions of instructions, by callgrind; None where there is no valgrind."""
    if not shutil.which("valgrind"):
        return None
    with tempfile.NamedTemporaryFile() as out:
        counted = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
    collected = [line.split(":")[1] for line in counted.stderr.splitlines() if "Collected" in line]
    return int(collected[0].split()[0]) / 1e6 if collected else None


def resident(command):
    """The largest resident set of one run, in MiB; None without GNU time, whose own is small enough."""
    if not (gnu_time := shutil.which("time")):
        return None
    run = subprocess.run([gnu_time, "-f", "%M", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return int(run.stderr.split()[-1]) / 1024


def both(form, ours, theirs):
    return "–" if ours is None or theirs is None else f"{ours:{form}} / {theirs:{form}}"


def service():
    """The service under which the keys are filed: a home of one's own has one of its own."""
    return "getimg-keys:" + hashlib.sha256(os.environ["GETIMG_KEYS_HOME"].encode()).hexdigest()[:12]


def prepare():
    os.makedirs(os.environ["GETIMG_KEYS_HOME"], mode=0o700)
    letters = random.SystemRandom()
    key = "sk_" + "".join(letters.choice(string.ascii_letters + string.digits) for _ in range(40))
    subprocess.run([BINARY, "add", "dev", "--no-verify", "--quiet"], input=key, text=True, check=True)
    theirs = ["secret-tool", "lookup", "service", service(), "username", "dev"]
    seen = subprocess.run(theirs, capture_output=True, text=True, check=True).stdout.strip()
    assert seen == key, "secret-tool does not read what was stored"
    return theirs


def unlocked_files():
    """Another home, whose key is in encrypted files that the kernel keeps unlocked; False where it may not."""
    home = os.environ["GETIMG_KEYS_HOME"] = os.environ["GETIMG_KEYS_HOME"] + "-files"
    passphrase = home + ".passphrase"
    with open(os.open(passphrase, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write("a passphrase")
    asked = {**os.environ, "GETIMG_KEYS_PASSPHRASE_FILE": passphrase}
    add = [BINARY, "add", "dev", "--no-verify", "--quiet", "--store", "file"]
    subprocess.run(add, input="sk_" + "b" * 40, text=True, check=True, env=asked)
    return subprocess.run([BINARY, "unlock", "--for", "1h", "--quiet"], env=asked).returncode == 0


def rows():
    lookup = prepare()
    book = os.path.join(os.environ["GETIMG_KEYS_HOME"], "profiles.toml")
    yield row("`getimg-keys env`", ["env", "--quiet"], lookup, "secret-tool lookup", 0.85)
    yield row("`getimg-keys current`", ["current"], ["cat", book], "cat FILE", 2.0)
    if unlocked_files():
        yield row("`getimg-keys env`, unlocked files", ["env", "--quiet"], lookup, "secret-tool lookup", 0.5)
        subprocess.run([BINARY, "lock", "--quiet"], check=True)
    else:
        print("SKIPPED: env from unlocked files: the kernel's keyring is not to be had", file=sys.stderr)
    yield from scan.rows(BINARY)


def row(what, ours, theirs, name, limit):
    command = [BINARY, *ours]
    mine, other, ratio = pairs(command, theirs)
    return (
        what,
        f"`{name}`",
        f"{mine:.2f} / {other:.2f}",
        f"**{ratio:.2f}×**",
        f"{limit:g}×",
        both(".2f", instructions(command), instructions(theirs)),
        both(".1f", resident(command), resident(theirs)),
    )


def main():
    head = ("ours", "beside", "median ms", "ratio", "limit", "million instructions", "memory, MiB")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows()]
    size = os.path.getsize(BINARY) / 1e6
    table = "\n".join(lines)
    table += f"\n\nThe binary: {size:.1f} MB (limit 10 MB). {RUNS} pairs on {platform.system()}, "
    table += f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} from other work.\n"
    print(table)
    with open(DOCUMENT, encoding="utf-8") as file:
        before, rest = file.read().split("<!-- measured -->\n")
    after = rest.split("<!-- /measured -->")[1]
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(f"{before}<!-- measured -->\n\n{table}\n<!-- /measured -->{after}")


main()
