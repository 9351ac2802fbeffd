"""Trees and histories made for the purpose, and `scan` of them beside ripgrep and git."""

import os
import random
import statistics
import string
import subprocess
import sys

RUNS = int(os.environ.get("SCAN_RUNS", "9"))
LETTERS = string.ascii_letters + string.digits
SOME = random.Random(1)


def word(length, letters=LETTERS):
    return "".join(SOME.choices(letters, k=length))


def keys(count):
    """Keys of the vendor's form and of another, half and half."""
    return [("sk_" if n % 2 else "") + word(40, LETTERS if n % 4 < 2 else "0123456789abcdef") for n in range(count)]


def home(binary, folder, known):
    """A home whose profiles hold these keys, and a file of them for ripgrep."""
    os.makedirs(folder, mode=0o700)
    environment = {**os.environ, "GETIMG_KEYS_HOME": folder}
    for n, key in enumerate(known):
        add = [binary, "add", f"p{n}", "--no-verify", "--quiet"]
        subprocess.run(add, input=key, text=True, check=True, env=environment, stderr=subprocess.DEVNULL)
    with open(os.path.join(folder, "patterns"), "w", encoding="utf-8") as file:
        file.write("\n".join(known) + "\n")
    return folder


def prose(size):
    """Something like source code: words, punctuation, line ends."""
    words = [word(SOME.randint(2, 11), string.ascii_lowercase) for _ in range(2000)]
    out, length = [], 0
    while length < size:
        line = "    " * SOME.randint(0, 3) + SOME.choice(["{} = {}({})", "// {} {} {}", "let {}: {} = {};"])
        out.append(line.format(*SOME.choices(words, k=3)))
        length += len(out[-1]) + 1
    return "\n".join(out) + "\n"


def hexadecimal(size):
    """Hashes, sixty-four digits a line: all of them could be keys."""
    return "".join(SOME.randbytes(32).hex() + "\n" for _ in range(size // 65))


def tree(folder, files, size, content):
    """Files of about a size in folders of a hundred."""
    texts = [content(size) for _ in range(16)]
    for n in range(files):
        place = os.path.join(folder, f"d{n // 100}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"f{n}.rs"), "w", encoding="utf-8") as file:
            file.write(texts[n % 16][: size // 2 + SOME.randrange(size)])
            file.write(f"// {n}\n")
    return folder


def repository(folder, commits, changes):
    """A packed history: each commit changes some of a thousand files by a line and adds one."""
    git = ["git", "-C", folder]
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    names = [f"d{n % 30}/f{n}" for n in range(1000)]
    texts = {name: prose(4000).splitlines(keepends=True) for name in names}
    stream = subprocess.Popen([*git, "fast-import", "--quiet", "--depth=50"], stdin=subprocess.PIPE)
    for n in range(commits):
        body = [f"commit refs/heads/main\ncommitter t <t@example.com> {1700000000 + n} +0000\ndata 2\nx\n"]
        for name in names if n == 0 else SOME.sample(names, changes):
            lines = texts[name]
            lines[SOME.randrange(len(lines))] = f"    {word(8)} = {word(12)}({n});\n"
            text = "".join(lines)
            body.append(f"M 100644 inline {name}\ndata {len(text)}\n{text}\n")
        stream.stdin.write("".join(body).encode())
    stream.stdin.close()
    assert stream.wait() == 0
    subprocess.run([*git, "repack", "-q", "-a", "-d", "-f", "--window=10"], check=True)
    counted = subprocess.run([*git, "count-objects", "-v"], capture_output=True, text=True, check=True).stdout
    said = dict(line.split(": ") for line in counted.splitlines())
    return int(said["in-pack"]), int(said["size-pack"]) / 1024


def measured(commands):
    """Median seconds of each, run in turn; a key that is found or not found is no failure here."""
    import time

    def once(command, folder, environment):
        start = time.perf_counter()
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, shell=isinstance(command, str))
        assert run.returncode in (0, 1, 8), run.stderr
        return time.perf_counter() - start

    for command in commands:
        once(*command)
    times = [[once(*command) for command in commands] for _ in range(RUNS)]
    return [statistics.median(column) for column in zip(*times)], times
