"""Made-up trees and histories, and `scan` of them compared with ripgrep and git."""

import os
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time

from pairs import against

RUNS = int(os.environ.get("SCAN_RUNS", "41"))
STAGED = 15  # milliseconds; the goal for a hundred staged files
LETTERS = string.ascii_letters + string.digits
SOME = random.Random(1)


def word(length, letters=LETTERS):
    return "".join(SOME.choices(letters, k=length))


def keys(count):
    """Keys, half of them in the vendor's form and half in another."""
    return [("sk_" if n % 2 else "") + word(40, LETTERS if n % 4 < 2 else "0123456789abcdef") for n in range(count)]


def home(binary, folder, known):
    """A home with these keys, and a file of them for ripgrep."""
    os.makedirs(folder, mode=0o700)
    environment = {**os.environ, "GETIMG_KEYS_HOME": folder}
    for n, key in enumerate(known):
        add = [binary, "add", f"p{n}", "--no-verify", "--quiet"]
        run = subprocess.run(add, input=key, text=True, check=False, env=environment, capture_output=True)
        if run.returncode:
            sys.exit(f"{' '.join(add)}: exit {run.returncode}: {run.stderr.strip()}")
    with open(os.path.join(folder, "patterns"), "w", encoding="utf-8") as file:
        file.write("\n".join(known) + "\n")
    return folder


def prose(size):
    """Text like source code: words, punctuation, line ends."""
    words = [word(SOME.randint(2, 11), string.ascii_lowercase) for _ in range(2000)]
    out, length = [], 0
    while length < size:
        line = "    " * SOME.randint(0, 3) + SOME.choice(["{} = {}({})", "// {} {} {}", "let {}: {} = {};"])
        out.append(line.format(*SOME.choices(words, k=3)))
        length += len(out[-1]) + 1
    return "\n".join(out) + "\n"


def hexadecimal(size):
    """Hashes, sixty-four digits per line: each could be a key."""
    return "".join(SOME.randbytes(32).hex() + "\n" for _ in range(size // 65))


def tree(folder, files, size, content):
    """Files of about the same size, a hundred per folder."""
    texts = [content(size) for _ in range(16)]
    for n in range(files):
        place = os.path.join(folder, f"d{n // 100}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"f{n}.rs"), "w", encoding="utf-8") as file:
            file.write(texts[n % 16][: size // 2 + SOME.randrange(size)])
            file.write(f"// {n}\n")
    return folder


def repository(folder, commits, changes):
    """A packed history: each commit changes a line in some of a thousand files and adds one file."""
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


def with_findings(folder, commits, found):
    """A long history of small commits; some of them add one of the keys."""
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    stream = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    every = commits // (len(found) + 1) if found else commits
    for n in range(commits):
        text = f"{n} {word(30)}\n"
        if found and n % every == every - 1 and n // every < len(found):
            text += f"KEY={found[n // every]}\n"
        head = f"commit refs/heads/main\ncommitter t <t@example.com> {1700000000 + n} +0000\ndata 2\nx\n"
        body = f"M 100644 inline d{n % 30}/f{n % 997}\ndata {len(text)}\n{text}\n"
        stream.stdin.write((head + body).encode())
    stream.stdin.close()
    assert stream.wait() == 0
    subprocess.run(["git", "-C", folder, "repack", "-q", "-a", "-d", "-f"], check=True)
    return folder


def once(command, folder, home):
    """Wall time in seconds; finding nothing is not a failure here."""
    environment = {**os.environ, "GETIMG_KEYS_HOME": home}
    start = time.perf_counter()
    run = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)
    took = time.perf_counter() - start
    assert run.returncode in (0, 1, 8), (command, run.stderr)
    return took


def pair(what, ours, beside, theirs, limit, folder, homes, memory="–"):
    """A row of the table: both sides run in turn; medians, and the median of the ratios of neighbouring runs."""
    once(ours, folder, homes[0]), once(theirs, folder, homes[1])
    times = [(once(ours, folder, homes[0]), once(theirs, folder, homes[1])) for _ in range(RUNS)]
    mine, other = (statistics.median(column) * 1000 for column in zip(*times))
    ratio = statistics.median(a / b for a, b in times)
    return what, f"`{beside}`", f"{mine:.0f} / {other:.0f}", against(".2f", ratio, limit, "×"), "–", memory


def resident(command, folder, home):
    """The largest resident set of one run, in MiB."""
    gnu_time = shutil.which("time")
    if not gnu_time:
        return None
    environment = {**os.environ, "GETIMG_KEYS_HOME": home}
    run = subprocess.run(
        [gnu_time, "-f", "%M", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return int(run.stderr.split()[-1]) / 1024


def rows(binary):
    """The rows of the table."""
    if not shutil.which("rg"):
        print("SKIPPED: scan: there is no ripgrep here", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield from rows_in(binary, folder)


def rows_in(binary, folder):
    known = keys(50)
    many = home(binary, f"{folder}/fifty", known)
    few = home(binary, f"{folder}/two", known[:2])
    ours, theirs = f"{binary} scan --quiet", f"rg -uu -F -c -f {many}/patterns"
    source = tree(f"{folder}/source", 10_000, 12_000, prose)
    hashes = tree(f"{folder}/hashes", 500, 200_000, hexadecimal)
    for files, what in ((source, "10,000 source files"), (hashes, "100 MB of hashes")):
        yield pair(f"`scan`, {what}, 50 keys", ours, "rg -uu -F -f KEYS", theirs, 0.9, files, (many, many))
        yield pair(f"`scan`, {what}, 50 keys", ours, "scan, 2 keys", ours, 1.05, files, (many, few))

    work = f"{folder}/history"
    objects, size = repository(work, int(os.environ.get("SCAN_COMMITS", "2900")), 20)
    history = f"{ours} --history"
    batch = f"git cat-file --batch-all-objects --batch --unordered | rg -a -F -c -f {many}/patterns"
    peak = resident([binary, "scan", "--history", "--quiet"], work, many)
    memory = "–" if peak is None else f"{peak:.0f}, the pack {size:.0f} (limit: + 150)"
    what = f"`scan --history`, {objects:,} objects, 50 keys"
    yield pair(what, history, "git cat-file --batch-all-objects … \\| rg", batch, 0.05, work, (many, many), memory)

    clean = with_findings(f"{folder}/clean", 30_000, [])
    leaked = with_findings(f"{folder}/leaked", 30_000, known[:5])
    with_five, with_none = f"cd {leaked} && {history}", f"cd {clean} && {history}"
    what = "`scan --history`, 30,000 commits, 5 findings"
    yield pair(what, with_five, "no finding", with_none, 2, folder, (many, many))

    subprocess.run(["git", "-C", work, "reset", "-q", "--hard"], check=True)
    for found in ([], known[:5]):
        yield staged(ours, work, many, found)


def staged(ours, work, home, found):
    """The row of a hundred staged files, some of which hold a key; its goal is a time."""
    for n in range(100):
        with open(f"{work}/d{n % 30}/staged{n}", "w", encoding="utf-8") as file:
            file.write(prose(8000) + "".join(f"KEY={key}\n" for key in found[n : n + 1]))
    subprocess.run(["git", "-C", work, "add", "-A"], check=True)
    what = "`scan --staged`, 100 files" + (f", {len(found)} findings" if found else "")
    diff = "git diff --cached --quiet"
    line = pair(what, f"{ours} --staged", diff, f"{diff}; true", None, work, (home, home))
    took = line[2].split()[0]
    return *line[:3], f"– (≤ {STAGED} ms)" + (" **missed**" if int(took) > STAGED else ""), *line[4:]
