"""Which functions of the program the commands of a prompt run; callgrind tells the addresses, nm the names."""

import bisect
import os
import re
import subprocess
import sys
import tempfile

from pairs import add, made_up_key

BINARY, DOCUMENT = sys.argv[1:3]
# The program of the last one does not exist: another in our place would be counted as ours.
COMMANDS = ["current", "env", "env --shell fish", "hook-env bash", "list", "status", "unset", "exec -- ./no-program"]
HEAD = "# The functions that the commands of a prompt run, one a line, for build.rs.\n# tests/bench/layout writes them.\n"


def functions():
    """Where each function begins and ends, and what the compiler calls it; in order."""
    lines = subprocess.run(["nm", "--print-size", BINARY], capture_output=True, text=True, check=True).stdout
    parts = [line.split() for line in lines.splitlines()]
    return sorted((int(p[0], 16), int(p[0], 16) + int(p[1], 16), p[3]) for p in parts if len(p) == 4 and p[2] in "tT")


def addresses(arguments):
    """The instructions of ours that one run executes."""
    with tempfile.NamedTemporaryFile("r") as out:
        full = ["--dump-instr=yes", "--compress-pos=no", "--compress-strings=no", f"--callgrind-out-file={out.name}"]
        subprocess.run(["valgrind", "--tool=callgrind", *full, BINARY, *arguments], capture_output=True, check=False)
        found, ours = set(), False
        for line in out:
            if line.startswith("ob="):
                ours = line.strip() == f"ob={BINARY}"
            elif ours and line.startswith("0x"):
                found.add(int(line.split()[0], 16))
    assert found, f"nothing of {BINARY} was seen to run: {arguments}"
    return found


def lasting(name):
    """The name without its hashes, which another build or compiler makes anew."""
    return re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", name))


def main():
    os.makedirs(os.environ["GETIMG_KEYS_HOME"], mode=0o700)
    add(BINARY, made_up_key())
    known = functions()
    begins = [begin for begin, _, _ in known]
    names = set()
    for command in COMMANDS:
        for address in addresses(command.split()):
            _, end, name = known[bisect.bisect_right(begins, address) - 1]
            if address < end and name.startswith("_"):
                names.add(lasting(name))
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(f"{name}\n" for name in sorted(names)))
    print(f"{len(names)} functions")


main()
