"""Searches for secrets wherever root can find them while a program waits: memory.py HOW COMMAND…

HOW: full: its standard output is a full pipe, so that it waits when its work is done.
silent: it waits for a server on this machine that accepts the request and never answers.
relayed: the same; the program that it started, which sent the request, is searched.
child: it waits for a program that it started, named sleep. typed: as full, on a terminal where the secret is typed.
doorstep: strace stops it right before it becomes another program.
Standard input is JSON: stdin and exit (code) of the program, secrets (by name), folders (to be searched too).
Prints for each secret how often it is in memory (plain, in UTF-16, in base64), then where else it is.
"""
import base64, contextlib, fcntl, json, os, stat, subprocess, sys, threading, time

how, command = sys.argv[1], sys.argv[2:]
given = json.load(sys.stdin)
reading, writing = os.pipe()
environment = dict(os.environ)
asked = threading.Event()


def fill():
    flags = fcntl.fcntl(writing, fcntl.F_GETFL)
    fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(writing, b"." * size)
        except BlockingIOError:
            pass
    fcntl.fcntl(writing, fcntl.F_SETFL, flags)


def never_answer():
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    environment["GETIMG_KEYS_API_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}"

    def serve():
        connection, _ = server.accept()
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += connection.recv(4096)
        asked.set()
        time.sleep(60)

    threading.Thread(target=serve, daemon=True).start()


stdin, stderr, typist = subprocess.PIPE, subprocess.PIPE, None
if how == "typed":
    # Only the user may answer.
    environment.pop("GETIMG_KEYS_PASSPHRASE_FILE", None)
    typist, stdin = os.openpty()
    stderr = stdin
if how in ("full", "typed"):
    fill()
elif how in ("silent", "relayed"):
    never_answer()
elif how == "doorstep":
    command = ["strace", "-o", "/dev/null", "-e", "inject=execve:delay_enter=60s:when=2", *command]
program = subprocess.Popen(
    command, env=environment, stdin=stdin, stdout=writing, stderr=stderr, start_new_session=True
)
if typist is None:
    program.stdin.write(given["stdin"].encode())
    program.stdin.close()
else:
    said = b""
    while b"(hidden):" not in said:
        said += os.read(typist, 4096)
    os.write(typist, given["stdin"].encode() + b"\n")


def read(path, of=None):
    try:
        with open(f"/proc/{of or program.pid}/{path}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def children(process):
    return [int(number) for number in read(f"task/{process}/children", process).split()]


def who_waits():
    """The id of the process to search, once it waits."""
    if how == "silent":
        return program.pid if asked.is_set() else None
    if how == "relayed":
        return next(iter(children(program.pid)), None) if asked.is_set() else None
    if how in ("full", "typed"):
        return program.pid if b"pipe_write" in read("wchan") else None
    if how == "child":
        return program.pid if any(read("comm", child) == b"sleep\n" for child in children(program.pid)) else None
    # Its system call shows that strace holds it there.
    held = [child for child in children(program.pid) if read("syscall", child).split()[:1] == [EXECVE]]
    return held[0] if held and read("comm", held[0]).startswith(b"getimg-keys") else None


EXECVE = b"221" if os.uname().machine == "aarch64" else b"59"


def forms(secret):
    # The middle is enough: a secret that is cut at either end counts too.
    part = secret[len(secret) // 2 - 8 : len(secret) // 2 + 8]
    yield [part.encode()]
    yield [part.encode("utf-16-le")]
    shifted = (base64.b64encode(b"." * shift + part.encode() + b"." * 3) for shift in range(3))
    yield [text[2 + 2 * (shift > 0) :][:18] for shift, text in enumerate(shifted)]


def memory_of(process):
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            place, modes = line.split()[:2]
            if modes.startswith("r") and "[v" not in line:
                start, stop = (int(number, 16) for number in place.split("-"))
                memory.seek(start)
                try:
                    yield memory.read(stop - start)
                except OSError:
                    continue


def elsewhere_of(process):
    """What else the kernel shows of a process, and the files it could have written, except pipes and sockets."""
    yield "cmdline", read("cmdline", process)
    yield "environ", read("environ", process)
    for number in os.listdir(f"/proc/{process}/fd"):
        path = f"/proc/{process}/fd/{number}"
        yield f"fdinfo {number}", read(f"fdinfo/{number}", process)
        if stat.S_ISREG(os.stat(path).st_mode):
            yield f"open file {number}", read(f"fd/{number}", process)
    for folder, _, names in (entry for folder in given["folders"] for entry in os.walk(folder)):
        for name in names:
            if os.path.isfile(os.path.join(folder, name)):
                with open(os.path.join(folder, name), "rb") as file:
                    yield name, file.read()


def end(words=None):
    program.kill()
    for child in [process] if process else []:
        if child != program.pid:
            # What the program started usually ends with it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, 9)
    program.wait()
    sys.exit(words)


process, last = None, time.monotonic() + 30
while not process:
    if time.monotonic() > last or program.poll() is not None:
        said = program.stderr.read().decode() if program.stderr and program.poll() is not None else how
        end(f"it does not wait: {said}")
    time.sleep(0.05)
    process = who_waits()
time.sleep(0.3)
memory, elsewhere = list(memory_of(process)), list(elsewhere_of(process))
for name, secret in given["secrets"].items():
    every = list(forms(secret))
    counts = (sum(part.count(text) for part in memory for text in form) for form in every)
    places = sorted({place for place, held in elsewhere if any(text in held for form in every for text in form)})
    print(name, *counts, *places)
if how in ("full", "typed"):
    # A program that failed waits too, and proves nothing.
    os.close(writing)
    while os.read(reading, 65536):
        pass
    if program.wait() != given["exit"]:
        sys.exit(f"it ended with {program.returncode}: {program.stderr.read().decode() if program.stderr else how}")
else:
    end()
