"""Runs the program and its counterparts in turn and writes the table of docs/performance.md."""

import itertools
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import pairs
import scan
import vault
from pairs import against

BINARY, DOCUMENT = sys.argv[1:3]
RUNS = int(os.environ.get("RUNS", "60"))
SLOW = 0.1  # seconds; what takes longer is run less often
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def seconds(side):
    """The wall time of one run."""
    start = time.perf_counter()
    subprocess.run(side.command, check=True, env=side.environment, **QUIET)
    return time.perf_counter() - start


def in_turn(ours, theirs):
    """Median milliseconds of both, and the median of the ratios of neighbouring runs."""
    slowest = max(seconds(side) for side in (ours, theirs) * 3)
    runs = RUNS if slowest < SLOW else max(RUNS // 6, 5)
    both = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    middle = [statistics.median(column) * 1000 for column in zip(*both)]
    return middle[0], middle[1], statistics.median(a / b for a, b in both)


def instructions(side):
    """Millions of instructions, by callgrind; None without valgrind, and for a command that becomes another program."""
    if not shutil.which("valgrind") or not side.countable:
        return None
    with tempfile.NamedTemporaryFile() as out:
        counted = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *side.command],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            env=side.environment,
        )
    collected = [line.split(":")[1] for line in counted.stderr.splitlines() if "Collected" in line]
    return int(collected[0].split()[0]) / 1e6 if collected else None


def resident(side):
    """The largest resident set of one run, in MiB; None without GNU time, whose own is small enough not to matter."""
    gnu_time = shutil.which("time")
    if not gnu_time:
        return None
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run([gnu_time, "-o", out.name, "-f", "%M", *side.command], env=side.environment, **QUIET)
        return int(out.read().split()[-1]) / 1024


def beside(form, theirs):
    return "" if theirs is None else f" / {theirs:{form}}"


def row(pair):
    mine, other, ratio = in_turn(pair.ours, pair.theirs)
    counts = [instructions(side) for side in (pair.ours, pair.theirs)]
    sizes = [resident(side) for side in (pair.ours, pair.theirs)]
    return (
        pair.what,
        pair.beside,
        f"{mine:.2f} / {other:.2f}",
        against(".2f", ratio, pair.goals.ratio, "×"),
        against(".2f", counts[0], pair.goals.instructions) + beside(".2f", counts[1]),
        against(".1f", sizes[0], pair.goals.memory) + beside(".1f", sizes[1]),
    )


def table():
    head = ("ours", "beside", "median ms", "ratio (goal)", "million instructions (goal)", "memory, MiB (goal)")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for line in itertools.chain(map(row, itertools.chain(pairs.all_of(BINARY), vault.all_of(BINARY))), scan.rows(BINARY)):
        lines.append("| " + " | ".join(line) + " |")
        print(lines[-1], file=sys.stderr)
    size = os.path.getsize(BINARY) / 1e6
    lines += [
        "",
        f"The binary: {size:.1f} MB (goal 9 MB). Up to {RUNS} pairs a line on {platform.system()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} from other work.",
    ]
    lines += [f"Not measured, because it is not installed: {', '.join(pairs.MISSING)}."] if pairs.MISSING else []
    return "\n".join(lines) + "\n"


def main():
    measured = table()
    with open(DOCUMENT, encoding="utf-8") as file:
        before, rest = file.read().split("<!-- measured -->\n")
    after = rest.split("<!-- /measured -->")[1]
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(f"{before}<!-- measured -->\n\n{measured}\n<!-- /measured -->{after}")


main()
